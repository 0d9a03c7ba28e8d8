"""The rows of "Figures to beat" that need real servers killed under load, at full size.

    python bench/faults.py [--short]

Starts a PostgreSQL (fsync on), a Valkey and two gunicorn workers of its own. Clients vote through HTTP, each voter with a code and
choices of their own, and write down every receipt: their journal is the oracle. Meanwhile, with kill -9: PostgreSQL ten times, a web
worker thirty times, Valkey five times. Who gets no answer sends the same again until there is a receipt. In the end:

- every receipt is a ballot with those choices (0 acknowledged votes lost), every voter has one ballot (0 double), nobody stays without;
- three times 64 clients cast for the same hundred voters, each with other codes and choices: 100 ballots each time.

The mutants are in tests/faults, as are the rows on closing, clocks, outbox, count and secrecy. Votes a second: bench/action.py; 100,000
ballots: bench/box.py.
"""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs

PROJECT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PROJECT), str(PROJECT / "site")]

from bench.casting import _exchange, make_election, requests_for, say_where, web_server  # noqa: E402

CLIENTS, PATIENCE = 16, 120.0
KILLS = {"PostgreSQL": 10, "web worker": 30, "Valkey": 5}
SHORT_KILLS = {"PostgreSQL": 1, "web worker": 2, "Valkey": 1}
CROWDS, CROWD_CLIENTS, CROWD_VOTERS = 3, 64, 100


@contextmanager
def own_servers() -> Iterator[dict]:
    """PostgreSQL and Valkey of this program's own, whatever the environment says; yields them by name."""
    from config.embedded import start_postgres, start_valkey

    folder = Path(tempfile.mkdtemp(prefix="bench-faults-"))
    os.environ |= {
        "EMBEDDED_DIR": str(folder),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "ALLOWED_HOSTS": "localhost",
    }
    os.environ.setdefault("LOG_LEVEL", "CRITICAL")
    with start_postgres(folder / "postgres") as postgres, start_valkey(folder / "valkey") as valkey:
        os.environ |= {"DATABASE_URL": postgres.url, "BROKER_URL": valkey.url, "CACHE_URL": valkey.url}
        try:
            yield {"PostgreSQL": postgres, "Valkey": valkey}
        finally:
            shutil.rmtree(folder, ignore_errors=True)


# --- Load and kills --------------------------------------------------------------------------------------------------


@dataclass
class Journal:
    """What the clients know: the choices of every code that got a receipt, and how often somebody had to ask again."""

    receipts: dict[str, list[str]] = field(default_factory=dict)
    repeats: int = 0
    unanswered: list[str] = field(default_factory=list)


def keep_voting(port: int, requests: list[tuple[str, bytes]], journal: Journal, stop: threading.Event) -> None:
    """One client: voter after voter, each until there is a receipt."""
    for code, request in requests:
        if stop.is_set():
            return
        deadline = time.monotonic() + PATIENCE
        while not (is_receipt := _is_receipt(port, code, request)) and time.monotonic() < deadline:
            journal.repeats += 1
            time.sleep(0.1)
        if is_receipt:
            journal.receipts[code] = sorted(parse_qs(request.partition(b"\r\n\r\n")[2].decode())["choice-1"])
        else:
            journal.unanswered.append(code)


def _is_receipt(port: int, code: str, request: bytes) -> bool:
    try:
        answer = _exchange(port, request)
    except OSError:
        return False
    return answer.startswith(b"HTTP/1.1 200") and code.encode() in answer


def kill_worker(master: int) -> None:
    """One of gunicorn's workers, by lot."""
    children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    if children:
        os.kill(int(random.choice(children)), signal.SIGKILL)


def kill_server(server) -> None:
    """kill -9, and a start on what is left on the disk."""
    server.process.kill()
    server.process.wait()
    server.launch()


def kill_all(
    kills: dict[str, int], servers: dict, master: int, journal: Journal, clients: list[threading.Thread]
) -> None:
    """In mixed order; before every kill a few got a receipt after the one before, so that each falls under load."""
    order = [name for name, times in kills.items() for _time in range(times)]
    random.Random(2026).shuffle(order)
    for name in order:
        before, deadline = len(journal.receipts), time.monotonic() + PATIENCE
        while len(journal.receipts) < before + 5:
            if time.monotonic() > deadline or not any(client.is_alive() for client in clients):
                sys.exit(f"nobody got a receipt any more: {len(journal.receipts)} in all")
            time.sleep(0.01)
        kill_worker(master) if name == "web worker" else kill_server(servers[name])


