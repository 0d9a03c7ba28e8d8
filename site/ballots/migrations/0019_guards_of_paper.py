"""Paper guards itself: two persons who typed the same, no ballot without an envelope, nothing after the reconciliation or the seal."""

from django.db import migrations

# As in `shredding_without_a_log`, but for paper, which has a guard of its own below.
ADDITIONS = """
CREATE OR REPLACE FUNCTION ballots_guard_ballot_additions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM (SELECT DISTINCT vote_id FROM added WHERE batch IS NULL AND channel <> 'paper') AS pending
               WHERE NOT EXISTS (SELECT 1 FROM ballots_vote WHERE id = pending.vote_id AND state = 'open')
                   AND NOT ballots_is_moved_without_log(pending.vote_id)) THEN
        RAISE EXCEPTION 'the box is closed' USING ERRCODE = 'check_violation', CONSTRAINT = 'ballots_only_while_open';
    END IF;
    IF EXISTS (SELECT 1 FROM added WHERE batch IS NOT NULL) THEN
        PERFORM ballots_check_batches(ARRAY(SELECT DISTINCT vote_id FROM added WHERE batch IS NOT NULL));
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION ballots_takes_paper(which uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT 1 FROM ballots_vote WHERE id = which AND state = 'closed' AND on_paper)
        AND NOT EXISTS (SELECT 1 FROM ballots_seal WHERE vote_id = which)
        AND NOT EXISTS (SELECT 1 FROM ballots_reconciliation WHERE vote_id = which AND second_by_id IS NOT NULL)
$$;

-- A statement-level trigger that looks further only when something else than the website added ballots.
CREATE FUNCTION ballots_guard_channels() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    papers uuid[] := ARRAY(SELECT DISTINCT vote_id FROM added WHERE channel = 'paper');
BEGIN
    IF EXISTS (SELECT 1 FROM added JOIN ballots_vote AS vote ON vote.id = added.vote_id
               WHERE added.channel = 'counter' AND NOT vote.at_counter) THEN
        RAISE EXCEPTION 'this vote has no counter' USING ERRCODE = 'check_violation', CONSTRAINT = 'counter_only_where_offered';
    END IF;
    IF cardinality(papers) = 0 THEN
        RETURN NULL;
    END IF;
    IF EXISTS (SELECT 1 FROM added WHERE channel = 'paper'
               AND (tag IS NOT NULL OR batch IS NULL AND NOT ballots_takes_paper(vote_id))) THEN
        RAISE EXCEPTION 'paper enters the box between closing and reconciliation, without a code'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'paper_enters_after_closing';
    END IF;
    IF EXISTS (SELECT 1 FROM unnest(papers) AS which
               WHERE (SELECT count(*) FROM ballots_ballot WHERE vote_id = which AND channel = 'paper')
                   > (SELECT coalesce(sum(size), 0) FROM ballots_paperbatch WHERE vote_id = which AND accepted_at IS NOT NULL)) THEN
        RAISE EXCEPTION 'paper enters in accepted batches' USING ERRCODE = 'check_violation', CONSTRAINT = 'paper_enters_in_accepted_batches';
    END IF;
    IF EXISTS (SELECT 1 FROM unnest(papers) AS which
               WHERE (SELECT count(*) FROM ballots_ballot WHERE vote_id = which)
                   > (SELECT count(*) FROM ballots_rollentry WHERE vote_id = which AND has_cast)) THEN
        RAISE EXCEPTION 'there are no more ballots than people who voted'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'no_more_ballots_than_marks';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ballots_guard_channels AFTER INSERT ON ballots_ballot
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ballots_guard_channels();
"""

