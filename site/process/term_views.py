"""Terms in the admin: one list of what the municipality must do before which day."""

from datetime import date
from typing import Any

import django_filters
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views.reports import ReportView

from process.clocks import all_kinds, days_late, is_late, kind_of
from process.models import Clock

WHEN = [("late", gettext_lazy("Late")), ("running", gettext_lazy("Running")), ("ended", gettext_lazy("Ended"))]


class TermFilterSet(WagtailFilterSet):
    """Which terms: the kind of work, and where they stand. Without a choice those that run."""

    kind = django_filters.ChoiceFilter(label=gettext_lazy("What must be done"))
    when = django_filters.ChoiceFilter(label=gettext_lazy("State"), method="where", choices=WHEN)

    class Meta:
        model = Clock
        fields = ["kind", "when"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["kind"].extra["choices"] = [(kind.key, kind.label) for kind in all_kinds()]

    def where(self, rows: QuerySet[Clock], _name: str, value: str) -> QuerySet[Clock]:
        if value == "ended":
            return rows.exclude(ended_on=None)
        open_ones = rows.filter(ended_on=None)
        return open_ones.filter(due_on__lt=timezone.localdate()) if value == "late" else open_ones

    def filter_queryset(self, queryset: QuerySet[Clock]) -> QuerySet[Clock]:
        rows = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data.get("when") else rows.filter(ended_on=None)


def work(clock: Clock) -> str:
    """What must be done."""
    kind = kind_of(clock)
    return str(kind.label) if kind else clock.kind


def work_url(clock: Clock) -> str | None:
    kind = kind_of(clock)
    return kind.work_url(clock.subject_id) if kind else None


def _day(day: date) -> str:
    """A day as it stands in a letter: how long ago it was says nothing about a day to come."""
    return date_format(day, "j F Y")


def standing(clock: Clock) -> str:
    """How a term stands today, in a few words."""
    today = timezone.localdate()
    if is_late(clock, today):
        days = days_late(clock, today)
        return ngettext("%(number)s working day late", "%(number)s working days late", days) % {"number": days}
    if clock.ended_on:
        return _("in time")
    return _("extended") if clock.extended_from else _("running")


class TermsView(ReportView):
    """Every term, what is due first in front."""

    page_title = gettext_lazy("Terms")
    header_icon = "time"
    model = Clock
    permission_required = "view"
    any_permission_required = None
    index_url_name = "process_terms"
    index_results_url_name = "process_terms_results"
    filterset_class = TermFilterSet
    default_ordering = "due_on"
    list_export = ["title", "kind", "started_on", "due_on", "extended_from", "extension_reason", "ended_on"]
    export_filename = "termijnen"
    columns = [
        TitleColumn("title", label=gettext_lazy("What it is about"), get_url=work_url),
        Column("kind", label=gettext_lazy("What must be done"), accessor=work),
        Column("started_on", label=gettext_lazy("Since"), accessor=lambda clock: _day(clock.started_on)),
        Column("due_on", label=gettext_lazy("Last day"), accessor=lambda clock: _day(clock.due_on), sort_key="due_on"),
        Column("standing", label=gettext_lazy("How it stands"), accessor=standing),
    ]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm("process.view_clock"):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)
