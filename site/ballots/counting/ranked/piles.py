"""Votes that move: every ballot lies on the pile of one option, at a value, and goes to the next option it names that is still in.

Equal ballots move together. Values are whole numbers of a unit (instant run-off: whole votes; Scottish rule: hundred-thousandths), so all
sums are exact.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ballots.counting.choice import Score
from ballots.counting.instance import Ints
from ballots.counting.ranked.ballots import RankedInstance, Ranking
from ballots.counting.settings import TransferSettings


def followed(ranking: Ranking, settings: TransferSettings) -> Iterator[int]:
    """The options in the order in which this ballot goes to them, by the rules for overvotes and skipped ranks.

    A rank with several options stays an overvote when all but one of them are out.
    """
    empty = 0
    for rank in ranking:
        empty = 0 if rank else empty + 1
        if _ends(rank, empty, settings):
            return
        if len(rank) == 1:
            yield rank[0]


def _ends(rank: Sequence[int], empty: int, settings: TransferSettings) -> bool:
    if len(rank) > 1:
        return settings.overvote == "stop"
    return bool(empty) and (settings.skipped_rank == "stop" or (settings.skipped_rank == "stop_at_two" and empty > 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What one stage did. Votes are in units; `unit` of them are one vote.

    `kind`: `first_preferences`, `exclusion`, `surplus` or `last_seats`. `option`: whose votes moved. `votes`: per option afterwards;
    excluded options are left out. `transfers`: what each option received, None for ballots that name nobody who is still in.
    `lost`: votes lost in rounding so far.
    """

    number: int
    kind: str
    unit: int
    option: str | None = None
    votes: dict[str, int]
    exhausted: int
    lost: int = 0
    transfers: dict[str | None, int]
    elected: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values: whole votes as numbers, parts of a vote as decimal texts."""
        return {
            "round": self.number,
            "stage": self.kind,
            "option": self.option,
            "votes": {option: shown(votes, self.unit) for option, votes in self.votes.items()},
            "exhausted": shown(self.exhausted, self.unit),
            "lost": shown(self.lost, self.unit),
            "transfers": [
                {"from": self.option, "to": option, "votes": shown(votes, self.unit)}
                for option, votes in self.transfers.items()
            ],
            "elected": list(self.elected),
            "excluded": list(self.excluded),
        }


def shown(votes: int, unit: int) -> Score:
    """Votes in units as they are printed; with a unit of one they are whole numbers."""
    if unit == 1:
        return votes
    return f"{votes // unit}.{votes % unit:0{len(str(unit)) - 1}d}"


class Piles:
    """The ballots on their piles. Place `nobody` (the number of options) is the pile of ballots that name nobody who is still in."""

    def __init__(self, instance: RankedInstance, settings: TransferSettings, *, unit: int) -> None:
        self.nobody = len(instance.options)
        self.unit = unit
        self._lists, self._weights = _lists(instance, settings)
        # Nobody takes whatever comes, so a list always ends somewhere.
        self._open = np.ones(self.nobody + 1, dtype=np.bool_)
        self._value = np.full(len(self._weights), unit, dtype=np.int64)
        self._holder = self._lists[:, 0].copy()

    def first_preferences(self) -> list[int]:
        """Votes per option, and of nobody at the end, before anything moved."""
        return self._sums(np.arange(len(self._weights)))

    def close(self, place: int) -> None:
        """From now on no ballot goes to this option."""
        self._open[place] = False

    def move(self, place: int) -> list[int]:
        """All ballots of a closed option go on, at the value they have. What every option received, and nobody."""
        return self._move(np.flatnonzero(self._holder == place))

    def move_surplus(self, place: int, surplus: int, total: int) -> list[int]:
        """All ballots of a closed option go on, at the part surplus / total of the value they have, cut off to whole units."""
        mine = np.flatnonzero(self._holder == place)
        # Ballots have a handful of different values; whole numbers of any size keep the products exact.
        values, which = np.unique(self._value[mine], return_inverse=True)
        lowered = np.array([surplus * value // total for value in values.tolist()], dtype=np.int64)
        self._value[mine] = lowered[which.reshape(-1)]
        return self._move(mine)

    def _move(self, groups: Ints) -> list[int]:
        lists = self._lists[groups]
        # The first option on the list that is still in: those before it were out when the ballot came here.
        self._holder[groups] = lists[np.arange(len(lists)), self._open[lists].argmax(axis=1)]
        return self._sums(groups)

    def _sums(self, groups: Ints) -> list[int]:
        sums = np.zeros(self.nobody + 1, dtype=np.int64)
        np.add.at(sums, self._holder[groups], self._weights[groups] * self._value[groups])
        return [int(each) for each in sums]


def _lists(instance: RankedInstance, settings: TransferSettings) -> tuple[Ints, Ints]:
    """(per different list its options, filled up with nobody, how many ballots follow it)."""
    counted: Counter[tuple[int, ...]] = Counter()
    for ranking, weight in instance.ballots:
        counted[tuple(followed(ranking, settings))] += weight
    width = max(map(len, counted), default=0) + 1
    nobody = len(instance.options)
    rows = [[*list_, *[nobody] * (width - len(list_))] for list_ in counted]
    return np.array(rows, dtype=np.int64).reshape(-1, width), np.array(list(counted.values()), dtype=np.int64)
