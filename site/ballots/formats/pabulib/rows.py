"""The three tables of a file, row by row, and what may be refused in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, NoReturn

from ballots.formats.pabulib.lines import PabulibError, csv_rows
from ballots.formats.text import Lines, quoted

SECTIONS = ("META", "PROJECTS", "VOTES")
REQUIRED_COLUMNS = {"META": ("key", "value"), "PROJECTS": ("project_id", "cost"), "VOTES": ("voter_id", "vote")}

LARGEST_AMOUNT = 10**15
"""Cents; far above any municipal budget, far below what would no longer be exact."""
AMOUNT = re.compile(r"([0-9]{1,15})(?:\.([0-9]{1,2})0*)?")
WHOLE_NUMBER = re.compile(r"[0-9]{1,12}")


@dataclass(slots=True)
class _Oddity:
    """A kind of oddity: the first line and how often."""

    first: int
    times: int = 0


class Rows:
    """The rows of a stream. `line` is the number of the first line of the current row; every refusal names it."""

    def __init__(self, stream: IO[bytes] | IO[str]) -> None:
        self._lines = Lines(stream, PabulibError)
        self._rows = csv_rows(self._lines)
        self._oddities: dict[str, _Oddity] = {}
        self.line = 0

    # --- Tables -------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Read the title of the first section."""
        row = self._next()
        if row is None:
            self.refuse_file("the file is empty")
        if _section(row) != SECTIONS[0]:
            self.refuse(f"the file must begin with the section {SECTIONS[0]}")

    def header(self, section: str) -> list[str]:
        """The names of the columns; the required ones are among them."""
        columns = [cell.strip() for cell in self._next() or []]
        for column in REQUIRED_COLUMNS[section]:
            if column not in columns:
                self.refuse(f"the header of {section} has no column {column}")
        if len(set(columns)) != len(columns):
            self.refuse(f"the header of {section} has a column twice")
        return columns

    def until(self, following: str | None, columns: list[str]) -> Iterator[list[str]]:
        """The rows up to the title of the `following` section, or (None) to the end of the file, each as wide as the header."""
        while (row := self._next()) is not None:
            title = _section(row)
            if title and title == following:
                return
            if title:
                self.refuse(f"the section {title} does not belong here")
            if not any(row):
                self._refuse_unless_at_the_end(following)
                return
            if len(row) != len(columns):
                self.refuse(f"{len(row)} columns where the header has {len(columns)}")
            yield row
        if following:
            self.refuse_file(f"the section {following} is missing")

    def _next(self) -> list[str] | None:
        self.line = self._lines.number + 1
        return next(self._rows, None)

    def _refuse_unless_at_the_end(self, following: str | None) -> None:
        """Editors leave empty lines at the end of a file; anywhere else something is missing."""
        if following or any(any(row) for row in self._rows):
            self.refuse("the line is empty")

    # --- Values -------------------------------------------------------------------------------------

    def amount(self, what: str, text: str) -> int:
        """An amount as whole cents."""
        found = AMOUNT.fullmatch(text)
        if not found:
            self.refuse(f"{what} must be an amount of zero or more with at most two decimals, not {quoted(text)}")
        cents = int(found[1]) * 100 + int((found[2] or "0").ljust(2, "0"))
        if cents > LARGEST_AMOUNT:
            self.refuse(f"{what} is too large")
        return cents

    def whole_number(self, what: str, text: str) -> int:
        """A whole number of zero or more."""
        if not WHOLE_NUMBER.fullmatch(text):
            self.refuse(f"{what} must be a whole number, not {quoted(text)}")
        return int(text)

    # --- Findings -----------------------------------------------------------------------------------

    def refuse(self, message: str) -> NoReturn:
        """This line makes the file unusable."""
        raise PabulibError(message, self.line)

    def refuse_file(self, message: str) -> NoReturn:
        """The file as a whole is unusable; the line is the last one read."""
        raise PabulibError(message, max(self._lines.number, 1))

    def note(self, oddity: str) -> None:
        """Remember that this line is odd."""
        self._oddities.setdefault(oddity, _Oddity(self.line)).times += 1

    def oddities(self) -> Iterator[str]:
        """What was noted, one sentence per kind."""
        for oddity, found in self._oddities.items():
            more = "" if found.times == 1 else f" and {found.times - 1} more lines"
            yield f"{oddity} (line {found.first}{more})"


def _section(row: list[str]) -> str | None:
    """The title of a section when this row is one; trailing empty cells are left by spreadsheets."""
    title = row[0].strip() if row else ""
    return title if title in SECTIONS and not any(row[1:]) else None
