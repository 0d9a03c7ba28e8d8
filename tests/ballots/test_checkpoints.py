"""The public log: what a checkpoint fixes, that the box is mixed with it, and that nobody changes it afterwards."""

from hashlib import sha256

import pytest
from django.db import IntegrityError, connection, transaction

from ballots import chain, tasks
from ballots.actions import BoxDamaged, annul_vote, close_vote, count_vote, finish_log, rewrite_box, write_checkpoint
from ballots.codes import new_code, tracker_of
from ballots.log_file import log_of
from ballots.models import Ballot, Checkpoint, RollEntry, Superseded
from ballots.observing import HEAD, observe, stop_observing
from ballots.queries import with_box_to_shred
from notices.models import OutboxLine
from tests.ballots.clocks import database_clock
from tests.factories.ballots import cast, make_open_vote, make_voters

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small_batches(settings):
    settings.BALLOTS_LEAST_BATCH, settings.BALLOTS_HELD_BACK = 5, 3


@pytest.fixture
def voters(places):
    return make_voters(12, places.harbour)


@pytest.fixture
def vote(voters):
    return make_open_vote()


def close(vote):
    with database_clock(vote.closes_at):
        assert close_vote(vote)
    vote.refresh_from_db()
    return vote


def cast_all(vote, voters):
    """Codes in the order of the voters."""
    codes = [new_code() for _voter in voters]
    for voter, code in zip(voters, codes, strict=True):
        cast(vote, voter, [1], code)
    return codes


def sizes(vote):
    return list(Checkpoint.objects.filter(vote=vote).values_list("seq", "leaves"))


def leaves(vote, batch):
    return [bytes(leaf) for leaf in Ballot.objects.filter(vote=vote, batch=batch).values_list("leaf", flat=True)]


def rfc_6962(hashes):
    """The tree as RFC 6962 defines it: split at the largest power of two below the number."""
    if len(hashes) < 2:
        return hashes[0] if hashes else sha256(b"").digest()
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return sha256(b"\x01" + rfc_6962(hashes[:split]) + rfc_6962(hashes[split:])).digest()


@pytest.mark.parametrize("number", range(18))
def test_root_is_that_of_rfc_6962_over_sorted_leaves(number):
    hashes = [sha256(bytes([each])).digest() for each in range(number)]
    assert chain.merkle_root(hashes) == rfc_6962(sorted(hashes))


# --- What is fixed ------------------------------------------------------------------------------------------------------


def test_opening_fixes_rules_and_roll(vote, voters):
    keys = [bytes(key) for key in RollEntry.objects.filter(vote=vote).values_list("voter_key", flat=True)]
    roll = rfc_6962(sorted(sha256(b"\0" + key).digest() for key in keys))
    root = sha256(b"\1" + bytes(vote.rules_hash) + roll).digest()
    point = Checkpoint.objects.get(vote=vote)
    assert (point.seq, point.leaves, bytes(point.previous)) == (0, 12, bytes(32))
    assert (bytes(vote.roll_root), bytes(point.root)) == (roll, root)
    assert bytes(point.head) == sha256(bytes(32) + bytes(8) + root).digest()


def test_checkpoint_takes_all_but_those_held_back(vote, voters):
    cast_all(vote, voters)
    assert write_checkpoint(vote)
    assert sizes(vote) == [(0, 12), (1, 9)]
    first, second = Checkpoint.objects.filter(vote=vote)
    assert Ballot.objects.filter(vote=vote, batch=None).count() == 3
    root = rfc_6962(sorted(leaves(vote, 1)))
    assert bytes(second.root) == root
    assert bytes(second.head) == sha256(bytes(first.head) + (1).to_bytes(8, "big") + root).digest()


def test_too_few_new_ballots_are_mixed_but_not_fixed(vote, voters):
    """Mutant killed: a checkpoint however small says who was in it."""
    cast_all(vote, voters[:7])
    assert not write_checkpoint(vote)
    assert sizes(vote) == [(0, 12)]
    assert xmins(vote) == 1


def test_checkpoint_with_nothing_new_writes_nothing(vote, voters, django_assert_max_num_queries):
    cast_all(vote, voters)
    write_checkpoint(vote)
    with django_assert_max_num_queries(6):
        assert not write_checkpoint(vote)
    assert sizes(vote) == [(0, 12), (1, 9)]


