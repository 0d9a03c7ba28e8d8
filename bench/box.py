"""How long a full box takes after closing: close, last checkpoint, count, seal, publish, then shred; and the verifier after that.

    python bench/box.py [--ballots 100000] [--no-checkpoint]

Starts its own PostgreSQL (fsync on) and Valkey in a folder of its own, as bench/casting.py does. A checkpoint has fixed all but the
last hundredth of the ballots; with --no-checkpoint the last one must take them all, as when no worker ran during the whole vote.
What is timed runs in processes of its own; their peak of memory is printed.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from uuid import uuid4

PROJECT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PROJECT), str(PROJECT / "site")]

from bench.casting import make_election, say_where, servers  # noqa: E402

MOST_SECONDS, MOST_TO_VERIFY, MOST_MB = 9.0, 2.0, 300
REAL_VOTERS = 10
COLUMNS = ("id", "vote_id", "tag", "tracker", "version", "nonce", "payload", "leaf", "channel")


# --- A full box --------------------------------------------------------------------------------------------------


def fill_box(ballots: int, *, fixed: int):
    """An open vote of 25 plans in which everybody on the roll has voted, the first `fixed` before a checkpoint.

    Most voters are a random key and no account.
    """
    from django.db import connection

    from ballots.actions import write_checkpoint
    from ballots.frozen import frozen_vote
    from ballots.rewriting import forget_old_versions

    with more_on_the_roll(lambda _pepper: (os.urandom(32) for _voter in range(ballots - REAL_VOTERS))):
        vote, _residents = make_election(REAL_VOTERS)
    [question] = frozen_vote(vote.pk).questions
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ballots_rollentry SET has_cast = true WHERE vote_id = %s", [vote.pk])
    rows = ballot_rows(vote, question, ballots)
    if fixed:
        # Twice: what one transaction wrote is mixed already, and would be left alone.
        add_ballots(islice(rows, 100))
        add_ballots(islice(rows, fixed - 100))
        began = time.perf_counter()
        write_checkpoint(vote)
        forget_old_versions()
        print(f"a checkpoint of {fixed} ballots while open: {time.perf_counter() - began:.2f} s")
    add_ballots(rows)
    return vote


def add_ballots(rows) -> None:
    """By COPY; then the server learns how many there are, as it does by itself in a real vote."""
    from django.db import connection

    with connection.cursor() as cursor:
        with cursor.copy(f"COPY ballots_ballot ({', '.join(COLUMNS)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute("ANALYZE ballots_ballot; ANALYZE ballots_rollentry")


@contextmanager
def more_on_the_roll(keys_of: Callable[[bytes], Iterable[bytes]]) -> Iterator[None]:
    """Within, every vote that opens has these voters too: keys without an account, made from its pepper."""
    from ballots.actions import steps

    write_roll = steps.write_roll
    steps.write_roll = lambda frozen, pepper: write_roll(frozen, pepper) + add_keys(frozen.id, keys_of(pepper))
    try:
        yield
    finally:
        steps.write_roll = write_roll


def add_keys(vote_id, keys: Iterable[bytes]) -> list[bytes]:
    """In the order of the keys, as the site does."""
    from django.db import connection

    added = sorted(keys)
    with (
        connection.cursor() as cursor,
        cursor.copy("COPY ballots_rollentry (id, vote_id, voter_key, has_cast, told) FROM STDIN") as copy,
    ):
        for key in added:
            copy.write_row((uuid4(), vote_id, key, False, False))
    return added


def ballot_rows(vote, question, number: int):
    """Values of COLUMNS: ballots of up to ten plans, of which some are far more popular than others."""
    from ballots.box import leaf_of, payload_of
    from ballots.codes import new_code, tag_of, tracker_of

    names = [option.reference for option in question.options]
    chance = random.Random(2026)
    popularity = [1 / (place + 3) for place in range(len(names))]
    for _ballot in range(number):
        chosen = set(chance.choices(names, popularity, k=chance.randint(1, 10)))
        payload = payload_of({question.reference: [name for name in names if name in chosen]})
        code, nonce = new_code(), os.urandom(16)
        tracker = tracker_of(vote.pk, code)
        leaf = leaf_of(vote.pk, tracker=tracker, version=1, nonce=nonce, payload=payload)
        yield uuid4(), vote.pk, tag_of(vote.pk, code), tracker, 1, nonce, payload, leaf, "web"


# --- What is timed, in a process of its own ------------------------------------------------------------------------


def steps_of(vote_id: str, archive: str) -> dict:
    """What is timed, in order: close, count, seal, publish, shred."""
    from ballots.actions import close_vote, count_vote, finish_log, publish_result, rewrite_box, shred_vote
    from ballots.models import Vote
    from ballots.publishing.archive import zip_of
    from ballots.publishing.files import files_of
    from tests.ballots.clocks import database_clock
    from tests.factories.ballots import make_opener

    vote = Vote.objects.get(pk=vote_id)

    def close() -> None:
        with database_clock(vote.closes_at):
            close_vote(vote)

    def publish() -> None:
        vote.refresh_from_db()
        publish_result(vote, actor=make_opener("Gerda"))
        with Path(archive).open("wb") as file:
            file.writelines(zip_of(files_of(vote)))

    return {
        "close": close,
        "last checkpoint": lambda: finish_log(vote),
        "count and seal": lambda: count_vote(vote),
        "publish, with the zip": publish,
        "shred: rewrite": lambda: rewrite_box(vote),
        "shred: files anew": lambda: shred_vote(vote),
    }


def run_steps(vote_id: str, archive: str) -> None:
    """Prints what each step took, as JSON: seconds by the clock, and of processor here and in the database."""
    import django

    django.setup()
    found = {}
    for name, step in steps_of(vote_id, archive).items():
        began, here, there = time.perf_counter(), time.process_time(), database_seconds()
        step()
        found[name] = (time.perf_counter() - began, time.process_time() - here, database_seconds() - there)
    print(json.dumps(found))


def database_seconds() -> float:
    """Seconds of processor that this process's connection has used on the server; 0 where the server is on another machine."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        path = Path(f"/proc/{cursor.fetchone()[0]}/stat")
    try:
        user, system = path.read_text().rpartition(")")[2].split()[11:13]
    except OSError:
        return 0.0
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


