"""A decision of the council is about a published vote, and stays as it was written down: a correction is a new row."""

from django.db import migrations

GUARD = """
CREATE FUNCTION referendum_guard_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        RAISE EXCEPTION 'a decision stays as it was written down' USING ERRCODE = 'check_violation', CONSTRAINT = 'council_decision_stays';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM ballots_vote WHERE id = NEW.vote_id AND state = 'published') THEN
        RAISE EXCEPTION 'the council decides after publication'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'council_decides_after_publication';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referendum_guard_decision BEFORE INSERT OR UPDATE OR DELETE ON referendum_councildecision
    FOR EACH ROW EXECUTE FUNCTION referendum_guard_decision();
"""

UNGUARD = "DROP TRIGGER referendum_guard_decision ON referendum_councildecision; DROP FUNCTION referendum_guard_decision();"


class Migration(migrations.Migration):

    dependencies = [
        ('referendum', '0001_initial'),
    ]

    operations = [migrations.RunSQL(GUARD, UNGUARD)]