def test_last_checkpoint_takes_everything_before_the_count(vote, voters):
    cast_all(vote, voters)
    write_checkpoint(vote)
    seal = count_vote(close(vote))
    assert sizes(vote) == [(0, 12), (1, 9), (2, 3)]
    assert not Ballot.objects.filter(vote=vote, batch=None).exists()
    assert seal.ballots == 12
    assert not finish_log(vote)


def test_vote_without_ballots_has_one_line(vote):
    count_vote(close(vote))
    assert sizes(vote) == [(0, 12)]


def test_changed_ballot_leaves_its_fixed_leaf_in_the_log(vote, voters):
    """Log = live + superseded. Mutant killed: a trigger that writes nothing, and one that writes what was never fixed."""
    codes = cast_all(vote, voters)
    write_checkpoint(vote)
    fixed = leaves(vote, 1)
    for voter, code in zip(voters, codes, strict=True):
        cast(vote, voter, [2], code)
    assert sorted(bytes(line.leaf) for line in Superseded.objects.filter(vote=vote, batch=1)) == sorted(fixed)
    assert leaves(vote, 1) == []
    assert write_checkpoint(vote)
    assert sizes(vote) == [(0, 12), (1, 9), (2, 9)]
    assert count_vote(close(vote)).ballots == 12


def test_log_as_data_rounds_its_times(vote, voters):
    cast_all(vote, voters)
    write_checkpoint(vote)
    data = log_of(vote)
    assert [line["seq"] for line in data["checkpoints"]] == [0, 1]
    assert all(line["hour"].endswith(":00Z") for line in data["checkpoints"])
    assert data["checkpoints"][1]["previous"] == data["checkpoints"][0]["head"]


def test_sweep_writes_checkpoints_of_open_votes_only(vote, voters, settings, monkeypatch):
    monkeypatch.setattr("ballots.rewriting.forget_old_versions", lambda: None)  # no VACUUM inside a test's transaction
    later = make_open_vote()
    cast_all(vote, voters)
    cast_all(later, voters)
    close(later)
    assert tasks.write_checkpoints() == 1
    assert (len(sizes(vote)), len(sizes(later))) == (2, 1)


# --- Mixing ---------------------------------------------------------------------------------------------------------------


def xmins(vote, table="ballots_ballot", where="true"):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(DISTINCT xmin::text) FROM {table} WHERE vote_id = %s AND {where}", [vote.pk])
        return cursor.fetchone()[0]


def in_table_order(vote):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_indexscan = off; SET LOCAL enable_bitmapscan = off")
        cursor.execute("SELECT tracker FROM ballots_ballot WHERE vote_id = %s ORDER BY ctid", [vote.pk])
        return [tracker for (tracker,) in cursor.fetchall()]


def test_mixing_gives_rows_new_places_and_new_ids(vote, voters):
    cast_all(vote, voters)
    ids, order = set(Ballot.objects.values_list("pk", flat=True)), in_table_order(vote)
    write_checkpoint(vote)
    assert sorted(in_table_order(vote)) == sorted(order)
    assert in_table_order(vote) != order
    assert not ids & set(Ballot.objects.values_list("pk", flat=True))


def test_ballot_is_changed_and_looked_up_after_mixing(vote, voters):
    codes = cast_all(vote, voters)
    write_checkpoint(vote)
    receipt = cast(vote, voters[0], [2], codes[0], replaces=1)
    assert receipt.version == 2


# --- Guards -----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def fixed(vote, voters):
    codes = cast_all(vote, voters)
    write_checkpoint(vote)
    changed = Ballot.objects.filter(vote=vote, batch=1).first().tracker
    code = next(code for code in codes if tracker_of(vote.pk, code) == changed)
    cast(vote, voters[codes.index(code)], [2], code)
    return vote


