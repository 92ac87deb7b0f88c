-- Schema version 1. Ids are UUIDs (16 bytes), times are microseconds since 1970 (…_us).
-- Words (states, verdicts, roles) are those of the JSON of the API.

CREATE TABLE user (
    id            BLOB PRIMARY KEY CHECK (length(id) = 16),
    name          TEXT NOT NULL,
    name_folded   TEXT NOT NULL UNIQUE,
    display_name  TEXT NOT NULL,
    email         TEXT,
    password_hash TEXT,
    operator      INTEGER NOT NULL,
    disabled      INTEGER NOT NULL,
    issuer        TEXT,
    subject       TEXT,
    created_us    INTEGER NOT NULL,
    CHECK ((issuer IS NULL) = (subject IS NULL))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX user_subject ON user (issuer, subject) WHERE subject IS NOT NULL;

CREATE TABLE membership (
    user   BLOB NOT NULL REFERENCES user ON DELETE CASCADE,
    course TEXT NOT NULL,
    role   TEXT NOT NULL,
    PRIMARY KEY (user, course)
) STRICT, WITHOUT ROWID;
CREATE INDEX membership_course ON membership (course);

CREATE TABLE session (
    secret_hash BLOB PRIMARY KEY CHECK (length(secret_hash) = 32),
    user        BLOB NOT NULL REFERENCES user ON DELETE CASCADE,
    created_us  INTEGER NOT NULL,
    expires_us  INTEGER NOT NULL,
    seen_us     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_user ON session (user);
CREATE INDEX session_expires ON session (expires_us);

CREATE TABLE token (
    id          BLOB PRIMARY KEY CHECK (length(id) = 16),
    secret_hash BLOB NOT NULL UNIQUE CHECK (length(secret_hash) = 32),
    user        BLOB NOT NULL REFERENCES user ON DELETE CASCADE,
    name        TEXT NOT NULL,
    scopes      TEXT NOT NULL, -- JSON array
    course      TEXT,
    expires_us  INTEGER,
    created_us  INTEGER NOT NULL,
    used_us     INTEGER,
    revoked_us  INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX token_user ON token (user, id);

CREATE TABLE course_version (
    number       INTEGER PRIMARY KEY,
    course       TEXT NOT NULL,
    digest       TEXT NOT NULL,
    title        TEXT NOT NULL,
    published_by BLOB REFERENCES user ON DELETE SET NULL,
    published_us INTEGER NOT NULL,
    contents     TEXT NOT NULL, -- JSON
    UNIQUE (course, digest)
) STRICT;
CREATE INDEX course_version_publisher ON course_version (published_by) WHERE published_by IS NOT NULL;

CREATE TABLE course (
    id      TEXT PRIMARY KEY,
    present INTEGER NOT NULL REFERENCES course_version
) STRICT, WITHOUT ROWID;

-- Moving mean of the processor time of one submission.
CREATE TABLE challenge_cost (
    course    TEXT NOT NULL,
    challenge TEXT NOT NULL,
    mean_ms   REAL NOT NULL,
    samples   INTEGER NOT NULL,
    PRIMARY KEY (course, challenge)
) STRICT, WITHOUT ROWID;

CREATE TABLE submission (
    id             BLOB PRIMARY KEY CHECK (length(id) = 16),
    user           BLOB NOT NULL REFERENCES user,
    execution      INTEGER NOT NULL, -- 1: no challenge
    course         TEXT,
    course_version TEXT,
    challenge      TEXT,
    step           TEXT,
    language       TEXT,
    state          TEXT NOT NULL,
    created_us     INTEGER NOT NULL,
    started_us     INTEGER,
    finished_us    INTEGER,
    verdict        TEXT,
    points         REAL,
    points_max     REAL,
    verdicts       INTEGER NOT NULL DEFAULT 0, -- rows in `verdict`
    counting       INTEGER,                    -- number of the one that counts
    failed         INTEGER NOT NULL DEFAULT 0, -- has a verdict that is the learner's failure
    parked_reason  TEXT,
    request        TEXT NOT NULL,
    callback       TEXT,                       -- JSON
    token          INTEGER NOT NULL DEFAULT 0, -- highest fencing token of jobs that are gone
    sources_gone   INTEGER NOT NULL DEFAULT 0,
    outputs_gone   INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX submission_user ON submission (user, id);
CREATE INDEX submission_course ON submission (course, id) WHERE course IS NOT NULL;
CREATE INDEX submission_challenge ON submission (course, challenge, id) WHERE course IS NOT NULL;
CREATE INDEX submission_open ON submission (state, id) WHERE state <> 'finished';
CREATE INDEX submission_failed ON submission (user, course, challenge, created_us) WHERE failed = 1;
CREATE INDEX submission_execution ON submission (created_us) WHERE execution = 1;
CREATE INDEX submission_sources ON submission (created_us) WHERE execution = 0 AND sources_gone = 0;
CREATE INDEX submission_outputs ON submission (finished_us)
    WHERE execution = 0 AND outputs_gone = 0 AND finished_us IS NOT NULL;

-- What was sent, without its bytes.
CREATE TABLE work (
    submission BLOB PRIMARY KEY REFERENCES submission ON DELETE CASCADE,
    document   TEXT NOT NULL -- JSON
) STRICT;

-- Bytes of what was sent and of what came out.
CREATE TABLE attachment (
    submission BLOB NOT NULL REFERENCES submission ON DELETE CASCADE,
    part       TEXT NOT NULL, -- `source`, `stdin`, `1/compile/stdout`, …
    path       TEXT NOT NULL,
    content    BLOB NOT NULL,
    PRIMARY KEY (submission, part, path)
) STRICT;

CREATE TABLE verdict (
    submission     BLOB NOT NULL REFERENCES submission ON DELETE CASCADE,
    number         INTEGER NOT NULL,
    at_us          INTEGER NOT NULL,
    reason         TEXT NOT NULL,
    course_version TEXT,
    kind           TEXT NOT NULL, -- `judged`, `executed`, `refused`
    verdict        TEXT,
    points         REAL,
    points_max     REAL,
    cost_ms        REAL NOT NULL,
    counts         INTEGER NOT NULL,
    regrade        BLOB,
    outcome        TEXT, -- JSON; NULL: expired
    PRIMARY KEY (submission, number)
) STRICT;

CREATE TABLE event (
    submission BLOB NOT NULL REFERENCES submission ON DELETE CASCADE,
    number     INTEGER NOT NULL,
    at_us      INTEGER NOT NULL,
    kind       TEXT NOT NULL, -- JSON
    PRIMARY KEY (submission, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE idempotency (
    user           BLOB NOT NULL REFERENCES user ON DELETE CASCADE,
    key            TEXT NOT NULL,
    request_digest BLOB NOT NULL,
    submission     BLOB NOT NULL REFERENCES submission ON DELETE CASCADE,
    at_us          INTEGER NOT NULL,
    PRIMARY KEY (user, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_at ON idempotency (at_us);
CREATE INDEX idempotency_submission ON idempotency (submission);

-- The queue. A job is there as long as something is to be done; its number is its
-- place within its lane.
CREATE TABLE job (
    number         INTEGER PRIMARY KEY,
    submission     BLOB NOT NULL UNIQUE REFERENCES submission ON DELETE CASCADE,
    band           INTEGER NOT NULL CHECK (band BETWEEN 0 AND 2),
    course         TEXT NOT NULL,
    lane           TEXT NOT NULL,
    cost_ms        REAL NOT NULL,
    state          TEXT NOT NULL
        CHECK (state IN ('queued', 'delayed', 'leased', 'parked', 'cancelled')),
    reason         TEXT NOT NULL,
    course_version TEXT,
    regrade        BLOB,
    attempts       INTEGER NOT NULL DEFAULT 0,
    takeovers      INTEGER NOT NULL DEFAULT 0,
    token          INTEGER NOT NULL,
    node           BLOB,
    until_us       INTEGER, -- delayed: due; leased, cancelled: end of the lease; parked: since
    accepted_us    INTEGER NOT NULL,
    target_us      INTEGER NOT NULL,
    fault          TEXT     -- why the last attempt ended
) STRICT;
CREATE INDEX job_queued ON job (band, course, lane, number) WHERE state = 'queued';
CREATE INDEX job_waiting ON job (state, until_us, number) WHERE state <> 'queued';
CREATE INDEX job_regrade ON job (regrade) WHERE regrade IS NOT NULL;

-- Virtual time of start-time fair queueing, by level: bands, courses, lanes.
CREATE TABLE queue_root (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    virtual REAL NOT NULL
) STRICT;
INSERT INTO queue_root VALUES (1, 0);
CREATE TABLE queue_band (
    band    INTEGER PRIMARY KEY,
    start   REAL NOT NULL,
    virtual REAL NOT NULL,
    queued  INTEGER NOT NULL CHECK (queued >= 0),
    cost_ms REAL NOT NULL
) STRICT;
INSERT INTO queue_band VALUES (0, 0, 0, 0, 0), (1, 0, 0, 0, 0), (2, 0, 0, 0, 0);
CREATE TABLE queue_course (
    band    INTEGER NOT NULL REFERENCES queue_band,
    course  TEXT NOT NULL,
    start   REAL NOT NULL,
    virtual REAL NOT NULL,
    queued  INTEGER NOT NULL CHECK (queued >= 0),
    cost_ms REAL NOT NULL,
    PRIMARY KEY (band, course)
) STRICT, WITHOUT ROWID;
CREATE INDEX queue_course_start ON queue_course (band, start, course) WHERE queued > 0;
CREATE TABLE queue_lane (
    band    INTEGER NOT NULL,
    course  TEXT NOT NULL,
    lane    TEXT NOT NULL,
    start   REAL NOT NULL,
    queued  INTEGER NOT NULL CHECK (queued >= 0),
    cost_ms REAL NOT NULL,
    PRIMARY KEY (band, course, lane),
    FOREIGN KEY (band, course) REFERENCES queue_course
) STRICT, WITHOUT ROWID;
CREATE INDEX queue_lane_start ON queue_lane (band, course, start, lane) WHERE queued > 0;

CREATE TABLE regrade (
    id             BLOB PRIMARY KEY CHECK (length(id) = 16),
    course         TEXT NOT NULL,
    challenge      TEXT NOT NULL,
    course_version TEXT NOT NULL,
    preview        INTEGER NOT NULL,
    never_lower    INTEGER NOT NULL,
    user           BLOB NOT NULL,
    state          TEXT NOT NULL,
    created_us     INTEGER NOT NULL,
    submissions    INTEGER NOT NULL,
    judged         INTEGER NOT NULL,
    changed        INTEGER NOT NULL,
    -- Submissions are queued in batches in order of their ids, after this one; NULL: all are.
    fed_to         BLOB
) STRICT, WITHOUT ROWID;
CREATE INDEX regrade_course ON regrade (course, id);
CREATE INDEX regrade_running ON regrade (id) WHERE state = 'running';

CREATE TABLE regrade_item (
    regrade       BLOB NOT NULL REFERENCES regrade ON DELETE CASCADE,
    submission    BLOB NOT NULL REFERENCES submission ON DELETE CASCADE,
    before_number INTEGER,
    before        TEXT,
    before_points REAL NOT NULL,
    after_number  INTEGER,
    after         TEXT,
    after_points  REAL,
    counts        INTEGER NOT NULL DEFAULT 0,
    changed       INTEGER NOT NULL DEFAULT 0,
    applied       INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (regrade, submission)
) STRICT, WITHOUT ROWID;
CREATE INDEX regrade_item_submission ON regrade_item (submission);

CREATE TABLE webhook (
    id         BLOB PRIMARY KEY CHECK (length(id) = 16),
    user       BLOB NOT NULL REFERENCES user ON DELETE CASCADE,
    course     TEXT,
    url        TEXT NOT NULL,
    secret     BLOB NOT NULL,
    disabled   INTEGER NOT NULL,
    created_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX webhook_course ON webhook (course, id);
CREATE INDEX webhook_user ON webhook (user);

CREATE TABLE delivery (
    id         BLOB PRIMARY KEY CHECK (length(id) = 16),
    webhook    BLOB REFERENCES webhook ON DELETE CASCADE,
    submission BLOB REFERENCES submission ON DELETE CASCADE,
    url        TEXT NOT NULL,
    method     TEXT NOT NULL,
    body       TEXT NOT NULL,
    attempts   INTEGER NOT NULL,
    due_us     INTEGER, -- NULL: delivered or given up
    state      TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'given_up')),
    error      TEXT,
    created_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_due ON delivery (due_us) WHERE due_us IS NOT NULL;
CREATE INDEX delivery_webhook ON delivery (webhook) WHERE webhook IS NOT NULL;
CREATE INDEX delivery_submission ON delivery (submission) WHERE submission IS NOT NULL;
CREATE INDEX delivery_over ON delivery (created_us) WHERE due_us IS NULL;

CREATE TABLE node (
    id      BLOB PRIMARY KEY CHECK (length(id) = 16),
    report  TEXT NOT NULL, -- JSON
    beat_us INTEGER NOT NULL,
    orders  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE incident (
    id         BLOB PRIMARY KEY CHECK (length(id) = 16),
    at_us      INTEGER NOT NULL,
    node       BLOB,
    submission BLOB,
    user       BLOB,
    kind       TEXT NOT NULL,
    detail     TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX incident_kind ON incident (kind, id);
CREATE INDEX incident_at ON incident (at_us);
CREATE INDEX incident_user ON incident (user) WHERE user IS NOT NULL;

CREATE TABLE audit (
    number  INTEGER PRIMARY KEY,
    at_us   INTEGER NOT NULL,
    user    BLOB,
    through TEXT NOT NULL,
    address TEXT,
    action  TEXT NOT NULL,
    object  TEXT NOT NULL,
    detail  TEXT NOT NULL
) STRICT;
CREATE INDEX audit_user ON audit (user, number);
CREATE INDEX audit_at ON audit (at_us);
