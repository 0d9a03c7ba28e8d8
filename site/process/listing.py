"""The list of processes: which ones, in what order, with what a card says."""

from datetime import date
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pages.forms import PlainForm
from pages.search import LONGEST_QUERY, clean_query
from pages.templatetags.components import filled, written
from pages.word_parts import parts_of
from places.forms import AreaChoiceField
from places.models import Area
from process.models import ProcessIndexPage, ProcessPage, ProcessQuerySet
from process.periods import in_order, overall_state, state_on
from process.queries import concerning

# More than anybody looks through; whoever searches for more uses more words.
MOST_FOUND = 200
BADGES = {"running": "ok", "coming": "info", "finished": "neutral"}
STATES = {
    "running": gettext_lazy("Running now"),
    "coming": gettext_lazy("Begins later"),
    "finished": gettext_lazy("Finished"),
}


class ProcessFilter(PlainForm):
    """Words and an area, from the address of the page."""

    q = forms.CharField(
        label=gettext_lazy("Words"),
        max_length=LONGEST_QUERY,
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "class": "utrecht-textbox utrecht-textbox--html-input"}),
    )
    area = AreaChoiceField(
        label=gettext_lazy("Area"), empty_label=gettext_lazy("Everywhere"), to_field_name="slug", required=False
    )
    area.widget.attrs["class"] = "utrecht-select utrecht-select--html-select"

    def clean_q(self) -> str:
        return clean_query(self.cleaned_data["q"])


def list_processes(page: ProcessIndexPage, query: QueryDict, *, on: date) -> dict[str, Any]:
    """Context of the list; finished processes come in pages (`?page=`), the others all at once."""
    form = ProcessFilter(query if {"q", "area"} & set(query) else None)
    words, area = _choices(form)
    rows = _matching(ProcessPage.objects.child_of(page).visible(), words, area)
    finished = Paginator(rows.finished(on), page.PER_PAGE).get_page(query.get("page"))
    groups = [("running", rows.running(on)), ("coming", rows.coming(on)), ("finished", finished)]
    filled = [
        {"key": key, "title": STATES[key], "cards": [card_of(process, on=on) for process in found]}
        for key, found in groups
    ]
    return {
        "filter": form,
        "is_filtered": bool(words or area),
        "groups": [group for group in filled if group["cards"]],
        "page_obj": finished,
    }


def _choices(form: ProcessFilter) -> tuple[str, Area | None]:
    """What was chosen and makes sense; a wrong value is shown at its field and filters nothing."""
    form.is_valid()
    chosen = getattr(form, "cleaned_data", {})
    return chosen.get("q", ""), chosen.get("area")


def _matching(rows: ProcessQuerySet, words: str, area: Area | None) -> ProcessQuerySet:
    if area is not None:
        rows = rows.filter(concerning(area))
    if words:
        found = ProcessPage.objects.live().search(words)[:MOST_FOUND]
        rows = rows.filter(Q(pk__in=[process.pk for process in found]) | parts_of(words, "title", "intro"))
    return rows


def card_of(process: ProcessPage, *, on: date) -> dict[str, Any]:
    """What a card shows; the phases must have been read."""
    phases = in_order(process.phases.all())
    state = overall_state(phases, on)
    return {
        "title": process.title,
        "url": process.get_url() or "",
        "text": process.intro,
        "badge": STATES[state],
        "badge_kind": BADGES[state],
        "meta": [_where(process), *_when(phases, on)],
    }


def _where(process: ProcessPage) -> str:
    return process.area.name if process.area else _("Whole municipality")


def _when(phases: list[Any], on: date) -> list[str]:
    """The phase of now and its last day, or when it begins or ended."""
    if not phases:
        return []
    now = next((phase for phase in phases if state_on(phase, on) == "now"), None)
    if now is not None:
        last = date_format(now.ends_on, "j F Y")
        return [filled(_("%(phase)s until %(date)s"), phase=written(now.title), date=last)]
    coming = next((phase for phase in phases if phase.starts_on > on), None)
    if coming is not None:
        first = date_format(coming.starts_on, "j F Y")
        return [filled(_("%(phase)s from %(date)s"), phase=written(coming.title), date=first)]
    return [_("Ended on %(date)s") % {"date": date_format(phases[-1].ends_on, "j F Y")}]
