"""What is counted when ballots mark options: options (with a price where it matters), a budget or none, and ballots.

Equal ballots are kept once, with a weight: a city of 60,000 voters has far fewer different ballots,
and no rule here treats two equal ballots differently. Money is in whole cents.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
Mates = Mapping[int, frozenset[int]]
"""Place of an option → places of the options that cannot win beside it."""
Marks = tuple[tuple[int, int], ...]
"""One ballot: (position of the option, points) in rising position; an approval is one point."""

# Sums of points are taken in float64 on the way, which is exact up to here.
LARGEST_EXACT_SUM = 2**53


class InstanceError(ValueError):
    """The options or ballots contradict themselves; the message says how."""


@dataclass(frozen=True, slots=True)
class Option:
    """Something one can vote for. `cost` in cents, 0 where nothing is spent; `name` is for people only and decides nothing."""

    id: str
    cost: int = 0
    name: str = ""

    def __post_init__(self) -> None:
        if self.cost < 0:
            raise InstanceError(f"option {self.id} has a negative cost")


@dataclass(frozen=True, eq=False)
class Profile:
    """All ballots, equal ones once.

    Ballot `g` holds the marks `starts[g]:starts[g + 1]` of `options` (positions) and `points`, and was cast `weights[g]` times.
    Built by `group_ballots`, which sorts: the order in which ballots were cast is not in here.
    """

    starts: Ints
    options: Ints
    points: Ints
    weights: Ints

    @cached_property
    def voters(self) -> int:
        """Number of ballots, blank ones included."""
        return int(self.weights.sum())

    @cached_property
    def ballot_of_mark(self) -> Ints:
        """For every mark the ballot it stands on."""
        return np.repeat(np.arange(len(self.weights)), np.diff(self.starts))

    @cached_property
    def is_approval(self) -> bool:
        """True when no ballot gives an option more than one point."""
        return bool((self.points == 1).all())

    def marks(self) -> Iterable[tuple[int, Marks]]:
        """Every different ballot as (weight, marks)."""
        starts, options, points = self.starts.tolist(), self.options.tolist(), self.points.tolist()
        for group, weight in enumerate(self.weights.tolist()):
            here = slice(starts[group], starts[group + 1])
            yield weight, tuple(zip(options[here], points[here], strict=True))

    def points_per_option(self, options: int) -> list[int]:
        """Sum of the points (for approvals: the number of votes) of each of `options` options."""
        return self._sums(self.points * self.weights[self.ballot_of_mark], options)

    def supporters_per_option(self, options: int) -> list[int]:
        """Number of voters who gave each of `options` options a point or more."""
        return self._sums(self.weights[self.ballot_of_mark], options)

    def _sums(self, amounts: Ints, options: int) -> list[int]:
        sums = np.zeros(options, dtype=np.int64)
        np.add.at(sums, self.options, amounts)
        return [int(each) for each in sums]


def group_ballots(ballots: Mapping[Marks, int]) -> Profile:
    """A profile from different ballots and how often each was cast."""
    # Flat rows of numbers are in the same order as the rows of pairs, and are compared far quicker.
    ordered = sorted((tuple(chain.from_iterable(marks)), weight) for marks, weight in ballots.items())
    flat = np.fromiter(chain.from_iterable(row for row, _weight in ordered), dtype=np.int64).reshape(-1, 2)
    lengths = np.array([len(row) // 2 for row, _weight in ordered], dtype=np.int64)
    weights = np.array([weight for _row, weight in ordered], dtype=np.int64)
    starts = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(lengths)])
    profile = Profile(starts, flat[:, 0].copy(), flat[:, 1].copy(), weights)
    _refuse_what_cannot_be_summed(profile)
    return profile


def _refuse_what_cannot_be_summed(profile: Profile) -> None:
    if (profile.weights < 1).any() or (profile.points < 1).any():
        raise InstanceError("weights and points are whole numbers of one or more")
    largest = int(profile.points.max(initial=1)) * profile.voters
    if largest >= LARGEST_EXACT_SUM:
        raise InstanceError("the points on the ballots are too large to add up exactly")


@dataclass(frozen=True, eq=False)
class Instance:
    """One vote with marks on the ballots, ready to be counted.

    `budget` in cents; None where nothing is spent. Options in the order they were declared.
    """

    options: tuple[Option, ...]
    budget: int | None
    profile: Profile
    position: Mapping[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "position", positions(self.options))
        if self.budget is not None and self.budget < 0:
            raise InstanceError("the budget is negative")

    @property
    def money(self) -> int:
        """The budget in cents; an InstanceError where the vote has none."""
        if self.budget is None:
            raise InstanceError("there is no budget")
        return self.budget

    @property
    def voters(self) -> int:
        """Number of ballots, blank ones included."""
        return self.profile.voters

    @cached_property
    def votes(self) -> list[int]:
        """Votes (on point ballots: points) per option, in declared order."""
        return self.profile.points_per_option(len(self.options))

    @cached_property
    def supporters(self) -> list[int]:
        """Voters per option, in declared order."""
        return self.profile.supporters_per_option(len(self.options))

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) of what decides: budget, option ids and costs, ballots.

        Names, the order of options and the order of ballots are not in it. docs/explanation/counting.md gives the text that is hashed,
        so that anyone can make it.
        """
        return digest_of(self._canonical_lines())

    def _canonical_lines(self) -> Iterable[str]:
        ordered = sorted(self.options, key=lambda option: option.id)
        rank = {self.position[option.id]: place for place, option in enumerate(ordered)}
        if self.budget is not None:
            yield f"budget {self.budget}"
        yield from (f"option {json.dumps(option.id)} {option.cost}" for option in ordered)
        yield from sorted(_canonical_ballots(self.profile, rank))


