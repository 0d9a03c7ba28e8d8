"""Reading an extract of the municipal register from CSV, line by line, with everything that is wrong by line number.

Columns, in Dutch or English: registernummer/register_number, naam/name, straat/street, huisnummer/house_number, toevoeging/addition,
postcode, plaats/city, geboortedatum/date_of_birth, geheim/secret and, where a vote has several, kiesgroep/electorate. Separated by
semicolons or commas, UTF-8 with or without a byte-order mark. No other column: what we do not need we do not want to have.
"""

import csv
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import IO, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from ballots.register.codes import read_number
from places.queries import plain_addition, plain_postcode

COLUMNS = {
    "number": ("registernummer", "register_number"),
    "name": ("naam", "name"),
    "street": ("straat", "street"),
    "house_number": ("huisnummer", "house_number"),
    "addition": ("toevoeging", "addition"),
    "postcode": ("postcode",),
    "city": ("plaats", "city"),
    "birth_date": ("geboortedatum", "date_of_birth"),
    "secret": ("geheim", "secret"),
    "electorate": ("kiesgroep", "electorate"),
}
OPTIONAL = ("electorate",)
LONGEST = {"name": 200, "street": 100, "addition": 10, "city": 80, "electorate": 50}
YES, NO = ("ja", "j", "yes", "y", "1"), ("nee", "n", "no", "0")
LONGEST_LINE = 5_000
MOST_LISTED = 100
BIGGEST_HOUSE_NUMBER = 99_999
OLDEST = date(1900, 1, 1)
_POSTCODE = re.compile(r"[1-9][0-9]{3}[A-Z]{2}")
_ISO, _DUTCH = re.compile(r"(\d{4})-(\d\d?)-(\d\d?)"), re.compile(r"(\d\d?)-(\d\d?)-(\d{4})")
_UTF_8_MARK, _UTF_16_MARKS = b"\xef\xbb\xbf", (b"\xff\xfe", b"\xfe\xff")
# Characters that turn the direction of a text: with them a name looks like another one.
_TURNING = {chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F)}


@dataclass(frozen=True)
class Person:
    """One line of an extract, checked. Without an address only where that is secret."""

    number: str
    name: str
    street: str
    house_number: int | None
    addition: str
    postcode: str
    city: str
    birth_date: date
    is_secret: bool
    electorate: str = ""


@dataclass
class Problems:
    """What is wrong in a file: the first hundred with their line, and how many there are."""

    listed: list[tuple[int, str]] = field(default_factory=list)
    count: int = 0

    def add(self, line: int, text: str) -> None:
        self.count += 1
        if len(self.listed) < MOST_LISTED:
            self.listed.append((line, text))

    @property
    def sentences(self) -> list[str]:
        """The first hundred in order of line."""
        return [
            _("Line %(line)s: %(problem)s") % {"line": line, "problem": text}
            for line, text in sorted(self.listed)[:MOST_LISTED]
        ]