COPY = "id, vote_id, tag, tracker, version, nonce, payload, leaf, channel, batch"
ATTACKS = {
    "checkpoint_stays": "UPDATE ballots_checkpoint SET leaves = 1 WHERE vote_id = %s AND seq = 1",
    "checkpoint_stays too": "DELETE FROM ballots_checkpoint WHERE vote_id = %s AND seq = 1",
    "superseded_stays": "UPDATE ballots_superseded SET leaf = '\\x00' WHERE vote_id = %s",
    "superseded_stays too": "DELETE FROM ballots_superseded WHERE vote_id = %s",
    "superseded_was_a_ballot": "INSERT INTO ballots_superseded (id, vote_id, batch, leaf)"
    " SELECT gen_random_uuid(), vote_id, batch, leaf FROM ballots_ballot WHERE vote_id = %s AND batch = 1 LIMIT 1",
    "checkpoints_are_a_chain": "INSERT INTO ballots_checkpoint (vote_id, seq, leaves, root, previous, head, hour)"
    " SELECT vote_id, seq + 1, leaves, root, previous, head, hour FROM ballots_checkpoint WHERE vote_id = %s AND seq = 1",
    "ballot_stays": "DELETE FROM ballots_ballot WHERE vote_id = %s",
    "ballot_stays with other content": f"WITH gone AS (DELETE FROM ballots_ballot WHERE vote_id = %s AND batch = 1 RETURNING *)"
    f" INSERT INTO ballots_ballot ({COPY}) SELECT id, vote_id, tag, tracker, version, nonce, 'x', leaf, channel, batch FROM gone",
    "ballot_stays with its tag": f"WITH gone AS (DELETE FROM ballots_ballot WHERE vote_id = %s AND batch = 1 RETURNING *)"
    f" INSERT INTO ballots_ballot ({COPY}) SELECT id, vote_id, NULL, tracker, version, nonce, payload, leaf, channel, batch FROM gone",
    "ballot_stays in its batch": f"WITH gone AS (DELETE FROM ballots_ballot WHERE vote_id = %s AND batch = 1 RETURNING *)"
    f" INSERT INTO ballots_ballot ({COPY}) SELECT id, vote_id, tag, tracker, version, nonce, payload, leaf, channel, NULL FROM gone",
    "ballot_changes_by_version": "UPDATE ballots_ballot SET batch = 1 WHERE vote_id = %s AND batch IS NULL",
    "batch_is_its_checkpoint": f"INSERT INTO ballots_ballot ({COPY}) SELECT gen_random_uuid(), vote_id, NULL, 'extra', 1, nonce, payload,"
    " leaf, channel, 1 FROM ballots_ballot WHERE vote_id = %s LIMIT 1",
    "roll_goes_with_pepper": "WITH gone AS (DELETE FROM ballots_rollentry WHERE vote_id = %s AND has_cast RETURNING *)"
    " INSERT INTO ballots_rollentry (id, vote_id, voter_key, has_cast, told) SELECT id, vote_id, voter_key, false, told FROM gone",
    "roll_is_frozen": "INSERT INTO ballots_rollentry (id, vote_id, voter_key, has_cast, told)"
    " SELECT gen_random_uuid(), id, '\\x01', false, false FROM ballots_vote WHERE id = %s",
    "shredding_after_count": "INSERT INTO ballots_shredding (vote_id, rewritten_at, transaction) VALUES (%s, now(), 1)",
}


@pytest.mark.parametrize("guard", ATTACKS)
def test_database_refuses(fixed, guard):
    """Each attack names the guard that stops it: without it the statement succeeds."""
    with pytest.raises(IntegrityError) as refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ATTACKS[guard], [fixed.pk])
    assert refusal.value.__cause__.diag.constraint_name == guard.split()[0]


def test_log_ends_with_the_count(fixed):
    count_vote(close(fixed))
    with pytest.raises(IntegrityError) as refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ballots_checkpoint (vote_id, seq, leaves, root, previous, head, hour)"
            " SELECT vote_id, seq + 1, 0, root, head, sha256(head || int8send((seq + 1)::bigint) || root), hour"
            " FROM ballots_checkpoint WHERE vote_id = %s ORDER BY seq DESC LIMIT 1",
            [fixed.pk],
        )
    assert refusal.value.__cause__.diag.constraint_name == "log_ends_with_count"


# --- The count asks the log ---------------------------------------------------------------------------------------------------

