"""Races around the ballot box on a real PostgreSQL. Invariants are read by SQL; every guard has a mutant that fails here.

A failpoint is a trigger that this test puts in the database: it waits for a lock that the test holds.
The code under test knows nothing of it.
"""

import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from django.db import connection, connections

from ballots import clock, locks
from ballots.actions import AlreadyVoted, BallotChanged, CastRefused, casting, close_vote, count_vote
from ballots.box import answers_in
from ballots.codes import new_code
from ballots.models import Seal
from tests.ballots.clocks import database_clock
from tests.factories.ballots import cast, make_open_vote, make_vote, make_voters, open_by_two
from tests.factories.people import make_resident
from tests.factories.places import make_municipality

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.races]

CLIENTS = 64
PATIENCE = 30.0
FAILPOINT, CROWD = 77_001, 77_002


def in_threads(works):
    """Runs each in a thread with a connection of its own, all at the same moment; returns results or refusals in order.

    One such crowd at a time per server: with two, PostgreSQL's usual hundred connections would not do.
    """
    with second_connection(dbname="postgres") as turn:
        turn.execute("SELECT pg_advisory_lock(%s)", [CROWD])
        return _in_threads(works)


def _in_threads(works):
    gate = threading.Barrier(len(works))

    def run(work):
        try:
            connection.ensure_connection()
            gate.wait(PATIENCE)
            return work()
        except CastRefused as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def in_box(vote):
    """(ballots, different tags, people marked), by SQL."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(DISTINCT tag) FROM ballots_ballot WHERE vote_id = %s", [vote.pk])
        ballots = cursor.fetchone()
        cursor.execute("SELECT count(*) FROM ballots_rollentry WHERE vote_id = %s AND has_cast", [vote.pk])
        return (*ballots, cursor.fetchone()[0])


@contextmanager
def second_connection(**other_parameters):
    """A connection outside Django."""
    given = connection.get_connection_params()
    known = {name: given[name] for name in ("dbname", "user", "password", "host", "port") if given.get(name)}
    with psycopg.connect(**(known | other_parameters), autocommit=True) as other:
        yield other


def wait_until(condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)


# --- At most one ballot per person ----------------------------------------------------------------------------------------


class NaiveRoll:
    """The mutant: look first, write after, without a guard in the update. What Consul and others had in production.

    It takes a breath between the two, as a busy server does; without a guard it then never gets away with it.
    """

    BREATH = 0.02

    @staticmethod
    def mark_roll(vote, reference):
        from ballots.roll import voter_key
        from ballots.voters import Mark

        key = [vote.id, voter_key(vote.pepper, reference)]
        with connection.cursor() as cursor:
            cursor.execute("SELECT has_cast FROM ballots_rollentry WHERE vote_id = %s AND voter_key = %s", key)
            if cursor.fetchone() != (False,):
                return None
            time.sleep(NaiveRoll.BREATH)
            cursor.execute("UPDATE ballots_rollentry SET has_cast = true WHERE vote_id = %s AND voter_key = %s", key)
            return Mark(None)


def attempt_everybody(vote, voters):
    """64 clients, each casting for every voter with a code and choices of its own; returns who acknowledged what (the journal)."""

    def client(number):
        chance = random.Random(number)

        def work():
            journal = []
            for voter in voters:
                code, chosen = new_code(), chance.sample([1, 2, 3], chance.randint(0, 3))
                try:
                    receipt = cast(vote, voter, chosen, code)
                except AlreadyVoted:
                    continue
                journal.append((voter.pk, receipt.tracker, tuple(receipt.answers["1"])))
            return journal

        return work

    return [line for journal in in_threads([client(number) for number in range(CLIENTS)]) for line in journal]


def test_sixty_four_clients_and_the_same_hundred_voters_make_a_hundred_ballots():
    voters = make_voters(100, make_municipality().harbour)
    vote = make_open_vote()
    journal = attempt_everybody(vote, voters)
    assert in_box(vote) == (100, 100, 100)
    assert Counter(voter for voter, *_rest in journal) == {voter.pk: 1 for voter in voters}
    with connection.cursor() as cursor:
        cursor.execute("SELECT tracker, payload FROM ballots_ballot WHERE vote_id = %s", [vote.pk])
        stored = {(tracker, tuple(answers_in(payload)["1"])) for tracker, payload in cursor.fetchall()}
    # Every acknowledged vote is in the box as it was acknowledged, and nothing else is.
    assert stored == {(tracker, chosen) for _voter, tracker, chosen in journal}


def test_naive_mutant_makes_more_ballots_than_voters(monkeypatch):
    """Shows that the test above can fail: without the guard the same load makes doubles."""
    monkeypatch.setattr(casting, "mark_roll", NaiveRoll.mark_roll)
    voters = make_voters(25, make_municipality().harbour)
    vote = make_open_vote()
    attempt_everybody(vote, voters)
    ballots, _tags, marked = in_box(vote)
    assert marked == 25
    assert ballots > 25


def test_double_click_at_the_same_moment_gives_one_ballot_and_one_receipt():
    anna = make_resident("Anna", make_municipality().harbour)
    vote, code = make_open_vote(), new_code()
    receipts = in_threads([lambda: cast(vote, anna, [1, 2], code)] * 16)
    assert len(set(receipts)) == 1
    assert in_box(vote) == (1, 1, 1)


def test_changes_at_the_same_moment_follow_each_other():
    """Of many changes of the same version one is made; the others are refused and lose nothing."""
    anna = make_resident("Anna", make_municipality().harbour)
    vote, code = make_open_vote(), new_code()
    cast(vote, anna, [1], code)
    results = in_threads([lambda n=n: cast(vote, anna, [2 + n % 2], code, replaces=1) for n in range(8)])
    kinds = Counter(type(result).__name__ for result in results)
    with connection.cursor() as cursor:
        cursor.execute("SELECT version FROM ballots_ballot WHERE vote_id = %s", [vote.pk])
        assert cursor.fetchall() == [(2,)]
    # Whoever chose what the first one chose gets the same receipt.
    assert set(kinds) <= {"Receipt", BallotChanged.__name__}
    assert kinds["Receipt"] >= 1
    assert len({result for result in results if not isinstance(result, CastRefused)}) == 1


def test_two_people_with_one_code_at_the_same_moment_cost_nobody_a_vote():
    home = make_municipality().harbour
    anna, bram = make_resident("Anna", home), make_resident("Bram", home)
    vote, code = make_open_vote(), new_code()
    in_threads([lambda: cast(vote, anna, [1], code), lambda: cast(vote, bram, [1], code)])
    assert in_box(vote) == (1, 1, 1)


def test_opening_at_the_same_moment_opens_once():
    make_voters(5, make_municipality().harbour)
    vote = make_vote()

    def work():
        from people.verdict import NotAllowed

        try:
            return open_by_two(type(vote).objects.get(pk=vote.pk)).state
        except NotAllowed:
            return "refused"

    assert sorted(in_threads([work] * 6)) == ["open"] + ["refused"] * 5
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ballots_rollentry WHERE vote_id = %s", [vote.pk])
        assert cursor.fetchone() == (5,)


# --- Closing while casting ---------------------------------------------------------------------------------------------------


class NoLock:
    """The mutant: closing without waiting for who is casting."""

    @staticmethod
    def hold_alone(_vote_id):
        return None


@contextmanager
def failpoint_before_commit():
    """Every insert of a ballot waits, after all checks and before its commit, until `release()` is called.

    Its name makes it fire after the guards: those look at the state too, and would hide what the lock is for.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION test_failpoint() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN PERFORM pg_advisory_xact_lock({FAILPOINT}); RETURN NULL; END $$"
        )
        cursor.execute(
            "CREATE TRIGGER zz_failpoint AFTER INSERT ON ballots_ballot FOR EACH STATEMENT EXECUTE FUNCTION test_failpoint()"
        )
    with second_connection() as holder:
        holder.execute("SELECT pg_advisory_lock(%s)", [FAILPOINT])
        yield lambda: holder.execute("SELECT pg_advisory_unlock(%s)", [FAILPOINT])


