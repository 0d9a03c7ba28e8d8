"""Loading addresses from CSV: everything of a file, or nothing, with the line of each refusal.

Columns, in Dutch or English: postcode, huisnummer/number, toevoeging/addition (and huisletter),
straat/street, plaats/city, buurtcode/neighbourhood, latitude, longitude. Without a neighbourhood's
code, the point decides. Separated by semicolons or commas, UTF-8.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any

from django.db import transaction
from django.utils.translation import gettext as _

from places.boundaries import Boundaries, current
from places.log import log_load
from places.models import Address, Area
from places.queries import plain_addition, plain_postcode

COLUMNS = {
    "postcode": ("postcode",),
    "number": ("number", "huisnummer"),
    "letter": ("letter", "huisletter"),
    "addition": ("addition", "toevoeging", "huisnummertoevoeging"),
    "street": ("street", "straat", "straatnaam", "openbareruimtenaam"),
    "city": ("city", "plaats", "woonplaats", "woonplaatsnaam"),
    "neighbourhood": ("neighbourhood", "buurtcode", "bu_code"),
    "latitude": ("latitude", "lat"),
    "longitude": ("longitude", "lon", "lng"),
}
REQUIRED = ("postcode", "number", "street")
POSTCODE = re.compile(r"[1-9][0-9]{3}[A-Z]{2}")
CHUNK = 2_000
MOST_REFUSALS = 20
BIGGEST_NUMBER = 99_999


class AddressesRefused(Exception):
    """Nothing was loaded; `lines` are sentences, each with its line number."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


@dataclass(frozen=True)
class Report:
    """How many addresses were new and how many were known already."""

    created: int
    updated: int


@transaction.atomic
def load_addresses(source: IO[str], *, actor: Any = None) -> Report:
    """Writes every address of a file; known ones (postcode, number, addition) are updated.

    The log of the municipality says who did it (`actor`, an account); nobody is the system itself.
    """
    before = Address.objects.count()
    rows = _Rows(source)
    total = 0
    addresses = iter(rows)
    while chunk := list(islice(addresses, CHUNK)):
        if not rows.refused:
            _write(chunk)
        total += len(chunk)
    if rows.refused:
        raise AddressesRefused(rows.refused)
    if not total:
        raise AddressesRefused([_("The file has no addresses.")])
    created = Address.objects.count() - before
    report = Report(created, total - created)
    log_load("places.load_addresses", {"created": report.created, "updated": report.updated}, actor=actor)
    return report


def _write(chunk: list[Address]) -> None:
    Address.objects.bulk_create(
        chunk,
        update_conflicts=True,
        unique_fields=["postcode", "number", "addition"],
        update_fields=["street", "city", "neighbourhood", "latitude", "longitude"],
    )


class _Rows:
    """Addresses of a file, checked; refusals gather in `refused`, at most twenty."""

    def __init__(self, source: IO[str]) -> None:
        self.source = source
        self.refused: list[str] = []
        self.seen: dict[tuple[str, int, str], int] = {}
        self.areas = dict(Area.objects.values_list("code", "pk"))
        self.boundaries: Boundaries = current()

    def __iter__(self) -> Iterator[Address]:
        try:
            reader = self._reader()
            for row in reader:
                # The header was read by hand, so the reader is one line behind.
                if address := self._checked(reader.line_num + 1, row):
                    yield address
                if len(self.refused) >= MOST_REFUSALS:
                    return
        except UnicodeDecodeError as problem:
            raise AddressesRefused([_("The file is not UTF-8 text.")]) from problem
        except csv.Error as problem:
            raise AddressesRefused([_("Line %(line)s: this is not CSV.") % {"line": reader.line_num + 1}]) from problem

    def _reader(self) -> "csv.DictReader[str]":
        header = self.source.readline().lstrip("\ufeff")
        delimiter = ";" if header.count(";") >= header.count(",") else ","
        names = [_column(name) for name in next(csv.reader([header], delimiter=delimiter), [])]
        missing = [COLUMNS[name][-1] for name in REQUIRED if name not in names]
        if missing:
            raise AddressesRefused([_("Line 1: the column “%(name)s” is missing.") % {"name": missing[0]}])
        return csv.DictReader(self.source, fieldnames=names, delimiter=delimiter, strict=True)

    def _checked(self, line: int, row: dict[str, Any]) -> Address | None:
        try:
            address = self._address(row)
            self._once(line, address)
        except ValueError as problem:
            self.refused.append(_("Line %(line)s: %(reason)s") % {"line": line, "reason": problem})
            return None
        return address

    def _once(self, line: int, address: Address) -> None:
        key = (address.postcode, address.number, address.addition)
        if first := self.seen.get(key):
            raise ValueError(_("this address is in the file already, on line %(first)s.") % {"first": first})
        self.seen[key] = line

    def _address(self, row: dict[str, Any]) -> Address:
        if None in row:
            raise ValueError(_("this line has more cells than the first line."))
        cell = {name: (value or "").strip() for name, value in row.items()}
        postcode = plain_postcode(cell["postcode"])
        if not POSTCODE.fullmatch(postcode):
            raise ValueError(_("“%(text)s” is not a postcode.") % {"text": cell["postcode"][:20]})
        latitude, longitude = _point(cell)
        return Address(
            postcode=postcode,
            number=_number(cell["number"]),
            addition=_short(plain_addition(cell.get("letter", "") + cell.get("addition", "")), 10),
            street=_short(cell["street"], 100, required=True),
            city=_short(cell.get("city", ""), 80),
            neighbourhood_id=self._area(cell, latitude, longitude),
            latitude=latitude,
            longitude=longitude,
        )

    def _area(self, cell: dict[str, str], latitude: float | None, longitude: float | None) -> int:
        if code := cell.get("neighbourhood", ""):
            if code not in self.areas:
                raise ValueError(_("the neighbourhood %(code)s is not known.") % {"code": code[:20]})
            return self.areas[code]
        if latitude is None or longitude is None:
            raise ValueError(_("give the neighbourhood's code, or a latitude and longitude."))
        found = self.boundaries.smallest_at(longitude, latitude)
        if found is None:
            raise ValueError(_("the point lies in no known area."))
        return found


def _column(text: str) -> str:
    name = text.strip().lower().replace(" ", "_")
    return next((column for column, names in COLUMNS.items() if name in names), name)


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= BIGGEST_NUMBER:
        raise ValueError(_("“%(text)s” is not a house number.") % {"text": text[:20]})
    return int(text)


def _short(text: str, limit: int, *, required: bool = False) -> str:
    if required and not text:
        raise ValueError(_("the street is missing."))
    if len(text) > limit:
        raise ValueError(_("“%(text)s…” is too long.") % {"text": text[:20]})
    return text


def _point(cell: dict[str, str]) -> tuple[float | None, float | None]:
    latitude, longitude = cell.get("latitude", ""), cell.get("longitude", "")
    if not latitude and not longitude:
        return None, None
    try:
        point = float(latitude.replace(",", ".")), float(longitude.replace(",", "."))
    except ValueError:
        point = (float("nan"), float("nan"))
    if not (-90 <= point[0] <= 90 and -180 <= point[1] <= 180):
        raise ValueError(_("the latitude and longitude are not a point on earth."))
    return point
