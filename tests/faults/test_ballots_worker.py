"""The count under kill -9, and voting while Redis is away. A real Celery worker on a Valkey of its own, the run's PostgreSQL."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.urls import reverse
from wagtail.models import ModelLogEntry

from ballots import clock, tasks
from ballots.actions import close_vote, count_vote, find_ballot
from ballots.codes import new_code
from ballots.models import Ballot, Checkpoint, Seal, Shredding, Vote
from ballots.observing import HEAD, observe
from config.embedded import start_valkey
from notices.models import OutboxLine
from tests.brokers import tasks_sent_to
from tests.factories.ballots import cast, make_open_vote, make_voters
from tests.factories.people import make_resident
from tests.factories.places import make_municipality

PROJECT = Path(__file__).resolve().parents[2]
PATIENCE = 90.0
NOWHERE = "redis://127.0.0.1:1/0"

pytestmark = pytest.mark.django_db(transaction=True)


def wait_until(condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.05)


@pytest.fixture
def valkey(tmp_path_factory):
    """A broker of this test's own; this process sends its tasks there."""
    with start_valkey(tmp_path_factory.mktemp("valkey")) as server, tasks_sent_to(server.url):
        yield server


class Worker:
    """A worker in a process group of its own, so that kill -9 leaves no child at work."""

    def __init__(self, valkey, folder):
        self.environment = os.environ | {
            "BROKER_URL": valkey.url,
            "CACHE_URL": valkey.url,
            "PYTHONPATH": f"{PROJECT}:{PROJECT / 'site'}",
        }
        self.folder = folder
        self.process = None

    def start(self):
        options = ["--concurrency=1", "--without-gossip", "--without-mingle", "--loglevel=INFO"]
        command = [sys.executable, "-m", "celery", "-A", "config.celery", "worker", *options]
        with (self.folder / "worker.log").open("ab") as log:
            self.process = subprocess.Popen(
                command, env=self.environment, cwd=self.folder, start_new_session=True, stdout=log, stderr=log
            )

    def kill(self):
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


@pytest.fixture
def worker(valkey, tmp_path):
    worker = Worker(valkey, tmp_path)
    yield worker
    worker.kill()


@pytest.fixture
def closed_vote():
    """A closed vote of five voters, not counted yet."""
    voters = make_voters(5, make_municipality().harbour)
    vote = make_open_vote(closes_at=clock.now() + timedelta(seconds=1))
    for number, voter in enumerate(voters):
        cast(vote, voter, [1 + number % 3])
    wait_until(lambda: close_vote(vote))
    return vote


@contextmanager
def nobody_can_use(table):
    """Holds a table, so that whoever counts stops there; on a connection outside Django."""
    given = connection.get_connection_params()
    known = {name: given[name] for name in ("dbname", "user", "password", "host", "port") if given.get(name)}
    with psycopg.connect(**known) as holder:
        holder.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        yield holder
        holder.rollback()


def somebody_waits_for(table):
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE relation = %s::regclass AND NOT granted", [table])
        return cursor.fetchone()[0] > 0


def backends_waiting():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND xact_start IS NOT NULL"
            " AND pid <> pg_backend_pid()"
        )
        return cursor.fetchone()[0]


def sweep_and_see_whether_it_is_sealed():
    """What beat does every fifteen seconds, a little faster."""
    tasks.close_due_votes()
    time.sleep(0.5)
    return Seal.objects.exists()


# ballots_ballot: while it reads the box; ballots_rollentry: when it has read it and compares it with the roll.
@pytest.mark.parametrize("table", ["ballots_ballot", "ballots_rollentry"])
def test_count_killed_halfway_makes_one_seal_later(closed_vote, worker, table):
    """kill -9 at two places of the count; the sweep asks again, and twice makes no difference."""
    with nobody_can_use(table):
        worker.start()
        tasks.ask_for_counts()
        wait_until(lambda: somebody_waits_for(table))
        worker.kill()
    wait_until(lambda: backends_waiting() == 0)
    assert not Seal.objects.exists()
    assert Vote.objects.get().state == Vote.State.CLOSED
    worker.start()
    wait_until(sweep_and_see_whether_it_is_sealed)
    seal = Seal.objects.get()
    tasks.count_closed_vote.delay(str(closed_vote.pk))
    tasks.count_closed_vote.delay(str(closed_vote.pk))
    assert count_vote(closed_vote).result == seal.result
    assert bytes(seal.digest) == hashlib.sha256(seal.result.encode()).digest()
    assert (Seal.objects.count(), seal.ballots) == (1, 5)


