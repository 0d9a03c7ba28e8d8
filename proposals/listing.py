"""The public list: search, filters, order, pages. The feed, the map and the exports read the same rows."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import F
from django.db.models.functions import Left
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from conversation.text import plain_text
from pages.paging import KeysetPage, capped_count, keyset_page
from pages.templatetags.components import BADGE_KINDS
from pages.word_parts import matching
from places.models import Area
from process.rules import verb_is_open
from proposals.models import ProposalsPage, Submission, SubmissionQuerySet, Theme
from proposals.queries import schedule_of_served
from proposals.rules import SUBMIT

State = Submission.State

PAGE_SIZE = 20
COUNT_CAP = 1000
EXCERPT = 200

ORDERS = {
    "new": ("-published_at", gettext_lazy("Newest first")),
    "support": ("-support_count", gettext_lazy("Most support first")),
    "comments": ("-comment_count", gettext_lazy("Most comments first")),
}

# The kind of badge beside each public state.
BADGES = {
    State.COLLECTING: "info",
    State.REACHED: "ok",
    State.ASSESSED: "warning",
    State.ACCEPTED: "ok",
    State.DECLINED: "error",
    State.EXECUTED: "ok",
    State.HELD: "warning",
    State.DRAFT: "neutral",
    State.WITHDRAWN: "neutral",
    State.HIDDEN: "error",
}


@dataclass(frozen=True)
class Choice:
    """One option of a filter."""

    value: str
    label: str
    chosen: bool = False


class Place(NamedTuple):
    """An area as a filter needs it: a tenth of the work of a model with its boundary."""

    pk: int
    name: str
    slug: str
    kind: str
    parent_id: int | None


@dataclass(frozen=True)
class Filters:
    """What the visitor chose. Unknown values count as not chosen: an old link still shows a list."""

    text: str = ""
    area: Place | None = None
    theme: Theme | None = None
    state: str = ""
    order: str = "new"
    areas: list[Place] = field(default_factory=list)
    themes: list[Theme] = field(default_factory=list)

    @property
    def any(self) -> bool:
        return bool(self.text or self.area or self.theme or self.state)

    @property
    def area_ids(self) -> list[int]:
        """The chosen area and its parts."""
        assert self.area is not None
        return [area.pk for area in self.areas if self.area.pk in (area.pk, area.parent_id)]

    def area_choices(self) -> list[Choice]:
        return [Choice(area.slug, area.name, area == self.area) for area in self.areas]

    def theme_choices(self) -> list[Choice]:
        return [Choice(theme.slug, theme.name, theme == self.theme) for theme in self.themes]

    def state_choices(self) -> list[Choice]:
        return [
            Choice(state, str(State(state).label).capitalize(), state == self.state)
            for state in Submission.PUBLIC_STATES
        ]

    def order_choices(self) -> list[Choice]:
        return [Choice(key, str(label), key == self.order) for key, (_field, label) in ORDERS.items()]

    def query(self) -> str:
        """These filters in an address, without the place in the list."""
        chosen = {
            "q": self.text,
            "area": self.area.slug if self.area else "",
            "theme": self.theme.slug if self.theme else "",
            "state": self.state,
            "order": self.order if self.order != "new" else "",
        }
        params = QueryDict(mutable=True)
        params.update({name: value for name, value in chosen.items() if value})
        return params.urlencode()


def read_filters(params: QueryDict, area_id: int | None) -> Filters:
    """The filters of an address; `area_id` is where the process is for (None: everywhere). 2 queries."""
    areas = _areas_within(area_id)
    themes = list(Theme.objects.all())
    state, order = params.get("state", ""), params.get("order", "")
    return Filters(
        text=" ".join(plain_text(params.get("q", ""))[:100].split()),
        area=next((found for found in areas if found.slug == params.get("area")), None),
        theme=next((found for found in themes if found.slug == params.get("theme")), None),
        state=state if state in Submission.PUBLIC_STATES else "",
        order=order if order in ORDERS else "new",
        areas=areas,
        themes=themes,
    )


def _areas_within(outer: int | None) -> list[Place]:
    """Districts and neighbourhoods, each district followed by its parts."""
    everything = [Place(*row) for row in Area.objects.order_by().values_list("pk", "name", "slug", "kind", "parent")]
    parents = {area.pk: area.parent_id for area in everything}
    inside = [area for area in everything if outer is None or outer in _line(area, parents)]
    shown = [area for area in inside if area.kind != Area.Kind.MUNICIPALITY]
    names = {area.pk: area.name for area in everything}
    return sorted(shown, key=lambda area: _sort_key(area, names))


def _sort_key(area: Place, names: dict[int, str]) -> tuple[str, bool, str]:
    is_part = area.kind == Area.Kind.NEIGHBOURHOOD
    district = names.get(area.parent_id or 0, "") if is_part else area.name
    return district, is_part, area.name


def _line(area: Place, parents: dict[int, int | None]) -> list[int | None]:
    """The ids of an area, of the one it is part of, and of the one that is part of."""
    above = parents.get(area.parent_id or 0)
    return [area.pk, area.parent_id, above]


def rows_for(page: ProposalsPage, filters: Filters) -> SubmissionQuerySet:
    """The public submissions of a page that pass the filters, in no order yet."""
    rows = Submission.objects.filter(page=page, state__in=Submission.PUBLIC_STATES)
    if filters.state:
        rows = rows.filter(state=filters.state)
    if filters.theme:
        rows = rows.filter(theme=filters.theme)
    if filters.area:
        rows = rows.filter(area__in=filters.area_ids)
    return matching(rows, filters.text) if filters.text else rows


@dataclass(frozen=True)
class Line:
    """One proposal in the list, ready to show: the template of a line asks nothing and computes nothing."""

    title: str
    url: str
    excerpt: str
    state_label: str
    badge_css: str
    threshold: str
    bar: str
    support_label: str
    area: str
    theme: str
    date: str
    comments: str
    image: bool
    small_photo_url: str
    image_alt: str


def line_of(found: Any) -> Line:
    """A line of a row of `for_list`."""
    kind = BADGES[found.state]
    return Line(
        title=found.title,
        url=found.get_absolute_url(),
        excerpt=found.excerpt if len(found.excerpt) < EXCERPT else f"{found.excerpt.rsplit(' ', 1)[0]} …",
        state_label=str(State(found.state).label).capitalize(),
        badge_css=f"utrecht-status-badge utrecht-status-badge--{BADGE_KINDS[kind]} pm-badge pm-badge--{kind}",
        threshold=str(found.threshold),
        bar=str(min(found.support_count, found.threshold)),
        support_label=support_label(found),
        area=found.area_name or "",
        theme=found.theme_name or "",
        date=date_format(localtime(found.published_at), "j F Y"),
        comments=_comments(found.comment_count),
        image=bool(found.image),
        small_photo_url=reverse("proposals:small_photo", args=[found.pk]) if found.image else "",
        image_alt=found.image_alt,
    )


def support_label(found: Submission) -> str:
    """The words beside the bar."""
    numbers = {"count": number_format(found.support_count), "threshold": number_format(found.threshold)}
    if found.support_count > found.threshold:
        return _("%(count)s supporters (%(threshold)s needed)") % numbers
    return _("%(count)s of %(threshold)s supporters") % numbers


def _comments(count: int) -> str:
    if not count:
        return ""
    return ngettext("%(number)s comment", "%(number)s comments", count) % {"number": number_format(count)}


def for_list(rows: SubmissionQuerySet) -> SubmissionQuerySet:
    """With exactly what a line of the list shows: no long texts, no search vectors."""
    shown = (
        "id",
        "title",
        "state",
        "support_count",
        "threshold",
        "comment_count",
        "published_at",
        "image",
        "image_alt",
    )
    related = rows.annotate(excerpt=Left("text", EXCERPT), theme_name=F("theme__name"), area_name=F("area__name"))
    return related.only(*shown)


def list_context(page: ProposalsPage, request: HttpRequest) -> dict[str, Any]:
    """What `proposals/proposals_page.html` shows."""
    schedule, area_id = schedule_of_served(page)
    filters = read_filters(request.GET, area_id)
    rows = rows_for(page, filters)
    order, _label = ORDERS[filters.order]
    count = capped_count(rows, COUNT_CAP)
    found = keyset_page(for_list(rows), order=order, size=PAGE_SIZE, cursors=request.GET)
    points_url = reverse("proposals:points", args=[page.pk])
    return {
        "filters": filters,
        "results": KeysetPage([line_of(row) for row in found.items], found.previous, found.next),
        "count": count,
        "count_text": count_text(count),
        # The same for every visitor, because the list is kept for all.
        "may_submit": verb_is_open(schedule, SUBMIT, timezone.localdate()),
        "write_url": reverse("proposals:write", args=[page.pk]),
        "points_url": f"{points_url}?{filters.query()}",
    }


def count_text(count: int) -> str:
    if count > COUNT_CAP:
        return _("More than %(number)s proposals") % {"number": number_format(COUNT_CAP)}
    return ngettext("%(number)s proposal", "%(number)s proposals", count) % {"number": number_format(count)}
