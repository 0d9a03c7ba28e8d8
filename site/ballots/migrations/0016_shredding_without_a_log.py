"""A vote that was opened before there were logs is shredded too: roll and ballots may be written again, as those of any vote that is over."""

from django.db import migrations

# As in `guards_of_the_log`. Without checkpoint 0 nothing says how large the roll was; once such a vote is shredded it is over, so that
# an entry more could not vote, and the guard of moves keeps the roll from losing one.
ROLL_ADDITIONS = """
CREATE OR REPLACE FUNCTION ballots_guard_roll_additions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM ballots_vote AS vote LEFT JOIN ballots_checkpoint AS point ON point.vote_id = vote.id AND point.seq = 0
        WHERE vote.id IN (SELECT vote_id FROM added) AND vote.state <> 'draft'
            AND NOT (point.seq IS NULL AND EXISTS (SELECT 1 FROM ballots_shredding WHERE vote_id = vote.id))
            AND (SELECT count(*) FROM ballots_rollentry AS here WHERE here.vote_id = vote.id) IS DISTINCT FROM point.leaves::bigint
    ) OR EXISTS (
        SELECT 1 FROM added JOIN ballots_vote AS vote ON vote.id = added.vote_id
        WHERE vote.state = 'draft' AND (added.has_cast OR added.told)
    ) THEN
        RAISE EXCEPTION 'the roll is frozen when the vote opens' USING ERRCODE = 'check_violation', CONSTRAINT = 'roll_is_frozen';
    END IF;
    RETURN NULL;
END $$;
"""


# Without checkpoints its ballots are in no batch. There are never more than were counted, or than people who voted.
BALLOT_ADDITIONS = """
CREATE FUNCTION ballots_is_moved_without_log(which uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT 1 FROM ballots_shredding WHERE vote_id = which)
        AND NOT EXISTS (SELECT 1 FROM ballots_checkpoint WHERE vote_id = which)
        AND (SELECT count(*) FROM ballots_ballot WHERE vote_id = which) <= greatest(
            (SELECT ballots FROM ballots_seal WHERE vote_id = which),
            (SELECT count(*) FROM ballots_rollentry WHERE vote_id = which AND has_cast))
$$;

CREATE OR REPLACE FUNCTION ballots_guard_ballot_additions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM (SELECT DISTINCT vote_id FROM added WHERE batch IS NULL) AS pending
               WHERE NOT EXISTS (SELECT 1 FROM ballots_vote WHERE id = pending.vote_id AND state = 'open')
                   AND NOT ballots_is_moved_without_log(pending.vote_id)) THEN
        RAISE EXCEPTION 'the box is closed' USING ERRCODE = 'check_violation', CONSTRAINT = 'ballots_only_while_open';
    END IF;
    IF EXISTS (SELECT 1 FROM added WHERE batch IS NOT NULL) THEN
        PERFORM ballots_check_batches(ARRAY(SELECT DISTINCT vote_id FROM added WHERE batch IS NOT NULL));
    END IF;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("ballots", "0015_dry_runs")]

    operations = [migrations.RunSQL([ROLL_ADDITIONS, BALLOT_ADDITIONS])]
