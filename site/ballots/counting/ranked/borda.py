"""Borda: a rank is worth points, and the options with the most points win. Which points is a convention, and a setting.

Source: the conventions for ballots that leave options out are those compared by Emerson, Social Choice and Welfare 40 (2013).
"""

from __future__ import annotations

import numpy as np

from ballots.counting.choice import ChoiceResult, Ranked, Standing, fill_seats, printed, seats_of
from ballots.counting.instance import Ints, Mask
from ballots.counting.ranked.ballots import RankedInstance
from ballots.counting.ranked.condorcet import in_halves, ranked_by_somebody
from ballots.counting.ranked.pairs import pairs_in, pairwise
from ballots.counting.settings import BordaSettings
from ballots.counting.ties import TieBreaker
from ballots.counting.votes import levels_by


def count_borda(instance: RankedInstance, settings: BordaSettings, breaker: TieBreaker) -> ChoiceResult:
    """Count by Borda; points are exact, in halves."""
    halves = borda_halves(instance, settings.convention)
    levels = levels_by(ranked_by_somebody(instance), halves.__getitem__)
    ranked = fill_seats(levels, settings.seats, breaker)
    scores = [in_halves(each) for each in halves]
    return ChoiceResult(
        rule="borda",
        settings=printed(settings, breaker),
        voters=instance.voters,
        winners=tuple(instance.options[place].id for place in ranked.winners),
        ties=ranked.ties,
        seats=settings.seats,
        rounds=seats_of(ranked, instance.options, instance.votes, scores),
        standings=tuple(_standing(instance, ranked, place, scores[place]) for place in range(len(halves))),
        # Borda does not look at pairs; people want to see whether it passed over an option that beats all others.
        details={"pairs": pairs_in([option.id for option in instance.options], pairwise(instance))},
    )


def borda_halves(instance: RankedInstance, convention: str) -> list[int]:
    """Per option the points of all ballots together, in halves of a point."""
    size, ranks = len(instance.options), instance.ranks
    unranked = ranks == size
    totals = []
    for place in range(size):
        mine = ranks[:, place, None]
        others = (ranks == mine).sum(axis=1) - 1
        halves = 2 * (mine < ranks).sum(axis=1) + others
        totals.append(int(instance.weights @ _by_convention(halves, unranked, place, convention)))
    return totals


def _by_convention(halves: Ints, unranked: Mask, place: int, convention: str) -> Ints:
    """From points that treat unranked options as level last (`average`) to those of another convention."""
    if convention == "average":
        return halves
    extra = {"zero": 0, "from_n": 2, "modified": 2 - 2 * unranked.sum(axis=1)}[convention]
    return np.where(unranked[:, place], 0, halves + extra)


def _standing(instance: RankedInstance, ranked: Ranked, place: int, score: str) -> Standing:
    won = place in ranked.winners
    return Standing(
        option=instance.options[place].id,
        votes=instance.votes[place],
        won=won,
        reason=_reason(instance, ranked, place),
        round=ranked.winners.index(place) + 1 if won else None,
        place=ranked.place_of.get(place),
        score=score,
    )


def _reason(instance: RankedInstance, ranked: Ranked, place: int) -> str:
    if place in ranked.winners:
        return "elected"
    if not instance.supporters[place]:
        return "no_votes"
    return "lost_tie" if ranked.lost_by_tie(place) else "fewer_votes"
