"""Ties: who goes first among options that are exactly level.

Never a silent order of ids: the rules are named in the settings, and where they leave options level a lot decides, drawn from a seed
that is printed with the result. Anybody can draw again: the lot of an option is SHA-256 of "<seed>:<option id>", lowest first.
"""

from __future__ import annotations

import hashlib
import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from ballots.counting.instance import Option
from ballots.counting.settings import SettingsError

SHORTEST_SEED = 16

History = Sequence[Sequence[int]]
"""The votes per place after every stage so far, the first stage in front."""


class Counted(Protocol):
    """What a tie rule may look at: the options, the votes of each, and the digest from which a seed is made."""

    @property
    def options(self) -> tuple[Option, ...]:
        """The options in declared order."""

    @property
    def votes(self) -> list[int]:
        """Votes per option (rankings: first preferences)."""

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of what decides."""


@dataclass(frozen=True, slots=True)
class Tie:
    """Options that were exactly level in a round.

    `by` is the tie rule that told them apart; `first` went first. In the stage `exclusion` the last of `options` went out, and `by` is the
    rule that told it from the others. `decisive` is True when another order would have elected other options, False when not,
    None when only a second count could tell.
    """

    round: int
    stage: str
    options: tuple[str, ...]
    first: str
    by: str
    decisive: bool | None

    def to_dict(self) -> dict[str, Any]:
        """Plain values; options in the order the tie rule gave them."""
        return {
            "round": self.round,
            "stage": self.stage,
            "options": list(self.options),
            "first": self.first,
            "by": self.by,
            "decisive": self.decisive,
        }


class TieBreaker:
    """Puts level options (places in `instance.options`) in order by the named rules, a lot last.

    `seed` is hexadecimal; without one the digest of the instance is the seed, so a file always gives the same lot.
    """

    def __init__(self, instance: Counted, rules: Sequence[str], seed: str | None) -> None:
        self._instance = instance
        self._given_seed = None if seed is None else checked_seed(seed)
        self._rules = (*rules, "lot")

    @cached_property
    def seed(self) -> str:
        """The seed of the lot."""
        return self._given_seed or self._instance.digest

    @property
    def seed_source(self) -> str:
        """`given`, or `ballots` when the seed was made from what is counted."""
        return "given" if self._given_seed else "ballots"

    def order(self, level: Sequence[int], *, history: History = ()) -> list[int]:
        """The level options, the one that goes first in front."""
        if len(level) < 2:
            return list(level)
        keys = self._keys(history)
        return sorted(level, key=lambda place: tuple(keys[rule](place) for rule in self._rules))

    def decided_by(self, level: Sequence[int], *, history: History = (), last: bool = False) -> str:
        """The rule that told the first (or last) of `level` (in any order) from the others."""
        rest, keys = list(level), self._keys(history)
        for rule in self._rules:
            found = [keys[rule](place) for place in rest]
            sought = max(found) if last else min(found)
            rest = [place for place, key in zip(rest, found, strict=True) if key == sought]
            if len(rest) == 1:
                return rule
        raise AssertionError("two options drew the same lot")

    def tie(
        self,
        level: Sequence[int],
        *,
        number: int,
        stage: str,
        decisive: bool | None,
        history: History = (),
        last: bool = False,
    ) -> Tie:
        """The tie between the options at `level`, as it goes into the result; `last` when the last of them was chosen (to go out)."""
        ids = tuple(self._instance.options[place].id for place in self.order(level, history=history))
        by = self.decided_by(level, history=history, last=last)
        return Tie(number, stage, ids, ids[0], by, decisive)

    def _keys(self, history: History) -> dict[str, Callable[[int], Any]]:
        options = self._instance.options
        return {
            "lot": self._lot,
            "lowest_cost": lambda place: options[place].cost,
            "most_votes": lambda place: -self._instance.votes[place],
            "declared_order": lambda place: place,
            "earlier_stages": lambda place: tuple(-votes[place] for votes in reversed(history)),
        }

    def _lot(self, place: int) -> str:
        drawn = f"{self.seed}:{self._instance.options[place].id}"
        return hashlib.sha256(drawn.encode()).hexdigest()


def checked_seed(seed: str) -> str:
    """The seed in lower case; a SettingsError when it is not hexadecimal or too short to be drawn fairly."""
    if len(seed) < SHORTEST_SEED or not set(seed) <= set(string.hexdigits):
        raise SettingsError(f"the seed must be at least {SHORTEST_SEED} hexadecimal digits")
    return seed.lower()
