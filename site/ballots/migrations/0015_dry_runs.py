"""Dry runs: a vote in test mode may be deleted as a whole. What is no test can never become one, so nothing else can be deleted that way."""

from django.db import migrations, models

GUARD = """
CREATE FUNCTION ballots_is_test(which uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT is_test FROM ballots_vote WHERE id = which), false)
$$;

CREATE FUNCTION ballots_guard_test() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a vote is a test from its first moment to its last, or never'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'test_stays_test';
END $$;
CREATE TRIGGER ballots_guard_test BEFORE UPDATE ON ballots_vote
    FOR EACH ROW WHEN (OLD.is_test IS DISTINCT FROM NEW.is_test) EXECUTE FUNCTION ballots_guard_test();
"""

# Each guard stays as it is; only deleting goes round it, and only in a test. (The guards of roll and register let go with the pepper.)
DELETING = """
DROP TRIGGER ballots_guard_{name} ON ballots_{table};
CREATE TRIGGER ballots_guard_{name} BEFORE INSERT OR UPDATE ON ballots_{table}
    FOR EACH ROW EXECUTE FUNCTION ballots_guard_{name}();
CREATE TRIGGER ballots_guard_{name}_deletion BEFORE DELETE ON ballots_{table}
    FOR EACH ROW WHEN (NOT {is_test}) EXECUTE FUNCTION ballots_guard_{name}();
"""

TABLES = {
    "vote": "vote",
    "question": "question",
    "option": "option",
    "checkpoint": "checkpoint",
    "superseded": "superseded",
    "seal": "seal",
    "shredding": "shredding",
}

# As in `guards_of_the_log`, but for the ballots of a test.
MOVES = """
CREATE OR REPLACE FUNCTION ballots_guard_ballot_moves() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    missing uuid[] := ARRAY(
        SELECT DISTINCT gone.vote_id FROM gone WHERE NOT EXISTS (
            SELECT 1 FROM ballots_ballot AS here
            WHERE here.vote_id = gone.vote_id AND here.tracker = gone.tracker AND here.version = gone.version
                AND here.nonce = gone.nonce AND here.payload = gone.payload AND here.leaf = gone.leaf AND here.channel = gone.channel
                AND (here.tag IS NOT DISTINCT FROM gone.tag
                    OR here.tag IS NULL AND EXISTS (SELECT 1 FROM ballots_shredding WHERE vote_id = gone.vote_id))
                AND (here.batch IS NOT DISTINCT FROM gone.batch
                    OR gone.batch IS NULL AND here.batch = (SELECT max(seq) FROM ballots_checkpoint WHERE vote_id = gone.vote_id))));
BEGIN
    IF EXISTS (SELECT 1 FROM unnest(missing) AS which WHERE NOT ballots_is_test(which)) THEN
        RAISE EXCEPTION 'a ballot stays in the box' USING ERRCODE = 'check_violation', CONSTRAINT = 'ballot_stays';
    END IF;
    RETURN NULL;
END $$;
"""


def _deleting() -> list[str]:
    own = {"vote": "OLD.is_test"}
    return [
        DELETING.format(name=name, table=table, is_test=own.get(table, "ballots_is_test(OLD.vote_id)"))
        for name, table in TABLES.items()
    ]


class Migration(migrations.Migration):
    dependencies = [("ballots", "0014_who_gives_codes")]

    operations = [
        migrations.AddField(
            model_name="vote", name="is_test", field=models.BooleanField(default=False, editable=False)
        ),
        migrations.RemoveConstraint(model_name="vote", name="vote_is_opened_by_two_persons"),
        migrations.RemoveConstraint(model_name="vote", name="votes_by_card_are_secret"),
        migrations.AddConstraint(
            model_name="vote",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state", "draft"),
                    models.Q(("source", ""), _negated=True),
                    ("is_test", True),
                    models.Q(
                        ("agreed_by__isnull", False),
                        ("opened_by__isnull", False),
                        models.Q(("agreed_by", models.F("opened_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="vote_is_opened_by_two_persons",
                violation_error_message="Two persons open a vote.",
            ),
        ),
        migrations.AddConstraint(
            model_name="vote",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("not_secret", False), ("roll_source", "accounts"), ("is_test", True), _connector="OR"
                ),
                name="votes_by_card_are_secret",
                violation_error_message="A vote by card from the register is always secret.",
            ),
        ),
        migrations.RunSQL([GUARD, *_deleting(), MOVES]),
    ]
