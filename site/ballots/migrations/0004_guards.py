"""The ballot box guards itself: what is frozen stays frozen, whoever writes (docs/explanation/ballot.md)."""

from django.db import migrations

# Changing one of these does not change the outcome; everything else of an opened vote is frozen.
GUARD_VOTE = """
CREATE FUNCTION ballots_guard_vote() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    free CONSTANT text[] := ARRAY['state', 'pepper', 'closed_at', 'published_at', 'published_by_id', 'annulled_at', 'annulled_by_id',
        'annulment_reason', 'voters_told_at'];
    once text;
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'draft' THEN
            RAISE EXCEPTION 'a vote begins as a draft' USING ERRCODE = 'check_violation', CONSTRAINT = 'vote_begins_as_draft';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' THEN
        IF OLD.state <> 'draft' THEN
            RAISE EXCEPTION 'an opened vote stays' USING ERRCODE = 'check_violation', CONSTRAINT = 'opened_vote_stays';
        END IF;
        RETURN OLD;
    END IF;
    IF NEW.state <> OLD.state AND NOT (OLD.state || '>' || NEW.state) = ANY (ARRAY['draft>open', 'open>closed', 'closed>counted',
        'counted>published', 'open>annulled', 'closed>annulled', 'counted>annulled', 'published>annulled']) THEN
        RAISE EXCEPTION 'a vote cannot go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'vote_goes_forward';
    END IF;
    IF OLD.state = 'draft' THEN
        RETURN NEW;
    END IF;
    IF to_jsonb(NEW) - free <> to_jsonb(OLD) - free THEN
        RAISE EXCEPTION 'the rules of an opened vote are frozen' USING ERRCODE = 'check_violation', CONSTRAINT = 'opened_vote_is_frozen';
    END IF;
    IF NEW.pepper IS DISTINCT FROM OLD.pepper AND NOT (NEW.pepper IS NULL AND OLD.state IN ('published', 'annulled')) THEN
        RAISE EXCEPTION 'the pepper of a vote goes after the vote, and never changes'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'pepper_stays_during_vote';
    END IF;
    FOREACH once IN ARRAY ARRAY['closed_at', 'published_at', 'published_by_id', 'annulled_at', 'annulled_by_id'] LOOP
        IF to_jsonb(OLD) ->> once IS DISTINCT FROM NULL AND to_jsonb(NEW) ->> once IS DISTINCT FROM to_jsonb(OLD) ->> once THEN
            RAISE EXCEPTION '% is written once', once USING ERRCODE = 'check_violation', CONSTRAINT = 'vote_history_is_written_once';
        END IF;
    END LOOP;
    RETURN NEW;
END $$;
CREATE TRIGGER ballots_guard_vote BEFORE INSERT OR UPDATE OR DELETE ON ballots_vote
    FOR EACH ROW EXECUTE FUNCTION ballots_guard_vote();
"""

GUARD_OPTION = """
CREATE FUNCTION ballots_guard_option() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM ballots_vote WHERE state <> 'draft' AND id = ANY (ARRAY[
        CASE WHEN TG_OP <> 'INSERT' THEN OLD.vote_id END, CASE WHEN TG_OP <> 'DELETE' THEN NEW.vote_id END])) THEN
        RAISE EXCEPTION 'the options of an opened vote are frozen' USING ERRCODE = 'check_violation', CONSTRAINT = 'options_are_frozen';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER ballots_guard_option BEFORE INSERT OR UPDATE OR DELETE ON ballots_option
    FOR EACH ROW EXECUTE FUNCTION ballots_guard_option();
"""

# A statement-level trigger: a roll of 100,000 is added in a few statements.
GUARD_ROLL = """
CREATE FUNCTION ballots_guard_roll_additions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM added JOIN ballots_vote AS vote ON vote.id = added.vote_id
               WHERE vote.state <> 'draft' OR added.has_cast OR added.told) THEN
        RAISE EXCEPTION 'the roll is frozen when the vote opens' USING ERRCODE = 'check_violation', CONSTRAINT = 'roll_is_frozen';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ballots_guard_roll_additions AFTER INSERT ON ballots_rollentry
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ballots_guard_roll_additions();

CREATE FUNCTION ballots_guard_roll() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    vote ballots_vote%ROWTYPE;
BEGIN
    IF TG_OP = 'DELETE' THEN
        SELECT * INTO vote FROM ballots_vote WHERE id = OLD.vote_id;
        IF FOUND AND vote.state <> 'draft' AND vote.pepper IS NOT NULL THEN
            RAISE EXCEPTION 'the roll stays until its pepper is gone' USING ERRCODE = 'check_violation', CONSTRAINT = 'roll_goes_with_pepper';
        END IF;
        RETURN OLD;
    END IF;
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
CREATE TRIGGER ballots_guard_roll BEFORE UPDATE OR DELETE ON ballots_rollentry
    FOR EACH ROW EXECUTE FUNCTION ballots_guard_roll();

-- Every entry is updated when its person votes: room on the page keeps it there, so that the place of a row
-- in the table says little about the order of voting.
ALTER TABLE ballots_rollentry SET (fillfactor = 45);
"""

GUARD_BALLOT = """
CREATE FUNCTION ballots_guard_ballot_additions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM added WHERE NOT EXISTS (SELECT 1 FROM ballots_vote WHERE id = added.vote_id AND state = 'open')) THEN
        RAISE EXCEPTION 'the box is closed' USING ERRCODE = 'check_violation', CONSTRAINT = 'ballots_only_while_open';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ballots_guard_ballot_additions AFTER INSERT ON ballots_ballot
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ballots_guard_ballot_additions();

CREATE FUNCTION ballots_guard_ballot() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    free CONSTANT text[] := ARRAY['version', 'nonce', 'payload', 'leaf'];
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a ballot stays in the box' USING ERRCODE = 'check_violation', CONSTRAINT = 'ballot_stays';
    END IF;
    IF to_jsonb(NEW) - free <> to_jsonb(OLD) - free OR NEW.version <> OLD.version + 1
        OR NOT EXISTS (SELECT 1 FROM ballots_vote WHERE id = NEW.vote_id AND state = 'open') THEN
        RAISE EXCEPTION 'a ballot only becomes a next version while the vote is open'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ballot_changes_by_version';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ballots_guard_ballot BEFORE UPDATE OR DELETE ON ballots_ballot
    FOR EACH ROW EXECUTE FUNCTION ballots_guard_ballot();
"""

GUARD_SEAL = """
CREATE FUNCTION ballots_guard_seal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        RAISE EXCEPTION 'a seal stays as it is' USING ERRCODE = 'check_violation', CONSTRAINT = 'seal_stays';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM ballots_vote WHERE id = NEW.vote_id AND state = 'closed') THEN
        RAISE EXCEPTION 'only a closed vote is sealed' USING ERRCODE = 'check_violation', CONSTRAINT = 'seal_after_closing';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ballots_guard_seal BEFORE INSERT OR UPDATE OR DELETE ON ballots_seal
    FOR EACH ROW EXECUTE FUNCTION ballots_guard_seal();
"""

REMOVE = """
ALTER TABLE ballots_rollentry RESET (fillfactor);
DROP FUNCTION ballots_guard_vote, ballots_guard_option, ballots_guard_roll_additions, ballots_guard_roll,
    ballots_guard_ballot_additions, ballots_guard_ballot, ballots_guard_seal CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("ballots", "0003_what_a_vote_records")]

    operations = [
        migrations.RunSQL([GUARD_VOTE, GUARD_OPTION, GUARD_ROLL, GUARD_BALLOT, GUARD_SEAL], REMOVE),
    ]
