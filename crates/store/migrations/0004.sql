-- Schema version 4: queues that are even go by arrival; work that has waited for its share of
-- the target goes first within its band.

-- Counts changes of start tags: of two even queues the one whose tag is older goes first.
ALTER TABLE queue_root ADD COLUMN tick INTEGER NOT NULL DEFAULT 0;
ALTER TABLE queue_course ADD COLUMN since INTEGER NOT NULL DEFAULT 0;
ALTER TABLE queue_lane ADD COLUMN since INTEGER NOT NULL DEFAULT 0;
DROP INDEX queue_course_start;
CREATE INDEX queue_course_start ON queue_course (band, start, since, course) WHERE queued > 0;
DROP INDEX queue_lane_start;
CREATE INDEX queue_lane_start ON queue_lane (band, course, start, since, lane) WHERE queued > 0;

-- From when on interactive work hurries.
CREATE INDEX job_hurry ON job (accepted_us + (target_us - accepted_us) / 4)
    WHERE state = 'queued' AND band = 0;

-- Place in a trace that the work hangs below: a W3C `traceparent`.
ALTER TABLE submission ADD COLUMN trace TEXT;
