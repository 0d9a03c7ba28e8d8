"""The log guards itself, and rows may be written again in another order as long as nothing in them changes."""

from django.db import migrations

# A ballot or roll entry that is deleted must stand there again when the statement ends: DELETE and INSERT in one statement give the row
# another place and another transaction, which is how mixing and shredding work. Both checks look at the table after the statement.
MOVED_BALLOTS = """
DROP TRIGGER ballots_guard_ballot ON ballots_ballot;
CREATE TRIGGER ballots_guard_ballot BEFORE UPDATE ON ballots_ballot FOR EACH ROW EXECUTE FUNCTION ballots_guard_ballot();

CREATE OR REPLACE FUNCTION ballots_guard_ballot() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    free CONSTANT text[] := ARRAY['version', 'nonce', 'payload', 'leaf', 'batch'];
BEGIN
    IF to_jsonb(NEW) - free <> to_jsonb(OLD) - free OR NEW.version <> OLD.version + 1 OR NEW.batch IS NOT NULL
        OR NOT EXISTS (SELECT 1 FROM ballots_vote WHERE id = NEW.vote_id AND state = 'open') THEN
        RAISE EXCEPTION 'a ballot only becomes a next version while the vote is open'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ballot_changes_by_version';
    END IF;
    IF OLD.batch IS NOT NULL THEN
        INSERT INTO ballots_superseded (id, vote_id, batch, leaf) VALUES (gen_random_uuid(), OLD.vote_id, OLD.batch, OLD.leaf);
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION ballots_guard_ballot_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM gone WHERE NOT EXISTS (
            SELECT 1 FROM ballots_ballot AS here
            WHERE here.vote_id = gone.vote_id AND here.tracker = gone.tracker AND here.version = gone.version
                AND here.nonce = gone.nonce AND here.payload = gone.payload AND here.leaf = gone.leaf AND here.channel = gone.channel
                AND (here.tag IS NOT DISTINCT FROM gone.tag
                    OR here.tag IS NULL AND EXISTS (SELECT 1 FROM ballots_shredding WHERE vote_id = gone.vote_id))
                AND (here.batch IS NOT DISTINCT FROM gone.batch
                    OR gone.batch IS NULL AND here.batch = (SELECT max(seq) FROM ballots_checkpoint WHERE vote_id = gone.vote_id)))
    ) THEN
        RAISE EXCEPTION 'a ballot stays in the box' USING ERRCODE = 'check_violation', CONSTRAINT = 'ballot_stays';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ballots_guard_ballot_moves AFTER DELETE ON ballots_ballot
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION ballots_guard_ballot_moves();

-- What comes in: a fresh ballot into an open box, or one that a checkpoint fixed. Of those there are no more than it says, and the guard
-- of moves keeps them from becoming fewer.
CREATE OR REPLACE FUNCTION ballots_guard_ballot_additions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM added WHERE batch IS NULL
               AND NOT EXISTS (SELECT 1 FROM ballots_vote WHERE id = added.vote_id AND state = 'open')) THEN
        RAISE EXCEPTION 'the box is closed' USING ERRCODE = 'check_violation', CONSTRAINT = 'ballots_only_while_open';
    END IF;
    IF EXISTS (SELECT 1 FROM added WHERE batch IS NOT NULL) THEN
        PERFORM ballots_check_batches(ARRAY(SELECT DISTINCT vote_id FROM added WHERE batch IS NOT NULL));
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION ballots_check_batches(votes uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM (
            SELECT vote_id, batch, count(*) AS number FROM (
                SELECT vote_id, batch FROM ballots_ballot WHERE vote_id = ANY (votes) AND batch IS NOT NULL
                UNION ALL SELECT vote_id, batch FROM ballots_superseded WHERE vote_id = ANY (votes)) AS fixed
            GROUP BY vote_id, batch) AS found
        LEFT JOIN ballots_checkpoint AS point ON point.vote_id = found.vote_id AND point.seq = found.batch AND point.seq > 0
        WHERE found.number > coalesce(point.leaves, 0)
    ) THEN
        RAISE EXCEPTION 'a batch has no more ballots than its checkpoint says'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'batch_is_its_checkpoint';
    END IF;
END $$;
"""