DAMAGE = {
    "a fixed ballot is gone": (
        "ballots_ballot",
        "DELETE FROM ballots_ballot WHERE vote_id = %s AND batch = 1",
        "9 people voted|voted and",
    ),
    "two batches are mixed up": (
        "ballots_ballot",
        "UPDATE ballots_ballot SET batch = 3 - batch WHERE vote_id = %s",
        "checkpoint",
    ),
    "a head was written again": (
        "ballots_checkpoint",
        "UPDATE ballots_checkpoint SET head = root WHERE vote_id = %s AND seq = 1",
        "head|follow",
    ),
    "a line is gone": ("ballots_checkpoint", "DELETE FROM ballots_checkpoint WHERE vote_id = %s AND seq = 1", "follow"),
    "the whole log is gone": ("ballots_checkpoint", "DELETE FROM ballots_checkpoint WHERE vote_id = %s", "no log"),
    "a superseded leaf is gone": (
        "ballots_superseded",
        "DELETE FROM ballots_superseded WHERE vote_id = %s",
        "checkpoint 1",
    ),
    "somebody else is on the roll": (
        "ballots_rollentry",
        "UPDATE ballots_rollentry SET voter_key = sha256(voter_key) WHERE vote_id = %s",
        "roll",
    ),
    "the rules were changed": (
        "ballots_vote",
        "UPDATE ballots_vote SET rules_hash = sha256('x') WHERE id = %s",
        "rules",
    ),
}


@pytest.mark.parametrize("what", DAMAGE)
def test_box_that_differs_from_its_log_is_not_counted(fixed, what):
    """With the triggers off, everything can be written; the count sees it."""
    table, sql, reason = DAMAGE[what]
    finish_log(close(fixed))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(sql, [fixed.pk])
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    with pytest.raises(BoxDamaged, match=reason):
        count_vote(fixed)


# --- Observers ------------------------------------------------------------------------------------------------------------------


def test_observers_get_every_head_once(vote, voters, eva, dirk):
    observe(vote, eva)
    observe(vote, eva)
    observe(vote, dirk)
    stop_observing(vote, dirk)
    cast_all(vote, voters)
    write_checkpoint(vote)
    write_checkpoint(vote)
    count_vote(close(vote))
    lines = OutboxLine.objects.filter(kind=HEAD).order_by("created_at")
    assert [(line.recipient, line.payload["number"]) for line in lines] == [(eva, 1), (eva, 2)]
    heads = [
        bytes(head).hex() for head in Checkpoint.objects.filter(vote=vote, seq__gt=0).values_list("head", flat=True)
    ]
    assert [line.payload["head"] for line in lines] == heads


def test_annulled_vote_is_fixed_and_shredded_too(vote, voters, clerk):
    cast_all(vote, voters)
    annul_vote(vote, actor=clerk, reason="Fout")
    assert rewrite_box(vote)
    assert sizes(vote) == [(0, 12), (1, 12)]
    assert Ballot.objects.filter(vote=vote, tag=None).count() == 12


@pytest.fixture
def without_log(vote, voters, clerk):
    """A vote as one that was opened before there were logs, annulled."""
    cast_all(vote, voters)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE ballots_checkpoint DISABLE TRIGGER USER")
        cursor.execute("DELETE FROM ballots_checkpoint")
        cursor.execute("ALTER TABLE ballots_checkpoint ENABLE TRIGGER USER")
    annul_vote(vote, actor=clerk, reason="Van voor het logboek")
    return vote


def test_vote_from_before_there_were_logs_is_shredded(without_log):
    """Mutants killed: a sweep for votes with a log only, guards that ask the log how large roll and batch were."""
    assert list(with_box_to_shred()) == [without_log]
    assert rewrite_box(without_log)
    assert Ballot.objects.filter(vote=without_log, tag=None, batch=None).count() == 12
    assert RollEntry.objects.filter(vote=without_log, has_cast=True).count() == 12


def test_nothing_is_added_to_a_box_without_a_log(without_log):
    """Its guards let rows be written again, and no row more. Mutant killed: no limit on the number."""
    add = """
        INSERT INTO ballots_ballot (id, vote_id, tracker, version, nonce, payload, leaf, channel)
        SELECT gen_random_uuid(), vote_id, 'ANDER', 1, nonce, payload, leaf, channel FROM ballots_ballot LIMIT 1
    """
    for is_shredded in (False, True):
        assert not is_shredded or rewrite_box(without_log)
        with (
            pytest.raises(IntegrityError, match="the box is closed"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(add)
