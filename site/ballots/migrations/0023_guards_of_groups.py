"""Groups of voters are frozen with the vote, and who is in which group stays so; shredding takes the group off the ballots."""

from django.db import migrations

GUARD_ELECTORATE = """
CREATE FUNCTION ballots_guard_electorate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM ballots_vote WHERE state <> 'draft' AND id = ANY (ARRAY[
        CASE WHEN TG_OP <> 'INSERT' THEN OLD.vote_id END, CASE WHEN TG_OP <> 'DELETE' THEN NEW.vote_id END])) THEN
        RAISE EXCEPTION 'the groups of an opened vote are frozen' USING ERRCODE = 'check_violation', CONSTRAINT = 'electorates_are_frozen';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER ballots_guard_electorate BEFORE INSERT OR UPDATE ON ballots_electorate
    FOR EACH ROW EXECUTE FUNCTION ballots_guard_electorate();
-- A dry run is deleted as a whole.
CREATE TRIGGER ballots_guard_electorate_deletion BEFORE DELETE ON ballots_electorate
    FOR EACH ROW WHEN (NOT ballots_is_test(OLD.vote_id)) EXECUTE FUNCTION ballots_guard_electorate();
"""

# Triggers of their own beside those of the roll and of the ballots, so that each guards one thing. Those that look at many rows look at the
# table after the statement, as the others do: mixing and shredding delete and insert rows in one statement.
GUARD_ROLL = """
CREATE FUNCTION ballots_guard_group_of_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'who is in which group stays so' USING ERRCODE = 'check_violation', CONSTRAINT = 'group_of_voter_stays';
END $$;
CREATE TRIGGER ballots_guard_group_of_entry BEFORE UPDATE ON ballots_rollentry
    FOR EACH ROW WHEN (NEW.electorate IS DISTINCT FROM OLD.electorate) EXECUTE FUNCTION ballots_guard_group_of_entry();

CREATE FUNCTION ballots_guard_groups_of_moved_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM gone JOIN ballots_rollentry AS here ON here.vote_id = gone.vote_id AND here.voter_key = gone.voter_key
               WHERE here.electorate IS DISTINCT FROM gone.electorate) THEN
        RAISE EXCEPTION 'who is in which group stays so' USING ERRCODE = 'check_violation', CONSTRAINT = 'group_of_voter_stays';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ballots_guard_groups_of_moved_entries AFTER DELETE ON ballots_rollentry
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION ballots_guard_groups_of_moved_entries();

-- A group that stands at opening: one of the vote that was not merged into another; none in a vote without groups.
CREATE FUNCTION ballots_is_group(of_vote uuid, group_number smallint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN group_number IS NULL THEN NOT EXISTS (SELECT 1 FROM ballots_electorate WHERE vote_id = of_vote)
        ELSE EXISTS (SELECT 1 FROM ballots_electorate WHERE vote_id = of_vote AND number = group_number AND merged_into IS NULL) END
$$;

CREATE FUNCTION ballots_guard_groups_of_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM (SELECT DISTINCT vote_id, electorate FROM added) AS pair WHERE NOT ballots_is_group(vote_id, electorate)) THEN
        RAISE EXCEPTION 'everybody on the roll is in a group of the vote' USING ERRCODE = 'check_violation', CONSTRAINT = 'voter_is_in_a_group';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ballots_guard_groups_of_entries AFTER INSERT ON ballots_rollentry
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ballots_guard_groups_of_entries();
"""

GUARD_BALLOT = """
-- The group of a ballot never changes; an update is refused by ballots_guard_ballot, because it may change other columns only.
CREATE FUNCTION ballots_guard_groups_of_moved_ballots() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM gone JOIN ballots_ballot AS here ON here.vote_id = gone.vote_id AND here.tracker = gone.tracker
               WHERE here.electorate IS DISTINCT FROM gone.electorate AND NOT (here.electorate IS NULL
                   AND EXISTS (SELECT 1 FROM ballots_shredding WHERE vote_id = gone.vote_id))) THEN
        RAISE EXCEPTION 'a ballot keeps its group until it is shredded' USING ERRCODE = 'check_violation', CONSTRAINT = 'group_of_ballot_stays';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ballots_guard_groups_of_moved_ballots AFTER DELETE ON ballots_ballot
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION ballots_guard_groups_of_moved_ballots();

-- A ballot from an envelope names no group, nor does one that was shredded; a ballot that somebody cast names theirs.
CREATE FUNCTION ballots_guard_groups_of_ballots() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM (SELECT DISTINCT vote_id, electorate, channel FROM added) AS pair
        WHERE CASE WHEN electorate IS NULL THEN channel NOT IN ('paper', 'import')
                AND EXISTS (SELECT 1 FROM ballots_electorate AS known WHERE known.vote_id = pair.vote_id)
                AND NOT EXISTS (SELECT 1 FROM ballots_shredding AS done WHERE done.vote_id = pair.vote_id)
            ELSE NOT ballots_is_group(vote_id, electorate)
                OR EXISTS (SELECT 1 FROM ballots_shredding AS done WHERE done.vote_id = pair.vote_id) END
    ) THEN
        RAISE EXCEPTION 'a ballot is of a group of its vote' USING ERRCODE = 'check_violation', CONSTRAINT = 'ballot_is_of_a_group';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ballots_guard_groups_of_ballots AFTER INSERT ON ballots_ballot
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ballots_guard_groups_of_ballots();
"""

REMOVE = """
DROP FUNCTION ballots_guard_electorate, ballots_guard_group_of_entry, ballots_guard_groups_of_moved_entries, ballots_guard_groups_of_entries,
    ballots_guard_groups_of_moved_ballots, ballots_guard_groups_of_ballots CASCADE;
DROP FUNCTION ballots_is_group;
"""


class Migration(migrations.Migration):
    dependencies = [("ballots", "0022_groups_of_voters")]

    operations = [migrations.RunSQL([GUARD_ELECTORATE, GUARD_ROLL, GUARD_BALLOT], REMOVE)]
