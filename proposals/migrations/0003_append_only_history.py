"""The public history of a submission can only grow: the database refuses to change or remove a step.

One change is allowed, because accounts can go: the actor becomes unknown.
"""

from django.db import migrations

CREATE = """
CREATE FUNCTION proposals_history_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.actor_id IS NULL
       AND (NEW.id, NEW.submission_id, NEW.state, NEW.reason, NEW.at)
           IS NOT DISTINCT FROM (OLD.id, OLD.submission_id, OLD.state, OLD.reason, OLD.at) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the history of a submission is append-only' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER history_is_append_only BEFORE UPDATE OR DELETE ON proposals_statechange
    FOR EACH ROW EXECUTE FUNCTION proposals_history_is_append_only();
"""
DROP = """
DROP TRIGGER history_is_append_only ON proposals_statechange;
DROP FUNCTION proposals_history_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("proposals", "0002_drafts_lists_and_announcements")]

    operations = [migrations.RunSQL(CREATE, DROP)]
