"""How fast rankings are counted, beside public libraries.

    python bench/ranked.py

1. The real elections, beside the libraries of the tests (`tests/ballots/second_library.py`): the ratio, and equal winners.
2. `manage.py count` for every file and rule, start and reading included: less than a second of processor each.
"""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PROJECT), str(PROJECT / "site")]

from ballots.counting import RULES, RankedInstance, count, group_rankings  # noqa: E402
from ballots.formats.files import read_ballots  # noqa: E402
from tests.ballots import second_library  # noqa: E402

RANKED = [key for key, rule in RULES.items() if rule.ballots == "rankings"]
FILES = ("burlington_2009_mayor.blt", "ryde_2023.soi", "edinburgh_leith_walk_2022.blt")
SEATS = {"edinburgh_leith_walk_2022.blt": 4}
MOST_SECONDS = 1
RUNS = 5
LIBRARY = {"instant-runoff": "pyrankvote", "scottish-stv": "stvpoll"}


def timed(work, *prepared):
    """(what the work gave, seconds of processor): the best of the runs, one per prepared argument."""
    best = float("inf")
    for each in prepared:
        started = time.process_time()
        done = work(each)
        best = min(best, time.process_time() - started)
    return done, best


# --- Real elections -------------------------------------------------------------------------------------


def strict(instance: RankedInstance) -> Counter[tuple[int, ...]]:
    """{ranking as places: how often}. The libraries count strict rankings, so a ballot ends at its first overvote (Burlington has six)."""
    votes: Counter[tuple[int, ...]] = Counter()
    for ranking, weight in instance.ballots:
        kept: list[int] = []
        for rank in ranking:
            if len(rank) > 1:
                break
            kept += rank
        votes[tuple(kept)] += weight
    del votes[()]
    return votes


def made(options, votes: Counter[tuple[int, ...]]) -> RankedInstance:
    """The same vote for ballots.counting."""
    return RankedInstance(
        options, group_rankings({tuple((place,) for place in ranking): times for ranking, times in votes.items()})
    )


def _by_library(rule: str, size: int, votes: Counter[tuple[int, ...]], seats: int) -> list[int]:
    return list(second_library.RULES[rule](size, votes, seats))


def beside_library(path: Path) -> None:
    """Prints the ratio for every rule; stops when winners differ."""
    read = read_ballots(path)[1]
    options, votes = read.options, strict(read)
    for rule in RANKED:
        seats = SEATS.get(path.name, 1) if rule == "scottish-stv" else 1
        settings = {"rule": rule, "seats": seats} | ({"convention": "from_n"} if rule == "borda" else {})
        # An instance keeps what it computed, so every run gets its own.
        fresh = [made(options, votes) for _ in range(RUNS)]
        result, seconds = timed(lambda instance, settings=settings: count(instance, settings), *fresh)
        found, slow = timed(
            lambda cast, rule=rule, seats=seats: _by_library(rule, len(options), cast, seats), *[votes] * RUNS
        )
        name, winners = LIBRARY.get(rule, "votelib"), {options[place].id for place in found}
        if set(result.winners) != winners:
            sys.exit(f"{path.name}, {rule}: {result.winners} here, {winners} by {name}")
        print(
            f"{path.stem}, {rule}: {seconds * 1000:.1f} ms, {name} {slow * 1000:.0f} ms: {slow / seconds:.1f} times as fast"
        )


def whole_process(path: Path) -> bool:
    """Counts the file by every rule in processes of their own; whether all stayed below the limit."""
    worst = 0.0
    for rule in [*RANKED, "plurality", "approval"]:
        words = [sys.executable, "manage.py", "count", str(path), "--rule", rule, "--json"]
        process = subprocess.Popen(words, cwd=PROJECT, stdout=subprocess.PIPE)
        json.load(process.stdout)
        _pid, _status, usage = os.wait4(process.pid, 0)
        worst = max(worst, usage.ru_utime + usage.ru_stime)
    print(f"{path.stem}: manage.py count takes {worst:.2f} s of processor at most; limit {MOST_SECONDS} s")
    return worst < MOST_SECONDS


ALL_RULES = """
import sys
from pathlib import Path
from ballots.counting import RULES, count
from ballots.formats.files import read_ballots

for rule in [key for key, each in RULES.items() if each.ballots == "rankings" or each.from_rankings]:
    count(read_ballots(Path(sys.argv[1]))[1], {"rule": rule})
"""


def all_rules(path: Path) -> bool:
    """Reads and counts the file by every rule in one process; whether it stayed below the limit."""
    process = subprocess.Popen([sys.executable, "-c", ALL_RULES, str(path)], cwd=PROJECT)
    _pid, status, usage = os.wait4(process.pid, 0)
    seconds = usage.ru_utime + usage.ru_stime
    print(
        f"{path.stem}: one process that reads and counts it by every rule takes {seconds:.2f} s; limit {MOST_SECONDS} s"
    )
    return status == 0 and seconds < MOST_SECONDS


def main() -> None:
    folder = Path(os.environ.get("DATA") or PROJECT.parent / "shared" / "data") / "ranked"
    paths = [folder / name for name in FILES if (folder / name).exists()]
    if not paths:
        print(f"No real files: {folder} has none. Set DATA to the folder.", file=sys.stderr)
    for path in paths:
        beside_library(path)
    fast = [check(path) for path in paths for check in (whole_process, all_rules)]
    if not all(fast):
        sys.exit("too slow")


if __name__ == "__main__":
    main()