def _canonical_ballots(profile: Profile, rank: Mapping[int, int]) -> Iterable[str]:
    """A line per different ballot, with its marks in rising rank."""
    ranks = np.array([rank[place] for place in range(len(rank))], dtype=np.int64)[profile.options]
    in_order = np.lexsort((ranks, profile.ballot_of_mark))
    marks = list(map("{}:{}".format, ranks[in_order].tolist(), profile.points[in_order].tolist()))
    starts = profile.starts.tolist()
    for group, weight in enumerate(profile.weights.tolist()):
        yield " ".join(["ballot", str(weight), *marks[starts[group] : starts[group + 1]]])


def digest_of(lines: Iterable[str]) -> str:
    """SHA-256 (hex) of lines of text, each with its line end."""
    text = hashlib.sha256()
    for line in lines:
        text.update(line.encode() + b"\n")
    return text.hexdigest()


def mates_of(instance: Instance, groups: Sequence[Sequence[str]]) -> dict[int, frozenset[int]]:
    """For every option that stands in a group of mutually exclusive options, the others of its groups (places)."""
    mates: dict[int, frozenset[int]] = {}
    for group in groups:
        places = frozenset(instance.position[option] for option in group)
        for place in places:
            mates[place] = mates.get(place, frozenset()) | (places - {place})
    return mates


def positions(options: Sequence[Option]) -> dict[str, int]:
    """Option id → place in the declared order; a double id is an InstanceError."""
    found: dict[str, int] = {}
    for place, option in enumerate(options):
        if option.id in found:
            raise InstanceError(f"option {option.id} is there twice")
        found[option.id] = place
    return found


def make_instance(
    options: Sequence[Option], budget: int | None, ballots: Iterable[Iterable[str] | Mapping[str, int]]
) -> Instance:
    """An instance from ballots as option ids (approvals) or as {option id: points}."""
    place = positions(options)
    cast = Counter(as_marks(ballot, place) for ballot in ballots)
    return Instance(tuple(options), budget, group_ballots(cast))


def as_marks(ballot: Iterable[str] | Mapping[str, int], position: Mapping[str, int]) -> Marks:
    """One ballot in the form a Profile keeps; an unknown or repeated option is an InstanceError."""
    given = list(ballot.items()) if isinstance(ballot, Mapping) else [(option, 1) for option in ballot]
    for option, _points in given:
        if option not in position:
            raise InstanceError(f"a ballot names the unknown option {option}")
    marks = tuple(sorted((position[option], points) for option, points in given))
    if len({place for place, _points in marks}) != len(marks):
        raise InstanceError("a ballot names an option twice")
    return marks
