"""What files of rankings have in common: how options get their ids, what a file says besides, and how its lines are refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, NoReturn

from ballots.counting.instance import InstanceError, Option
from ballots.counting.ranked.ballots import RankedInstance, Ranking, group_rankings
from ballots.formats.text import FormatError, Lines

MOST_OPTIONS = 1_000
LARGEST_WEIGHT = 10**9


@dataclass(frozen=True, slots=True)
class RankedMeta:
    """What a file says besides options and ballots: its `title`, the number of `seats` where it names one, `withdrawn` options by name.

    `values`: the header of a PrefLib file; `warnings`: what is odd but not wrong, as sentences.
    """

    title: str = ""
    seats: int | None = None
    withdrawn: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


class Reading:
    """A file that is being read: its lines, and refusals that name the line."""

    def __init__(self, stream: IO[bytes] | IO[str]) -> None:
        self._lines = Lines(stream)

    def __iter__(self) -> Iterator[str]:
        return (line.strip() for line in self._lines)

    def refuse(self, message: str) -> NoReturn:
        """The line that was read last makes the file unusable."""
        raise FormatError(message, max(self._lines.number, 1))

    def number(self, what: str, text: str, *, least: int = 1, most: int = LARGEST_WEIGHT) -> int:
        """A whole number between two bounds."""
        if not (text.isascii() and text.isdigit() and len(text) <= 12 and least <= int(text) <= most):
            self.refuse(f"{what} must be a whole number from {least} to {most}, not {text[:40]!r}")
        return int(text)


@contextmanager
def opened(source: Path | str | IO[bytes] | IO[str]) -> Iterator[Reading]:
    """The file at a path, or an open stream (bytes, or text that was decoded already)."""
    if isinstance(source, Path | str):
        with Path(source).open("rb") as stream:
            yield Reading(stream)
    else:
        yield Reading(source)


def options_named(names: Sequence[str]) -> tuple[Option, ...]:
    """Options with their names as ids, as people know them; a name that is there twice gets its number behind it."""
    times = Counter(names)
    ids = [name if times[name] == 1 else f"{name} ({number})" for number, name in enumerate(names, 1)]
    return tuple(map(Option, ids))


def instance_of(reading: Reading, names: Sequence[str], counted: Mapping[Ranking, int]) -> RankedInstance:
    """The options and ballots of a file; what contradicts itself is refused."""
    try:
        return RankedInstance(options_named(names), group_rankings(counted))
    except InstanceError as error:
        reading.refuse(str(error))