def waiting_for_advisory_locks():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        return cursor.fetchone()[0]


def cast_while_closing(is_stopped_by_the_lock):
    """Anna's ballot stands between its check and its commit when the vote is closed and counted; returns (vote, receipt)."""
    anna = make_resident("Anna", make_municipality().harbour)
    vote = make_open_vote(closes_at=clock.now() + timedelta(seconds=2))
    results = {}

    def voter():
        results["receipt"] = cast(vote, anna, [1])
        connections.close_all()

    def closer():
        close_vote(vote)
        count_vote(vote)
        connections.close_all()

    with failpoint_before_commit() as release:
        casting_thread = threading.Thread(target=voter)
        casting_thread.start()
        wait_until(lambda: waiting_for_advisory_locks() == 1)
        wait_until(lambda: clock.now() > vote.closes_at)
        closing_thread = threading.Thread(target=closer)
        closing_thread.start()
        if is_stopped_by_the_lock:
            wait_until(lambda: waiting_for_advisory_locks() == 2)
        else:
            closing_thread.join(PATIENCE)
        release()
        casting_thread.join(PATIENCE)
        closing_thread.join(PATIENCE)
    return vote, results["receipt"]


def sealed_and_in_box(vote):
    return Seal.objects.get(vote=vote).ballots, in_box(vote)[0]


