"""PrefLib's files of rankings: `.soc` and `.soi` (one option per rank, complete and incomplete), `.toc` and `.toi` (with level options).

Lines that begin with `#` say what the file is: `# NUMBER ALTERNATIVES: 3`, `# ALTERNATIVE NAME 1: …`. Every other line is an order and how
often it was cast: `12: 1,{2,3}`. Format: Mattei and Walsh, "PrefLib: A Library for Preferences", ADT 2013, and preflib.org.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import IO

from ballots.counting.ranked.ballots import RankedInstance, Ranking
from ballots.formats.rankings import MOST_OPTIONS, RankedMeta, Reading, instance_of, opened
from ballots.formats.text import FormatError, quoted

TYPES = ("soc", "soi", "toc", "toi")
RANK = re.compile(r"\{([^{}]*)\}|([^,{}]+)")
ORDER = re.compile(r"(?:\{[^{}]*\}|[^,{}]+)(?:,(?:\{[^{}]*\}|[^,{}]+))*")


def read_preflib(source: Path | str | IO[bytes] | IO[str], *, kind: str) -> tuple[RankedMeta, RankedInstance]:
    """Read a file by its path, or an open stream. `kind`: how its name ends, one of TYPES.

    Raises FormatError with the line, and OSError when the file cannot be read. Numbers that the header announces must be right.
    """
    with opened(source) as reading:
        return _PrefLib(reading, kind).read()


class _PrefLib:
    def __init__(self, reading: Reading, kind: str) -> None:
        self.reading, self.kind = reading, kind
        self.values: dict[str, str] = {}
        self.names: list[str] = []
        self.counted: Counter[Ranking] = Counter()
        self.orders = 0

    def read(self) -> tuple[RankedMeta, RankedInstance]:
        for line in self.reading:
            if line.startswith("#"):
                self._header(line)
            elif line:
                self._order(line)
        if not self.orders:
            self._end_header()
        self._check("NUMBER VOTERS", sum(self.counted.values()))
        self._check("NUMBER UNIQUE ORDERS", self.orders)
        meta = RankedMeta(self.values.get("TITLE", ""), values=self.values)
        return meta, instance_of(self.reading, self.names, self.counted)

    def _header(self, line: str) -> None:
        key, colon, value = line.removeprefix("#").partition(":")
        if self.orders:
            self.reading.refuse("a line of the header stands among the orders")
        if not colon:
            return
        if key.strip() in self.values:
            self.reading.refuse(f"the header gives {key.strip()} twice")
        self.values[key.strip()] = value.strip()
        if key.strip() == "DATA TYPE" and value.strip() != self.kind:
            self.reading.refuse(f"the file says that it is {quoted(value.strip())}, but its name ends in .{self.kind}")

    def _end_header(self) -> None:
        text = self.values.get("NUMBER ALTERNATIVES")
        if text is None:
            self.reading.refuse("the header has no NUMBER ALTERNATIVES")
        size = self.reading.number("NUMBER ALTERNATIVES", text, most=MOST_OPTIONS)
        for number in range(1, size + 1):
            name = self.values.get(f"ALTERNATIVE NAME {number}")
            if not name:
                self.reading.refuse(f"the header has no ALTERNATIVE NAME {number}")
            self.names.append(name)

    def _check(self, key: str, found: int) -> None:
        announced = self.values.get(key, str(found))
        if announced != str(found):
            self.reading.refuse(f"the header announces {key} {quoted(announced)}, but the file has {found}")

    # --- Orders ---------------------------------------------------------------------------------------

    def _order(self, line: str) -> None:
        if not self.orders:
            self._end_header()
        weight, colon, order = line.partition(":")
        if not colon:
            self.reading.refuse("an order must begin with how often it was cast, and a colon")
        times = self.reading.number("how often an order was cast", weight.strip())
        self.counted[self._ranking(order.replace(" ", ""))] += times
        self.orders += 1

    def _ranking(self, order: str) -> Ranking:
        if not ORDER.fullmatch(order):
            self.reading.refuse(f"{quoted(order)} is not an order")
        ranks = [self._rank(level, single) for level, single in RANK.findall(order)]
        places = [place for rank in ranks for place in rank]
        if len(set(places)) != len(places):
            self.reading.refuse("the order names an option twice")
        if self.kind.endswith("c") and len(places) != len(self.names):
            self.reading.refuse(
                f"the order names {len(places)} of {len(self.names)} options; in a .{self.kind} file it names all"
            )
        return tuple(ranks)

    def _rank(self, level: str, single: str) -> tuple[int, ...]:
        if not single and self.kind.startswith("s"):
            self.reading.refuse(f"a .{self.kind} file has no level options")
        numbers = [single] if single else level.split(",")
        most = len(self.names)
        return tuple(self.reading.number("the number of an option", number, most=most) - 1 for number in numbers)


# --- Writing --------------------------------------------------------------------------------------------


def write_preflib(target: IO[str], instance: RankedInstance, *, title: str, file_name: str, published: date) -> None:
    """Write the rankings as a PrefLib file; how its name ends is `preflib_kind` of the instance.

    Orders stand from most to least cast, so the file says nothing about who voted when. The format has no blank ballots: they are
    left out, and NUMBER VOTERS counts the others. Raises FormatError for what it cannot hold: skipped ranks.
    """
    target.writelines(f"{line}\n" for line in _written(instance, title, file_name, published))


def preflib_text(instance: RankedInstance, *, title: str, file_name: str, published: date) -> str:
    """The PrefLib file as one text."""
    text = io.StringIO(newline="")
    write_preflib(text, instance, title=title, file_name=file_name, published=published)
    return text.getvalue()


def preflib_kind(instance: RankedInstance) -> str:
    """`soc`, `soi`, `toc` or `toi`: the narrowest kind of file that holds these rankings."""
    rankings = [ranking for ranking, _weight in instance.ballots if ranking]
    level = any(len(rank) > 1 for ranking in rankings for rank in ranking)
    complete = all(sum(map(len, ranking)) == len(instance.options) for ranking in rankings)
    return f"{'t' if level else 's'}o{'c' if complete else 'i'}"


def _written(instance: RankedInstance, title: str, file_name: str, published: date) -> Iterator[str]:
    orders = sorted(((-weight, ranking) for ranking, weight in instance.ballots if ranking))
    values = {
        "FILE NAME": file_name,
        "TITLE": title,
        "DESCRIPTION": "",
        "DATA TYPE": preflib_kind(instance),
        "MODIFICATION TYPE": "original",
        "RELATES TO": "",
        "RELATED FILES": "",
        "PUBLICATION DATE": published.isoformat(),
        "MODIFICATION DATE": published.isoformat(),
        "NUMBER ALTERNATIVES": str(len(instance.options)),
        "NUMBER VOTERS": str(-sum(weight for weight, _ranking in orders)),
        "NUMBER UNIQUE ORDERS": str(len(orders)),
    }
    yield from _header_lines(values, [option.name or option.id for option in instance.options])
    for weight, ranking in orders:
        yield f"{-weight}: {','.join(map(_rank_text, ranking))}"


def _header_lines(values: Mapping[str, str], names: Sequence[str]) -> Iterator[str]:
    named = {f"ALTERNATIVE NAME {number}": name for number, name in enumerate(names, 1)}
    for key, value in (dict(values) | named).items():
        yield f"# {key}: {' '.join(value.split())}"


def _rank_text(rank: Sequence[int]) -> str:
    numbers = [str(place + 1) for place in rank]
    if not numbers:
        raise FormatError("a PrefLib file cannot hold skipped ranks")
    return numbers[0] if len(numbers) == 1 else f"{{{','.join(numbers)}}}"
