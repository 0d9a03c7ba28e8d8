"""Locking victories from strong to weak, as ranked pairs does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from ballots.counting.instance import Ints, Mask
from ballots.counting.ties import TieBreaker


@dataclass(frozen=True, slots=True)
class Pair:
    """The victory of one option over another, and whether it was locked or passed over."""

    over: int
    under: int
    strength: int
    locked: bool


@dataclass(frozen=True, slots=True)
class Locking:
    """All victories in the order in which they were taken.

    `reaches[a, b]`: whether locked victories lead from a to b. `conflicts`: for every group of level pairs in which one was passed over
    because of another, the options in it.
    """

    pairs: tuple[Pair, ...]
    reaches: Mask
    conflicts: tuple[tuple[int, ...], ...]


def lock_pairs(strength: Ints, breaker: TieBreaker) -> Locking:
    """Lock the victories (`strength[a, b]` > 0).

    Level victories go in the order of the tie rule: first that of the option the tie rule puts first, and of one option's victories first
    the one over the option it puts last.
    """
    reaches: Mask = np.zeros(strength.shape, dtype=np.bool_)
    pairs: list[Pair] = []
    conflicts: list[tuple[int, ...]] = []
    for level in _level_victories(strength, breaker):
        before = reaches.copy()
        taken = [_lock(over, under, int(strength[over, under]), reaches) for over, under in level]
        # What was impossible before this group began is no conflict within it.
        if any(not pair.locked and not before[pair.under, pair.over] for pair in taken):
            conflicts.append(tuple(sorted({place for pair in taken for place in (pair.over, pair.under)})))
        pairs += taken
    return Locking(tuple(pairs), reaches, tuple(conflicts))


def _level_victories(strength: Ints, breaker: TieBreaker) -> Iterator[list[tuple[int, int]]]:
    order = {place: number for number, place in enumerate(breaker.order(range(len(strength))))}
    found: list[tuple[int, int]] = [(over, under) for over, under in np.argwhere(strength > 0).tolist()]
    found.sort(key=lambda pair: (-strength[pair], order[pair[0]], -order[pair[1]]))
    for _strength, level in groupby(found, key=strength.__getitem__):
        yield list(level)


def _lock(over: int, under: int, strength: int, reaches: Mask) -> Pair:
    """Lock one victory unless it would close a circle; `reaches` is kept complete."""
    if reaches[under, over]:
        return Pair(over, under, strength, locked=False)
    before = reaches[:, over].copy()
    before[over] = True
    after = reaches[under].copy()
    after[under] = True
    reaches |= before[:, None] & after[None, :]
    return Pair(over, under, strength, locked=True)
