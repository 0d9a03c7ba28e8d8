"""How many votes a second: through HTTP with 2 gunicorn workers, and what the database alone can do with the same statements.

    python bench/casting.py [--votes 3000] [--clients 16]

Starts its own PostgreSQL (fsync on), Valkey and web server in a folder of its own; with DATABASE_URL and BROKER_URL set it makes a
database of its own on that server instead, and drops it afterwards. Every voter is somebody else; every answer must be a receipt,
and at the end the box must hold exactly as many ballots as there were receipts.
"""

import argparse
import multiprocessing
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

PROJECT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PROJECT), str(PROJECT / "site")]

OPTIONS = 25
TARGET_RATE, TARGET_P95 = 150, 200


# --- Servers -------------------------------------------------------------------------------------------------


@contextmanager
def servers() -> Iterator[None]:
    """Sets DATABASE_URL, BROKER_URL, CACHE_URL and EMBEDDED_DIR for this process and those it starts."""
    folder = Path(tempfile.mkdtemp(prefix="bench-casting-"))
    os.environ |= {
        "EMBEDDED_DIR": str(folder),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "ALLOWED_HOSTS": "localhost",
    }
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        if not os.environ.get("DATABASE_URL"):
            stack.callback(_start_embedded(folder))
        else:
            stack.callback(_own_database())
        yield


def _start_embedded(folder: Path):
    from config.embedded import start_postgres, start_valkey

    postgres, valkey = start_postgres(folder / "postgres"), start_valkey(folder / "valkey")
    os.environ["DATABASE_URL"], os.environ["BROKER_URL"] = postgres.url, valkey.url
    os.environ["CACHE_URL"] = valkey.url

    def stop() -> None:
        postgres.stop()
        valkey.stop()

    return stop


def _own_database():
    import psycopg

    given = os.environ["DATABASE_URL"]
    name = f"bench_casting_{os.getpid()}"
    with psycopg.connect(given, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    os.environ["DATABASE_URL"] = urlunsplit(urlsplit(given)._replace(path=f"/{name}"))

    def drop() -> None:
        with psycopg.connect(given, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")

    return drop


@contextmanager
def web_server(log: Path) -> Iterator[tuple[int, int]]:
    """Two gunicorn workers as `make demo` starts them; yields the port, and the process that started them."""
    from config.embedded.server import free_port
    from config.run_demo import GUNICORN

    port = free_port()
    with log.open("wb") as output:
        command = [sys.executable, "-m", *GUNICORN, "--bind", f"127.0.0.1:{port}"]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(PROJECT), str(PROJECT / "site")])}
        process = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=output, stderr=output)
        try:
            _wait_for(port, process, log)
            yield port, process.pid
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


def _wait_for(port: int, process: subprocess.Popen, log: Path) -> None:
    for _try in range(600):
        if process.poll() is not None:
            sys.exit(log.read_text()[-3000:])
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    sys.exit("The web server did not start.")


# --- Voters ----------------------------------------------------------------------------------------------------


def make_election(voters: int):
    """A municipality, residents without passwords, and an open vote of 25 plans; returns (vote, residents)."""
    from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
    from django.utils import timezone

    from ballots.drafting import write_only_question, write_options
    from ballots.models import Option, Vote
    from people.models import Resident, User
    from tests.factories.ballots import COMMITMENT, open_by_two
    from tests.factories.places import make_municipality

    home = make_municipality().harbour
    users = User.objects.bulk_create(
        User(email=f"voter{number}@example.nl", display_name=f"Voter {number}", password=UNUSABLE_PASSWORD_PREFIX + "x")
        for number in range(voters)
    )
    now = timezone.now()
    fields = {"neighbourhood": home, "birth_date": now.date().replace(year=1980, day=1), "proof": 2, "proved_at": now}
    residents = Resident.objects.bulk_create(Resident(user=user, **fields) for user in users)
    vote = Vote.objects.create(
        title="Buurtbudget",
        commitment=COMMITMENT,
        opens_at=now - timedelta(hours=1),
        closes_at=now + timedelta(days=1),
    )
    question = write_only_question(
        vote,
        title="Welke plannen kiest u?",
        form="knapsack",
        max_sum=100_000_00,
        budget=100_000_00,
        counting={"rule": "equal-shares", "increment": "until_overspend"},
    )
    write_options(
        question,
        (
            Option(reference=str(n), title=f"Plan {n}", text="Een plan. " * 40, cost=10_000_00)
            for n in range(1, OPTIONS + 1)
        ),
    )
    return open_by_two(vote), residents