MOVED_ROLL = """
DROP TRIGGER ballots_guard_roll ON ballots_rollentry;
CREATE TRIGGER ballots_guard_roll BEFORE UPDATE ON ballots_rollentry FOR EACH ROW EXECUTE FUNCTION ballots_guard_roll();

CREATE OR REPLACE FUNCTION ballots_guard_roll() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.id <> OLD.id OR NEW.vote_id <> OLD.vote_id OR NEW.voter_key <> OLD.voter_key
        OR (OLD.has_cast AND NOT NEW.has_cast) OR (OLD.told AND NOT NEW.told) THEN
        RAISE EXCEPTION 'a roll entry only goes from not voted to voted' USING ERRCODE = 'check_violation', CONSTRAINT = 'voted_stays_voted';
    END IF;
    IF NEW.has_cast AND NOT OLD.has_cast
        AND NOT EXISTS (SELECT 1 FROM ballots_vote WHERE id = NEW.vote_id AND state = 'open') THEN
        RAISE EXCEPTION 'nobody votes in a vote that is not open' USING ERRCODE = 'check_violation', CONSTRAINT = 'votes_only_while_open';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION ballots_guard_roll_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM gone JOIN ballots_vote AS vote ON vote.id = gone.vote_id AND vote.state <> 'draft' AND vote.pepper IS NOT NULL
        WHERE NOT EXISTS (
            SELECT 1 FROM ballots_rollentry AS here
            WHERE here.vote_id = gone.vote_id AND here.voter_key = gone.voter_key
                AND here.has_cast = gone.has_cast AND here.told = gone.told)
    ) THEN
        RAISE EXCEPTION 'the roll stays until its pepper is gone' USING ERRCODE = 'check_violation', CONSTRAINT = 'roll_goes_with_pepper';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ballots_guard_roll_moves AFTER DELETE ON ballots_rollentry
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION ballots_guard_roll_moves();

-- Checkpoint 0 holds the size of the roll: what is added to an opened vote can only be what was taken away in the same statement.
CREATE OR REPLACE FUNCTION ballots_guard_roll_additions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM ballots_vote AS vote LEFT JOIN ballots_checkpoint AS point ON point.vote_id = vote.id AND point.seq = 0
        WHERE vote.id IN (SELECT vote_id FROM added) AND vote.state <> 'draft'
            AND (SELECT count(*) FROM ballots_rollentry AS here WHERE here.vote_id = vote.id) IS DISTINCT FROM point.leaves::bigint
    ) OR EXISTS (
        SELECT 1 FROM added JOIN ballots_vote AS vote ON vote.id = added.vote_id
        WHERE vote.state = 'draft' AND (added.has_cast OR added.told)
    ) THEN
        RAISE EXCEPTION 'the roll is frozen when the vote opens' USING ERRCODE = 'check_violation', CONSTRAINT = 'roll_is_frozen';
    END IF;
    RETURN NULL;
END $$;
"""

APPEND_ONLY = """
CREATE FUNCTION ballots_guard_checkpoint() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before ballots_checkpoint%ROWTYPE;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        RAISE EXCEPTION 'a checkpoint stays as it is' USING ERRCODE = 'check_violation', CONSTRAINT = 'checkpoint_stays';
    END IF;
    SELECT * INTO before FROM ballots_checkpoint WHERE vote_id = NEW.vote_id ORDER BY seq DESC LIMIT 1;
    IF NEW.seq <> coalesce(before.seq + 1, 0) OR NEW.previous <> coalesce(before.head, decode(repeat('00', 32), 'hex'))
        OR NEW.head <> sha256(NEW.previous || int8send(NEW.seq) || NEW.root) THEN
        RAISE EXCEPTION 'a checkpoint follows the one before' USING ERRCODE = 'check_violation', CONSTRAINT = 'checkpoints_are_a_chain';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM ballots_vote WHERE id = NEW.vote_id AND state IN ('open', 'closed', 'annulled'))
        OR EXISTS (SELECT 1 FROM ballots_seal WHERE vote_id = NEW.vote_id) THEN
        RAISE EXCEPTION 'the log ends with the count' USING ERRCODE = 'check_violation', CONSTRAINT = 'log_ends_with_count';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ballots_guard_checkpoint BEFORE INSERT OR UPDATE OR DELETE ON ballots_checkpoint
    FOR EACH ROW EXECUTE FUNCTION ballots_guard_checkpoint();

CREATE FUNCTION ballots_guard_superseded() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        RAISE EXCEPTION 'a superseded leaf stays in the log' USING ERRCODE = 'check_violation', CONSTRAINT = 'superseded_stays';
    END IF;
    -- By the trigger of the ballots only: while it runs, the ballot has its old version still.
    IF pg_trigger_depth() < 2 OR NOT EXISTS (SELECT 1 FROM ballots_ballot AS ballot JOIN ballots_vote AS vote ON vote.id = ballot.vote_id
            WHERE vote.id = NEW.vote_id AND vote.state = 'open' AND ballot.batch = NEW.batch AND ballot.leaf = NEW.leaf) THEN
        RAISE EXCEPTION 'only a ballot that changes is superseded' USING ERRCODE = 'check_violation', CONSTRAINT = 'superseded_was_a_ballot';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ballots_guard_superseded BEFORE INSERT OR UPDATE OR DELETE ON ballots_superseded
    FOR EACH ROW EXECUTE FUNCTION ballots_guard_superseded();

CREATE FUNCTION ballots_guard_shredding() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR (TG_OP = 'UPDATE' AND (OLD.cleaned_at IS NOT NULL
            OR to_jsonb(NEW) - 'cleaned_at' <> to_jsonb(OLD) - 'cleaned_at')) THEN
        RAISE EXCEPTION 'what was shredded stays shredded' USING ERRCODE = 'check_violation', CONSTRAINT = 'shredding_stays';
    END IF;
    IF TG_OP = 'INSERT' AND NOT EXISTS (
            SELECT 1 FROM ballots_vote WHERE id = NEW.vote_id AND state IN ('counted', 'published', 'annulled')) THEN
        RAISE EXCEPTION 'a box is shredded after the count' USING ERRCODE = 'check_violation', CONSTRAINT = 'shredding_after_count';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ballots_guard_shredding BEFORE INSERT OR UPDATE OR DELETE ON ballots_shredding
    FOR EACH ROW EXECUTE FUNCTION ballots_guard_shredding();
"""


class Migration(migrations.Migration):
    dependencies = [("ballots", "0008_the_log")]

    operations = [migrations.RunSQL([MOVED_BALLOTS, MOVED_ROLL, APPEND_ONLY])]
