"""Registers failed notices in the admin, and the words of the log."""

from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from notices.admin_views import FailedNoticesView, FailedNoticeView


@hooks.register("register_admin_urls")
def register_urls() -> list[URLPattern]:
    return [
        path("reports/notices/", FailedNoticesView.as_view(), name="notices_failed"),
        path("reports/notices/results/", FailedNoticesView.as_view(results_only=True), name="notices_failed_results"),
        path("reports/notices/<uuid:pk>/", FailedNoticeView.as_view(), name="notices_failed_notice"),
    ]


class FailedNoticesMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.has_perm("notices.view_outboxline")


@hooks.register("register_reports_menu_item")
def register_report() -> MenuItem:
    return FailedNoticesMenuItem(
        _("Mails that failed"), reverse("notices_failed"), name="failed-notices", icon_name="mail", order=700
    )


@hooks.register("register_log_actions")
def register_log_actions(actions: Any) -> None:
    actions.register_action("notices.retry", _("Send again"), _("Failed mail sent again"))
