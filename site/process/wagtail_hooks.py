"""The admin's start page and menu, in the words of who works here."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.components import Component

from process.dashboard import cards_for
from process.term_views import TermsView
from process.viewsets import ProcessViewSet

# After every other package has added its own.
LAST = 1000

# Reports about Wagtail's own machinery; nobody here has work in them.
UNUSED_REPORTS = {"page-types-usage"}
UNUSED_SETTINGS = {"collections", "redirects"}


@hooks.register("register_admin_viewset")
def register_viewset() -> ProcessViewSet:
    return ProcessViewSet()


@hooks.register("register_admin_urls")
def register_urls() -> list[URLPattern]:
    return [
        path("terms/", TermsView.as_view(), name="process_terms"),
        path("terms/results/", TermsView.as_view(results_only=True), name="process_terms_results"),
    ]


class TermsMenuItem(MenuItem):
    """The list of terms, for who may see them."""

    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.has_perm("process.view_clock")


@hooks.register("register_admin_menu_item")
def register_terms() -> MenuItem:
    return TermsMenuItem(_("Terms"), reverse("process_terms"), name="terms", icon_name="time", order=205)


class WaitingPanel(Component):
    """What waits for this member of staff, the most urgent first."""

    name = "waiting"
    template_name = "process/admin/waiting.html"
    order = 10

    def get_context_data(self, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        request = (parent_context or {})["request"]
        return {"cards": cards_for(request.user), "user": request.user}


@hooks.register("construct_homepage_panels", order=LAST)
def show_what_waits(request: HttpRequest, panels: list[Component]) -> None:
    """Ours in place of Wagtail's panels about edits, locks and workflows."""
    panels[:] = [WaitingPanel()]


@hooks.register("construct_homepage_summary_items", order=LAST)
def count_nothing(request: HttpRequest, items: list[Component]) -> None:
    """How many pages and images there are is nobody's work."""
    items.clear()


@hooks.register("construct_reports_menu", order=LAST)
def hide_unused_reports(request: HttpRequest, items: list[MenuItem]) -> None:
    items[:] = [item for item in items if item.name not in UNUSED_REPORTS]


@hooks.register("construct_settings_menu", order=LAST)
def hide_unused_settings(request: HttpRequest, items: list[MenuItem]) -> None:
    items[:] = [item for item in items if item.name not in UNUSED_SETTINGS]
