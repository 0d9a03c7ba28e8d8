"""No page is about a dry run: `referendum_guard_secrecy` as it was, and this."""

from django.db import migrations

GUARD = """
CREATE FUNCTION referendum_guard_test() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM ballots_vote WHERE id = NEW.vote_id AND is_test) THEN
        RAISE EXCEPTION 'no page is about a test' USING ERRCODE = 'check_violation', CONSTRAINT = 'no_page_about_a_test';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referendum_guard_test BEFORE INSERT OR UPDATE ON referendum_referendumvote
    FOR EACH ROW EXECUTE FUNCTION referendum_guard_test();
"""


class Migration(migrations.Migration):
    dependencies = [("referendum", "0005_referendums_are_secret"), ("ballots", "0015_dry_runs")]

    operations = [migrations.RunSQL(GUARD, "DROP FUNCTION referendum_guard_test CASCADE")]
