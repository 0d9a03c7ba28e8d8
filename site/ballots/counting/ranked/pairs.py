"""Options held against each other two by two.

An option that a ballot ranks is preferred to every option at a later rank and to every option that is not ranked. Options at the same
rank, and options that are both not ranked, are level on that ballot. Skipped ranks play no part.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ballots.counting.instance import Ints, Mask
from ballots.counting.ranked.ballots import RankedInstance


def pairwise(instance: RankedInstance) -> Ints:
    """`[a, b]`: the number of ballots that prefer option a to option b."""
    size, ranks, weights = len(instance.options), instance.ranks, instance.weights
    table = np.zeros((size, size), dtype=np.int64)
    for place in range(size):
        table[place] = weights @ (ranks[:, place, None] < ranks)
    return table


def strengths(table: Ints, strength: str) -> Ints:
    """`[a, b]`: how strong the victory of a over b is, 0 where there is none. `winning_votes` or `margins`."""
    measured = table if strength == "winning_votes" else table - table.T
    return np.where(table > table.T, measured, 0)


def condorcet_winner(table: Ints) -> int | None:
    """The option that beats every other one, or None."""
    beats = (table > table.T).sum(axis=1)
    found = np.flatnonzero(beats == len(table) - 1)
    return int(found[0]) if len(found) else None


def unbeaten_levels(beats: Mask, places: Sequence[int]) -> list[list[int]]:
    """The places in order: first those that no other beats, then those that no other of the rest beats, and so on.

    `beats[a, b]`: whether a beats b. It must hold no cycle.
    """
    left, levels = list(places), []
    while left:
        level = [place for place in left if not any(beats[other, place] for other in left)]
        levels.append(level)
        left = [place for place in left if place not in level]
    return levels


def as_lists(table: Ints) -> list[list[int]]:
    """A table as plain values."""
    rows: list[Any] = table.tolist()
    return rows


def pairs_in(ids: Sequence[str], table: Ints) -> dict[str, Any]:
    """The table as it goes into a result: `preferred[a][b]` ballots prefer the option at a to that at b, in the order of `ids`."""
    best = condorcet_winner(table)
    return {
        "options": list(ids),
        "preferred": as_lists(table),
        "condorcet_winner": None if best is None else ids[best],
    }
