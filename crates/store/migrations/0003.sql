-- Schema version 3: drafts.

-- What a person has written for a challenge and not sent yet. A row without files is a draft
-- that was thrown away: its number stays, so that it is never given twice.
CREATE TABLE draft (
    user       BLOB NOT NULL REFERENCES user ON DELETE CASCADE,
    course     TEXT NOT NULL,
    challenge  TEXT NOT NULL,
    revision   INTEGER NOT NULL,
    changed_us INTEGER NOT NULL,
    PRIMARY KEY (user, course, challenge)
) STRICT, WITHOUT ROWID;
CREATE INDEX draft_changed ON draft (changed_us);

CREATE TABLE draft_file (
    user      BLOB NOT NULL,
    course    TEXT NOT NULL,
    challenge TEXT NOT NULL,
    path      TEXT NOT NULL,
    content   BLOB NOT NULL,
    PRIMARY KEY (user, course, challenge, path),
    FOREIGN KEY (user, course, challenge) REFERENCES draft ON DELETE CASCADE
) STRICT;
