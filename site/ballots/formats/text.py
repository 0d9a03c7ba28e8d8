"""The lines of a file of ballots, with their numbers; what is no text at all is refused here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

LONGEST_LINE = 1_000_000
"""Bytes; a real line is a few hundred. Longer ones are refused before they fill the memory."""


class FormatError(ValueError):
    """A file that is not sound; `line` is the line's number, None when the file as a whole is meant."""

    def __init__(self, message: str, line: int | None = None) -> None:
        self.message, self.line = message, line
        super().__init__(message if line is None else f"line {line}: {message}")


class Lines:
    """The lines of a stream as text, none too long, none that is not UTF-8; `number` counts them. Refuses with `error`."""

    def __init__(self, stream: IO[bytes] | IO[str], error: type[FormatError] = FormatError) -> None:
        self._stream: IO[Any] = stream
        self._error = error
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
            raise self._error("the file is not UTF-8", self.number + 1) from error
        return line

    def _text(self, line: bytes | str) -> str:
        if len(line) > LONGEST_LINE:
            raise self._error(f"the line is longer than {LONGEST_LINE} characters", self.number)
        text = self._decoded(line)
        if "\0" in text:
            raise self._error("the line has a NUL character; this is not a text file", self.number)
        return text.removeprefix("\ufeff") if self.number == 1 else text

    def _decoded(self, line: bytes | str) -> str:
        if isinstance(line, str):
            return line
        try:
            return line.decode()
        except UnicodeDecodeError as error:
            raise self._error(f"the file is not UTF-8 (byte {error.start + 1} of the line)", self.number) from error


def quoted(text: str) -> str:
    """A quotation that fits in a sentence."""
    return repr(text if len(text) <= 40 else text[:40] + "…")
