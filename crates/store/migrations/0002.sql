-- Schema version 2: attempts at quizzes, progress, accommodations, rescores.

CREATE TABLE attempt (
    id             BLOB PRIMARY KEY CHECK (length(id) = 16),
    user           BLOB NOT NULL REFERENCES user,
    course         TEXT NOT NULL,
    course_version TEXT NOT NULL,
    quiz           TEXT NOT NULL,
    number         INTEGER NOT NULL,
    started_us     INTEGER NOT NULL,
    ends_us        INTEGER, -- answers are refused from then on; NULL: never
    ended_us       INTEGER, -- counts as submitted then; NULL: it goes on
    ended_by       TEXT,
    state          TEXT NOT NULL, -- JSON
    revision       INTEGER NOT NULL,
    points         REAL,
    points_max     REAL,
    passed         INTEGER,
    needs_grading  INTEGER NOT NULL DEFAULT 0,
    answers_gone   INTEGER NOT NULL DEFAULT 0,
    CHECK ((ended_us IS NULL) = (ended_by IS NULL)),
    CHECK ((ended_us IS NULL) = (points IS NULL))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX attempt_number ON attempt (user, course, quiz, number);
CREATE UNIQUE INDEX attempt_running ON attempt (user, course, quiz) WHERE ended_us IS NULL;
CREATE INDEX attempt_user ON attempt (user, id);
CREATE INDEX attempt_course ON attempt (course, id);
CREATE INDEX attempt_quiz ON attempt (course, quiz, id);
CREATE INDEX attempt_ends ON attempt (ends_us) WHERE ended_us IS NULL AND ends_us IS NOT NULL;
CREATE INDEX attempt_grading ON attempt (course, id) WHERE needs_grading = 1;
CREATE INDEX attempt_old ON attempt (ended_us) WHERE answers_gone = 0 AND ended_us IS NOT NULL;

CREATE TABLE attempt_paper (
    attempt  BLOB PRIMARY KEY REFERENCES attempt ON DELETE CASCADE,
    document TEXT NOT NULL -- JSON
) STRICT;

CREATE TABLE attempt_response (
    attempt  BLOB NOT NULL REFERENCES attempt ON DELETE CASCADE,
    question TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    saved_us INTEGER NOT NULL,
    document TEXT NOT NULL, -- JSON
    PRIMARY KEY (attempt, question)
) STRICT, WITHOUT ROWID;

-- Points that do not follow from the answers alone. The last one of a question counts.
CREATE TABLE attempt_mark (
    attempt     BLOB NOT NULL REFERENCES attempt ON DELETE CASCADE,
    number      INTEGER NOT NULL,
    question    TEXT NOT NULL,
    at_us       INTEGER NOT NULL,
    user        BLOB, -- who gave it; NULL: somebody who is gone
    rescore     BLOB, -- NULL: a person gave it
    points      REAL NOT NULL,
    comment     TEXT,
    explanation TEXT NOT NULL, -- JSON array
    PRIMARY KEY (attempt, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX attempt_mark_user ON attempt_mark (user) WHERE user IS NOT NULL;

CREATE TABLE rescore (
    id             BLOB PRIMARY KEY CHECK (length(id) = 16),
    course         TEXT NOT NULL,
    quiz           TEXT NOT NULL,
    course_version TEXT NOT NULL,
    never_lower    INTEGER NOT NULL,
    user           BLOB NOT NULL,
    state          TEXT NOT NULL,
    created_us     INTEGER NOT NULL,
    applied_us     INTEGER,
    attempts       INTEGER NOT NULL,
    changed        INTEGER NOT NULL,
    skipped        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX rescore_course ON rescore (course, id);
CREATE INDEX rescore_applied ON rescore (course, quiz, applied_us) WHERE state = 'applied';

CREATE TABLE rescore_change (
    rescore       BLOB NOT NULL REFERENCES rescore ON DELETE CASCADE,
    attempt       BLOB NOT NULL REFERENCES attempt ON DELETE CASCADE,
    revision      INTEGER NOT NULL,
    points_before REAL NOT NULL,
    points        REAL NOT NULL,
    points_max    REAL NOT NULL,
    passed        INTEGER,
    needs_grading INTEGER NOT NULL,
    marks         TEXT NOT NULL, -- JSON
    state         TEXT NOT NULL,
    PRIMARY KEY (rescore, attempt)
) STRICT, WITHOUT ROWID;
CREATE INDEX rescore_change_attempt ON rescore_change (attempt);

CREATE TABLE accommodation (
    user       BLOB NOT NULL REFERENCES user ON DELETE CASCADE,
    course     TEXT NOT NULL,
    quiz       TEXT NOT NULL, -- '': all that have none of their own
    document   TEXT NOT NULL, -- JSON
    changed_us INTEGER NOT NULL,
    changed_by BLOB,
    PRIMARY KEY (user, course, quiz)
) STRICT, WITHOUT ROWID;
CREATE INDEX accommodation_course ON accommodation (course, user);
CREATE INDEX accommodation_changed_by ON accommodation (changed_by) WHERE changed_by IS NOT NULL;

CREATE TABLE lesson_seen (
    user    BLOB NOT NULL REFERENCES user ON DELETE CASCADE,
    course  TEXT NOT NULL,
    lesson  TEXT NOT NULL,
    seen_us INTEGER NOT NULL,
    PRIMARY KEY (user, course, lesson)
) STRICT, WITHOUT ROWID;

-- How far somebody is with the challenges of a course.
CREATE INDEX submission_progress ON submission (user, course, challenge)
    WHERE course IS NOT NULL AND verdict IS NOT NULL;
