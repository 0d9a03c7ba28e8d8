"""The extract of the register guards itself: nobody is added after opening, nobody changes, and a void code stays void."""

from django.db import migrations

# Statement-level triggers: an extract of 100,000 is added and deleted in a few statements.
GUARD_REGISTER = """
CREATE FUNCTION ballots_guard_register_additions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM added JOIN ballots_vote AS vote ON vote.id = added.vote_id WHERE vote.state <> 'draft') THEN
        RAISE EXCEPTION 'the register is frozen when the vote opens' USING ERRCODE = 'check_violation', CONSTRAINT = 'register_is_frozen';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ballots_guard_register_additions AFTER INSERT ON ballots_registeredvoter
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ballots_guard_register_additions();

CREATE FUNCTION ballots_guard_register() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    fading CONSTANT text[] := ARRAY['name', 'street', 'house_number', 'addition', 'postcode', 'city', 'birth_date'];
    part text;
BEGIN
    IF NEW.vote_id = OLD.vote_id AND EXISTS (SELECT 1 FROM ballots_vote WHERE id = OLD.vote_id AND state = 'draft') THEN
        RETURN NEW;
    END IF;
    IF to_jsonb(NEW) - fading <> to_jsonb(OLD) - fading THEN
        RAISE EXCEPTION 'nobody in the register of an opened vote changes'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'registered_voters_only_fade';
    END IF;
    FOREACH part IN ARRAY fading LOOP
        IF to_jsonb(NEW) ->> part IS DISTINCT FROM to_jsonb(OLD) ->> part AND coalesce(to_jsonb(NEW) ->> part, '') <> '' THEN
            RAISE EXCEPTION 'nobody in the register of an opened vote changes'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'registered_voters_only_fade';
        END IF;
    END LOOP;
    RETURN NEW;
END $$;
CREATE TRIGGER ballots_guard_register BEFORE UPDATE ON ballots_registeredvoter
    FOR EACH ROW EXECUTE FUNCTION ballots_guard_register();

CREATE FUNCTION ballots_guard_register_removals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM removed JOIN ballots_vote AS vote ON vote.id = removed.vote_id
               WHERE vote.state <> 'draft' AND vote.pepper IS NOT NULL) THEN
        RAISE EXCEPTION 'the register stays until its pepper is gone'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'register_goes_with_pepper';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ballots_guard_register_removals AFTER DELETE ON ballots_registeredvoter
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION ballots_guard_register_removals();
"""

GUARD_CODES = """
CREATE FUNCTION ballots_guard_code_additions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM added JOIN ballots_registeredvoter AS voter ON voter.reference = added.voter_id
               JOIN ballots_vote AS vote ON vote.id = voter.vote_id
               WHERE vote.state NOT IN ('draft', 'open') OR vote.closes_at <= clock_timestamp()) THEN
        RAISE EXCEPTION 'no code is given after closing' USING ERRCODE = 'check_violation', CONSTRAINT = 'codes_only_before_closing';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ballots_guard_code_additions AFTER INSERT ON ballots_votingcode
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ballots_guard_code_additions();

CREATE FUNCTION ballots_guard_code() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_jsonb(NEW) - 'voided_at' <> to_jsonb(OLD) - 'voided_at' OR OLD.voided_at IS NOT NULL THEN
        RAISE EXCEPTION 'a code only becomes void, once' USING ERRCODE = 'check_violation', CONSTRAINT = 'void_code_stays_void';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ballots_guard_code BEFORE UPDATE ON ballots_votingcode
    FOR EACH ROW EXECUTE FUNCTION ballots_guard_code();

CREATE FUNCTION ballots_guard_code_removals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM removed JOIN ballots_registeredvoter AS voter ON voter.reference = removed.voter_id
               JOIN ballots_vote AS vote ON vote.id = voter.vote_id
               WHERE vote.state <> 'draft' AND vote.pepper IS NOT NULL) THEN
        RAISE EXCEPTION 'a code stays until the pepper is gone' USING ERRCODE = 'check_violation', CONSTRAINT = 'codes_go_with_pepper';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ballots_guard_code_removals AFTER DELETE ON ballots_votingcode
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION ballots_guard_code_removals();
"""

REMOVE = """
DROP FUNCTION ballots_guard_register_additions, ballots_guard_register, ballots_guard_register_removals, ballots_guard_code_additions,
    ballots_guard_code, ballots_guard_code_removals CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("ballots", "0012_register_and_voting_codes")]

    operations = [migrations.RunSQL([GUARD_REGISTER, GUARD_CODES], REMOVE)]
