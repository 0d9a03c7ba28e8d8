"""How fast a budget is counted: beside a naive count with fractions, beside a public library, and a whole city through `manage.py count`.

    python bench/count.py [FILE.pb]

The first part makes a vote of its own and counts it twice, by `ballots.counting` and by the oracle of the tests; the outcomes must be
equal, and the ratio is printed. The second part does the same with real budgets and pabutools, the public library for budgets. The third
counts the real file of Warsaw 2026 (or FILE.pb) in a process of its own and holds it against 10 s and 400 MB; the library took 831 s and
10.2 GB on the same file. No server is needed. Counts are timed by processor.
"""

import json
import os
import random
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PROJECT), str(PROJECT / "site")]

from ballots.counting import Option, count, make_instance  # noqa: E402
from ballots.counting.ties import TieBreaker  # noqa: E402
from ballots.formats.files import read_ballots  # noqa: E402
from tests.ballots.naive_count import naive_growing_shares, naive_shares  # noqa: E402
from tests.ballots.second_marks import divided  # noqa: E402

OPTIONS, VOTERS, BUDGET, STEP = 20, 1_500, 10_000_000, 200
MOST_SECONDS, MOST_MB = 10, 400
LIBRARY_SECONDS = 831
# How the shares grow in each. For Wieliczka's official count, to `until_overspend`, the library takes most of a minute.
REAL = {
    "Netherlands_Assen_2024.pb": "until_overspend",
    "Netherlands_Amsterdam_289.pb": "until_overspend",
    "Poland_Wieliczka_2023_Green_Budget.pb": "none",
}


def made_vote() -> tuple[list[int], list[dict[int, int]]]:
    """(costs, ballots): popular and unpopular options, up to six on a ballot; always the same."""
    chance = random.Random(2026)
    costs = [chance.randrange(2_000, 20_000) * 100 for _ in range(OPTIONS)]
    popularity = [1 / (place + 2) for place in range(OPTIONS)]
    return costs, [
        dict.fromkeys(chance.choices(range(OPTIONS), popularity, k=chance.randint(1, 6)), 1) for _ in range(VOTERS)
    ]


def beside_naive_count() -> None:
    """Prints the ratio for one count and for growing shares."""
    costs, ballots = made_vote()
    options = [Option(str(place), cost) for place, cost in enumerate(costs)]
    instance = make_instance(options, BUDGET, [[str(place) for place in ballot] for ballot in ballots])
    breaker = TieBreaker(instance, ["declared_order"], None)

    def first(level: list[int]) -> int:
        return breaker.order(level)[0]

    count(instance, {"rule": "equal-shares"})  # the first count also pays for loading
    result, seconds = _timed(lambda: count(instance, {"rule": "equal-shares", "tie": "declared_order"}))
    winners, naive = _timed(lambda: naive_shares(costs, Fraction(BUDGET, VOTERS), ballots, first)[0])
    _report("one count", result, seconds, winners, naive)
    grown = {"rule": "equal-shares", "tie": "declared_order", "increment": "until_exhaustive", "increment_cents": STEP}
    result, seconds = _timed(lambda: count(instance, grown))
    winners, naive = _timed(
        lambda: naive_growing_shares(costs, BUDGET, ballots, first, until="exhaustive", step=STEP)[0]
    )
    _report(f"growing shares, {result.shares.increments} increments", result, seconds, winners, naive)


def beside_library(path: Path, increment: str) -> None:
    """Prints the ratio for every budget rule on a real file; stops when winners differ."""
    _meta, read = read_ballots(path)
    costs = [option.cost for option in read.options]
    ballots = [dict(marks) for weight, marks in read.profile.marks() for _ in range(weight)]
    grown = {"utility": "cost", "increment": increment, "increment_cents": 100, "completion": "none"}
    for rule, more in (("greedy", {}), ("greedy-per-euro", {}), ("equal-shares", grown)):
        settings = {"rule": rule, "tie": ["declared_order"], "min_votes": 0} | more
        # The instance keeps what it computed, so it is read again: the time is that of a first count.
        instance = read_ballots(path)[1]
        result, seconds = _timed(lambda settings=settings, instance=instance: count(instance, settings))
        places, slow = _timed(lambda settings=settings: divided(costs, read.budget, ballots, settings))
        if set(result.winners) != {read.options[place].id for place in places}:
            sys.exit(f"{path.stem}, {rule}: the winners differ: {result.winners} and {places}")
        print(
            f"{path.stem}, {rule}: {seconds * 1000:.1f} ms, pabutools {slow * 1000:.0f} ms: {slow / seconds:.0f} times as fast"
        )


def _timed(work):
    started = time.process_time()
    done = work()
    return done, time.process_time() - started


def _report(what, result, seconds, winners, naive) -> None:
    if [int(option) for option in result.winners] != winners:
        sys.exit(f"{what}: the outcomes differ: {result.winners} and {winners}")
    print(
        f"{what}: {seconds * 1000:.1f} ms, naive {naive * 1000:.0f} ms: {naive / seconds:.0f} times as fast, same winners"
    )


def whole_city(path: Path) -> bool:
    """Counts the file through the command, prints time and memory; whether it stayed within both."""
    words = [
        sys.executable,
        "manage.py",
        "count",
        str(path),
        "--rule",
        "equal-shares",
        "--increment",
        "until_overspend",
        "--json",
    ]
    started = time.perf_counter()
    process = subprocess.Popen(words, cwd=PROJECT, stdout=subprocess.PIPE)
    result = json.load(process.stdout)
    _pid, status, usage = os.wait4(process.pid, 0)
    seconds, megabytes = time.perf_counter() - started, usage.ru_maxrss / 1024
    processor = usage.ru_utime + usage.ru_stime
    print(
        f"{path.stem}: {result['voters']} voters, {len(result['winners'])} winners, {result['shares']['increments']} increments"
    )
    print(
        f"whole process {seconds:.1f} s ({processor:.1f} s of processor), {megabytes:.0f} MB; "
        f"limits {MOST_SECONDS} s and {MOST_MB} MB; the library's {LIBRARY_SECONDS} s is {LIBRARY_SECONDS / seconds:.0f} times as long"
    )
    # By processor time: by the clock, a busy machine would fail what is fast.
    return status == 0 and processor < MOST_SECONDS and megabytes < MOST_MB


def main() -> None:
    beside_naive_count()
    folder = Path(os.environ.get("DATA") or PROJECT.parent / "shared" / "data")
    for name, increment in REAL.items():
        if (folder / "pb" / name).exists():
            beside_library(folder / "pb" / name, increment)
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else folder / "pb" / "Poland_Warszawa_2026.pb"
    if not path.exists():
        print(f"No real file: {path} is not there. Name one, or set DATA.", file=sys.stderr)
    elif not whole_city(path):
        sys.exit("too slow, or too much memory")


if __name__ == "__main__":
    main()
