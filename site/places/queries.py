"""Reads about areas and addresses that others share."""

import re
from typing import Any

from django.db.models import Q

from places.models import Address, Area


def lies_within(area: Area, outer: Area) -> bool:
    """Whether `area` is `outer` or a part of it (at most two levels up)."""
    here: Area | None = area
    while here is not None:
        if here.pk == outer.pk:
            return True
        here = here.parent
    return False


def within(area: Area) -> list[int]:
    """The ids of an area and everything that is part of it, in one query."""
    parts = Q(pk=area.pk) | Q(parent=area.pk) | Q(parent__parent=area.pk)
    return sorted(Area.objects.filter(parts).values_list("pk", flat=True))


def area_at(longitude: float, latitude: float) -> Area | None:
    """The smallest area around a point (EPSG:4326): a neighbourhood where there is one.

    A point on a boundary belongs to the area whose code comes first, so that the answer is always the same.
    """
    from places.boundaries import current

    found = current().smallest_at(longitude, latitude)
    return Area.objects.select_related("parent__parent").filter(pk=found).first() if found else None


def address_at(postcode: str, number: int, addition: str = "") -> Address | None:
    """The address with a postcode and house number, however people write them; None when it is not known."""
    addresses = Address.objects.select_related("neighbourhood__parent__parent")
    return addresses.filter(postcode=plain_postcode(postcode), number=number, addition=plain_addition(addition)).first()


def is_address_of(text: str, *, area: Any, latitude: float | None, longitude: float | None) -> bool:
    """Whether a text is the name of an address at exactly this place, as a form fills it in."""
    here = Address.objects.filter(neighbourhood=area, latitude=latitude, longitude=longitude)
    return any(str(address) == text for address in here)


def plain_postcode(text: str) -> str:
    """A postcode as it is stored: without spaces, in capitals."""
    return re.sub(r"\s", "", text).upper()


def plain_addition(text: str) -> str:
    """An addition as it is stored: without spaces and dashes, in capitals."""
    return re.sub(r"[\s-]", "", text).upper()
