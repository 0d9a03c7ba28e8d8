"""A term stands as it was promised: its start, its length and what it is about never change, and its last day moves once."""

from django.db import migrations

CREATE = """
CREATE FUNCTION process_term_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.subject_type_id, NEW.subject_id, NEW.kind, NEW.started_on, NEW.number, NEW.unit)
       IS DISTINCT FROM (OLD.subject_type_id, OLD.subject_id, OLD.kind, OLD.started_on, OLD.number, OLD.unit) THEN
        RAISE EXCEPTION 'a term stands as it was promised' USING ERRCODE = 'check_violation', CONSTRAINT = 'term_stands';
    END IF;
    IF (NEW.due_on, NEW.extended_from) IS DISTINCT FROM (OLD.due_on, OLD.extended_from)
       AND (OLD.extended_from IS NOT NULL OR NEW.extended_from IS DISTINCT FROM OLD.due_on) THEN
        RAISE EXCEPTION 'a term is extended once' USING ERRCODE = 'check_violation', CONSTRAINT = 'term_is_extended_once';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER process_term_stands BEFORE UPDATE ON process_clock
    FOR EACH ROW EXECUTE FUNCTION process_term_stands();
"""
DROP = """
DROP TRIGGER process_term_stands ON process_clock;
DROP FUNCTION process_term_stands();
"""


class Migration(migrations.Migration):
    dependencies = [("process", "0004_terms")]

    operations = [migrations.RunSQL(CREATE, DROP)]
