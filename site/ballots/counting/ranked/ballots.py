"""What is counted when ballots rank options: options, and rankings. Equal ballots are kept once, with a weight.

A ranking is a row of ranks, the best in front. A rank holds the options that stand there: one; several (options at the same rank, or
an overvote: what it means is for the rule's settings to say); or none (a rank the voter skipped).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from ballots.counting.instance import Instance, InstanceError, Ints, Option, digest_of, group_ballots, positions

Rank = tuple[int, ...]
Ranking = tuple[Rank, ...]
"""One ballot: per rank the places of its options, rising; an empty rank was skipped. No ranking ends with an empty rank."""

MOST_BALLOTS = 10**9
"""Far above any electorate; votes in units of a hundred-thousandth stay exact in 64 bits."""


@dataclass(frozen=True, eq=False)
class RankedInstance:
    """One vote with rankings, ready to be counted. `ballots`: the different rankings with their weights, sorted (`group_rankings`)."""

    options: tuple[Option, ...]
    ballots: tuple[tuple[Ranking, int], ...]
    position: Mapping[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "position", positions(self.options))
        if self.voters > MOST_BALLOTS:
            raise InstanceError("there are more ballots than can be counted exactly")

    @cached_property
    def voters(self) -> int:
        """Number of ballots, blank ones included."""
        return sum(weight for _ranking, weight in self.ballots)

    @cached_property
    def weights(self) -> Ints:
        """How often each ranking was cast."""
        return np.array([weight for _ranking, weight in self.ballots], dtype=np.int64)

    @cached_property
    def ranks(self) -> Ints:
        """Per ranking and option the number of its rank, counted from 0; for unranked options the number of options."""
        size = len(self.options)
        table = np.full((len(self.ballots), size), size, dtype=np.int64)
        # One list of numbers in row, one place in the table for each: far quicker than rows of triples.
        cells: list[int] = []
        numbers: list[int] = []
        for row, (ranking, _weight) in enumerate(self.ballots):
            for number, rank in enumerate(filter(None, ranking)):
                cells += [row * size + place for place in rank]
                numbers += [number] * len(rank)
        table.reshape(-1)[cells] = numbers
        return table

    @cached_property
    def votes(self) -> list[int]:
        """First preferences per option: ballots whose first filled rank holds this option alone."""
        first: Counter[int] = Counter()
        for ranking, weight in self.ballots:
            place = first_preference(ranking)
            if place is not None:
                first[place] += weight
        return [first[place] for place in range(len(self.options))]

    @cached_property
    def supporters(self) -> list[int]:
        """Ballots per option that rank it, at whatever rank."""
        return [int(each) for each in self.weights @ (self.ranks < len(self.options))]

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) of option ids and ballots. docs/explanation/counting.md gives the text that is hashed."""
        return digest_of(self._canonical_lines())

    def _canonical_lines(self) -> Iterable[str]:
        ordered = sorted(self.options, key=lambda option: option.id)
        number = {self.position[option.id]: place for place, option in enumerate(ordered)}
        yield from (f"ranked option {json.dumps(option.id)}" for option in ordered)
        yield from sorted(
            f"ranking {weight} {ranking_text(ranking, number)}".rstrip() for ranking, weight in self.ballots
        )


def ranking_text(ranking: Ranking, number: Mapping[int, int]) -> str:
    """A ranking as text: ranks with spaces between, `=` between options at the same rank, `-` for a skipped one."""
    return " ".join([str(number[rank[0]]) if len(rank) == 1 else _rank_text(rank, number) for rank in ranking])


def _rank_text(rank: Rank, number: Mapping[int, int]) -> str:
    return "=".join(map(str, sorted(number[place] for place in rank))) or "-"


def first_preference(ranking: Ranking) -> int | None:
    """The option that stands alone at the first filled rank; None when there is no such option."""
    first = next(filter(None, ranking), ())
    return first[0] if len(first) == 1 else None


def group_rankings(rankings: Mapping[Ranking, int]) -> tuple[tuple[Ranking, int], ...]:
    """Rankings and how often each was cast, equal ones once, sorted: the order in which ballots were cast is not in here."""
    counted: Counter[Ranking] = Counter()
    for ranking, times in rankings.items():
        if times < 1:
            raise InstanceError("weights are whole numbers of one or more")
        counted[_normal(ranking)] += times
    return tuple(sorted(counted.items()))


def _normal(ranking: Ranking) -> Ranking:
    ranks = [tuple(sorted(rank)) for rank in ranking]
    while ranks and not ranks[-1]:
        ranks.pop()
    places = [place for rank in ranks for place in rank]
    if len(set(places)) != len(places):
        raise InstanceError("a ballot ranks an option twice")
    return tuple(ranks)


def make_ranked(options: Sequence[Option], ballots: Iterable[Sequence[str | Sequence[str]]]) -> RankedInstance:
    """An instance from ballots as option ids in order; a list of ids is one rank with several options, an empty list a skipped rank."""
    place = positions(options)
    cast = Counter(as_ranking(ballot, place) for ballot in ballots)
    return RankedInstance(tuple(options), group_rankings(cast))


def as_ranking(ballot: Sequence[str | Sequence[str]], position: Mapping[str, int]) -> Ranking:
    """One ballot in the form an instance keeps; an unknown option is an InstanceError."""
    ranks = [(rank,) if isinstance(rank, str) else tuple(rank) for rank in ballot]
    for option in (option for rank in ranks for option in rank):
        if option not in position:
            raise InstanceError(f"a ballot names the unknown option {option}")
    return tuple(tuple(position[option] for option in rank) for rank in ranks)


def first_preferences(instance: RankedInstance) -> Instance:
    """The same vote with only first preferences on the ballots: an overvote at the first filled rank is a blank ballot."""
    cast: Counter[tuple[tuple[int, int], ...]] = Counter()
    for ranking, weight in instance.ballots:
        place = first_preference(ranking)
        cast[() if place is None else ((place, 1),)] += weight
    return Instance(instance.options, None, group_ballots(cast))


def everything_ranked(instance: RankedInstance) -> Instance:
    """The same vote with a mark for every option that a ballot ranks, at whatever rank."""
    cast: Counter[tuple[tuple[int, int], ...]] = Counter()
    for ranking, weight in instance.ballots:
        cast[tuple(sorted((place, 1) for rank in ranking for place in rank))] += weight
    return Instance(instance.options, None, group_ballots(cast))
