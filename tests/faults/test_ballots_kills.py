"""kill -9 of PostgreSQL and of who casts, under load: what was acknowledged is there, once.

bench/faults.py does it at full size, through HTTP, and kills Valkey too.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from ballots.codes import new_code, tag_of
from config.embedded import start_postgres
from config.embedded.postgres import programs
from tests.factories.ballots import make_open_vote, make_voters
from tests.factories.places import make_municipality

pytestmark = pytest.mark.django_db(transaction=True)

HERE = Path(__file__).parent
VOTERS, PATIENCE = 150, 120.0


def wait_until(condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.01)


@pytest.fixture
def server(tmp_path):
    """A PostgreSQL of this test's own, with what is in the run's database; fsync on."""
    with start_postgres(tmp_path / "postgres") as postgres:
        yield postgres


def copy_database_to(server):
    given = connection.get_connection_params()
    known = {name: str(given[name]) for name in ("host", "port", "user", "password", "dbname") if given.get(name)}
    source = " ".join(f"{name}='{value}'" for name, value in known.items())
    dump = subprocess.run(
        [programs() / "pg_dump", "--no-owner", "--no-privileges", source],
        check=True,
        capture_output=True,
        timeout=PATIENCE,
    )
    subprocess.run(
        [programs() / "psql", "--quiet", server.url],
        input=dump.stdout,
        check=True,
        capture_output=True,
        timeout=PATIENCE,
    )


class Load:
    """A process that casts for everybody, and its journal: the oracle."""

    def __init__(self, server, vote, voters, folder):
        self.vote, self.journal = vote, folder / f"{vote.pk}.journal"
        self.people = [[str(voter.reference), new_code(), ["ABC"[number % 3]]] for number, voter in enumerate(voters)]
        file = folder / f"{vote.pk}.json"
        file.write_text(json.dumps(self.people))
        self.journal.touch()
        self.command = [sys.executable, str(HERE / "casting_worker.py"), str(vote.pk), str(file), str(self.journal)]
        self.environment = os.environ | {"DATABASE_URL": server.url}
        self.process = None

    def start(self):
        self.process = subprocess.Popen(self.command, env=self.environment)

    def answered(self):
        return self.journal.read_text().count("\n")

    def wait_for(self, more):
        """Until so many more have a receipt; then whoever is killed is killed at work."""
        before = self.answered()
        wait_until(lambda: self.answered() >= before + more or self.process.poll() is not None)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def finish(self):
        assert self.process.wait(PATIENCE) == 0

    def lost_and_double(self, server):
        """(acknowledged votes that are not in the box as they were cast, ballots or marks too many), by SQL."""
        with psycopg.connect(server.url) as reader:
            rows = reader.execute(
                "SELECT tag, payload FROM ballots_ballot WHERE vote_id = %s", [self.vote.pk]
            ).fetchall()
            marked = reader.execute(
                "SELECT count(*) FROM ballots_rollentry WHERE vote_id = %s AND has_cast", [self.vote.pk]
            ).fetchone()[0]
        stored = {bytes(tag): json.loads(payload)["answers"]["1"] for tag, payload in rows}
        acknowledged = {line.split()[0] for line in self.journal.read_text().splitlines()}
        lost = sum(
            stored.get(tag_of(self.vote.pk, code)) != chosen
            for _who, code, chosen in self.people
            if code in acknowledged
        )
        return lost, len(rows) - len(stored) + abs(len(rows) - marked)


def kill_postgres(server):
    server.process.kill()
    server.process.wait()
    server.launch()


def test_acknowledged_votes_outlive_kill_and_the_hasty_mutant_loses_them(server, tmp_path):
    """P3 and P2. Mutant: a server that answers before the ballot is on the disk (synchronous_commit off) loses acknowledged votes."""
    voters = make_voters(VOTERS, make_municipality().harbour)
    vote, hasty = make_open_vote(), make_open_vote()
    copy_database_to(server)
    load = Load(server, vote, voters, tmp_path)
    load.start()
    load.wait_for(20)
    kill_postgres(server)
    load.wait_for(20)
    load.kill()
    load.start()
    load.wait_for(20)
    kill_postgres(server)
    load.finish()
    assert load.answered() >= VOTERS
    assert load.lost_and_double(server) == (0, 0)

    with psycopg.connect(server.url, autocommit=True) as owner:
        owner.execute("ALTER ROLE CURRENT_USER SET synchronous_commit = off")
    load = Load(server, hasty, voters, tmp_path)
    load.start()
    for _time in range(2):
        load.wait_for(40)
        kill_postgres(server)
    load.finish()
    lost, double = load.lost_and_double(server)
    assert lost > 0
    assert double == 0
