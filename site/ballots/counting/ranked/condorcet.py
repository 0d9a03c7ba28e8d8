"""The Condorcet rules: Schulze, ranked pairs and Copeland. Who beats every other option two by two wins in all three.

Each puts all options in order; the seats go to the first. With more seats that is a list of the best, not a proportional choice.
Sources: Schulze, Social Choice and Welfare 36 (2011); Tideman, Social Choice and Welfare 4 (1987), with the order of level
pairs of Zavist and Tideman, Social Choice and Welfare 6 (1989); Copeland's score as in the Handbook of Computational Social Choice (2016).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ballots.counting.choice import ChoiceResult, Ranked, Score, Standing, fill_seats, printed, seats_of
from ballots.counting.instance import Ints, Mask
from ballots.counting.ranked.ballots import RankedInstance
from ballots.counting.ranked.locking import Locking, lock_pairs
from ballots.counting.ranked.pairs import as_lists, pairs_in, pairwise, strengths, unbeaten_levels
from ballots.counting.settings import CopelandSettings, SeatSettings, StrengthSettings
from ballots.counting.ties import Tie, TieBreaker
from ballots.counting.votes import levels_by

VICTORY = {"half": 1, "nothing": 0, "full": 2}
"""What a level pair is worth, in halves of a victory."""


def count_schulze(instance: RankedInstance, settings: StrengthSettings, breaker: TieBreaker) -> ChoiceResult:
    """a goes before b when the strongest path from a to b is stronger than that from b to a."""
    table = pairwise(instance)
    paths = strongest_paths(strengths(table, settings.strength))
    beats = paths > paths.T
    order = _Order(unbeaten_levels(beats, ranked_by_somebody(instance)), beats)
    return _result(instance, settings, breaker, "schulze", table, order, {"paths": as_lists(paths)})


def strongest_paths(strength: Ints) -> Ints:
    """`[a, b]`: the strength of the strongest path of victories from a to b; a path is as strong as its weakest victory."""
    paths = strength.copy()
    for over in range(len(paths)):
        np.maximum(paths, np.minimum(paths[:, over, None], paths[None, over, :]), out=paths)
    np.fill_diagonal(paths, 0)
    return paths


def count_ranked_pairs(instance: RankedInstance, settings: StrengthSettings, breaker: TieBreaker) -> ChoiceResult:
    """Victories are locked from the strongest to the weakest; one that would close a circle with those locked before is passed over."""
    table = pairwise(instance)
    locking = lock_pairs(strengths(table, settings.strength), breaker)
    order = _Order(
        unbeaten_levels(locking.reaches, ranked_by_somebody(instance)),
        locking.reaches,
        None,
        _lock_ties(locking, breaker),
    )
    return _result(instance, settings, breaker, "ranked-pairs", table, order, {"locked": _locked(locking, instance)})


def count_copeland(instance: RankedInstance, settings: CopelandSettings, breaker: TieBreaker) -> ChoiceResult:
    """A point for every option that is beaten; what a level pair is worth is the setting `draw`."""
    table = pairwise(instance)
    beats = table > table.T
    level = (table == table.T).sum(axis=1) - 1
    halves = [int(each) for each in 2 * beats.sum(axis=1) + VICTORY[settings.draw] * level]
    levels = levels_by(ranked_by_somebody(instance), halves.__getitem__)
    order = _Order(levels, beats, [in_halves(each) for each in halves])
    return _result(instance, settings, breaker, "copeland", table, order, {})


def ranked_by_somebody(instance: RankedInstance) -> list[int]:
    """The options that stand on a ballot; the others never win."""
    return [place for place, supporters in enumerate(instance.supporters) if supporters]


def in_halves(halves: int) -> str:
    """A number of halves as a decimal text."""
    return f"{halves // 2}.{halves % 2 * 5}"


@dataclass(frozen=True, slots=True)
class _Order:
    """How a rule puts the options in order: levels, who beats whom in it, the scores (if it has any), the ties on the way."""

    levels: list[list[int]]
    beats: Mask
    scores: Sequence[Score] | None = None
    ties: Sequence[Tie] = field(default=())


def _result(
    instance: RankedInstance,
    settings: SeatSettings,
    breaker: TieBreaker,
    rule: str,
    table: Ints,
    order: _Order,
    more: dict[str, Any],
) -> ChoiceResult:
    ranked = fill_seats(order.levels, settings.seats, breaker)
    ids = [option.id for option in instance.options]
    return ChoiceResult(
        rule=rule,
        settings=printed(settings, breaker),
        voters=instance.voters,
        winners=tuple(ids[place] for place in ranked.winners),
        ties=(*order.ties, *ranked.ties),
        seats=settings.seats,
        rounds=seats_of(ranked, instance.options, instance.votes, order.scores),
        standings=tuple(_standings(instance, ranked, order)),
        details={"pairs": pairs_in(ids, table), **more},
    )


def _standings(instance: RankedInstance, ranked: Ranked, order: _Order) -> list[Standing]:
    place_of = ranked.place_of
    reason_of = _reasons(instance, ranked, "fewer_votes" if order.scores else "beaten")
    return [
        Standing(
            option=option.id,
            votes=instance.votes[place],
            won=place in ranked.winners,
            reason=reason_of(place),
            round=ranked.winners.index(place) + 1 if place in ranked.winners else None,
            place=place_of.get(place),
            score=order.scores[place] if order.scores else None,
            beaten_by=tuple(instance.options[other].id for other in np.flatnonzero(order.beats[:, place]).tolist()),
        )
        for place, option in enumerate(instance.options)
    ]


def _reasons(instance: RankedInstance, ranked: Ranked, otherwise: str) -> Callable[[int], str]:
    def reason(place: int) -> str:
        if place in ranked.winners:
            return "elected"
        if not instance.supporters[place]:
            return "no_votes"
        return "lost_tie" if ranked.lost_by_tie(place) else otherwise

    return reason


def _locked(locking: Locking, instance: RankedInstance) -> list[dict[str, Any]]:
    ids = [option.id for option in instance.options]
    return [
        {"over": ids[pair.over], "under": ids[pair.under], "strength": pair.strength, "locked": pair.locked}
        for pair in locking.pairs
    ]


def _lock_ties(locking: Locking, breaker: TieBreaker) -> list[Tie]:
    """Level pairs of which one was passed over because of another. Whether others would win only a second count tells."""
    return [
        breaker.tie(level, number=number, stage="pairs", decisive=None)
        for number, level in enumerate(locking.conflicts, 1)
    ]
