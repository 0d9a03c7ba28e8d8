"""A small municipality: Waterveen, two districts, three neighbourhoods, an address in each."""

from datetime import date
from types import SimpleNamespace

from places.models import Address, Area, AreaFigures

KIND = Area.Kind


def make_square(west: float, south: float, size: float = 0.01) -> dict:
    """A square GeoJSON polygon with its south-west corner at (west, south)."""
    east, north = west + size, south + size
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def new_area(
    kind=KIND.NEIGHBOURHOOD, *, code="BU00010101", name="Oost", parent=None, west=5.0, south=52.0, size=0.01, **fields
) -> Area:
    """An area that is not saved yet."""
    return Area(
        kind=kind,
        code=code,
        name=name,
        slug=fields.pop("slug", name.lower().replace(" ", "-")),
        parent=parent,
        boundary=make_square(west, south, size),
        west=west,
        south=south,
        east=west + size,
        north=south + size,
        **fields,
    )


def make_area(*args, **fields) -> Area:
    area = new_area(*args, **fields)
    area.save(force_insert=True)
    return area


def make_municipality() -> SimpleNamespace:
    """`municipality`, `east` and `west` (districts), `harbour` and `meadow` (in east), `heath` (in west)."""
    # Nearly every test asks for these places, so they are written with few statements.
    municipality = make_area(KIND.MUNICIPALITY, code="GM0001", name="Waterveen", size=0.04)
    east, west = Area.objects.bulk_create(
        [
            new_area(KIND.DISTRICT, code="WK000101", name="Wijk Oost", parent=municipality, size=0.02),
            new_area(KIND.DISTRICT, code="WK000102", name="Wijk West", parent=municipality, west=5.02, size=0.02),
        ]
    )
    harbour, meadow, heath = Area.objects.bulk_create(
        [
            new_area(code="BU00010101", name="Havenbuurt", parent=east),
            new_area(code="BU00010102", name="Weidebuurt", parent=east, west=5.01),
            new_area(code="BU00010201", name="Heidebuurt", parent=west, west=5.02),
        ]
    )
    AreaFigures.objects.bulk_create(
        AreaFigures(area=area, date=date(2026, 1, 1), population=1000, electorate=800)
        for area in (municipality, east, west, harbour, meadow, heath)
    )
    addresses = Address.objects.bulk_create(
        Address(postcode=postcode, number=1, street=street, neighbourhood=area)
        for postcode, street, area in [
            ("1234AB", "Havenstraat", harbour),
            ("1234AC", "Weidelaan", meadow),
            ("1235AA", "Heideweg", heath),
        ]
    )
    return SimpleNamespace(
        municipality=municipality,
        east=east,
        west=west,
        harbour=harbour,
        meadow=meadow,
        heath=heath,
        addresses=addresses,
    )
