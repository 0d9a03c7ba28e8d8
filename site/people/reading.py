"""What an auditor sees of the admin: the same pages as who works there, without what changes them.

`people.middleware` refuses every change; here is taken away what would only lead to that refusal.
"""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from wagtail.admin.ui.side_panels import PageStatusSidePanel
from wagtail.admin.views.pages.edit import EditView
from wagtail.locks import BaseLock
from wagtail.models import Page

from people.roles import only_reads


class ReadersLock(BaseLock):
    """Closes a page for who only reads: Wagtail then shows its fields, and no button to save or plan."""

    def for_user(self, user: Any) -> bool:
        return only_reads(user)

    def get_message(self, user: Any) -> str:
        return _("You read this page as an auditor. You cannot change it.")

    def get_locked_by(self, user: Any) -> str:
        return _("Only to read")

    def get_description(self, user: Any) -> str:
        return self.get_message(user)


class ReadPageView(EditView):
    """Wagtail's page editor, closed."""

    def run_hook(self, name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "before_edit_page":
            self.lock = ReadersLock(self.page)
            self.locked_for_user = self.lock.for_user(self.request.user)
            return None
        return super().run_hook(name, *args, **kwargs)

    def get_side_panels(self) -> Any:
        panels = super().get_side_panels()
        for panel in panels:
            if isinstance(panel, PageStatusSidePanel):
                panel.show_schedule_publishing_toggle = False
        return panels


def close_for_readers(request: HttpRequest, page: Page) -> HttpResponseBase | None:
    """Hook `before_edit_page`: an auditor gets the closed editor in place of the open one."""
    return ReadPageView.as_view()(request, page.pk) if only_reads(request.user) else None
