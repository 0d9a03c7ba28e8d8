"""Who stands for nobody votes in a dry run only, and there nobody else does."""

from django.db import migrations

GUARD = """
CREATE FUNCTION ballots_guard_test_voters() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM added JOIN ballots_vote AS vote ON vote.id = added.vote_id WHERE vote.is_test <> added.is_test) THEN
        RAISE EXCEPTION 'test voters vote in a dry run, people do not'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'test_voters_only_in_dry_runs';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ballots_guard_test_voters_added AFTER INSERT ON ballots_registeredvoter
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ballots_guard_test_voters();
CREATE TRIGGER ballots_guard_test_voters_changed AFTER UPDATE ON ballots_registeredvoter
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ballots_guard_test_voters();
"""


class Migration(migrations.Migration):
    dependencies = [("ballots", "0020_counter")]

    operations = [migrations.RunSQL(GUARD, "DROP FUNCTION ballots_guard_test_voters CASCADE")]
