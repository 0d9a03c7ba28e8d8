"""The settings that decide an outcome, read from a plain dict and checked.

They are frozen with the vote and printed with the result: the same ballots under another utility or another end of the increments
elect other options (docs/explanation/counting.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

TIE_RULES = ("lot", "lowest_cost", "most_votes", "declared_order")
"""What may decide between options that are exactly level; several may be named, the first that tells them apart decides."""


class SettingsError(ValueError):
    """A setting that does not exist or has no such value; the message is a sentence for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSettings:
    """What every budget rule asks. `min_votes`: an option with fewer votes (points) cannot win; 0 asks for nothing."""

    min_votes: int = 0
    tie: tuple[str, ...] = ("lot",)

    def __post_init__(self) -> None:
        _check_number("min_votes", self.min_votes, least=0)
        if not self.tie:
            raise SettingsError("tie must name a rule")
        for rule in self.tie:
            _check_choice("tie", rule, TIE_RULES)

    @classmethod
    def parse(cls, given: Mapping[str, Any]) -> Self:
        """Settings from a dict as a Vote stores it; `tie` may be one name, names with commas, or a list of names."""
        known = {each.name for each in fields(cls)}
        for name in given:
            if name not in known:
                raise SettingsError(f"this rule has no setting {name!r}; it has {', '.join(sorted(known))}")
        values: dict[str, Any] = {name: _as_names(value) if name == "tie" else value for name, value in given.items()}
        return cls(**values)

    def to_dict(self) -> dict[str, Any]:
        """The settings as plain values, every default filled in."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class GreedySettings(RuleSettings):
    """Most votes first. `when_full`: at an option that does not fit, `skip` it and try the next, or `stop` the count."""

    when_full: str = "skip"

    def __post_init__(self) -> None:
        RuleSettings.__post_init__(self)
        _check_choice("when_full", self.when_full, ("skip", "stop"))


@dataclass(frozen=True, slots=True, kw_only=True)
class SharesSettings(RuleSettings):
    """The Method of Equal Shares.

    `utility`: what a voter is taken to gain from a point: `cost` (the option's cost) or `cardinality` (one).
    `increment`: `none` counts once with the budget divided equally; `until_exhaustive` gives every voter `increment_cents` more until
    nothing else fits in the real budget; `until_overspend` goes on past that. Both stop before the budget would be passed.
    `start`: the first share is the `exact` quotient, or rounded down to a `whole` number of increments.
    `completion`: what the remaining money goes to: `none`, or `greedy` by votes.
    """

    utility: str = "cost"
    increment: str = "none"
    increment_cents: int = 100
    start: str = "exact"
    completion: str = "none"

    def __post_init__(self) -> None:
        RuleSettings.__post_init__(self)
        _check_choice("utility", self.utility, ("cost", "cardinality"))
        _check_choice("increment", self.increment, ("none", "until_exhaustive", "until_overspend"))
        _check_number("increment_cents", self.increment_cents, least=1)
        _check_choice("start", self.start, ("exact", "whole"))
        _check_choice("completion", self.completion, ("none", "greedy"))


def _as_names(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(name.strip() for name in value.split(","))
    if isinstance(value, list | tuple):
        return tuple(str(name) for name in value)
    raise SettingsError(f"tie must be a name or a list of names, not {value!r}")


def _check_choice(name: str, value: Any, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise SettingsError(f"{name} must be one of {', '.join(choices)}, not {value!r}")


def _check_number(name: str, value: Any, *, least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise SettingsError(f"{name} must be a whole number of {least} or more, not {value!r}")