# A process inherits the peak of the one that started it, but not this line of its own.
PEAK = "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))"
RUN = f"import runpy, sys; sys.argv = sys.argv[1:]\ntry: runpy.run_path(sys.argv[0], run_name='__main__')\nfinally: {PEAK}"


@dataclass
class Process:
    """What a program in a process of its own did: lines that it printed, seconds by the clock and of processor, megabytes at its peak."""

    said: list[str]
    clock: float
    processor: float
    megabytes: float
    status: int


def timed(program: Path, *words: str) -> Process:
    """Runs a program to its end."""
    began = time.perf_counter()
    command = [sys.executable, "-c", RUN, str(program), *words]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as process:
        *said, peak = process.stdout.read().splitlines()
        _pid, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - began
    return Process(said, seconds, usage.ru_utime + usage.ru_stime, int(peak) / 1024, process.returncode)


# --- Report ----------------------------------------------------------------------------------------------------------


def run(ballots: int, *, fixed: int) -> bool:
    """Whether everything stayed within its limits."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    say_where(connection)
    vote = fill_box(ballots, fixed=fixed)
    archive = Path(os.environ["EMBEDDED_DIR"]) / "stemming.zip"
    connection.close()
    connection.close_pool()
    counting = timed(Path(__file__), "--step", str(vote.pk), "--archive", str(archive))
    if counting.status:
        sys.exit(f"The process ended with status {counting.status}.")
    seconds = report_steps(json.loads(counting.said[-1]))
    print(f"{ballots} ballots: at most {counting.megabytes:.0f} MB (asked: {MOST_MB} MB)")
    verifier = PROJECT / "site/ballots/publishing/verify.py"
    verifying = timed(verifier, str(archive), "--lang", "en")
    print(
        f"verify: {verifying.clock:.2f} s, {verifying.processor:.2f} s of processor, {verifying.megabytes:.0f} MB,"
        f" “{verifying.said[-1]}” (asked: {MOST_TO_VERIFY:.0f} s, {MOST_MB} MB)"
    )
    if verifying.status:
        print("\n".join(verifying.said))
    # By processor time: by the clock, a busy machine would fail what is fast.
    is_fast = seconds < MOST_SECONDS and verifying.processor < MOST_TO_VERIFY
    return is_fast and max(counting.megabytes, verifying.megabytes) < MOST_MB and verifying.status == 0


def report_steps(steps: dict[str, list[float]]) -> float:
    """Prints every step; seconds of processor from closing to published, here and in the database."""
    for name, (clock, here, there) in steps.items():
        print(f"{name}: {clock:.2f} s; of processor {here:.2f} s here, {there:.2f} s in the database")
    asked = [each for name, each in steps.items() if not name.startswith("shred")]
    clock, processor = sum(each[0] for each in asked), sum(each[1] + each[2] for each in asked)
    print(f"closing to published: {clock:.1f} s, {processor:.1f} s of processor (asked: {MOST_SECONDS:.0f} s)")
    return processor


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ballots", type=int, default=100_000)
    parser.add_argument("--no-checkpoint", action="store_true", help="nothing was fixed before closing")
    parser.add_argument("--step", help=argparse.SUPPRESS)
    parser.add_argument("--archive", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        run_steps(options.step, options.archive)
        return
    ballots = max(200, options.ballots)
    fixed = 0 if options.no_checkpoint else ballots * 99 // 100
    with servers():
        print("within every limit" if run(ballots, fixed=fixed) else "NOT WITHIN the limits")


if __name__ == "__main__":
    main()
