"""Attacks on the secrecy of the ballot by who may read everything that is stored: tables with their hidden columns, files, outbox.

Votes are cast for real. The attacker guesses for every voter which ballot is theirs; the test knows the truth from the receipts.
Every defence has a mutant with which the same attack finds everybody.
"""

import math
import random
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ballots import clock, rewriting, tasks
from ballots.actions import (
    annul_vote,
    close_vote,
    count_vote,
    find_ballot,
    forget_roll,
    rewrite_box,
    shred_vote,
    shredding,
    write_checkpoint,
)
from ballots.codes import new_code
from ballots.models import Ballot, RollEntry, Shredding
from ballots.roll import voter_key
from ballots.telling import CAST
from config.embedded.postgres import ADMIN
from people.models import Resident
from tests.ballots.clocks import database_clock
from tests.factories.ballots import cast, make_open_vote, make_opener, make_voters
from tests.factories.places import make_municipality
from tests.faults.test_ballots_races import second_connection, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

VOTERS, LEAST, HELD = 260, 60, 20


@pytest.fixture(autouse=True)
def batches(settings):
    settings.BALLOTS_LEAST_BATCH, settings.BALLOTS_HELD_BACK = LEAST, HELD


class Election:
    """A vote whose voters all have their key on the roll, and the truth: whose ballot is which."""

    def __init__(self, voters=VOTERS):
        self.vote = make_open_vote(closes_at=clock.now() + timedelta(days=1))
        self.truth, self.codes = {}, {}

    def cast(self, voters, chosen=None):
        for number, voter in enumerate(voters):
            code = new_code()
            receipt = cast(self.vote, voter, chosen or [1 + number % 3], code)
            self.truth[voter_key(bytes(self.vote.pepper), voter.reference)] = receipt.tracker
            self.codes[receipt.tracker] = code

    def close(self):
        with connection.cursor() as cursor:
            # Time passes: only the end of the vote, by somebody with the triggers off.
            cursor.execute("ALTER TABLE ballots_vote DISABLE TRIGGER USER")
            cursor.execute("UPDATE ballots_vote SET closes_at = clock_timestamp() WHERE id = %s", [self.vote.pk])
            cursor.execute("ALTER TABLE ballots_vote ENABLE TRIGGER USER")
        assert close_vote(self.vote)


@pytest.fixture
def voters():
    people = make_voters(VOTERS, make_municipality().harbour)
    random.Random(7).shuffle(people)
    return people


@pytest.fixture
def election(voters):
    return Election()


# --- The attacks ------------------------------------------------------------------------------------------------------------


def rows(table, columns, vote, where="true"):
    """In the order of the table."""
    with in_order_of_table(), connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {table} WHERE vote_id = %s AND {where} ORDER BY {table}.ctid", [vote.pk])
        return cursor.fetchall()


@contextmanager
def in_order_of_table():
    """Whatever the planner prefers: within, tables are read from begin to end."""
    with connection.cursor() as cursor:
        cursor.execute("SET enable_indexscan = off; SET enable_bitmapscan = off")
        try:
            yield
        finally:
            cursor.execute("RESET enable_indexscan; RESET enable_bitmapscan")


def guess_by_transaction(vote):
    """Voter key → tracker for everybody whose mark and ballot were written by one transaction, and by no other voter's."""
    ballots = {}
    for xmin, tracker in rows("ballots_ballot", "xmin::text, tracker", vote):
        ballots.setdefault(xmin, []).append(tracker)
    guesses = {}
    for xmin, key in rows("ballots_rollentry", "xmin::text, voter_key", vote, "has_cast"):
        if len(ballots.get(xmin, [])) == 1:
            guesses[bytes(key)] = ballots[xmin][0]
    return guesses


def guess_by_order(vote):
    """The n-th mark in the order in which rows were written belongs to the n-th ballot in the table."""
    marks = rows("ballots_rollentry", "voter_key, xmin::text::bigint", vote, "has_cast")
    keys = [bytes(key) for key, _xmin in sorted(marks, key=lambda row: row[1])]
    trackers = [tracker for (tracker,) in rows("ballots_ballot", "tracker", vote)]
    return dict(zip(keys, trackers, strict=True))