def session_of(user) -> str:
    """The session key of somebody who has just logged in."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.cached_db import SessionStore

    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return session.session_key


def requests_for(vote, residents) -> list[tuple[str, bytes]]:
    """(code, request) of one ballot each, ready to be sent."""
    from django.conf import settings

    from ballots.codes import in_groups, new_code

    token = "a" * 32
    found = []
    for number, resident in enumerate(residents):
        code = new_code()
        choices = "".join(f"&choice-1={1 + (number + step) % OPTIONS}" for step in range(1 + number % 8))
        body = f"csrfmiddlewaretoken={token}&code={code}&replaces=0{choices}".encode()
        cookies = f"{settings.CSRF_COOKIE_NAME}={token}; {settings.SESSION_COOKIE_NAME}={session_of(resident.user)}"
        head = (
            f"POST /stemmen/{vote.pk}/uitbrengen/ HTTP/1.1\r\nHost: localhost\r\nCookie: {cookies}\r\nConnection: close\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        found.append((in_groups(code), head.encode() + body))
    return found


# --- Load --------------------------------------------------------------------------------------------------------


def cast_through_http(port: int, requests: list[tuple[str, bytes]], clients: int) -> tuple[float, list[float]]:
    """Sends every request once, `clients` at a time; returns seconds in all and seconds of each."""
    waiting = iter(requests)
    lock, times, wrong = threading.Lock(), [], []

    def client() -> None:
        while True:
            with lock:
                item = next(waiting, None)
            if item is None:
                return
            code, request = item
            began = time.perf_counter()
            answer = _exchange(port, request)
            times.append(time.perf_counter() - began)
            if not answer.startswith(b"HTTP/1.1 200") or code.encode() not in answer:
                wrong.append(answer)

    threads = [threading.Thread(target=client) for _number in range(clients)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        sys.exit(f"{len(wrong)} answers were no receipt, such as:\n{wrong[0][:2000].decode(errors='replace')}")
    return time.perf_counter() - began, times


def _exchange(port: int, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), 30) as connection:
        connection.sendall(request)
        parts = []
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts)


def cast_in_database(vote_id, references: list, pepper: bytes, processes: int) -> float:
    """The same four statements and the commit, straight through psycopg; returns seconds in all."""
    return in_processes(_cast_share, (vote_id, pepper), references, processes)


def in_processes(work, arguments: tuple, items: list, processes: int) -> float:
    """Divides the items over processes that begin together; seconds until the last is done."""
    context = multiprocessing.get_context("fork")
    gate = context.Barrier(processes + 1)
    shares = [items[start::processes] for start in range(processes)]
    workers = [context.Process(target=work, args=(gate, share, *arguments)) for share in shares]
    for worker in workers:
        worker.start()
    gate.wait()
    began = time.perf_counter()
    for worker in workers:
        worker.join()
    if any(worker.exitcode for worker in workers):
        sys.exit("A process that cast ballots failed.")
    return time.perf_counter() - began


def _cast_share(gate, references: list, vote_id, pepper: bytes) -> None:
    from uuid import uuid4

    import psycopg

    from ballots.actions.casting import _INSERT
    from ballots.box import leaf_of, payload_of
    from ballots.codes import new_code, tag_of, tracker_of
    from ballots.roll import voter_key
    from ballots.voters import _MARK

    payload = payload_of({"1": ["1", "2", "3"]})
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        gate.wait()
        for reference in references:
            code, nonce = new_code(), os.urandom(16)
            tracker = tracker_of(vote_id, code)
            leaf = leaf_of(vote_id, tracker=tracker, version=1, nonce=nonce, payload=payload)
            with connection.transaction(), connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [1])
                cursor.execute("SELECT state, closes_at > clock_timestamp() FROM ballots_vote WHERE id = %s", [vote_id])
                cursor.execute(_MARK, [vote_id, voter_key(pepper, reference)])
                assert cursor.fetchone()
                row = [uuid4(), vote_id, tag_of(vote_id, code), tracker, nonce, payload, leaf, "web", None]
                cursor.execute(_INSERT, row)
                assert cursor.fetchone()


# --- Report ----------------------------------------------------------------------------------------------------------


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--votes", type=int, default=3000, help="ballots cast through HTTP (and as many in the database)"
    )
    parser.add_argument("--clients", type=int, default=16)
    options = parser.parse_args()
    with servers():
        run(min(options.votes, 20_000), min(options.clients, 64))


def run(votes: int, clients: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    say_where(connection)
    vote, residents = make_election(2 * votes + 200)
    by_http, in_database, to_warm = residents[:votes], residents[votes : 2 * votes], residents[2 * votes :]
    pepper, requests = bytes(vote.pepper), requests_for(vote, by_http)
    warming = requests_for(vote, to_warm)
    connection.close()
    connection.close_pool()
    with web_server(Path(os.environ["EMBEDDED_DIR"]) / "web.log") as (port, _master):
        cast_through_http(port, warming, clients)
        seconds, times = cast_through_http(port, requests, clients)
    alone = cast_in_database(vote.pk, [resident.reference for resident in in_database], pepper, 2)
    report(votes, clients, seconds, times, alone)
    check_box(vote, 2 * votes + len(to_warm))


def say_where(connection) -> None:
    """What the figures were measured on."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version'), current_setting('fsync'), current_setting('synchronous_commit')"
        )
        version, fsync, commit = cursor.fetchone()
    load = os.getloadavg()[0]
    print(
        f"PostgreSQL {version}, fsync {fsync}, synchronous_commit {commit}; {os.cpu_count()} cores, load before {load:.1f}"
    )


