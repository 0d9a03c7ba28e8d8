"""Reads for the pages of neighbourhoods."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _

from panels.models import NeighbourhoodIndexPage, NeighbourhoodPage
from places.drawing import collection
from places.models import Area, AreaFigures
from process.neighbourhood import Happening, Source, happenings_in


@dataclass(frozen=True)
class NeighbourhoodShown:
    """What happens in a neighbourhood, where it lies, and its latest figures."""

    area: Area
    figures: AreaFigures | None
    happenings: list[tuple[Source, Sequence[Happening]]]

    @property
    def part_of(self) -> str:
        """The areas around it, the nearest first."""
        names, parent = [], self.area.parent
        while parent is not None:
            names.append(parent.name)
            parent = parent.parent
        return ", ".join(names)


def show(page: NeighbourhoodPage) -> NeighbourhoodShown:
    """A fixed number of queries: area, figures, and what each source needs."""
    area = Area.objects.select_related("parent__parent").get(pk=page.area_id)
    return NeighbourhoodShown(area, area.figures.order_by("-date").first(), happenings_in(area))


def by_district(index_page: NeighbourhoodIndexPage) -> list[tuple[str, list[NeighbourhoodPage]]]:
    """The published pages by the area around theirs, by name."""
    pages = (
        NeighbourhoodPage.objects.child_of(index_page)
        .live()
        .public()
        .select_related("area__parent")
        .defer_streamfields()
        .order_by("area__parent__name", "title")
    )
    return [(name, list(found)) for name, found in groupby(pages, key=_around)]


def _around(page: NeighbourhoodPage) -> str:
    parent = page.area.parent
    return parent.name if parent else _("Whole municipality")


def boundaries_with_links() -> dict[str, Any]:
    """The boundaries of neighbourhoods with a published page, each with its title and address."""
    pages = NeighbourhoodPage.objects.live().public().select_related("area").defer_streamfields()
    found = {page.area.code: page for page in pages}
    drawn = collection(Area.Kind.NEIGHBOURHOOD)
    features = [
        {**feature, "properties": {"title": found[feature["id"]].title, "url": found[feature["id"]].get_url() or ""}}
        for feature in drawn["features"]
        if feature["id"] in found
    ]
    return {**drawn, "features": features}
