"""A moderator's decision stands: the database refuses to change or remove a decided case.

What says who wrote it (title, author) may go, because accounts can go.
"""

from django.db import migrations

CREATE = """
CREATE FUNCTION conversation_decision_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.decision = '' THEN
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'UPDATE'
       AND (NEW.subject_type_id, NEW.subject_id, NEW.cause, NEW.reasons, NEW.opened_at, NEW.decision,
            NEW.decision_reason, NEW.decided_by_id, NEW.decided_at)
           IS NOT DISTINCT FROM
           (OLD.subject_type_id, OLD.subject_id, OLD.cause, OLD.reasons, OLD.opened_at, OLD.decision,
            OLD.decision_reason, OLD.decided_by_id, OLD.decided_at) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a moderation decision stands' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER decision_stands BEFORE UPDATE OR DELETE ON conversation_moderationcase
    FOR EACH ROW EXECUTE FUNCTION conversation_decision_stands();
"""
DROP = """
DROP TRIGGER decision_stands ON conversation_moderationcase;
DROP FUNCTION conversation_decision_stands();
"""


class Migration(migrations.Migration):
    dependencies = [("conversation", "0003_moderation_and_reports")]

    operations = [migrations.RunSQL(CREATE, DROP)]