def guess_by_place(vote):
    """The same by place in both tables."""
    keys = [bytes(key) for (key,) in rows("ballots_rollentry", "voter_key", vote, "has_cast")]
    trackers = [tracker for (tracker,) in rows("ballots_ballot", "tracker", vote)]
    return dict(zip(keys, trackers, strict=True))


def guess_by_id(vote):
    """The same by identifier: what if those follow the order of casting?"""
    keys = [
        bytes(key)
        for key in RollEntry.objects.filter(vote=vote, has_cast=True).order_by("pk").values_list("voter_key", flat=True)
    ]
    return dict(
        zip(keys, Ballot.objects.filter(vote=vote).order_by("pk").values_list("tracker", flat=True), strict=True)
    )


def guess_by_mail(vote):
    """The n-th mail about casting belongs to the n-th ballot in the table."""
    with in_order_of_table(), connection.cursor() as cursor:
        cursor.execute("SELECT recipient_id FROM notices_outboxline WHERE kind = %s ORDER BY created_at, ctid", [CAST])
        accounts = [account for (account,) in cursor.fetchall()]
    residents = {resident.user_id: resident.reference for resident in Resident.objects.all()}
    keys = [voter_key(bytes(vote.pepper), residents[account]) for account in accounts]
    return dict(zip(keys, (tracker for (tracker,) in rows("ballots_ballot", "tracker", vote)), strict=False))


ATTACKS = [guess_by_transaction, guess_by_order, guess_by_place, guess_by_id, guess_by_mail]


def found_by(attack, election):
    return sum(election.truth.get(key) == tracker for key, tracker in attack(election.vote).items())


def most_by_chance(number):
    """Chance is one right guess in all, whatever the number of voters; one percent comes on top."""
    return 1 + number / 100 + 3 * math.sqrt(1 + number / 100)


# --- While open ----------------------------------------------------------------------------------------------------------------


def test_fresh_ballots_are_linked_by_their_transaction(election, voters):
    """The danger is real: before any mixing somebody with the database finds everybody. Shows that the attack works."""
    election.cast(voters[:30])
    assert found_by(guess_by_transaction, election) == 30


def test_after_a_checkpoint_no_more_than_what_is_held_back(election, voters):
    election.cast(voters[:200])
    assert write_checkpoint(election.vote)
    for attack in ATTACKS:
        assert found_by(attack, election) <= most_by_chance(200) <= HELD
    # What comes in afterwards can be linked until the next time, and only that.
    election.cast(voters[200:210])
    assert found_by(guess_by_transaction, election) == 10
    assert not write_checkpoint(election.vote)
    assert found_by(guess_by_transaction, election) == 0


def test_mutant_that_gives_numbers_without_mixing_is_found_out(election, voters, monkeypatch):
    """Shows that the test above can fail: a checkpoint that fixes the ballots and leaves the rows as they are."""

    def number_only(vote_id, *, seq, held_back):
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE ballots_ballot DISABLE TRIGGER USER")
            cursor.execute("UPDATE ballots_ballot SET batch = %s WHERE vote_id = %s AND batch IS NULL", [seq, vote_id])
            cursor.execute("ALTER TABLE ballots_ballot ENABLE TRIGGER USER")

    monkeypatch.setattr(rewriting, "mix_ballots", number_only)
    monkeypatch.setattr(rewriting, "mix_marks", lambda vote_id: None)
    election.cast(voters[:200])
    with in_order_of_table():
        write_checkpoint(election.vote)
    assert found_by(guess_by_order, election) == 200


def test_mutant_that_mixes_in_the_old_order_is_found_out(election, voters, monkeypatch):
    """One transaction for all is not enough: in the old order, place tells what the transaction no longer does."""
    for name in ("_PENDING", "_ROLL"):
        monkeypatch.setattr(rewriting, name, getattr(rewriting, name).replace("ORDER BY gen_random_uuid()", ""))
    by_key = sorted(voters[:200], key=lambda voter: voter_key(bytes(election.vote.pepper), voter.reference))
    election.cast(by_key)
    with in_order_of_table():
        write_checkpoint(election.vote)
    assert found_by(guess_by_place, election) > 150


