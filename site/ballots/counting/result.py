"""What a count returns: the winners, and for everything why.

Everything becomes plain values with `to_dict()`; the same count gives the same bytes. Amounts are whole cents; what is not whole
(shares, payments) is rounded only here, long after it decided anything, and written as a decimal string.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ballots.counting.ties import Tie

CENT_PLACES = 4
RHO_PLACES = 15


@dataclass(frozen=True, slots=True)
class Round:
    """One election. `remaining` is what is left of the real budget afterwards.

    Equal Shares only: `rho` is the price per utility (lowest wins), `payment` the most one supporter paid per point,
    `payers_in_full` and `payers_with_less` how many voters paid that, or all they still had.
    """

    number: int
    stage: str
    option: str
    cost: int
    votes: int
    remaining: int
    rho: Fraction | None = None
    payment: Fraction | None = None
    payers_in_full: int | None = None
    payers_with_less: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values; what the rule does not have is left out."""
        shares = {
            "rho": decimal(self.rho, RHO_PLACES),
            "payment_cents": decimal(self.payment, CENT_PLACES),
            "payers_in_full": self.payers_in_full,
            "payers_with_less": self.payers_with_less,
        }
        return {
            "round": self.number,
            "stage": self.stage,
            "option": self.option,
            "cost_cents": self.cost,
            "votes": self.votes,
            "remaining_cents": self.remaining,
            **known(shares),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why one option won or lost.

    `reason`: `elected`, `elected_in_completion`, `no_votes`, `below_minimum`, `exceeds_budget`, `did_not_fit`,
    `count_stopped`, `supporters_could_not_pay`, `excluded_by`.
    What would have changed it, all else the same (the lot too), where it can be computed exactly: `votes_short` more votes
    would have elected it; it could have missed `votes_to_spare` votes; a cost lower by `cheaper_by` cents would have
    elected it. Equal Shares: `money_left` is what its supporters had left at the end, `money_short` what was missing.
    `excluded_by`: of options that exclude each other, the one that won.
    """

    option: str
    cost: int
    votes: int
    supporters: int
    won: bool
    reason: str
    round: int | None = None
    remaining: int | None = None
    votes_short: int | None = None
    votes_to_spare: int | None = None
    cheaper_by: int | None = None
    money_left: Fraction | None = None
    money_short: Fraction | None = None
    excluded_by: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values; what is not known for this rule is left out."""
        changes = {
            "round": self.round,
            "remaining_cents": self.remaining,
            "votes_short": self.votes_short,
            "votes_to_spare": self.votes_to_spare,
            "cheaper_by_cents": self.cheaper_by,
            "money_left_cents": decimal(self.money_left, CENT_PLACES),
            "money_short_cents": decimal(self.money_short, CENT_PLACES),
            "excluded_by": self.excluded_by,
        }
        own = {"option": self.option, "cost_cents": self.cost, "votes": self.votes, "supporters": self.supporters}
        return {**own, "won": self.won, "reason": self.reason, **known(changes)}


@dataclass(frozen=True, slots=True, kw_only=True)
class SharesCourse:
    """How the shares of Equal Shares grew.

    `first_share` and `last_share` are what each voter could spend, in cents; `ended` is `once` (no increments), `overspend` (the next
    increment would have passed the budget), `exhaustive` (nothing else fits) or `all_elected`. `refused` are the options the next
    increment would have elected, `refused_cost` their cost. `other_ties`: whether a count with another share had a tie (those of the count
    that stands are in `CountResult.ties`).
    """

    first_share: Fraction
    last_share: Fraction
    increments: int
    ended: str
    refused: tuple[str, ...] = ()
    refused_cost: int | None = None
    other_ties: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "first_share_cents": decimal(self.first_share, CENT_PLACES),
            "last_share_cents": decimal(self.last_share, CENT_PLACES),
            "increments": self.increments,
            "ended": self.ended,
            "refused": list(self.refused),
            "refused_cost_cents": self.refused_cost,
            "other_ties": self.other_ties,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class CountResult(ABC):
    """The outcome of one count. `winners` are option ids in order of election; `settings` holds everything that decides."""

    rule: str
    settings: Mapping[str, Any]
    voters: int
    winners: tuple[str, ...]
    ties: tuple[Tie, ...]

    @abstractmethod
    def to_dict(self) -> dict[str, Any]:
        """The whole result as plain values, ready for JSON."""

    def to_bytes(self) -> bytes:
        """The result as canonical JSON: the same count gives the same bytes on every machine."""
        return json.dumps(self.to_dict(), sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetResult(CountResult):
    """The outcome of dividing a budget, in cents."""

    budget: int
    rounds: tuple[Round, ...]
    explanations: tuple[Explanation, ...]
    shares: SharesCourse | None = None

    @property
    def cost(self) -> int:
        """What the winners cost together, in cents; never more than the budget."""
        return sum(each.cost for each in self.rounds)

    def to_dict(self) -> dict[str, Any]:
        """The whole result as plain values, ready for JSON."""
        result: dict[str, Any] = {
            "rule": self.rule,
            "settings": dict(self.settings),
            "voters": self.voters,
            "budget_cents": self.budget,
            "winners": list(self.winners),
            "cost_cents": self.cost,
            "rounds": [each.to_dict() for each in self.rounds],
            "options": [each.to_dict() for each in self.explanations],
            "ties": [each.to_dict() for each in self.ties],
        }
        return result | ({"shares": self.shares.to_dict()} if self.shares else {})


def decimal(value: Fraction | None, places: int) -> str | None:
    """The value with `places` decimals, half up, computed in whole numbers; None stays None."""
    if value is None:
        return None
    scaled = (value.numerator * 10**places * 2 + value.denominator) // (value.denominator * 2)
    whole, part = divmod(abs(scaled), 10**places)
    return f"{'-' if scaled < 0 else ''}{whole}.{part:0{places}d}"


def known(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values without those that are None."""
    return {name: value for name, value in values.items() if value is not None}
