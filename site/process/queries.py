"""Reads about processes that instruments share."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from wagtail.models import Page

from places.models import Area
from places.queries import within
from process.models import Phase, ProcessPage


@dataclass(frozen=True)
class Schedule:
    """The phases around a page, first one first. `is_public` is false below an unpublished page."""

    phases: tuple[Phase, ...]
    is_public: bool = True

    def current(self, on: date) -> Phase | None:
        """The phase of a day; at most one, because phases do not overlap."""
        return next((phase for phase in self.phases if phase.starts_on <= on <= phase.ends_on), None)

    def with_verb(self, verb: str) -> list[Phase]:
        """The phases that open a verb, first one first."""
        return [phase for phase in self.phases if verb in phase.opens]


def schedule_of(page: Page) -> Schedule:
    """The schedule of the process above a page (or of the process itself), as published now; 2 queries."""
    line = list(Page.objects.ancestor_of(page, inclusive=True).filter(depth__gt=1).values_list("pk", "live"))
    phases = Phase.objects.filter(process__in=[pk for pk, _live in line]).order_by("starts_on")
    # A page that is not in the tree (a draft that was never saved, a removed one) is nobody's.
    return Schedule(tuple(phases), is_public=bool(line) and all(live for _pk, live in line))


def process_of(page: Page) -> ProcessPage | None:
    """The process above an instrument's page."""
    return ProcessPage.objects.ancestor_of(page, inclusive=True).first()


def concerning(area: Area, name: str = "area") -> Q:
    """Condition on rows about an area, a part of it, something around it, or the whole municipality (NULL)."""
    around = [area.pk]
    parent = area.parent
    while parent is not None:
        around.append(parent.pk)
        parent = parent.parent
    return Q(**{f"{name}__in": {*around, *within(area)}}) | Q(**{name: None})
