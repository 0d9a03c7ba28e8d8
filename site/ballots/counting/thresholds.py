"""Thresholds: how many voters it takes before an outcome counts as the council promised.

Figures seen in published ordinances: a turnout of 20 % of those on the roll, or 25 % of those on the roll for the winning answer.
A share is in hundredths of a per cent, so that it is whole: 2,000 is 20 %.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from ballots.counting.settings import SettingsError

KINDS = ("none", "turnout", "outcome")
"""`turnout`: ballots cast, blank ones included. `outcome`: votes for the option that won."""

WHOLE = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """What must be reached. `share` of the roll, in hundredths of a per cent; 0 exactly when `kind` is `none`."""

    kind: str = "none"
    share: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise SettingsError(f"threshold must be one of {', '.join(KINDS)}, not {self.kind!r}")
        if isinstance(self.share, bool) or not isinstance(self.share, int):
            raise SettingsError(f"the share of a threshold must be a whole number, not {self.share!r}")
        least, most = (0, 0) if self.kind == "none" else (1, WHOLE)
        if not least <= self.share <= most:
            raise SettingsError(f"the share of this threshold must be from {least} to {most}, not {self.share}")

    @classmethod
    def parse(cls, given: Mapping[str, Any]) -> Self:
        """A threshold from {"kind": …, "share": …}; raises SettingsError."""
        if unknown := sorted(set(given) - {"kind", "share"}):
            raise SettingsError(f"a threshold has no setting {unknown[0]!r}; it has kind, share")
        return cls(**given)

    def needed(self, roll: int) -> int:
        """The fewest ballots (or votes) that reach it: rounded up, because a part of a voter is not enough."""
        return -(-roll * self.share // WHOLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Whether a threshold was reached: `reached` ballots or votes, of `needed`."""

    threshold: Threshold
    needed: int
    reached: int

    @property
    def met(self) -> bool:
        """With no votes at all nothing is met, unless nothing was asked."""
        return self.threshold.kind == "none" or self.reached >= max(1, self.needed)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as they go into the seal."""
        own = {"kind": self.threshold.kind, "share": self.threshold.share}
        return {**own, "needed": self.needed, "reached": self.reached, "met": self.met}


def reach(threshold: Threshold, *, roll: int, ballots: int, winning_votes: int) -> Reach:
    """How far a vote came. `winning_votes` are those for the first winner, 0 when nothing won.

    Raises ValueError when there are more ballots than people on the roll, or more votes than ballots.
    """
    if not 0 <= winning_votes <= ballots <= roll:
        raise ValueError(f"{winning_votes} votes, {ballots} ballots and {roll} people on the roll cannot go together")
    counted = {"none": 0, "turnout": ballots, "outcome": winning_votes}[threshold.kind]
    return Reach(threshold=threshold, needed=threshold.needed(roll), reached=counted)