class Unreadable(Exception):
    """From this line on the file cannot be read."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line = line


def read_extract(source: IO[bytes], problems: Problems) -> Iterator[tuple[int, Person]]:
    """Every good line as (line number, person); what is wrong goes into `problems`. Holds one line at a time in memory."""
    try:
        yield from _persons(_lines(source), problems)
    except Unreadable as problem:
        problems.add(problem.line, str(problem))


def _persons(lines: Iterator[str], problems: Problems) -> Iterator[tuple[int, Person]]:
    header = next(lines, "")
    delimiter = ";" if header.count(";") >= header.count(",") else ","
    columns = _columns(header, delimiter)
    rows = csv.reader(lines, delimiter=delimiter, strict=True)
    while (row := _next_row(rows)) is not None:
        line = rows.line_num + 1  # the first line was read before
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(columns):
            problems.add(
                line, _("this line has %(number)s cells, and the first line %(expected)s.") % _cells(row, columns)
            )
            continue
        wrong: list[str] = []
        person = read_person(dict(zip(columns, row, strict=True)), wrong)
        for text in wrong:
            problems.add(line, text)
        if person is not None:
            yield line, person


def _cells(row: list[str], columns: list[str]) -> dict[str, int]:
    return {"number": len(row), "expected": len(columns)}


def _next_row(rows: Any) -> list[str] | None:
    try:
        row: list[str] | None = next(rows, None)
    except csv.Error as problem:
        raise Unreadable(rows.line_num + 1, _("this is not CSV. The lines after it were not read.")) from problem
    return row


def _lines(source: IO[bytes]) -> Iterator[str]:
    number = 0
    while raw := source.readline(LONGEST_LINE + 1):
        number += 1
        if len(raw) > LONGEST_LINE:
            raise Unreadable(number, _("this line is too long. The lines after it were not read."))
        yield _text(number, raw)


def _text(number: int, raw: bytes) -> str:
    """Only UTF-8: any other guess would make names of people wrong without a sign."""
    if raw.startswith(_UTF_16_MARKS) or b"\0" in raw:
        raise Unreadable(number, _("the file is UTF-16. Save it as CSV with UTF-8."))
    try:
        return raw.removeprefix(_UTF_8_MARK if number == 1 else b"").decode()
    except UnicodeDecodeError as problem:
        raise Unreadable(number, _("the file is not UTF-8 (perhaps Latin-1). Save it as CSV with UTF-8.")) from problem


def _columns(header: str, delimiter: str) -> list[str]:
    """Our names of the columns, in the order of the file."""
    cells = next(csv.reader([header], delimiter=delimiter), [])
    names = [_column(cell) for cell in cells]
    wrong = [
        *(
            _("the column “%(name)s” does not belong here.") % {"name": _cut(cell)}
            for cell, name in zip(cells, names, strict=True)
            if not name
        ),
        *(
            _("the column “%(name)s” is there twice.") % {"name": _said(name)}
            for name in COLUMNS
            if names.count(name) > 1
        ),
        *(
            _("the column “%(name)s” is missing.") % {"name": _said(name)}
            for name in COLUMNS
            if name not in (*names, *OPTIONAL)
        ),
    ]
    if wrong:
        raise Unreadable(1, " ".join(wrong))
    return names


def _said(column: str) -> str:
    """The name of a column as the file should have it."""
    return COLUMNS[column][0]


def _column(text: str) -> str:
    name = text.strip().lower().replace(" ", "_")
    return next((column for column, names in COLUMNS.items() if name in names), "")


# --- One person ------------------------------------------------------------------------------------------------------


def read_person(cells: Mapping[str, str], wrong: list[str]) -> Person | None:
    """The person in these cells; None with sentences in `wrong` when something is not right."""
    cell = {name: (cells.get(name) or "").strip() for name in COLUMNS}
    before = len(wrong)
    wrong += _bad_text(cell)
    is_secret = _yes_or_no(cell["secret"], wrong)
    number, birth_date = read_number(cell["number"]), read_date(cell["birth_date"])
    if number is None:
        wrong.append(_("“%(text)s” is no register number.") % {"text": _cut(cell["number"])})
    if birth_date is None:
        wrong.append(
            _("“%(text)s” is no date of birth. Write 1985-12-31 or 31-12-1985.") % {"text": _cut(cell["birth_date"])}
        )
    house_number, postcode = _address(cell, is_secret, wrong)
    if len(wrong) > before or number is None or birth_date is None:
        return None
    return Person(
        number,
        cell["name"],
        cell["street"],
        house_number,
        plain_addition(cell["addition"]),
        postcode,
        cell["city"],
        birth_date,
        is_secret,
        cell["electorate"],
    )


def _bad_text(cell: Mapping[str, str]) -> Iterator[str]:
    if not cell["name"]:
        yield _("the name is missing.")
    for name, text in cell.items():
        words = {"column": _said(name), "number": LONGEST.get(name, 0)}
        if has_hidden_character(text):
            yield _("there is a control character in “%(column)s”.") % words
        if name in LONGEST and len(text) > LONGEST[name]:
            yield _("“%(column)s” is longer than %(number)s characters.") % words


def has_hidden_character(text: str) -> bool:
    """Whether there is something in it that is not seen: a control character, or one that turns the direction."""
    return any(unicodedata.category(character) == "Cc" or character in _TURNING for character in text)


def _address(cell: Mapping[str, str], is_secret: bool, wrong: list[str]) -> tuple[int | None, str]:
    """House number and postcode; a secret address may be left out as a whole."""
    parts = [cell[name] for name in ("street", "house_number", "postcode", "city")]
    if is_secret and not any(parts):
        return None, ""
    number, postcode = cell["house_number"], plain_postcode(cell["postcode"])
    wrong += [
        _("the column “%(name)s” is empty.") % {"name": _said(name)} for name in ("street", "city") if not cell[name]
    ]
    if not number.isascii() or not number.isdigit() or len(number) > 5 or int(number) == 0:
        wrong.append(_("“%(text)s” is no house number.") % {"text": _cut(number)})
    if not _POSTCODE.fullmatch(postcode):
        wrong.append(_("“%(text)s” is no postcode.") % {"text": _cut(cell["postcode"])})
    return (int(number) if number.isascii() and number.isdigit() and len(number) <= 5 else None), postcode


def _yes_or_no(text: str, wrong: list[str]) -> bool:
    """An empty cell is no answer: a forgotten "yes" would send a letter to a secret address."""
    if text.lower() not in YES + NO:
        wrong.append(_("“%(text)s” in “geheim” is not “ja” or “nee”.") % {"text": _cut(text)})
    return text.lower() in YES


def read_date(text: str) -> date | None:
    """A date of birth, from 1900 up to today."""
    if match := _ISO.fullmatch(text):
        year, month, day = map(int, match.groups())
    elif match := _DUTCH.fullmatch(text):
        day, month, year = map(int, match.groups())
    else:
        return None
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return found if OLDEST <= found <= timezone.localdate() else None


def _cut(text: str) -> str:
    return "".join(character for character in text[:30] if not has_hidden_character(character))
