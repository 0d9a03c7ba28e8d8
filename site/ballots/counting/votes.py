"""Rules that add up marks: plurality, approval, score and points. The options with the most win, as many as there are seats.

`plurality`: a ballot names one option at most. `approval`: a ballot names as many as it likes. `score`: a ballot gives every option
points of its own. `points`: a ballot divides points over the options. An option that nobody voted for never wins.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

from ballots.counting.choice import ChoiceResult, Ranked, Standing, fill_seats, printed, seats_of
from ballots.counting.instance import Instance, InstanceError
from ballots.counting.settings import PointSettings, ScoreSettings, VoteSettings
from ballots.counting.ties import TieBreaker


def count_plurality(instance: Instance, settings: VoteSettings, breaker: TieBreaker) -> ChoiceResult:
    """One ballot, one vote; an InstanceError when a ballot names more options."""
    longest = max((len(marks) for _weight, marks in instance.profile.marks()), default=0)
    if longest > 1 or not instance.profile.is_approval:
        raise InstanceError("plurality counts ballots that name one option, and here a ballot says more")
    return _Adding(instance, settings, breaker, "plurality").result()


def count_approval(instance: Instance, settings: VoteSettings, breaker: TieBreaker) -> ChoiceResult:
    """Every option on a ballot gets one vote; an InstanceError when ballots give points."""
    if not instance.profile.is_approval:
        raise InstanceError("approval counts ballots without points, and here ballots give points")
    return _Adding(instance, settings, breaker, "approval").result()


def count_score(instance: Instance, settings: ScoreSettings, breaker: TieBreaker) -> ChoiceResult:
    """Scores are added up; an option without a score gets none. An InstanceError when a ballot passes `highest`."""
    highest = int(instance.profile.points.max(initial=0))
    if settings.highest and highest > settings.highest:
        raise InstanceError(f"a ballot gives an option {highest} points, and {settings.highest} is the most")
    return _Adding(instance, settings, breaker, "score").result()


def count_points(instance: Instance, settings: PointSettings, breaker: TieBreaker) -> ChoiceResult:
    """Points are added up; an InstanceError when a ballot holds more than `per_ballot`."""
    most = max((sum(points for _place, points in marks) for _weight, marks in instance.profile.marks()), default=0)
    if settings.per_ballot and most > settings.per_ballot:
        raise InstanceError(f"a ballot holds {most} points, and {settings.per_ballot} is the most")
    return _Adding(instance, settings, breaker, "points").result()


def levels_by(places: Sequence[int], worth: Callable[[int], int]) -> list[list[int]]:
    """The places from the highest worth to the lowest, level ones together."""
    ordered = sorted(places, key=worth, reverse=True)
    return [list(level) for _worth, level in groupby(ordered, key=worth)]


@dataclass(frozen=True, slots=True)
class _Adding:
    instance: Instance
    settings: VoteSettings
    breaker: TieBreaker
    rule: str

    @property
    def _least(self) -> int:
        return max(1, self.settings.min_votes)

    def result(self) -> ChoiceResult:
        options, votes = self.instance.options, self.instance.votes
        eligible = [place for place in range(len(options)) if votes[place] >= self._least]
        ranked = fill_seats(levels_by(eligible, votes.__getitem__), self.settings.seats, self.breaker)
        return ChoiceResult(
            rule=self.rule,
            settings=printed(self.settings, self.breaker),
            voters=self.instance.voters,
            winners=tuple(options[place].id for place in ranked.winners),
            ties=ranked.ties,
            seats=self.settings.seats,
            rounds=seats_of(ranked, options, votes, None),
            standings=tuple(self._standing(place, ranked) for place in range(len(options))),
        )

    def _standing(self, place: int, ranked: Ranked) -> Standing:
        votes, needed = self.instance.votes[place], self._needed(place)
        won = place in ranked.winners
        return Standing(
            option=self.instance.options[place].id,
            votes=votes,
            won=won,
            reason=self._reason(place, ranked),
            round=ranked.winners.index(place) + 1 if won else None,
            votes_short=None if won else needed - votes,
            votes_to_spare=max(0, votes - needed) if won else None,
        )

    def _reason(self, place: int, ranked: Ranked) -> str:
        votes = self.instance.votes[place]
        if place in ranked.winners:
            return "elected"
        if votes < self._least:
            return "below_minimum" if votes else "no_votes"
        return "lost_tie" if ranked.lost_by_tie(place) else "fewer_votes"

    def _needed(self, place: int) -> int:
        """The fewest votes that surely elect this option, all other votes the same."""
        others = sorted((votes for other, votes in enumerate(self.instance.votes) if other != place), reverse=True)
        if len(others) < self.settings.seats or others[self.settings.seats - 1] < self._least:
            return self._least
        return others[self.settings.seats - 1] + 1