def test_marks_that_the_mail_has_not_written_again_are_mixed(election, voters):
    """Roll and box keep no transaction in common with one person, and marks no order. Mutant killed: marks left as casting wrote them."""
    election.cast(voters[:100])
    tasks.tell_voters()
    election.cast(voters[100:200])
    untold = "has_cast AND NOT told"
    assert len(set(rows("ballots_rollentry", "xmin::text", election.vote, untold))) == 120
    write_checkpoint(election.vote)
    assert len(set(rows("ballots_rollentry", "xmin::text", election.vote, untold))) == 1
    assert found_by(guess_by_transaction, election) == 0


def test_old_versions_are_gone_after_the_sweep(election, voters):
    """With the pages themselves in hand: the rows as casting wrote them are not there any more."""
    election.cast(voters[:200])
    before = versions_on_pages(), versions_on_pages("ballots_rollentry")
    assert tasks.write_checkpoints() == 1
    assert before[0] == 200
    assert versions_on_pages() == 200
    assert versions_on_pages("ballots_rollentry") == VOTERS
    assert before[1] > VOTERS


@contextmanager
def as_superuser():
    """Who may read the pages of the database's files. Skips where the run's server has none we know."""
    try:
        with second_connection(user=ADMIN) as attacker:
            attacker.execute("CREATE EXTENSION IF NOT EXISTS pageinspect")
            yield attacker
    except psycopg.OperationalError:
        pytest.skip("no superuser on this server")


def versions_on_pages(table="ballots_ballot"):
    """Row versions in the files of a table, dead ones too."""
    with as_superuser() as attacker:
        return attacker.execute(
            f"SELECT count(*) FROM generate_series(0, pg_relation_size('{table}') / 8192 - 1) AS page,"
            f" LATERAL heap_page_items(get_raw_page('{table}', page::int)) WHERE t_data IS NOT NULL"
        ).fetchone()[0]


def are_on_pages(needles, table="ballots_ballot"):
    """How many of these bytes stand anywhere in the file of a table, used or not."""
    with as_superuser() as attacker:
        pages = attacker.execute(
            f"SELECT get_raw_page('{table}', page::int)"
            f" FROM generate_series(0, greatest(pg_relation_size('{table}') / 8192 - 1, 0)) AS page"
        ).fetchall()
    everything = b"".join(bytes(page) for (page,) in pages)
    return sum(needle in everything for needle in needles)


# --- After the count -----------------------------------------------------------------------------------------------------------


def counted(election, voters):
    election.cast(voters[:100])
    write_checkpoint(election.vote)
    tasks.tell_voters()
    election.cast(voters[100:])
    write_checkpoint(election.vote)
    election.close()
    tasks.tell_voters()
    count_vote(election.vote)


def test_after_shredding_nobody_is_found(election, voters):
    counted(election, voters)
    assert shred_vote(election.vote)
    for attack in ATTACKS:
        assert found_by(attack, election) <= most_by_chance(VOTERS)
    xmins = {
        xmin
        for table in ("ballots_ballot", "ballots_rollentry")
        for (xmin,) in rows(table, "xmin::text", election.vote)
    }
    assert len(xmins) == 1
    assert not Ballot.objects.exclude(tag=None).exists()


def test_nothing_is_left_in_the_files(election, voters):
    """The tags are in no page of the table. Mutant killed: shredding without writing the files anew."""
    counted(election, voters)
    tags = [bytes(tag) for tag in Ballot.objects.values_list("tag", flat=True)]
    rewrite_box(election.vote)
    rewriting.forget_old_versions()
    assert are_on_pages(tags) > 0
    assert shred_vote(election.vote)
    assert are_on_pages(tags) == 0


def test_own_ballot_is_found_by_its_code_after_shredding(election, voters):
    counted(election, voters)
    before = {tracker: find_ballot(election.vote.pk, code).payload for tracker, code in election.codes.items()}
    shred_vote(election.vote)
    after = {tracker: find_ballot(election.vote.pk, code).payload for tracker, code in election.codes.items()}
    assert before == after
    assert find_ballot(election.vote.pk, new_code()) is None


