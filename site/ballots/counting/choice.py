"""What a count without money returns: who won, in which order, and for every option why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from ballots.counting.instance import Option
from ballots.counting.result import CountResult, known
from ballots.counting.settings import SeatSettings
from ballots.counting.ties import Tie, TieBreaker

Score = int | str
"""What decides, as it is printed: a whole number, or a decimal text where halves are possible."""


class Plain(Protocol):
    """One round of any rule."""

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""


@dataclass(frozen=True, slots=True)
class Seat:
    """One seat filled, by a rule that counts once. `score` is what decided, where that is not the votes."""

    number: int
    option: str
    votes: int
    score: Score | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        own = {"round": self.number, "stage": "count", "option": self.option, "votes": self.votes}
        return own | known({"score": self.score})


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Why one option won or lost.

    `reason`: `elected`, `no_votes`, `below_minimum`, `fewer_votes` (others had more), `lost_tie` (level with the last winner),
    `beaten` (an option that is in front of it beats it), `excluded`, `seats_full`, `elected_with_quota`, `elected_to_last_seat`.
    `votes` are votes or points; on rankings first preferences. `round`: where it was elected or excluded. `score`: what decided, where that
    is not the votes. `place`: 1 for the first, for rules that put all options in order; level options share a place.
    What would have changed it, all else the same: `votes_short` more votes would have elected it whoever wins the ties, it could have
    missed `votes_to_spare`. `beaten_by`: the options that beat it. `last_votes`: its votes when it was elected or excluded,
    `behind`: how many fewer than the next.
    """

    option: str
    votes: int
    won: bool
    reason: str
    round: int | None = None
    place: int | None = None
    score: Score | None = None
    votes_short: int | None = None
    votes_to_spare: int | None = None
    beaten_by: tuple[str, ...] | None = None
    last_votes: Score | None = None
    behind: Score | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values; what is not known for this rule is left out."""
        more = {
            "round": self.round,
            "place": self.place,
            "score": self.score,
            "votes_short": self.votes_short,
            "votes_to_spare": self.votes_to_spare,
            "beaten_by": None if self.beaten_by is None else list(self.beaten_by),
            "last_votes": self.last_votes,
            "behind": self.behind,
        }
        own = {"option": self.option, "votes": self.votes, "won": self.won, "reason": self.reason}
        return own | known(more)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceResult(CountResult):
    """The outcome of a choice. `details`: plain values that only this rule has, such as the pairs of a Condorcet rule."""

    seats: int
    rounds: tuple[Plain, ...]
    standings: tuple[Standing, ...]
    details: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The whole result as plain values, ready for JSON."""
        return {
            "rule": self.rule,
            "settings": dict(self.settings),
            "voters": self.voters,
            "seats": self.seats,
            "winners": list(self.winners),
            "rounds": [each.to_dict() for each in self.rounds],
            "options": [each.to_dict() for each in self.standings],
            "ties": [each.to_dict() for each in self.ties],
            **self.details,
        }


@dataclass(frozen=True, slots=True)
class Ranked:
    """Options in the order in which a rule elects them, level ones together, and who of them got a seat."""

    levels: tuple[tuple[int, ...], ...]
    winners: tuple[int, ...]
    ties: tuple[Tie, ...]

    @property
    def place_of(self) -> dict[int, int]:
        """Place of each option, level ones the same: 1, 2, 2, 4."""
        found: dict[int, int] = {}
        for level in self.levels:
            found |= dict.fromkeys(level, len(found) + 1)
        return found

    def lost_by_tie(self, place: int) -> bool:
        """Whether this option is level with an option that won, and got no seat."""
        return place not in self.winners and any(
            place in level and set(level) & set(self.winners) for level in self.levels
        )


def fill_seats(levels: Iterable[Sequence[int]], seats: int, breaker: TieBreaker) -> Ranked:
    """Give the seats to the first levels; within a level the tie rule decides."""
    ordered: list[tuple[int, ...]] = []
    winners: list[int] = []
    ties: list[Tie] = []
    for level in levels:
        ordered.append(tuple(breaker.order(level)))
        left = seats - len(winners)
        if len(level) > 1 and left:
            ties.append(breaker.tie(level, number=len(winners) + 1, stage="count", decisive=len(level) > left))
        winners += ordered[-1][:left]
    return Ranked(tuple(ordered), tuple(winners), tuple(ties))


def seats_of(
    ranked: Ranked, options: Sequence[Option], votes: Sequence[int], scores: Sequence[Score] | None
) -> tuple[Seat, ...]:
    """The rounds of a rule that counts once: one per seat."""
    return tuple(
        Seat(number, options[place].id, votes[place], None if scores is None else scores[place])
        for number, place in enumerate(ranked.winners, 1)
    )


def printed(settings: SeatSettings, breaker: TieBreaker) -> dict[str, Any]:
    """Everything that decides, as plain values: the settings, and the seed of the lot."""
    return settings.to_dict() | {"seed": breaker.seed, "seed_source": breaker.seed_source}
