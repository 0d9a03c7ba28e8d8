"""Loading areas from GeoJSON: everything of a file, or nothing.

Property names of Statistics Netherlands (Wijk- en Buurtkaart), PDOK and cartomap are understood:
`statcode`/`statnaam`; `gm_code`, `wk_code`, `bu_code` with `*_naam`; `gemeentecode`, `wijkcode`,
`buurtcode`; `aantal_inwoners`; and `electorate` or `kiesgerechtigden`, which no national file has.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import shapely
from django.db import connection, transaction
from django.db.models import F
from django.utils.text import slugify
from django.utils.translation import gettext as _
from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry

from places.geojson import BadGeoJSON, Feature, FeatureReader, checked_boundary
from places.log import log_load
from places.models import Area, AreaFigures

Kind = Area.Kind
CODES = {
    Kind.NEIGHBOURHOOD: ("bu_code", "buurtcode"),
    Kind.DISTRICT: ("wk_code", "wijkcode"),
    Kind.MUNICIPALITY: ("gm_code", "gemeentecode"),
}
NAMES = {
    Kind.NEIGHBOURHOOD: ("bu_naam", "buurtnaam"),
    Kind.DISTRICT: ("wk_naam", "wijknaam"),
    Kind.MUNICIPALITY: ("gm_naam", "gemeentenaam"),
}
FORMS = {
    Kind.MUNICIPALITY: re.compile(r"GM\d{4}"),
    Kind.DISTRICT: re.compile(r"WK\d{6}"),
    Kind.NEIGHBOURHOOD: re.compile(r"BU\d{8}"),
}
POPULATION = ("population", "aantal_inwoners", "aantalInwoners", "inwoners", "inhabitants")
ELECTORATE = ("electorate", "kiesgerechtigden")
# Statistics Netherlands writes missing and secret figures as large negative numbers.
SECRET = -99_995
# Serialises loads, so that two of them cannot weave their rows together ("area" in hexadecimal).
LOCK = 0x61726561


@dataclass
class Report:
    """What a load did."""

    created: int = 0
    updated: int = 0
    skipped_water: int = 0
    made_municipality: str = ""  # its code
    has_name: bool = True
    kinds: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """A checked feature, ready to be written."""

    number: int
    kind: str
    code: str
    parent_code: str
    name: str
    geometry: BaseGeometry
    population: int | None
    electorate: int | None


class LoadRefused(Exception):
    """The file was refused and nothing was written; the text names the feature."""


def load_areas(path: Path, *, on: date, source: str = "", municipality: str = "") -> Report:
    """Writes every area of a file, with figures dated `on`. Loading the same file again updates.

    A file of districts or neighbourhoods may lack its own municipality: it is then made from them, with
    the name `municipality`, provided that all of them belong to the same one.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        load = _Load(path, on, source or path.name, municipality)
        load.run()
    return load.report


