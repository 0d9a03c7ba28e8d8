"""The vote of a referendum is secret, from whichever side somebody tries: the link, or the vote."""

from django.db import migrations

GUARD = """
CREATE FUNCTION referendum_guard_secrecy() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM ballots_vote WHERE id = NEW.vote_id AND not_secret) THEN
        RAISE EXCEPTION 'a referendum is secret' USING ERRCODE = 'check_violation', CONSTRAINT = 'referendum_is_secret';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referendum_guard_secrecy BEFORE INSERT OR UPDATE ON referendum_referendumvote
    FOR EACH ROW EXECUTE FUNCTION referendum_guard_secrecy();

CREATE FUNCTION referendum_guard_vote() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM referendum_referendumvote WHERE vote_id = NEW.id) THEN
        RAISE EXCEPTION 'a referendum is secret' USING ERRCODE = 'check_violation', CONSTRAINT = 'referendum_is_secret';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referendum_guard_vote BEFORE UPDATE ON ballots_vote
    FOR EACH ROW WHEN (NEW.not_secret AND NOT OLD.not_secret) EXECUTE FUNCTION referendum_guard_vote();
"""

REMOVE = "DROP FUNCTION referendum_guard_secrecy, referendum_guard_vote CASCADE"


class Migration(migrations.Migration):
    dependencies = [("referendum", "0004_streets_per_line"), ("ballots", "0011_polls_that_are_not_secret")]

    operations = [migrations.RunSQL(GUARD, REMOVE)]
