-- Schema version 5: when people opened challenges.

-- The first time only: from then on counts how long somebody takes to pass.
CREATE TABLE challenge_opened (
    user      BLOB NOT NULL REFERENCES user ON DELETE CASCADE,
    course    TEXT NOT NULL,
    challenge TEXT NOT NULL,
    opened_us INTEGER NOT NULL,
    PRIMARY KEY (user, course, challenge)
) STRICT, WITHOUT ROWID;