def test_shredding_waits_for_who_can_still_see_the_old_rows(election, voters):
    """A copy of the database that is being made holds on to old versions: they stay until it is done, and the sweep tries again."""
    counted(election, voters)
    with second_connection() as reader:
        reader.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        reader.execute("SELECT 1")  # a snapshot, and no lock on any table
        assert not shred_vote(election.vote)
        assert Shredding.objects.get().cleaned_at is None
        reader.execute("ROLLBACK")
    assert tasks.shred_boxes() == 1
    assert Shredding.objects.get().cleaned_at is not None
    assert tasks.shred_boxes() == 0


def test_box_is_cleaned_while_people_vote_elsewhere(election, voters):
    """With votes that overlap there is never a quiet day. Mutant killed: waiting until no vote is open."""
    other, code = make_open_vote(), new_code()
    before = cast(other, voters[0], [1], code)
    counted(election, voters)
    tags = [bytes(tag) for tag in Ballot.objects.filter(vote=election.vote).values_list("tag", flat=True)]
    assert shred_vote(election.vote)
    assert are_on_pages(tags) == 0
    assert find_ballot(other.pk, code).tracker == before.tracker
    assert cast(other, voters[1], [2]).version == 1


def test_large_box_is_cleaned_at_night_while_people_vote_elsewhere(election, voters, monkeypatch):
    """Who casts would wait for it. Mutant killed: cleaning at any hour."""
    make_open_vote()
    counted(election, voters)
    monkeypatch.setattr(shredding, "QUICK_BYTES", 0)
    tomorrow = timezone.localtime() + timedelta(days=1)
    for hour, is_done in ((1, False), (5, False), (12, False), (2, True)):
        with database_clock(tomorrow.replace(hour=hour, minute=30)):
            assert shred_vote(election.vote) == is_done
    assert found_by(guess_by_transaction, election) == 0


def test_pepper_that_is_forgotten_is_on_no_page(election, voters, settings):
    """Mutant killed: emptying the column, and no more; the old version of the row stays in its file."""
    settings.BALLOTS_APPEAL_DAYS = 0
    pepper = bytes(election.vote.pepper)
    annul_vote(election.vote, actor=make_opener("Gerda"), reason="Verkeerde bedragen")
    assert are_on_pages([pepper], "ballots_vote") == 1
    assert forget_roll(election.vote) == VOTERS
    assert are_on_pages([pepper], "ballots_vote") == 1
    # While somebody uses the table it is left alone, and the next sweep does it.
    wait_until(lambda: tasks.forget_old_rolls() == 0 and not are_on_pages([pepper], "ballots_vote"))


def test_killed_between_its_steps_shredding_goes_on(election, voters):
    counted(election, voters)
    rewrite_box(election.vote)
    assert Ballot.objects.filter(tag=None).count() == VOTERS
    assert shred_vote(election.vote)
    assert shred_vote(election.vote)


# --- Through HTTP: what lies beside the box ----------------------------------------------------------------------------------------


def test_casting_leaves_nothing_in_sessions_outbox_and_logs(election, voters, caplog):
    """Mutants killed: a choice or code in the session, a notice in the casting transaction."""
    voter, code = voters[0], new_code()
    client = Client()
    client.force_login(voter.user, backend="django.contrib.auth.backends.ModelBackend")
    client.get(reverse("ballots:choose", args=[election.vote.pk]))
    before = stored_elsewhere()
    answer = client.post(
        reverse("ballots:cast", args=[election.vote.pk]), {"choice-1": [1], "code": code, "replaces": "0"}
    )
    assert answer.status_code == 200
    assert stored_elsewhere() == before
    assert code not in caplog.text
    assert str(voter.user_id) not in caplog.text


def stored_elsewhere():
    """Every table but the box and the roll: number of rows and the last transactions that wrote them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT IN ('ballots_ballot', 'ballots_rollentry')"
        )
        tables = [name for (name,) in cursor.fetchall()]
        found = {}
        for name in tables:
            cursor.execute(f'SELECT count(*), max(xmin::text::bigint) FROM "{name}"')
            found[name] = cursor.fetchone()
    return found
