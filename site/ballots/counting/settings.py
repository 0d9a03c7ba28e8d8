"""The settings that decide an outcome, read from a plain dict and checked.

They are frozen with the vote and printed with the result: the same ballots under another utility or another end of the increments
elect other options (docs/explanation/counting.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar, Self

TIE_RULES = ("lot", "lowest_cost", "most_votes", "declared_order")
"""What may decide between options that are exactly level; several may be named, the first that tells them apart decides."""
CHOICE_TIE_RULES = ("lot", "most_votes", "declared_order")
"""The same where nothing has a price. On rankings `most_votes` looks at first preferences."""
STAGE_TIE_RULES = ("earlier_stages", *CHOICE_TIE_RULES)
"""The same where votes are transferred: `earlier_stages` looks at the last stage before at which they differed."""


class SettingsError(ValueError):
    """A setting that does not exist or has no such value; the message is a sentence for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountSettings:
    """What every rule asks: `tie`, the tie rules in order; a lot always comes last."""

    TIES: ClassVar[tuple[str, ...]] = TIE_RULES

    tie: tuple[str, ...] = ("lot",)

    def __post_init__(self) -> None:
        if not self.tie:
            raise SettingsError("tie must name a rule")
        for rule in self.tie:
            _check_choice("tie", rule, self.TIES)

    @classmethod
    def parse(cls, given: Mapping[str, Any]) -> Self:
        """Settings from a dict as a Vote stores it; `tie` may be one name, names with commas, or a list of names."""
        known = {each.name for each in fields(cls)}
        for name in given:
            if name not in known:
                raise SettingsError(f"this rule has no setting {name!r}; it has {', '.join(sorted(known))}")
        return cls(**{name: _READ[name](value) if name in _READ else value for name, value in given.items()})

    def to_dict(self) -> dict[str, Any]:
        """The settings as plain values, every default filled in."""
        return {name: _plain(value) for name, value in asdict(self).items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSettings(CountSettings):
    """What every budget rule asks.

    `min_votes`: an option with fewer votes (points) cannot win; 0 asks for nothing. `exclusive`: groups of option ids of which at most
    one may win; an option may be in several groups.
    """

    min_votes: int = 0
    exclusive: tuple[tuple[str, ...], ...] = ()

    def __post_init__(self) -> None:
        CountSettings.__post_init__(self)
        _check_number("min_votes", self.min_votes, least=0)
        for group in self.exclusive:
            if len(set(group)) != len(group) or len(group) < 2:
                raise SettingsError(
                    f"exclusive must be groups of two or more different options, not {','.join(group)!r}"
                )


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


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatSettings(CountSettings):
    """What every rule without money asks. `seats`: how many options win at most; a rule may have its own limit, MOST_SEATS."""

    TIES: ClassVar[tuple[str, ...]] = CHOICE_TIE_RULES
    MOST_SEATS: ClassVar[int | None] = None

    seats: int = 1

    def __post_init__(self) -> None:
        CountSettings.__post_init__(self)
        _check_number("seats", self.seats, least=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteSettings(SeatSettings):
    """Plurality and approval. `min_votes`: an option with fewer votes cannot win; 0 asks for nothing."""

    min_votes: int = 0

    def __post_init__(self) -> None:
        SeatSettings.__post_init__(self)
        _check_number("min_votes", self.min_votes, least=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreSettings(VoteSettings):
    """Score. `highest`: the most points that a ballot may give one option; 0 sets no limit. `min_votes` counts points."""

    highest: int = 0

    def __post_init__(self) -> None:
        VoteSettings.__post_init__(self)
        _check_number("highest", self.highest, least=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PointSettings(VoteSettings):
    """Points to divide. `per_ballot`: the most points that a ballot may hold; 0 sets no limit. `min_votes` counts points."""

    per_ballot: int = 0

    def __post_init__(self) -> None:
        VoteSettings.__post_init__(self)
        _check_number("per_ballot", self.per_ballot, least=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class BordaSettings(SeatSettings):
    """Borda, with n options of which a ballot ranks m. `convention`: how many points a rank is worth.

    `average`: n-1, n-2, …, and unranked options share what is left over equally. `zero`: n-1, n-2, …, unranked get nothing.
    `from_n`: n, n-1, …, unranked get nothing. `modified`: m, m-1, …, 1, unranked get nothing (modified Borda count).
    Options at the same rank get the average of the ranks they take up.
    """

    convention: str = "average"

    def __post_init__(self) -> None:
        SeatSettings.__post_init__(self)
        _check_choice("convention", self.convention, ("average", "zero", "from_n", "modified"))


@dataclass(frozen=True, slots=True, kw_only=True)
class StrengthSettings(SeatSettings):
    """Schulze and ranked pairs. `strength` of a victory: `winning_votes` (ballots for the winner) or `margins` (less those against)."""

    strength: str = "winning_votes"

    def __post_init__(self) -> None:
        SeatSettings.__post_init__(self)
        _check_choice("strength", self.strength, ("winning_votes", "margins"))


@dataclass(frozen=True, slots=True, kw_only=True)
class CopelandSettings(SeatSettings):
    """Copeland. `draw`: what a pair that ends level is worth to both: `half` a victory, `nothing`, or a `full` one."""

    draw: str = "half"

    def __post_init__(self) -> None:
        SeatSettings.__post_init__(self)
        _check_choice("draw", self.draw, ("half", "nothing", "full"))


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferSettings(SeatSettings):
    """Rules that transfer votes.

    `overvote`: at a rank with several options the ballot does `stop`, or they are passed over (`skip`). `skipped_rank`: at an empty rank
    go on (`skip`), `stop`, or `stop_at_two` empty ranks in a row.
    """

    TIES: ClassVar[tuple[str, ...]] = STAGE_TIE_RULES

    overvote: str = "stop"
    skipped_rank: str = "skip"

    def __post_init__(self) -> None:
        SeatSettings.__post_init__(self)
        _check_choice("overvote", self.overvote, ("stop", "skip"))
        _check_choice("skipped_rank", self.skipped_rank, ("skip", "stop", "stop_at_two"))


@dataclass(frozen=True, slots=True, kw_only=True)
class RunoffSettings(TransferSettings):
    """Instant run-off. `finish`: at a `majority` of the votes that still count, or only when `two_left`. The winner is the same."""

    MOST_SEATS: ClassVar[int | None] = 1

    finish: str = "majority"

    def __post_init__(self) -> None:
        TransferSettings.__post_init__(self)
        _check_choice("finish", self.finish, ("majority", "two_left"))
        if self.seats != self.MOST_SEATS:
            raise SettingsError("instant-runoff elects one; for more seats there is scottish-stv")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScottishSettings(TransferSettings):
    """Single transferable vote by the Scottish Local Government Elections Order 2007: earlier stages go before a lot."""

    tie: tuple[str, ...] = ("earlier_stages", "lot")


def _as_names(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(name.strip() for name in value.split(","))
    if isinstance(value, list | tuple):
        return tuple(str(name) for name in value)
    raise SettingsError(f"tie must be a name or a list of names, not {value!r}")


def _as_groups(value: Any) -> tuple[tuple[str, ...], ...]:
    groups = value if isinstance(value, list | tuple) else [value]
    return tuple(tuple(_exclusive_names(group)) for group in groups)


def _exclusive_names(group: Any) -> list[str]:
    if isinstance(group, str):
        return [name.strip() for name in group.split(",")]
    if isinstance(group, list | tuple):
        return [str(name) for name in group]
    raise SettingsError(f"exclusive must be a list of groups of option ids, not {group!r}")


_READ: Mapping[str, Callable[[Any], Any]] = {"tie": _as_names, "exclusive": _as_groups}


def _plain(value: Any) -> Any:
    return [_plain(each) for each in value] if isinstance(value, tuple) else value


def _check_choice(name: str, value: Any, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise SettingsError(f"{name} must be one of {', '.join(choices)}, not {value!r}")


def _check_number(name: str, value: Any, *, least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise SettingsError(f"{name} must be a whole number of {least} or more, not {value!r}")
