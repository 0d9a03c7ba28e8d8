"""The fictional municipality on the map: every neighbourhood is the land nearest to its centre."""

from datetime import date
from typing import Any

from django.utils.text import slugify
from shapely import MultiPoint, Point, Polygon, set_precision, unary_union, voronoi_polygons
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from config.demo.texts import text_of
from places.models import Address, Area, AreaFigures

HOUSES_PER_STREET = 12
PRECISION = 0.00001  # degrees: about one metre


def make_places() -> Area:
    """The municipality with its districts, neighbourhoods, figures and addresses."""
    data = text_of("places")
    cells = _cells(data)
    whole = _area(Area.Kind.MUNICIPALITY, data["municipality"], unary_union(list(cells.values())), None)
    for entry in data["districts"]:
        parts = [cells[part["code"]] for part in entry["neighbourhoods"]]
        district = _area(Area.Kind.DISTRICT, entry, unary_union(parts), whole)
        for part in entry["neighbourhoods"]:
            _addresses(_area(Area.Kind.NEIGHBOURHOOD, part, cells[part["code"]], district), part)
    _figures(data)
    return whole


def _cells(data: dict[str, Any]) -> dict[str, BaseGeometry]:
    """Neighbourhood code → polygon: the Voronoi cell of its centre within the outline."""
    outline = Polygon(data["outline"])
    centres = {part["code"]: Point(part["at"]) for entry in data["districts"] for part in entry["neighbourhoods"]}
    cells = voronoi_polygons(MultiPoint(list(centres.values())), extend_to=outline).geoms
    found = {}
    for code, centre in centres.items():
        cell = next(cell for cell in cells if cell.contains(centre))
        found[code] = set_precision(cell.intersection(outline), PRECISION)
    return found


def _area(kind: str, entry: dict[str, Any], shape: BaseGeometry, parent: Area | None) -> Area:
    west, south, east, north = shape.bounds
    return Area.objects.create(
        kind=kind,
        code=entry["code"],
        name=entry["name"],
        slug=slugify(entry["name"]) if kind != Area.Kind.DISTRICT else f"wijk-{slugify(entry['name'])}",
        parent=parent,
        boundary=mapping(shape),
        west=west,
        south=south,
        east=east,
        north=north,
    )


def _addresses(area: Area, entry: dict[str, Any]) -> None:
    """Twelve houses in each street; postcodes follow from the neighbourhood's code."""
    digits = 1300 + int(entry["code"][-4:-2]) * 10 + int(entry["code"][-2:])
    Address.objects.bulk_create(
        Address(postcode=f"{digits}A{chr(65 + place)}", number=number, street=street, neighbourhood=area)
        for place, street in enumerate(entry["streets"])
        for number in range(1, HOUSES_PER_STREET + 1)
    )


def _figures(data: dict[str, Any]) -> None:
    """Population and electorate per neighbourhood, added up for districts and the whole."""
    totals: dict[str, list[int]] = {}
    for entry in data["districts"]:
        for part in entry["neighbourhoods"]:
            for code in (part["code"], entry["code"], data["municipality"]["code"]):
                total = totals.setdefault(code, [0, 0])
                total[0] += part["population"]
                total[1] += part["electorate"]
    areas = Area.objects.in_bulk(list(totals), field_name="code")
    AreaFigures.objects.bulk_create(
        AreaFigures(
            area=areas[code], date=date(2026, 1, 1), population=population, electorate=electorate, source="Waterveen"
        )
        for code, (population, electorate) in totals.items()
    )
