-- Schema version 9: people who are being deleted; how far a regrade has been fed; indexes of
-- lists and of passes that would else look at all.

-- Deletion goes in passes and goes on after a stop, until nothing is left.
ALTER TABLE user ADD COLUMN deleting INTEGER NOT NULL DEFAULT 0;
CREATE INDEX user_deleting ON user (id) WHERE deleting = 1;

-- Entries about a person, not by them.
CREATE INDEX audit_object ON audit (object);

-- Submissions that have been queued; when all are, that is how many the regrade is of.
ALTER TABLE regrade ADD COLUMN fed INTEGER NOT NULL DEFAULT 0;
UPDATE regrade SET fed = (SELECT count(*) FROM regrade_item AS i WHERE i.regrade = regrade.id);
CREATE INDEX regrade_item_apply ON regrade_item (regrade, submission)
    WHERE counts = 1 AND applied = 0;

CREATE INDEX submission_verdict ON submission (course, verdict, id)
    WHERE course IS NOT NULL AND verdict IS NOT NULL;
CREATE INDEX submission_challenge_verdict ON submission (course, challenge, verdict, id)
    WHERE course IS NOT NULL AND verdict IS NOT NULL;
CREATE INDEX submission_executed ON submission (id) WHERE execution = 1;

-- What somebody has still to grade does not expire.
DROP INDEX attempt_old;
CREATE INDEX attempt_old ON attempt (ended_us)
    WHERE answers_gone = 0 AND needs_grading = 0 AND ended_us IS NOT NULL;

-- What is due for one receiver, without reading what is due for the others.
CREATE INDEX delivery_receiver_due ON delivery (webhook, due_us) WHERE due_us IS NOT NULL;
