"""Failed notices in the admin.

No names here: a failed “A ballot was cast from your account” would tell staff who voted.
"""

from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.admin.views.reports import ReportView

from notices import kinds
from notices.actions import retry, retry_all
from notices.models import OutboxLine
from notices.queries import failed_notices
from people.models import User
from people.verdict import NotAllowed

RETRY = "notices.retry_outboxline"


def kind_label(line: OutboxLine) -> str:
    """What kind of notice it is; the bare key for a kind that is gone."""
    return str(kinds.kind(line.kind).label) if kinds.is_known(line.kind) else line.kind


def detail_url(line: OutboxLine) -> str:
    return reverse("notices_failed_notice", args=[line.pk])


class FailedNoticesView(ReportView):
    """Notices that failed, newest first."""

    page_title = gettext_lazy("Mails that failed")
    header_icon = "mail"
    model = OutboxLine
    permission_required = "view"
    any_permission_required = None
    index_url_name = "notices_failed"
    index_results_url_name = "notices_failed_results"
    template_name = "notices/admin/failed.html"
    list_export: list[str] = []
    columns = [
        TitleColumn("kind", label=gettext_lazy("Notice"), accessor=kind_label, get_url=detail_url),
        DateColumn("created_at", label=gettext_lazy("Written")),
        Column("attempts", label=gettext_lazy("Tries")),
        Column("problem", label=gettext_lazy("What went wrong")),
    ]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm("notices.view_outboxline"):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_base_queryset(self) -> QuerySet[OutboxLine]:
        return failed_notices()

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(*args, **kwargs)
        return {**context, "may_retry": self.request.user.has_perm(RETRY)}

    def post(self, request: HttpRequest) -> HttpResponseRedirect:
        """Sends all of them again, after a mail server was out of order for a long time."""
        if not request.user.has_perm(RETRY):
            raise PermissionDenied
        count = retry_all(actor=cast(User, request.user), now=timezone.now())
        sentence = ngettext("%(count)s mail goes again.", "%(count)s mails go again.", count) % {"count": count}
        messages.success(request, sentence)
        return redirect("notices_failed")


class FailedNoticeView(WagtailAdminTemplateMixin, PermissionCheckedMixin, TemplateView):
    """One failed notice, with a button to send it again."""

    template_name = "notices/admin/failed_notice.html"
    page_title = gettext_lazy("Mail that failed")
    header_icon = "mail"
    _show_breadcrumbs = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm("notices.view_outboxline"):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        listing = {"url": reverse("notices_failed"), "label": str(FailedNoticesView.page_title)}
        return [*self.breadcrumbs_items, listing, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        line = get_object_or_404(OutboxLine, pk=self.kwargs["pk"])
        rows = [
            (_("Notice"), kind_label(line)),
            (_("State"), line.get_state_display()),
            (_("Tries"), line.attempts),
            (_("What went wrong"), line.problem or "–"),
        ]
        may_retry = line.state == OutboxLine.State.FAILED and self.request.user.has_perm(RETRY)
        return {**super().get_context_data(**kwargs), "line": line, "rows": rows, "may_retry": may_retry}

    def post(self, request: HttpRequest, pk: str) -> HttpResponseRedirect:
        line = get_object_or_404(OutboxLine, pk=pk)
        try:
            retry(line, actor=cast(User, request.user), now=timezone.now())
        except NotAllowed as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("The mail goes again."))
        return redirect("notices_failed")