def report(votes: int, clients: int, seconds: float, times: list[float], alone: float) -> None:
    rate, p95 = votes / seconds, 1000 * statistics.quantiles(times, n=20)[-1]
    print(f"through HTTP, 2 workers, {clients} clients: {rate:.0f} votes/s, ", end="")
    print(f"p50 {1000 * statistics.median(times):.0f} ms, p95 {p95:.0f} ms ({votes} different voters)")
    print(f"database alone, the same statements, 2 connections: {votes / alone:.0f} votes/s")
    print(f"ratio: HTTP reaches {100 * rate * alone / votes:.0f} % of the database alone")
    print(
        f"asked: {TARGET_RATE} votes/s and p95 below {TARGET_P95} ms: {'met' if rate >= TARGET_RATE and p95 < TARGET_P95 else 'NOT MET'}"
    )


def check_box(vote, expected: int) -> None:
    """Every receipt is a ballot, and nothing else is."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(DISTINCT tag) FROM ballots_ballot WHERE vote_id = %s", [vote.pk])
        ballots = cursor.fetchone()
        cursor.execute("SELECT count(*) FROM ballots_rollentry WHERE vote_id = %s AND has_cast", [vote.pk])
        cast = cursor.fetchone()[0]
    connection.close()
    connection.close_pool()
    if (*ballots, cast) != (expected, expected, expected):
        sys.exit(f"{expected} receipts, but (ballots, tags, has_cast) is {(*ballots, cast)}")
    print(f"box: {expected} receipts, {ballots[0]} ballots, {cast} people marked")


if __name__ == "__main__":
    main()