class _Load:
    """One load. Features whose parent comes later in the file wait for another reading of it."""

    def __init__(self, path: Path, on: date, source: str, municipality: str) -> None:
        self.path, self.on, self.source, self.municipality = path, on, source, municipality
        self.report = Report()
        self.numbers: dict[str, int] = {}  # code → number of its feature
        self.waiting: set[int] = set()
        self.read_whole = False
        self.made: Area | None = None

    def run(self) -> None:
        self._read()
        self.read_whole = True
        while self.waiting:
            before = frozenset(self.waiting)
            self._read(before)
            if self.waiting == before:
                self._refuse_orphan(min(before))
        if not self.numbers:
            raise LoadRefused(_("The file has no areas."))
        if self.made:
            self._draw_municipality()
        elif self.municipality:
            self._name_municipality()
        log_load("places.load_areas", {"created": self.report.created, "updated": self.report.updated})

    def _read(self, only: frozenset[int] | None = None) -> None:
        try:
            with self.path.open(encoding="utf-8") as source:
                for feature in FeatureReader(source):
                    if only is None or feature.number in only:
                        self._one(feature, first_time=only is None)
        except BadGeoJSON as problem:
            raise LoadRefused(str(problem)) from problem

    def _one(self, feature: Feature, *, first_time: bool) -> None:
        if _is_water(feature.properties):
            self.report.skipped_water += first_time
            return
        row = checked_row(feature)
        if first_time:
            self._remember(row)
        parent = self._parent(row)
        if parent is None and row.kind != Kind.MUNICIPALITY:
            self.waiting.add(row.number)
            return
        self.waiting.discard(row.number)
        self._write(row, parent)

    def _remember(self, row: Row) -> None:
        if row.code in self.numbers:
            values = {"number": row.number, "code": row.code, "first": self.numbers[row.code]}
            raise LoadRefused(_("Feature %(number)s: %(code)s is in the file already, as feature %(first)s.") % values)
        self.numbers[row.code] = row.number

    # --- Parents ------------------------------------------------------------------------------------

    def _parent(self, row: Row) -> Area | None:
        if row.kind == Kind.MUNICIPALITY:
            return None
        parent = Area.objects.filter(code=row.parent_code).first()
        if parent is None and row.kind == Kind.DISTRICT and self.read_whole:
            return self._made_municipality(row)
        return parent

    def _made_municipality(self, row: Row) -> Area | None:
        """The municipality of districts whose file lacks it, when all belong to the same one."""
        owners = {"GM" + code[2:6] for code in self.numbers}
        if len(owners) > 1 or row.parent_code in self.numbers or self.made:
            return None
        name = self.municipality or row.parent_code
        self.made = Area.objects.create(
            kind=Kind.MUNICIPALITY, code=row.parent_code, name=name, slug=_free_slug(name, row.parent_code)
        )
        self.report.made_municipality, self.report.has_name = row.parent_code, bool(self.municipality)
        return self.made

    def _name_municipality(self) -> None:
        """A municipality that an earlier load made without a name gets it now; one with a name keeps it."""
        codes = {"GM" + code[2:6] for code in self.numbers}
        for area in Area.objects.filter(kind=Kind.MUNICIPALITY, code__in=codes, name=F("code")):
            area.name, area.slug = self.municipality, _free_slug(self.municipality, area.code)
            area.save(update_fields=["name", "slug"])

    def _refuse_orphan(self, number: int) -> None:
        code = next(code for code, found in self.numbers.items() if found == number)
        kind = _kind_of_code(code)
        parent = parent_code(kind, code) if kind else ""
        values = {"number": number, "code": code, "parent": parent}
        raise LoadRefused(_("Feature %(number)s: %(code)s is part of %(parent)s, which is not known.") % values)

    def _draw_municipality(self) -> None:
        assert self.made is not None
        boundaries = Area.objects.filter(parent=self.made).exclude(boundary=None).values_list("boundary", flat=True)
        _set_boundary(self.made, shapely.union_all([shape(boundary) for boundary in boundaries]))
        self.made.save()

    # --- Rows ---------------------------------------------------------------------------------------

    def _write(self, row: Row, parent: Area | None) -> None:
        area = Area.objects.filter(code=row.code).first()
        created = area is None
        area = area or Area(code=row.code, slug=_free_slug(row.name, row.code))
        if not created and area.kind != row.kind:
            raise LoadRefused(_refusal(row.number, _("%(code)s is known as another kind of area") % {"code": row.code}))
        area.kind, area.name, area.parent = row.kind, row.name, parent
        _set_boundary(area, row.geometry)
        area.save()
        self._write_figures(area, row)
        self.report.created += created
        self.report.updated += not created
        self.report.kinds[row.kind] = self.report.kinds.get(row.kind, 0) + 1

    def _write_figures(self, area: Area, row: Row) -> None:
        known = {"population": row.population, "electorate": row.electorate}
        known = {name: value for name, value in known.items() if value is not None}
        if known:
            AreaFigures.objects.update_or_create(
                area=area, date=self.on, defaults={**known, "source": self.source[:200]}
            )


# --- One feature ------------------------------------------------------------------------------------