def storm(kills: dict[str, int], servers: dict, requests: list[tuple[str, bytes]]) -> Journal:
    """Votes under kills; returns when all kills are done and every client has its answer."""
    journal, stop = Journal(), threading.Event()
    with web_server(Path(os.environ["EMBEDDED_DIR"]) / "web.log") as (port, master):
        shares = [requests[start::CLIENTS] for start in range(CLIENTS)]
        clients = [
            threading.Thread(target=keep_voting, args=(port, share, journal, stop), daemon=True) for share in shares
        ]
        for client in clients:
            client.start()
        kill_all(kills, servers, master, journal, clients)
        stop.set()
        for client in clients:
            client.join()
    return journal


# --- The oracle ------------------------------------------------------------------------------------------------------


def compare(vote, journal: Journal) -> dict[str, int]:
    """Box and journal, by SQL: what was acknowledged and is not there, and what is there more than once."""
    from django.db import connection

    from ballots.codes import read_code, tag_of

    with connection.cursor() as cursor:
        cursor.execute("SELECT tag, payload FROM ballots_ballot WHERE vote_id = %s", [vote.pk])
        rows = cursor.fetchall()
        cursor.execute("SELECT count(*) FROM ballots_rollentry WHERE vote_id = %s AND has_cast", [vote.pk])
        marked = cursor.fetchone()[0]
    stored = {bytes(tag): sorted(json.loads(payload)["answers"]["1"]) for tag, payload in rows}
    known = {tag_of(vote.pk, read_code(code)): chosen for code, chosen in journal.receipts.items()}
    return {
        "lost": sum(stored.get(tag) != chosen for tag, chosen in known.items()),
        "double": len(rows) - len(stored) + abs(len(rows) - marked),
        "unanswered": len(journal.unanswered),
    }


def vote_under_kills(kills: dict[str, int], servers: dict, voters: int) -> dict[str, int]:
    """A vote by so many people at most, compared with the journal."""
    vote, residents = make_election(voters)
    requests = requests_for(vote, residents)
    _let_go()
    journal = storm(kills, servers, requests)
    found = compare(vote, journal)
    _let_go()
    done = ", ".join(f"{name} × {times}" for name, times in kills.items())
    print(f"kill -9 of {done}: {len(journal.receipts)} receipts, {journal.repeats} asked again; {found}", flush=True)
    return found


def _let_go() -> None:
    from django.db import connection

    connection.close()
    connection.close_pool()


# --- A crowd ---------------------------------------------------------------------------------------------------------


def crowd(environment: dict[str, str]) -> bool:
    """Whether the test of tests/faults holds CROWDS times: 64 clients for the same hundred voters are 6,400 casts."""
    test = (
        "tests/faults/test_ballots_races.py::test_sixty_four_clients_and_the_same_hundred_voters_make_a_hundred_ballots"
    )
    command = [sys.executable, "-m", "pytest", "-q", test]
    ended = Counter(
        subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, check=False).returncode
        for _time in range(CROWDS)
    )
    print(f"{CROWDS} × {CROWD_CLIENTS * CROWD_VOTERS} casts for {CROWD_VOTERS} voters: {ended[0]} times no double")
    return ended[0] == CROWDS


# --- Report ----------------------------------------------------------------------------------------------------------


def run(servers: dict, *, short: bool) -> list[str]:
    """What was not met, in words."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    say_where(connection)
    found = vote_under_kills(SHORT_KILLS, servers, 200) if short else vote_under_kills(KILLS, servers, 4000)
    return [f"under kills: {found}"] if any(found.values()) else []


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="one kill of each server, two of a web worker")
    options = parser.parse_args()
    environment = dict(os.environ)
    with own_servers() as servers:
        problems = run(servers, short=options.short)
    if not options.short and not crowd(environment):
        problems.append("64 clients made doubles")
    if problems:
        sys.exit("NOT MET: " + "; ".join(problems))
    print("every row met")


if __name__ == "__main__":
    main()
