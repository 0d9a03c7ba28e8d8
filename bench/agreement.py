"""Whether second counts agree: ten thousand random votes per rule, by a naive count and by a public library.

    python bench/agreement.py [CASES]

The naive counts are those of the tests, written from the definitions, under every setting of a rule. The libraries are votelib, pyrankvote,
stvpoll and pabutools, under the settings they know; a vote that they count by another convention is left out, and another is drawn for it
(docs/explanation/counting.md says which those are). Stops at the first rule on which two counts differ.
"""

import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PROJECT), str(PROJECT / "site")]

from ballots.counting import RULES  # noqa: E402
from tests.ballots import mark_cases, ranked_cases, second_library, second_marks  # noqa: E402

MARKS = mark_cases.ADDING + mark_cases.BUDGET
MOST_SECONDS = 180
WAYS = {
    "a naive count": {rule: mark_cases if rule in MARKS else ranked_cases for rule in RULES},
    "a public library": {rule: second_marks if rule in MARKS else second_library for rule in RULES},
    "a public library, of rankings": dict.fromkeys(("plurality", "approval"), second_library),
}


def agree(way: str, rule: str, cases: int) -> tuple[str, float]:
    """(a line to print, seconds of processor); a SystemExit when a vote is counted differently."""
    started, compared, number = time.process_time(), 0, 0
    while compared < cases:
        found = WAYS[way][rule].disagreement(rule, number)
        if found not in (None, "tie"):
            sys.exit(f"{rule}: vote {number} is counted differently by {way}: {found}")
        compared, number = compared + (found is None), number + 1
    seconds = time.process_time() - started
    left_out = f", {number - compared} left out" if number > compared else ""
    return f"{rule}: {compared} random votes, the same winners by {way}{left_out} ({seconds:.0f} s)", seconds


def main() -> None:
    cases = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    asked = [(way, rule) for way, rules in WAYS.items() for rule in rules]
    seconds = 0.0
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for told in [pool.submit(agree, way, rule, cases) for way, rule in asked]:
            line, more = told.result()
            seconds += more
            print(line, flush=True)
    # By processor time: by the clock, a busy machine would fail what is fast.
    print(
        f"{len(RULES)} rules, {len(asked) * cases} votes counted twice: {seconds:.0f} s of processor, limit {MOST_SECONDS} s"
    )
    if seconds > MOST_SECONDS:
        sys.exit("too slow")


if __name__ == "__main__":
    main()
