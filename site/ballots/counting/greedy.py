"""Greedy: the option with the most votes first, as long as the money lasts. The rule most cities use.

`greedy` ranks by votes, `greedy-per-euro` by votes per euro of cost. An option that nobody voted for never wins, in any rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from typing import Protocol

from ballots.counting.instance import Instance, Mates, mates_of
from ballots.counting.result import BudgetResult, Explanation, Round
from ballots.counting.settings import GreedySettings, RuleSettings
from ballots.counting.ties import Tie, TieBreaker

Worth = tuple[int, Fraction]
"""Highest first. The first part sets options without a price before all others."""


class Measure(Protocol):
    """What options are ranked by."""

    def worth(self, instance: Instance, place: int) -> Worth:
        """The rank of an option; higher goes first."""

    def votes_to_pass(self, instance: Instance, place: int, other: int) -> int | None:
        """The fewest votes with which the option at `place` goes before `other`; None when no number does."""


class ByVotes:
    """Most votes first."""

    def worth(self, instance: Instance, place: int) -> Worth:
        """The number of votes."""
        return (0, Fraction(instance.votes[place]))

    def votes_to_pass(self, instance: Instance, place: int, other: int) -> int | None:
        """One vote more than the other has."""
        return instance.votes[other] + 1


class ByVotesPerEuro:
    """Most votes per euro first."""

    def worth(self, instance: Instance, place: int) -> Worth:
        """Votes per cent of cost."""
        cost, votes = instance.options[place].cost, instance.votes[place]
        return (0, Fraction(votes, cost)) if cost else (1, Fraction(votes))

    def votes_to_pass(self, instance: Instance, place: int, other: int) -> int | None:
        """The fewest votes that give a higher quotient."""
        cost, other_cost, other_votes = (
            instance.options[place].cost,
            instance.options[other].cost,
            instance.votes[other],
        )
        if cost and other_cost:
            return other_votes * cost // other_cost + 1
        if cost:
            return None
        return 1 if other_cost else other_votes + 1


@dataclass(frozen=True, slots=True)
class Step:
    """What happened to one option: `outcome` is `elected`, `excluded_by`, `did_not_fit` or `count_stopped`; `room` is the money before it.

    `by`: the option that won and excludes it.
    """

    place: int
    outcome: str
    room: int
    by: int | None = None


def eligible(instance: Instance, settings: RuleSettings) -> list[int]:
    """Places of the options that can win: at least one vote, and the minimum."""
    least = max(1, settings.min_votes)
    return [place for place, votes in enumerate(instance.votes) if votes >= least]


def rank(instance: Instance, places: Iterable[int], *, measure: Measure, breaker: TieBreaker) -> list[list[int]]:
    """The places from first to last, in groups that are level; within a group in the order of the tie rule."""
    worth = {place: measure.worth(instance, place) for place in places}
    ordered = sorted(worth, key=worth.__getitem__, reverse=True)
    return [breaker.order(list(level)) for _worth, level in groupby(ordered, key=worth.__getitem__)]


def walk(
    instance: Instance,
    order: Iterable[int],
    *,
    room: int,
    when_full: str = "skip",
    mates: Mates | None = None,
) -> list[Step]:
    """Take the options in this order as long as they fit in `room` cents and none of their `mates` was elected."""
    steps: list[Step] = []
    excluded: dict[int, int] = {}
    stopped = False
    for place in order:
        fits = instance.options[place].cost <= room
        outcome = (
            "count_stopped" if stopped else "excluded_by" if place in excluded else "elected" if fits else "did_not_fit"
        )
        steps.append(Step(place, outcome, room, excluded.get(place) if outcome == "excluded_by" else None))
        stopped = stopped or (outcome == "did_not_fit" and when_full == "stop")
        if outcome == "elected":
            room -= instance.options[place].cost
            excluded |= {mate: place for mate in (mates or {}).get(place, ()) if mate not in excluded}
    return steps


def rounds_of(instance: Instance, steps: Iterable[Step], *, stage: str, first: int) -> list[Round]:
    """The elections among the steps, numbered from `first`."""
    elected = [step for step in steps if step.outcome == "elected"]
    return [
        Round(number, stage, option.id, option.cost, instance.votes[step.place], step.room - option.cost)
        for number, step in enumerate(elected, first)
        for option in [instance.options[step.place]]
    ]


def ties_met(
    instance: Instance,
    levels: Sequence[list[int]],
    steps: Sequence[Step],
    *,
    stage: str,
    first: int,
    breaker: TieBreaker,
    when_full: str = "skip",
    mates: Mates | None = None,
) -> list[Tie]:
    """The ties while there was still money for one of the options that were level."""
    ties: list[Tie] = []
    taken = {step.place: step for step in steps}
    won: set[int] = set()
    number = first
    for level in levels:
        room = taken[level[0]].room
        still = [place for place in level if not won & (mates or {}).get(place, frozenset())]
        fitting = [place for place in still if instance.options[place].cost <= room]
        open_still = taken[level[0]].outcome != "count_stopped"
        if len(still) > 1 and fitting and open_still:
            # Whoever is put first gets in, so the order matters exactly when not all of them can get in.
            rivals = fitting if when_full == "skip" else still
            too_dear = sum(instance.options[place].cost for place in rivals) > room
            decisive = too_dear or exclude_each_other(fitting, mates or {})
            ties.append(breaker.tie(level, number=number, stage=stage, decisive=decisive))
        now = {place for place in level if taken[place].outcome == "elected"}
        won |= now
        number += len(now)
    return ties


def exclude_each_other(places: Sequence[int], mates: Mates) -> bool:
    """Whether two of these cannot both win."""
    return any(not mates.get(place, frozenset()).isdisjoint(places) for place in places)


def count_greedy(
    instance: Instance, settings: GreedySettings, breaker: TieBreaker, measure: Measure, rule: str
) -> BudgetResult:
    """Count by a greedy rule."""
    levels = rank(instance, eligible(instance, settings), measure=measure, breaker=breaker)
    order = [place for level in levels for place in level]
    mates = mates_of(instance, settings.exclusive)
    steps = walk(instance, order, room=instance.money, when_full=settings.when_full, mates=mates)
    rounds = rounds_of(instance, steps, stage="greedy", first=1)
    return BudgetResult(
        rule=rule,
        settings=settings.to_dict() | {"seed": breaker.seed, "seed_source": breaker.seed_source},
        budget=instance.money,
        voters=instance.voters,
        winners=tuple(each.option for each in rounds),
        rounds=tuple(rounds),
        explanations=tuple(_Explainer(instance, settings, measure, order, steps).all()),
        ties=tuple(
            ties_met(
                *(instance, levels, steps),
                stage="greedy",
                first=1,
                breaker=breaker,
                when_full=settings.when_full,
                mates=mates,
            )
        ),
    )


class _Explainer:
    """Says for every option why, and what would have changed it."""

    def __init__(
        self, instance: Instance, settings: GreedySettings, measure: Measure, order: list[int], steps: list[Step]
    ) -> None:
        self.instance, self.settings, self.measure, self.order = instance, settings, measure, order
        self.mates = mates_of(instance, settings.exclusive)
        self.steps = {step.place: step for step in steps}
        elected = [step.place for step in steps if step.outcome == "elected"]
        self.round = {place: number for number, place in enumerate(elected, 1)}

    def all(self) -> list[Explanation]:
        return [self._explain(place) for place in range(len(self.instance.options))]

    def _explain(self, place: int) -> Explanation:
        option, votes = self.instance.options[place], self.instance.votes[place]
        won, needed, step = place in self.round, self._votes_needed(place), self.steps.get(place)
        did_not_fit = step is not None and step.outcome == "did_not_fit"
        return Explanation(
            option=option.id,
            cost=option.cost,
            votes=votes,
            supporters=self.instance.supporters[place],
            won=won,
            reason=self._reason(place),
            round=self.round.get(place),
            remaining=step.room if step else None,
            votes_short=None if won or needed is None else needed - votes,
            votes_to_spare=max(0, votes - needed) if won and needed is not None else None,
            cheaper_by=option.cost - step.room if step and did_not_fit else None,
            excluded_by=self.instance.options[step.by].id if step and step.by is not None else None,
        )

    def _reason(self, place: int) -> str:
        if not self.instance.votes[place]:
            return "no_votes"
        if place not in self.steps:
            return "below_minimum"
        outcome = self.steps[place].outcome
        too_dear = outcome == "did_not_fit" and self.instance.options[place].cost > self.instance.money
        return "exceeds_budget" if too_dear else outcome

    def _votes_needed(self, place: int) -> int | None:
        """The fewest votes that elect this option whatever the tie rule says, all other votes the same; None: no number does.

        The count of all *other* options does not depend on it until it is reached, so it must go before the first
        option after which there is no room for it, or that excludes it.
        """
        least = max(1, self.settings.min_votes)
        if self.instance.options[place].cost > self.instance.money:
            return None
        obstacle = self._obstacle(place)
        if obstacle is None:
            return least
        to_pass = self.measure.votes_to_pass(self.instance, place, obstacle)
        return None if to_pass is None else max(least, to_pass)

    def _obstacle(self, place: int) -> int | None:
        """The first of the other options, counted without this one, that it must go before."""
        cost, mates = self.instance.options[place].cost, self.mates.get(place, frozenset())
        others = [other for other in self.order if other != place]
        for step in walk(
            self.instance, others, room=self.instance.money, when_full=self.settings.when_full, mates=self.mates
        ):
            elected = step.outcome == "elected"
            room = step.room - (self.instance.options[step.place].cost if elected else 0)
            stops = step.outcome == "did_not_fit" and self.settings.when_full == "stop"
            if room < cost or stops or (elected and step.place in mates):
                return step.place
        return None
