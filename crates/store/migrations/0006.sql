-- Schema version 6: jobs that a node gave back because it lacks what they need; when work of a course and a person was begun last.

-- Such a job is `delayed` without a time: it waits for a node that has not passed it over.
CREATE TABLE passed_over (
    submission BLOB NOT NULL REFERENCES job (submission) ON DELETE CASCADE,
    node       BLOB NOT NULL,
    reason     TEXT NOT NULL, -- what is lacking, for the operator
    PRIMARY KEY (submission, node)
) STRICT, WITHOUT ROWID;

-- When a course and a lane were served last: from then on their next job grows old.
ALTER TABLE queue_course ADD COLUMN served_us INTEGER NOT NULL DEFAULT 0;
ALTER TABLE queue_lane ADD COLUMN served_us INTEGER NOT NULL DEFAULT 0;
