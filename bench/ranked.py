"""How fast rankings are counted, and whether second counts agree.

    python bench/ranked.py [CASES]

1. CASES random votes per rule (10,000), counted by `ballots.counting` and by the naive count of the tests: the winners must be equal. The
   same for CASES votes without ties beside public libraries (`tests/ballots/second_library.py`).
2. The real elections, beside `pref_voting` where it is installed (MIT; 750 MB with what it needs, so it is not among the requirements of
   this project), else beside the libraries of the tests, else beside the naive count: the ratio, and equal winners.
3. `manage.py count` for every file and rule, start and reading included: less than a second of processor each.
"""

import importlib.util
import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PROJECT), str(PROJECT / "site")]

from ballots.counting import RULES, count  # noqa: E402
from ballots.formats.files import read_ballots  # noqa: E402
from tests.ballots import second_library  # noqa: E402
from tests.ballots.ranked_cases import disagreement, naive_winners  # noqa: E402

RANKED = [key for key, rule in RULES.items() if rule.ballots == "rankings"]
FILES = ("burlington_2009_mayor.blt", "ryde_2023.soi", "edinburgh_leith_walk_2022.blt")
SEATS = {"edinburgh_leith_walk_2022.blt": 4}
MOST_SECONDS = 1
# The naive count walks every path between two options: with twelve options that takes longer than anybody waits.
TOO_LONG_FOR_NAIVE = {("edinburgh_leith_walk_2022.blt", "schulze")}


def timed(work):
    """(what the work gave, seconds)."""
    started = time.perf_counter()
    done = work()
    return done, time.perf_counter() - started


def agree_on_random_votes(cases: int) -> None:
    """Stops the program at the first rule on which two counts differ."""
    for rule in RANKED:
        found, seconds = timed(lambda rule=rule: [each for n in range(cases) if (each := disagreement(rule, n))])
        if found:
            sys.exit(f"{rule}: {len(found)} of {cases} votes counted differently, such as {found[0]}")
        print(f"{rule}: {cases} random votes, equal winners ({seconds:.0f} s for both counts)")


def agree_with_libraries(cases: int) -> None:
    """The same beside public libraries, over votes in which no tie plays a part."""
    for rule in second_library.RULES:
        compared, number, started = 0, 0, time.perf_counter()
        while compared < cases:
            found = second_library.disagreement(rule, number)
            if found not in (None, "tie"):
                sys.exit(f"{rule}: vote {number} is counted differently by the library: {found}")
            compared, number = compared + (found is None), number + 1
        print(
            f"{rule}: {compared} random votes without ties ({number - compared} with), equal winners by a public library"
            f" ({time.perf_counter() - started:.0f} s)"
        )


# --- Real elections -------------------------------------------------------------------------------------


def library_winners(instance, rule: str, seats: int) -> set[str] | None:
    """The winners by pref_voting; None for what it does not count."""
    from pref_voting.c1_methods import copeland
    from pref_voting.iterative_methods import instant_runoff_for_truncated_linear_orders
    from pref_voting.margin_based_methods import beat_path, ranked_pairs
    from pref_voting.profiles_with_ties import ProfileWithTies
    from pref_voting.proportional_methods import stv_scottish

    rankings = [
        ({place: number for number, rank in enumerate(filter(None, ranking), 1) for place in rank}, weight)
        for ranking, weight in instance.ballots
        if ranking
    ]
    profile = ProfileWithTies(
        [each for each, _weight in rankings],
        rcounts=[weight for _each, weight in rankings],
        candidates=list(range(len(instance.options))),
    )
    if rule in ("schulze", "ranked-pairs", "copeland"):
        profile.use_extended_strict_preference()
    found = {
        "schulze": lambda: beat_path(profile),
        "ranked-pairs": lambda: ranked_pairs(profile),
        "copeland": lambda: copeland(profile),
        "instant-runoff": lambda: instant_runoff_for_truncated_linear_orders(profile.truncate_overvotes()[0]),
        "scottish-stv": lambda: stv_scottish(profile, num_seats=seats),
    }
    return {instance.options[place].id for place in found[rule]()} if rule in found else None


def second_names(instance, rule: str, seats: int) -> set[str] | None:
    """The winners by the libraries of the tests; None for a rule they lack and for ballots with shared ranks."""
    votes: Counter[tuple[int, ...]] = Counter()
    for ranking, weight in instance.ballots:
        votes[tuple(place for rank in ranking for place in rank)] += weight
    shared = any(len(rank) > 1 for ranking, _weight in instance.ballots for rank in ranking)
    # The library's Borda is another convention than the usual one here.
    if shared or rule not in second_library.RULES or rule == "borda":
        return None
    del votes[()]
    return {instance.options[place].id for place in second_library.RULES[rule](len(instance.options), votes, seats)}


def naive_names(instance, rule: str, seats: int) -> set[str]:
    """The winners by the naive count of the tests."""
    ballots = [[list(rank) for rank in ranking] for ranking, weight in instance.ballots for _ in range(weight)]
    defaults = RULES[rule].settings.parse({"seats": seats, "tie": "lot"}).to_dict()
    chosen = {**defaults, "rule": rule, "tie": "lot"}
    return {instance.options[place].id for place in naive_winners(len(instance.options), ballots, chosen)}


def beside_second_count(path: Path) -> None:
    """Prints the ratio for every rule; stops when winners differ."""
    _meta, instance = read_ballots(path)
    library = importlib.util.find_spec("pref_voting") is not None
    for rule in RANKED:
        seats = SEATS.get(path.name, 1) if rule == "scottish-stv" else 1
        # The instance keeps what it computed, so it is read again: the time is that of a first count.
        fresh = read_ballots(path)[1]
        result, seconds = timed(
            lambda rule=rule, seats=seats, fresh=fresh: count(fresh, {"rule": rule, "seats": seats})
        )
        name, (winners, slow) = "pref_voting", (None, 0.0)
        if library:
            winners, slow = timed(lambda rule=rule, seats=seats: library_winners(instance, rule, seats))
        if winners is None:
            name = "pyrankvote" if rule == "instant-runoff" else "votelib"
            winners, slow = timed(lambda rule=rule, seats=seats: second_names(instance, rule, seats))
        if winners is None:
            if (path.name, rule) in TOO_LONG_FOR_NAIVE:
                continue
            name, (winners, slow) = "naive", timed(lambda rule=rule, seats=seats: naive_names(instance, rule, seats))
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


def main() -> None:
    cases = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    agree_on_random_votes(cases)
    agree_with_libraries(cases)
    folder = Path(os.environ.get("DATA") or PROJECT.parent / "shared" / "data") / "ranked"
    paths = [folder / name for name in FILES if (folder / name).exists()]
    if not paths:
        print(f"No real files: {folder} has none. Set DATA to the folder.", file=sys.stderr)
    for path in paths:
        beside_second_count(path)
    fast = [whole_process(path) for path in paths]
    if not all(fast):
        sys.exit("too slow")


if __name__ == "__main__":
    main()
