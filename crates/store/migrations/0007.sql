-- Schema version 7: workspace projects that people marked as done.

CREATE TABLE project_done (
    user    BLOB NOT NULL REFERENCES user ON DELETE CASCADE,
    course  TEXT NOT NULL,
    project TEXT NOT NULL,
    done_us INTEGER NOT NULL, -- when first
    PRIMARY KEY (user, course, project)
) STRICT, WITHOUT ROWID;