def test_task_delivered_twice_counts_once(closed_vote, worker):
    for _time in range(3):
        tasks.count_closed_vote.delay(str(closed_vote.pk))
    worker.start()
    wait_until(lambda: Vote.objects.get().state == Vote.State.COUNTED)
    assert Seal.objects.count() == 1


# --- The log and shredding ---------------------------------------------------------------------------------------------------


def in_log(vote):
    """(numbers of checkpoints, pending ballots, lines to observers)."""
    seqs = list(Checkpoint.objects.filter(vote=vote).values_list("seq", flat=True))
    return seqs, Ballot.objects.filter(vote=vote, batch=None).count(), OutboxLine.objects.filter(kind=HEAD).count()


# ballots_rollentry: when the ballots have been written again already; ballots_checkpoint: at the line of the log.
@pytest.mark.parametrize("table", ["ballots_checkpoint", "ballots_rollentry"])
def test_checkpoint_killed_halfway_is_written_once_later(worker, table):
    """kill -9 in the middle of a checkpoint: nothing of it is there, a receipt still finds its ballot, and the next sweep writes it."""
    voters = make_voters(130, make_municipality().harbour)
    vote, code = make_open_vote(), new_code()
    observe(vote, voters[0].user)
    for number, voter in enumerate(voters):
        cast(vote, voter, [1], code if number == 0 else None)
    with nobody_can_use(table):
        worker.start()
        tasks.write_checkpoints.delay()
        wait_until(lambda: somebody_waits_for(table))
        worker.kill()
    wait_until(lambda: backends_waiting() == 0)
    assert in_log(vote) == ([0], 130, 0)
    assert find_ballot(vote.pk, code).version == 1
    worker.start()
    for _time in range(2):
        tasks.write_checkpoints.delay()
    wait_until(lambda: in_log(vote) == ([0, 1], 20, 1))
    assert cast(vote, voters[0], [2], code, replaces=1).version == 2


def test_shredding_killed_halfway_is_done_later(closed_vote, worker):
    """kill -9 while roll and ballots are written again: they are as they were, and the sweep begins again."""
    count_vote(closed_vote)
    with nobody_can_use("ballots_ballot"):
        worker.start()
        tasks.shred_boxes.delay()
        wait_until(lambda: somebody_waits_for("ballots_ballot"))
        worker.kill()
    wait_until(lambda: backends_waiting() == 0)
    assert not Shredding.objects.exists()
    assert Ballot.objects.exclude(tag=None).count() == 5
    worker.start()
    wait_until(lambda: tasks.shred_boxes.delay() and Shredding.objects.exclude(cleaned_at=None).exists())
    assert Ballot.objects.filter(tag=None).count() == 5
    assert ModelLogEntry.objects.filter(action="ballots.shred").count() == 1


# --- Redis away -----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def redis_away(settings, monkeypatch):
    """No cache and no broker: sessions, pages and tasks meet a port where nobody listens."""
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": NOWHERE}}
    monkeypatch.setattr(caches, "settings", settings.CACHES)
    if hasattr(caches._connections, "default"):
        monkeypatch.delattr(caches._connections, "default")
    caches["default"].set("kept", "1")
    assert caches["default"].get("kept") is None
    with tasks_sent_to(NOWHERE):
        yield
    if hasattr(caches._connections, "default"):
        del caches._connections.default


def test_voting_goes_on_while_redis_is_away(redis_away):
    anna = make_resident("Anna", make_municipality().harbour)
    vote = make_open_vote(closes_at=clock.now() + timedelta(seconds=4))
    client = Client()
    client.force_login(anna.user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(reverse("ballots:choose", args=[vote.pk])).status_code == 200
    fields = {"choice-1": [1, 2], "code": new_code(), "replaces": "0"}
    first = client.post(reverse("ballots:cast", args=[vote.pk]), fields)
    again = client.post(reverse("ballots:cast", args=[vote.pk]), fields)
    assert (first.status_code, again.status_code) == (200, 200)
    assert Ballot.objects.filter(vote=vote).count() == 1
    # Closing goes on too; only the count waits until somebody can be asked to do it.
    wait_until(lambda: clock.now() >= vote.closes_at)
    began = time.monotonic()
    assert tasks.close_due_votes() == 1
    assert time.monotonic() - began < 10
    assert count_vote(vote).ballots == 1