def checked_row(feature: Feature) -> Row:
    """The feature's code, name, parent, boundary and figures, or `LoadRefused` with its number."""
    try:
        kind, code = _kind_and_code(feature.properties)
        population, electorate = (_figure(feature.properties, names) for names in (POPULATION, ELECTORATE))
        if population is not None and electorate is not None and electorate > population:
            raise BadGeoJSON(_("has more voters than inhabitants"))
        return Row(
            number=feature.number,
            kind=kind,
            code=code,
            parent_code=_parent_code(kind, code, feature.properties),
            name=_name(kind, feature.properties),
            geometry=checked_boundary(feature.geometry),
            population=population,
            electorate=electorate,
        )
    except BadGeoJSON as problem:
        raise LoadRefused(_refusal(feature.number, str(problem))) from problem


def _refusal(number: int, reason: str) -> str:
    return _("Feature %(number)s %(reason)s.") % {"number": number, "reason": reason}


def _first(properties: dict[str, Any], names: Iterable[str]) -> Any:
    return next((properties[name] for name in names if properties.get(name) not in (None, "")), None)


def _kind_of_code(code: str) -> str | None:
    return next((kind for kind, form in FORMS.items() if form.fullmatch(code)), None)


def _kind_and_code(properties: dict[str, Any]) -> tuple[str, str]:
    """The smallest area that the properties name is what the feature is."""
    own = (names for names in CODES.values())
    code = _first(properties, ("statcode", *(name for names in own for name in names)))
    if code is None:
        raise BadGeoJSON(_("has no code (statcode, gm_code, wk_code or bu_code)"))
    kind = _kind_of_code(str(code).strip())
    if kind is None:
        raise BadGeoJSON(_("has an unknown code: %(code)s") % {"code": str(code)[:20]})
    return kind, str(code).strip()


def parent_code(kind: str, code: str) -> str:
    """Codes hold their parent's: BU09170102 is part of WK091701, that of GM0917."""
    return {Kind.NEIGHBOURHOOD: f"WK{code[2:8]}", Kind.DISTRICT: f"GM{code[2:6]}"}.get(kind, "")  # type: ignore[call-overload]


def _parent_code(kind: str, code: str, properties: dict[str, Any]) -> str:
    own = parent_code(kind, code)
    parents = {Kind.NEIGHBOURHOOD: Kind.DISTRICT, Kind.DISTRICT: Kind.MUNICIPALITY}
    named = _first(properties, CODES[parents[Kind(kind)]]) if own else None
    if named and str(named).strip() != own:
        raise BadGeoJSON(
            _("has a code that does not fit the area it is part of: %(parent)s") % {"parent": str(named)[:20]}
        )
    return own


def _name(kind: str, properties: dict[str, Any]) -> str:
    name = _first(properties, ("statnaam", *NAMES[Kind(kind)], "name", "naam"))
    text = " ".join(str(name).split()) if name is not None else ""
    if not text:
        raise BadGeoJSON(_("has no name"))
    if len(text) > 100:
        raise BadGeoJSON(_("has a name of more than 100 characters"))
    return text


def _figure(properties: dict[str, Any], names: tuple[str, ...]) -> int | None:
    value = _first(properties, names)
    if value is None or (isinstance(value, (int, float)) and value <= SECRET):
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0 or value != int(value):
        raise BadGeoJSON(_("has a figure that is not a whole number: %(value)s") % {"value": str(value)[:20]})
    return int(value)


def _is_water(properties: dict[str, Any]) -> bool:
    """Statistics Netherlands repeats an area's code for its water; people live on the land."""
    return str(_first(properties, ("water", "H2O", "h2o")) or "").upper() == "JA"


def _free_slug(name: str, code: str) -> str:
    slug = slugify(name)[:100] or slugify(code)
    return f"{slug[:95]}-{slugify(code)}" if Area.objects.filter(slug=slug).exists() else slug


def _set_boundary(area: Area, geometry: BaseGeometry) -> None:
    area.boundary = mapping(geometry)
    area.west, area.south, area.east, area.north = geometry.bounds
