-- Schema version 6: jobs that a node gave back because it lacks what they need.

-- Such a job is `delayed` without a time: it waits for a node that has not passed it over.
CREATE TABLE passed_over (
    submission BLOB NOT NULL REFERENCES job (submission) ON DELETE CASCADE,
    node       BLOB NOT NULL,
    reason     TEXT NOT NULL, -- what is lacking, for the operator
    PRIMARY KEY (submission, node)
) STRICT, WITHOUT ROWID;
