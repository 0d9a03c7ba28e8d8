"""The ballots turned around: for every option who supports it, prepared once for many counts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ballots.counting.instance import Instance, Mates, mates_of

Floats = NDArray[np.float64]
Groups = NDArray[np.int64]
Mask = NDArray[np.bool_]

ROUNDING = 2.0**-52
# From 10,000 terms on, the linear algebra library starts threads, which makes a sum fifty times slower on a busy machine.
LONGEST_SUM = 8192


def weighed(power: Floats, amounts: Floats | Mask) -> float:
    """The sum of power × amount, without threads."""
    if len(power) <= LONGEST_SUM:
        return float(power @ amounts)
    return sum(
        float(power[at : at + LONGEST_SUM] @ amounts[at : at + LONGEST_SUM]) for at in range(0, len(power), LONGEST_SUM)
    )


@dataclass(frozen=True, eq=False, slots=True)
class Candidate:
    """One option that can win.

    `groups`: the ballots (places in the profile) that support it, and their `weights`; `points`: what each gives it, or None
    when all give one;
    `power`: weight × points per ballot and `total_power` their sum; `gain`: utility of one point, so that
    price per point = price per utility (rho) × gain; `slack`: bound on the rounding of a sum over the supporters, relative to the
    amounts summed.
    """

    place: int
    cost: int
    gain: int
    groups: Groups
    weights: Floats
    points: Floats | None
    power: Floats
    total_power: int
    slack: float


@dataclass(frozen=True, eq=False, slots=True)
class Electorate:
    """Weights of the ballots, the candidates by place in the declared order, and which of them cannot win beside each other (`mates`)."""

    weights: Floats
    largest_point: int
    candidates: dict[int, Candidate]
    mates: Mates

    @property
    def most_rounds(self) -> int:
        """No count elects more often than this."""
        return len(self.candidates)

    def can_still_win(self, elected: Collection[int]) -> list[int]:
        """The candidates that are not elected and that no elected one excludes."""
        out = set(elected).union(*(self.mates.get(place, ()) for place in elected))
        return [place for place in self.candidates if place not in out]


def make_electorate(
    instance: Instance, places: list[int], *, utility: str, exclusive: Sequence[Sequence[str]] = ()
) -> Electorate:
    """Prepare the options at `places`; `utility` is `cost` or `cardinality`."""
    profile = instance.profile
    marks = np.argsort(profile.options, kind="stable")
    first = np.searchsorted(profile.options[marks], np.arange(len(instance.options) + 1))
    weights = profile.weights.astype(np.float64)
    candidates = {}
    for place in places:
        mine = marks[first[place] : first[place + 1]]
        cost = instance.options[place].cost
        # An option without a price is elected before all others (rho 0); its gain plays no part and may not be zero.
        gain = cost if utility == "cost" and cost else 1
        candidates[place] = _candidate(
            place, cost, gain, profile.ballot_of_mark[mine], profile.points[mine], weights, len(places)
        )
    return Electorate(weights, int(profile.points.max(initial=1)), candidates, mates_of(instance, exclusive))


def _candidate(
    place: int, cost: int, gain: int, groups: Groups, points: Groups, weights: Floats, rounds: int
) -> Candidate:
    own_weights = weights[groups]
    power = own_weights * points
    own_points = None if (points == 1).all() else points.astype(np.float64)
    return Candidate(
        place=place,
        cost=cost,
        gain=gain,
        groups=groups,
        weights=own_weights,
        points=own_points,
        power=power,
        total_power=int(power.sum()),
        # Every float is within a few roundings per round of the exact number, and a sum adds one per term: a safe upper bound of both.
        slack=(len(groups) + 8 * rounds + 64) * ROUNDING,
    )
