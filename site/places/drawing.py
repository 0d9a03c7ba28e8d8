"""Boundaries for a map: simplified together, so that neighbours keep one line between them."""

from typing import Any

import shapely
from shapely.geometry import mapping, shape

from places.models import Area

KINDS = tuple(Area.Kind.values)
# Degrees: about ten metres; a dot on a screen that shows a town.
TOLERANCE = 0.0001
# Five decimals are one metre.
GRID = 0.00001


def collection(kind: str = "") -> dict[str, Any]:
    """A GeoJSON FeatureCollection of all areas of a kind; without a kind, of the smallest that have a boundary."""
    areas = list(_drawn(kind))
    shapes = _simplified([shape(area.boundary) for area in areas if area.boundary])
    return {
        "type": "FeatureCollection",
        "features": [_feature(area, geometry) for area, geometry in zip(areas, shapes, strict=True)],
    }


def _drawn(kind: str) -> Any:
    areas = Area.objects.exclude(boundary=None).select_related("parent").order_by("code")
    if kind:
        return areas.filter(kind=kind)
    smallest = next((one for one in reversed(KINDS) if areas.filter(kind=one).exists()), KINDS[0])
    return areas.filter(kind=smallest)


def _simplified(shapes: list[Any]) -> list[Any]:
    """A coverage is simplified as a whole; shapes that overlap are simplified one by one."""
    if shapes and shapely.coverage_is_valid(shapes):
        shapes = list(shapely.coverage_simplify(shapes, TOLERANCE))
    else:
        shapes = [one.simplify(TOLERANCE) for one in shapes]
    return [shapely.set_precision(one, GRID) for one in shapes]


def _feature(area: Area, geometry: Any) -> dict[str, Any]:
    properties = {
        "code": area.code,
        "name": area.name,
        "kind": area.kind,
        "part_of": area.parent.name if area.parent else "",
    }
    return {"type": "Feature", "id": area.code, "properties": properties, "geometry": mapping(geometry)}
