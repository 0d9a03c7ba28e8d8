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

    from ballots.actions import steps, write_checkpoint
    from ballots.frozen import frozen_vote
    from ballots.rewriting import forget_old_versions

    write_roll = steps.write_roll
    steps.write_roll = lambda frozen, pepper: write_roll(frozen, pepper) + add_keys(frozen.id, ballots - REAL_VOTERS)
    try:
        vote, _residents = make_election(REAL_VOTERS)
    finally:
        steps.write_roll = write_roll
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


def add_keys(vote_id, number: int) -> list[bytes]:
    """Voters without an account."""
    from django.db import connection

    keys = [os.urandom(32) for _voter in range(number)]
    with (
        connection.cursor() as cursor,
        cursor.copy("COPY ballots_rollentry (id, vote_id, voter_key, has_cast, told) FROM STDIN") as copy,
    ):
        for key in keys:
            copy.write_row((uuid4(), vote_id, key, False, False))
    return keys


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


def run_step(vote_id: str, archive: str) -> None:
    """Close, count, seal, publish, shred; prints seconds per step as JSON."""
    import django

    django.setup()
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

    steps = {
        "close": close,
        "last checkpoint": lambda: finish_log(vote),
        "count and seal": lambda: count_vote(vote),
        "publish, with the zip": publish,
        "shred: rewrite": lambda: rewrite_box(vote),
        "shred: files anew": lambda: shred_vote(vote),
    }
    found = {}
    for name, step in steps.items():
        began = time.perf_counter()
        step()
        found[name] = time.perf_counter() - began
    print(json.dumps(found))


# A process inherits the peak of the one that started it, but not this line of its own.
PEAK = "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))"
RUN = f"import runpy, sys; sys.argv = sys.argv[1:]\ntry: runpy.run_path(sys.argv[0], run_name='__main__')\nfinally: {PEAK}"


def timed(program: Path, *words: str) -> tuple[list[str], float, float, int]:
    """(lines that it printed, seconds by the clock, megabytes, exit status) of a program in a process of its own."""
    began = time.perf_counter()
    outcome = subprocess.run(
        [sys.executable, "-c", RUN, str(program), *words], cwd=PROJECT, stdout=subprocess.PIPE, text=True, check=False
    )
    *said, peak = outcome.stdout.splitlines()
    return said, time.perf_counter() - began, int(peak) / 1024, outcome.returncode


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
    said, _seconds, megabytes, status = timed(Path(__file__), "--step", str(vote.pk), "--archive", str(archive))
    if status:
        sys.exit(f"The process ended with status {status}.")
    seconds = json.loads(said[-1])
    for name, each in seconds.items():
        print(f"{name}: {each:.2f} s")
    total = sum(each for name, each in seconds.items() if not name.startswith("shred"))
    print(
        f"{ballots} ballots, closing to published: {total:.1f} s, {megabytes:.0f} MB (asked: {MOST_SECONDS:.0f} s, {MOST_MB} MB)"
    )
    verifier = PROJECT / "site/ballots/publishing/verify.py"
    said, wall, verifying_megabytes, status = timed(verifier, str(archive), "--lang", "en")
    print(
        f"verify: {wall:.2f} s, {verifying_megabytes:.0f} MB, “{said[-1]}” (asked: {MOST_TO_VERIFY:.0f} s, {MOST_MB} MB)"
    )
    if status:
        print("\n".join(said))
    fine = total < MOST_SECONDS and wall < MOST_TO_VERIFY and max(megabytes, verifying_megabytes) < MOST_MB
    return fine and status == 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ballots", type=int, default=100_000)
    parser.add_argument("--no-checkpoint", action="store_true", help="nothing was fixed before closing")
    parser.add_argument("--step", help=argparse.SUPPRESS)
    parser.add_argument("--archive", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        run_step(options.step, options.archive)
        return
    ballots = max(200, options.ballots)
    fixed = 0 if options.no_checkpoint else ballots * 99 // 100
    with servers():
        print("within every limit" if run(ballots, fixed=fixed) else "NOT WITHIN the limits")


if __name__ == "__main__":
    main()
