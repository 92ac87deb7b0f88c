-- Schema version 7: workspace projects that people marked as done; what executions cost is
-- known by person.

CREATE TABLE project_done (
    user    BLOB NOT NULL REFERENCES user ON DELETE CASCADE,
    course  TEXT NOT NULL,
    project TEXT NOT NULL,
    done_us INTEGER NOT NULL, -- when first
    PRIMARY KEY (user, course, project)
) STRICT, WITHOUT ROWID;

DELETE FROM challenge_cost WHERE challenge LIKE 'execution/%';
