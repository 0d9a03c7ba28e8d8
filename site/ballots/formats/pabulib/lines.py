"""The rows of a `.pb` file, with the numbers of their lines."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from ballots.formats.text import FormatError, Lines


class PabulibError(FormatError):
    """A file that is not a sound `.pb`."""


def csv_rows(lines: Lines) -> Iterator[list[str]]:
    """The rows of the file; a quoted cell may run over lines, so the number of the first line is taken by the caller."""
    reader = csv.reader(lines, delimiter=";", strict=True)
    while True:
        before = lines.number
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise PabulibError(f"the quotes or cells are broken ({error})", before + 1) from error
        if row is None:
            return
        yield row