def test_ballot_on_its_way_while_closing_is_in_the_result():
    """P3: what is sealed is what the box will ever hold, and the acknowledged vote is in it."""
    vote, receipt = cast_while_closing(is_stopped_by_the_lock=True)
    assert receipt.version == 1
    assert sealed_and_in_box(vote) == (1, 1)


def test_mutant_without_the_lock_loses_an_acknowledged_vote(monkeypatch):
    """Shows that the test above can fail: the vote got its receipt and is not in the result."""
    monkeypatch.setattr(locks, "hold_alone", NoLock.hold_alone)
    vote, receipt = cast_while_closing(is_stopped_by_the_lock=False)
    assert receipt.version == 1
    assert sealed_and_in_box(vote) == (0, 1)


def test_voters_around_the_closing_time_are_counted_or_refused():
    """Load over the edge, without failpoints: receipts = ballots = what is sealed."""
    voters = make_voters(48, make_municipality().harbour)
    vote = make_open_vote(closes_at=clock.now() + timedelta(seconds=1.5))

    def voter(resident, delay):
        def work():
            time.sleep(delay)
            return cast(vote, resident, [1])

        return work

    def closer():
        wait_until(lambda: close_vote(vote))
        return count_vote(vote)

    works = [voter(resident, 0.06 * number) for number, resident in enumerate(voters)]
    *answers, seal = in_threads([*works, closer])
    receipts = [answer for answer in answers if not isinstance(answer, CastRefused)]
    assert 0 < len(receipts) < len(voters)
    assert seal.ballots == len(receipts) == in_box(vote)[0]


# --- Counting ------------------------------------------------------------------------------------------------------------------


def test_counts_at_the_same_moment_make_one_seal():
    anna = make_resident("Anna", make_municipality().harbour)
    vote = make_open_vote(closes_at=clock.now() + timedelta(days=1))
    cast(vote, anna, [1])
    with database_clock(vote.closes_at):
        assert close_vote(vote)
    seals = in_threads([lambda: count_vote(type(vote).objects.get(pk=vote.pk))] * 6)
    assert Seal.objects.count() == 1
    assert {seal.result for seal in seals if seal is not None} == {Seal.objects.get().result}
