"""The lines and rows of a file, with their numbers; what is no text at all is refused here."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import IO, Any

LONGEST_LINE = 1_000_000
"""Bytes; a real line is a few hundred. Longer ones are refused before they fill the memory."""


class PabulibError(ValueError):
    """A file that is not a sound `.pb`; `line` is the line's number, None when the file as a whole is meant."""

    def __init__(self, message: str, line: int | None = None) -> None:
        self.message, self.line = message, line
        super().__init__(message if line is None else f"line {line}: {message}")


class Lines:
    """The lines of a stream as text, none too long, none that is not UTF-8; `number` counts them."""

    def __init__(self, stream: IO[bytes] | IO[str]) -> None:
        self._stream: IO[Any] = stream
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        while line := self._read_line():
            self.number += 1
            yield self._text(line)

    def _read_line(self) -> bytes | str:
        line: bytes | str
        try:
            line = self._stream.readline(LONGEST_LINE + 1)
        except UnicodeDecodeError as error:
            raise PabulibError("the file is not UTF-8", self.number + 1) from error
        return line

    def _text(self, line: bytes | str) -> str:
        if len(line) > LONGEST_LINE:
            raise PabulibError(f"the line is longer than {LONGEST_LINE} characters", self.number)
        text = self._decoded(line)
        if "\0" in text:
            raise PabulibError("the line has a NUL character; this is not a text file", self.number)
        return text.removeprefix("\ufeff") if self.number == 1 else text

    def _decoded(self, line: bytes | str) -> str:
        if isinstance(line, str):
            return line
        try:
            return line.decode()
        except UnicodeDecodeError as error:
            raise PabulibError(f"the file is not UTF-8 (byte {error.start + 1} of the line)", self.number) from error


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


def quoted(text: str) -> str:
    """A quotation that fits in a sentence."""
    return repr(text if len(text) <= 40 else text[:40] + "…")
