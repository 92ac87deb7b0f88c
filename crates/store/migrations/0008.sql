-- Schema version 8: which course an entry of the audit log is about, for those who run that course;
-- when a delivery was given up; what one person has waiting is found over all courses.

ALTER TABLE audit ADD COLUMN course TEXT;
CREATE INDEX audit_course ON audit (course, number) WHERE course IS NOT NULL;

-- Of what was written before, what tells its course by itself.
UPDATE audit SET course = object
WHERE action IN ('course.publish', 'course.present', 'accommodation.set') AND object <> '';
UPDATE audit SET course = substr(detail || ' ', 1, instr(detail || ' ', ' ') - 1)
WHERE detail <> '' AND action IN ('role.set', 'role.remove', 'submission.cancel',
    'submission.rejudge', 'webhook.create', 'webhook.enable', 'webhook.remove');

-- When it was given up; NULL where it was not, or where its receiver was mended since and did not
-- want it: such a one is never sent again, and does not count against its receiver.
ALTER TABLE delivery ADD COLUMN given_up_us INTEGER;

-- A delivery is tried for three days before it is given up.
UPDATE delivery SET given_up_us = created_us + 259200000000 WHERE state = 'given_up';

CREATE INDEX queue_lane_person ON queue_lane (band, lane) WHERE queued > 0;
