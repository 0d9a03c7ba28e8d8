"""Processes in the admin."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.auth import user_has_any_page_permission
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column
from wagtail.admin.viewsets.pages import PageListingViewSet

from process.listing import STATES
from process.models import ProcessPage
from process.periods import in_order, overall_state, state_on


def _state(process: ProcessPage) -> str:
    return str(STATES[overall_state(in_order(process.phases.all()), timezone.localdate())])


def _phase_now(process: ProcessPage) -> str:
    phases: list[Any] = in_order(process.phases.all())
    return next((str(phase) for phase in phases if state_on(phase, timezone.localdate()) == "now"), "")


class PageMenuItem(MenuItem):
    """A list of pages, for who may do something with pages."""

    def is_shown(self, request: HttpRequest) -> bool:
        return user_has_any_page_permission(request.user)


class ProcessViewSet(PageListingViewSet):
    """All processes (trajecten), wherever they hang in the page tree."""

    name = "processes"
    url_prefix = "processes"
    model = ProcessPage
    icon = "list-ol"
    menu_label = _("Processes")
    menu_name = "processes"
    menu_order = 200
    add_to_admin_menu = True
    menu_item_class = PageMenuItem

    @property
    def list_display(self) -> list[Any]:
        return [
            *self.index_view_class.base_columns[:-1],
            Column("state", label=_("State"), accessor=_state),
            Column("phase", label=_("Phase"), accessor=_phase_now),
        ]
