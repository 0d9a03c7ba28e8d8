"""`.blt` files: the format that programs for the single transferable vote share.

First the number of options and of seats; then perhaps `-3 -5`, options that withdrew; then a ballot per line: how often it was cast,
the numbers of the options in order, and 0; a line with only 0; then the names in quotes, and a title. `-` is a rank the voter
skipped, `2=4` a rank with several options. What follows `#` outside quotes is a comment.

An option that withdrew is not among the options. Ballots are read as if it had never stood there: the ranks behind it move up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from ballots.counting.ranked.ballots import RankedInstance, Ranking
from ballots.formats.rankings import MOST_OPTIONS, RankedMeta, Reading, instance_of, opened
from ballots.formats.text import quoted


def read_blt(source: Path | str | IO[bytes] | IO[str]) -> tuple[RankedMeta, RankedInstance]:
    """Read a file by its path, or an open stream. Raises FormatError with the line, and OSError when the file cannot be read."""
    with opened(source) as reading:
        return _Blt(reading).read()


class _Blt:
    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.lines = self._contents()
        self.size = 0
        self.withdrawn: set[int] = set()
        self.counted: Counter[Ranking] = Counter()

    def read(self) -> tuple[RankedMeta, RankedInstance]:
        seats = self._first_line()
        self._ballots()
        names = [self._name(number) for number in range(1, self.size + 1)]
        title = unquoted(next(self.lines, ""))
        for _line in self.lines:
            self.reading.refuse("there is more in the file after the title")
        meta = RankedMeta(title, seats, tuple(names[place] for place in sorted(self.withdrawn)))
        return meta, self._without_withdrawn(names)

    def _contents(self) -> Iterator[str]:
        """The lines without comments, and without those that are empty then."""
        for line in self.reading:
            content = without_comment(line)
            if content:
                yield content

    def _first_line(self) -> int:
        words = self._next("the number of options and of seats").split()
        if len(words) != 2:
            self.reading.refuse("the file must begin with the number of options and the number of seats")
        self.size = self.reading.number("the number of options", words[0], most=MOST_OPTIONS)
        return self.reading.number("the number of seats", words[1], most=MOST_OPTIONS)

    def _next(self, what: str) -> str:
        line = next(self.lines, None)
        if line is None:
            self.reading.refuse(f"the file ends before {what}")
        return line

    # --- Ballots --------------------------------------------------------------------------------------

    def _ballots(self) -> None:
        while (line := self._next("the line with only 0 after the ballots")) != "0":
            words = line.split()
            if words[0].startswith("-") and len(words[0]) > 1:
                self._withdraw(words)
            else:
                self._ballot(words)

    def _withdraw(self, words: Sequence[str]) -> None:
        if self.counted:
            self.reading.refuse("options that withdrew must stand before the ballots")
        for word in words:
            if not word.startswith("-"):
                self.reading.refuse(f"{quoted(word)} stands among the options that withdrew, without a minus sign")
            self.withdrawn.add(self._place(word[1:]))

    def _ballot(self, words: Sequence[str]) -> None:
        weight = self.reading.number("the number of ballots", words[0])
        if words[-1] != "0" or len(words) < 2:
            self.reading.refuse("the ballot does not end with 0")
        ranks = [self._rank(word) for word in words[1:-1]]
        places = [place for rank in ranks for place in rank]
        if len(set(places)) != len(places):
            self.reading.refuse("the ballot names an option twice")
        self.counted[tuple(ranks)] += weight

    def _rank(self, word: str) -> tuple[int, ...]:
        return () if word == "-" else tuple(self._place(number) for number in word.split("="))

    def _place(self, word: str) -> int:
        return self.reading.number("the number of an option", word, most=self.size) - 1

    def _without_withdrawn(self, names: Sequence[str]) -> RankedInstance:
        staying = [place for place in range(self.size) if place not in self.withdrawn]
        number = {place: here for here, place in enumerate(staying)}
        counted: Counter[Ranking] = Counter()
        for ranking, weight in self.counted.items():
            ranks = [tuple(number[place] for place in rank if place in number) for rank in ranking]
            # A rank that was filled with somebody who withdrew is gone; one that was empty stays empty.
            kept = tuple(rank for rank, before in zip(ranks, ranking, strict=True) if rank or not before)
            counted[kept] += weight
        return instance_of(self.reading, [names[place] for place in staying], counted)

    # --- Names ----------------------------------------------------------------------------------------

    def _name(self, number: int) -> str:
        line = self._next(f"the name of option {number}")
        if not is_quoted(line):
            self.reading.refuse(f"the name of option {number} must be one text in quotes, not {quoted(line)}")
        name = unquoted(line)
        if not name:
            self.reading.refuse(f"option {number} has no name")
        return name


def without_comment(line: str) -> str:
    """The line up to a `#` that is not within quotes."""
    inside = False
    for at, character in enumerate(line):
        if character == '"':
            inside = not inside
        elif character == "#" and not inside:
            return line[:at].strip()
    return line


def is_quoted(line: str) -> bool:
    """Whether the line is one text in quotes; a quote within is doubled."""
    return len(line) >= 2 and line[0] == line[-1] == '"' and '"' not in line[1:-1].replace('""', "")


def unquoted(line: str) -> str:
    """The text within the quotes; a line without quotes as it is."""
    return line[1:-1].replace('""', '"').strip() if is_quoted(line) else line