BATCHES = """
CREATE FUNCTION ballots_guard_paper_batch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.accepted_at IS NOT NULL THEN
        RAISE EXCEPTION 'an accepted batch stays' USING ERRCODE = 'check_violation', CONSTRAINT = 'accepted_batch_stays';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    IF NOT ballots_takes_paper(NEW.vote_id) THEN
        RAISE EXCEPTION 'batches are made between closing and reconciliation'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'batches_after_closing';
    END IF;
    IF TG_OP = 'INSERT' AND NEW.accepted_at IS NOT NULL
        OR TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'accepted_at' <> to_jsonb(OLD) - 'accepted_at' THEN
        RAISE EXCEPTION 'a batch stays as it was made' USING ERRCODE = 'check_violation', CONSTRAINT = 'batch_stays';
    END IF;
    IF NEW.accepted_at IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM ballots_paperentry AS one JOIN ballots_paperentry AS other
            ON other.batch_id = one.batch_id AND other.person_id <> one.person_id AND other.lines = one.lines
        WHERE one.batch_id = NEW.id
            AND (SELECT sum((line ->> 1)::integer) FROM jsonb_array_elements(one.lines) AS line) = NEW.size) THEN
        RAISE EXCEPTION 'two persons entered the same' USING ERRCODE = 'check_violation', CONSTRAINT = 'two_persons_agree_on_a_batch';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ballots_guard_paper_batch BEFORE INSERT OR UPDATE OR DELETE ON ballots_paperbatch
    FOR EACH ROW EXECUTE FUNCTION ballots_guard_paper_batch();

CREATE FUNCTION ballots_guard_paper_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM ballots_paperbatch AS batch
               WHERE batch.id IN (CASE WHEN TG_OP <> 'INSERT' THEN OLD.batch_id END, CASE WHEN TG_OP <> 'DELETE' THEN NEW.batch_id END)
                   AND (batch.accepted_at IS NOT NULL OR TG_OP <> 'DELETE' AND NOT ballots_takes_paper(batch.vote_id))) THEN
        RAISE EXCEPTION 'an accepted batch stays' USING ERRCODE = 'check_violation', CONSTRAINT = 'accepted_batch_stays';
    END IF;
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'lines' <> to_jsonb(OLD) - 'lines' THEN
        RAISE EXCEPTION 'an entry stays who made it' USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_stays_of_its_person';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER ballots_guard_paper_entry BEFORE INSERT OR UPDATE OR DELETE ON ballots_paperentry
    FOR EACH ROW EXECUTE FUNCTION ballots_guard_paper_entry();
"""

RECONCILIATION = """
CREATE FUNCTION ballots_paper_is_counted(which uuid, registered bigint, ballots bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT NOT EXISTS (SELECT 1 FROM ballots_paperbatch WHERE vote_id = which AND accepted_at IS NULL)
        AND (SELECT count(*) FROM ballots_ballot WHERE vote_id = which AND channel = 'paper') = ballots
        AND (SELECT count(*) FROM ballots_rollentry WHERE vote_id = which AND has_cast)
            - (SELECT count(*) FROM ballots_ballot WHERE vote_id = which AND channel <> 'paper') = registered
$$;

CREATE FUNCTION ballots_guard_reconciliation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.second_by_id IS NOT NULL THEN
        RAISE EXCEPTION 'what two persons signed stays' USING ERRCODE = 'check_violation', CONSTRAINT = 'reconciliation_stays';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    IF NOT ballots_takes_paper(NEW.vote_id) OR NOT ballots_paper_is_counted(NEW.vote_id, NEW.registered, NEW.ballots) THEN
        RAISE EXCEPTION 'a reconciliation has the numbers of the box and the roll'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'reconciliation_is_true';
    END IF;
    -- One person writes it down, another signs it as it stands: not both at once, and nothing is changed while signing.
    IF NEW.second_by_id IS NOT NULL AND (TG_OP = 'INSERT'
            OR to_jsonb(NEW) - 'second_by_id' - 'second_at' <> to_jsonb(OLD) - 'second_by_id' - 'second_at') THEN
        RAISE EXCEPTION 'the second person signs what the first wrote'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'second_signs_what_first_wrote';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ballots_guard_reconciliation BEFORE INSERT OR UPDATE OR DELETE ON ballots_reconciliation
    FOR EACH ROW EXECUTE FUNCTION ballots_guard_reconciliation();

-- No seal while an envelope or a batch waits.
CREATE FUNCTION ballots_guard_seal_of_paper() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM ballots_vote WHERE id = NEW.vote_id AND on_paper)
        OR EXISTS (SELECT 1 FROM ballots_reconciliation AS done WHERE done.vote_id = NEW.vote_id AND done.second_by_id IS NOT NULL
                   AND ballots_paper_is_counted(NEW.vote_id, done.registered, done.ballots))
        OR ballots_paper_is_counted(NEW.vote_id, 0, 0) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'paper is reconciled before the seal' USING ERRCODE = 'check_violation', CONSTRAINT = 'paper_is_reconciled';
END $$;
CREATE TRIGGER ballots_guard_seal_of_paper BEFORE INSERT ON ballots_seal
    FOR EACH ROW EXECUTE FUNCTION ballots_guard_seal_of_paper();
"""


class Migration(migrations.Migration):
    dependencies = [("ballots", "0018_paper")]

    operations = [migrations.RunSQL([ADDITIONS, BATCHES, RECONCILIATION])]
