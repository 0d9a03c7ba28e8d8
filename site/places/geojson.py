"""GeoJSON: a reader that keeps one feature in memory, and the checks every boundary must pass."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

import shapely
from django.utils.translation import gettext as _
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

# A feature may be this long; a municipality's boundary with every bend is about one megabyte.
MAX_FEATURE = 64 * 1024 * 1024
CHUNK = 64 * 1024
LON, LAT = 180, 90
SPACE = " \t\r\n"
RING_POINTS = 4
# A word, escape or number cut off at the buffer's end is shorter than this.
LONGEST_TOKEN = 40


class BadGeoJSON(Exception):
    """The file or a feature cannot be used; the text is a sentence for people."""


@dataclass(frozen=True)
class Feature:
    """A feature with its number in the file, from 1."""

    number: int
    properties: dict[str, Any]
    geometry: Any


class FeatureReader:
    """Reads the features of a FeatureCollection one by one, with a buffer of about one feature.

    What comes before and after `features` is read too: a file that names another coordinate system, or
    ends half-way, is refused. Positions in errors are characters from the start of the file.
    """

    def __init__(self, source: IO[str]) -> None:
        self.source = source
        self.buffer = ""
        self.offset = 0  # of the buffer's first character, in the file
        self.at_end = False
        self.decoder = json.JSONDecoder(parse_constant=_no_constant)

    def __iter__(self) -> Iterator[Feature]:
        try:
            yield from self._collection()
        except UnicodeDecodeError as problem:
            raise BadGeoJSON(_("The file is not UTF-8 text.")) from problem
        except RecursionError as problem:
            raise BadGeoJSON(_("The file has brackets inside brackets without end.")) from problem

    # --- The collection around the features ---------------------------------------------------------

    def _collection(self) -> Iterator[Feature]:
        self._expect("{", _("The file is not a GeoJSON collection: it must begin with “{”."))
        members: dict[str, Any] = {}
        found = False
        while True:
            name = self._value()
            if not isinstance(name, str):
                raise self._broken()
            self._expect(":")
            if name == "features":
                found = True
                yield from self._features()
            else:
                members[name] = self._value()
                _check_member(name, members[name])
            if not self._comma_or("}"):
                break
        if members.get("type") != "FeatureCollection" or not found:
            raise BadGeoJSON(
                _("The file is not a GeoJSON collection: “type” must be FeatureCollection, with “features”.")
            )
        if self._peek():
            raise self._broken()

    def _features(self) -> Iterator[Feature]:
        self._expect("[", _("“features” must be a list."))
        if self._peek() == "]":
            self._take()
            return
        number = 0
        while True:
            number += 1
            yield _feature(number, self._value())
            if not self._comma_or("]"):
                return

    # --- Characters ---------------------------------------------------------------------------------

    def _read(self) -> bool:
        """Reads on; False at the end of the file."""
        text = self.source.read(CHUNK)
        if not text:
            self.at_end = True
            return False
        if len(self.buffer) > MAX_FEATURE:
            raise BadGeoJSON(
                _("One feature is longer than %(size)s million characters.") % {"size": MAX_FEATURE // 2**20}
            )
        self.buffer += text
        return True

    def _drop(self, count: int) -> None:
        self.buffer = self.buffer[count:]
        self.offset += count

    def _peek(self) -> str:
        """The next character that is no space, or "" at the end."""
        while True:
            stripped = self.buffer.lstrip(SPACE + "\ufeff" if self.offset == 0 else SPACE)
            self._drop(len(self.buffer) - len(stripped))
            if self.buffer or not self._read():
                return self.buffer[:1]

    def _take(self) -> str:
        character = self._peek()
        self._drop(1)
        return character

    def _expect(self, character: str, sentence: str = "") -> None:
        if self._peek() != character:
            raise BadGeoJSON(sentence) if sentence else self._broken()
        self._drop(1)

    def _comma_or(self, closing: str) -> bool:
        """True after a comma, False after the closing bracket."""
        if self._peek() not in (",", closing):
            raise self._broken()
        return self._take() == ","

    def _value(self) -> Any:
        """The next JSON value; reads as much as it needs."""
        self._peek()
        while True:
            try:
                value, end = self.decoder.raw_decode(self.buffer)
            except ValueError as problem:
                if not self._may_go_on(problem) or not self._grow():
                    raise self._broken(getattr(problem, "pos", 0)) from problem
                continue
            # A number at the buffer's end may go on in the next piece.
            if end < len(self.buffer) or not self._grow():
                self._drop(end)
                return value

    def _may_go_on(self, problem: ValueError) -> bool:
        """Whether the rest of the value may not have been read yet; otherwise it is broken here and now."""
        if not isinstance(problem, json.JSONDecodeError):
            return False
        return problem.msg.startswith("Unterminated string") or problem.pos >= len(self.buffer) - LONGEST_TOKEN

    def _grow(self) -> bool:
        """Doubles what is in the buffer, so that a long feature is not parsed again for every piece."""
        before = len(self.buffer)
        while len(self.buffer) < 2 * before + CHUNK and self._read():
            pass
        return len(self.buffer) > before

    def _broken(self, position: int = 0) -> BadGeoJSON:
        return BadGeoJSON(
            _("The file is broken JSON at character %(position)s.") % {"position": self.offset + position + 1}
        )


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _check_member(name: str, value: Any) -> None:
    if name == "crs" and not any(mark in json.dumps(value) for mark in ("CRS84", "4326")):
        raise BadGeoJSON(_("The file uses another coordinate system. Convert it to WGS 84 (EPSG:4326) first."))


def _feature(number: int, value: Any) -> Feature:
    if not isinstance(value, dict) or value.get("type") != "Feature":
        raise BadGeoJSON(_("Feature %(number)s is not a GeoJSON feature.") % {"number": number})
    properties = value.get("properties")
    if not isinstance(properties, dict):
        raise BadGeoJSON(_("Feature %(number)s has no properties.") % {"number": number})
    return Feature(number, properties, value.get("geometry"))


# --- Boundaries -------------------------------------------------------------------------------------


def checked_boundary(geometry: Any) -> BaseGeometry:
    """A valid, closed, non-empty (multi)polygon in degrees, or `BadGeoJSON` with the reason."""
    if not isinstance(geometry, dict) or geometry.get("type") not in ("Polygon", "MultiPolygon"):
        raise BadGeoJSON(_("has no boundary: the geometry must be a Polygon or MultiPolygon"))
    polygons = geometry.get("coordinates")
    polygons = [polygons] if geometry["type"] == "Polygon" else polygons
    if not isinstance(polygons, list) or not polygons:
        raise BadGeoJSON(_("has an empty boundary"))
    for polygon in polygons:
        _check_polygon(polygon)
    return _valid(shape(geometry))


def _check_polygon(polygon: Any) -> None:
    if not isinstance(polygon, list) or not polygon:
        raise BadGeoJSON(_("has an empty boundary"))
    for ring in polygon:
        if not isinstance(ring, list) or len(ring) < RING_POINTS:
            raise BadGeoJSON(_("has a ring of fewer than four points"))
        for point in ring:
            _check_point(point)
        if ring[0] != ring[-1]:
            raise BadGeoJSON(_("has a ring that is not closed"))


def _check_point(point: Any) -> None:
    if not isinstance(point, list) or len(point) < 2 or not all(_is_number(part) for part in point):
        raise BadGeoJSON(_("has a point that is not two numbers"))
    longitude, latitude = point[:2]
    if abs(longitude) > LON or abs(latitude) > LAT:
        raise BadGeoJSON(
            _("lies outside the world; are these Rijksdriehoek coordinates? Convert them to WGS 84 (EPSG:4326)")
        )


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _valid(geometry: BaseGeometry) -> BaseGeometry:
    geometry = shapely.force_2d(geometry)
    if not geometry.is_valid:
        raise BadGeoJSON(
            _("has a boundary that crosses itself or is not whole: %(why)s")
            % {"why": shapely.is_valid_reason(geometry)}
        )
    if geometry.is_empty or geometry.area == 0:
        raise BadGeoJSON(_("has a boundary without surface"))
    return geometry
