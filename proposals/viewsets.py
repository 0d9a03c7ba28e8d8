"""Proposals in the admin: find them, move them on, answer. Staff never edit what residents wrote."""

from typing import Any

import django_filters
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views.generic import IndexView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.admin.viewsets.model import ModelViewSet, ModelViewSetGroup

from conversation.moderation import kind_of
from conversation.rules import may_moderate
from pages.staff_form import StaffFormView
from pages.uploads import photo_response
from people.verdict import NotAllowed
from places.models import Area
from process.clocks import in_words, may_extend
from proposals import actions, answer_term, rules
from proposals.forms import AnswerForm, ExtendForm
from proposals.models import ProposalsPage, Submission, Theme

State = Submission.State


def submitted() -> QuerySet[Submission]:
    """What was sent in. Drafts are nobody's business but the writer's."""
    return Submission.objects.exclude(state=State.DRAFT)


class SubmissionFilterSet(WagtailFilterSet):
    """Filters of the list in the admin."""

    state = django_filters.ChoiceFilter(
        label=gettext_lazy("State"), choices=[choice for choice in State.choices if choice[0] != State.DRAFT]
    )
    page = django_filters.ModelChoiceFilter(label=gettext_lazy("Page"), queryset=ProposalsPage.objects.all())
    theme = django_filters.ModelChoiceFilter(label=gettext_lazy("Theme"), queryset=Theme.objects.all())
    area = django_filters.ModelChoiceFilter(label=gettext_lazy("Area"), queryset=Area.objects.all())

    class Meta:
        model = Submission
        fields = ["state", "page", "theme", "area"]


class SubmissionIndexView(IndexView):
    """All that was sent in, newest first."""

    def get_base_queryset(self) -> QuerySet[Submission]:
        return submitted().select_related("submitter", "theme", "area", "page").defer("search", "text")


class AnswerView(PermissionCheckedMixin, WagtailAdminTemplateMixin, StaffFormView):
    """A proposal with its history, and the form that moves it on and answers."""

    model = Submission
    any_permission_required = ["change", "view"]
    form_class = AnswerForm
    template_name = "proposals/admin/submission.html"
    header_icon = "form"
    index_url_name = ""
    history_url_name = ""
    submission: Submission

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        rows = submitted().select_related("page", "theme", "area", "submitter", "response__author")
        self.submission = get_object_or_404(rows, pk=kwargs["pk"])

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not rules.may_answer(request.user):
            raise PermissionDenied
        return super().post(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "submission": self.submission}

    def get_initial(self) -> dict[str, Any]:
        response = getattr(self.submission, "response", None)
        return {"answer": response.text if response else "", "state": ""}

    def form_valid(self, form: AnswerForm) -> HttpResponseBase:  # type: ignore[override]
        try:
            self._carry_out(form.cleaned_data)
        except NotAllowed as error:
            form.add_error(None, str(error))
            return self.form_invalid(form)
        messages.success(self.request, _("Done. The submitter and the supporters get a message about a new state."))
        return redirect(self.request.path)

    def _carry_out(self, data: dict[str, Any]) -> None:
        who: dict[str, Any] = {"actor": self.request.user, "now": timezone.now()}
        if data["state"]:
            actions.answer(self.submission, data["state"], reason=data["reason"], text=data["answer"], **who)
        else:
            actions.correct_answer(self.submission, text=data["answer"], **who)

    def get_page_title(self) -> str:
        return self.submission.title

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        listing = {"url": reverse(self.index_url_name), "label": _("Proposals")}
        return [*self.breadcrumbs_items, listing, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kind = kind_of(self.submission)
        return {
            **super().get_context_data(**kwargs),
            "submission": self.submission,
            "history": self.submission.history.select_related("actor"),
            "may_answer": bool(rules.may_answer(self.request.user)),
            "may_moderate": bool(may_moderate(self.request.user)),
            "photo_url": kind.photo_url(self.submission),
            "history_url": reverse(self.history_url_name, args=[self.submission.pk]),
            **self._term(),
        }

    def _term(self) -> dict[str, Any]:
        """Until when the municipality answers, and whether it can take more time."""
        clock, today = answer_term.running_for(self.submission), timezone.localdate()
        if clock is None:
            return {}
        return {
            "term_lines": in_words(clock, today),
            "extending": may_extend(clock, today),
            "extend_url": reverse("submission:extend", args=[self.submission.pk]),
        }


class ExtendView(PermissionCheckedMixin, WagtailAdminTemplateMixin, StaffFormView):
    """More time for the answer."""

    model = Submission
    permission_required = "change"
    form_class = ExtendForm
    template_name = "proposals/admin/extend.html"
    header_icon = "time"
    page_title = gettext_lazy("Take more time")
    submission: Submission

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.submission = get_object_or_404(submitted(), pk=kwargs["pk"])

    def form_valid(self, form: ExtendForm) -> HttpResponseBase:  # type: ignore[override]
        who: dict[str, Any] = {"actor": self.request.user, "now": timezone.now()}
        try:
            actions.extend_term(self.submission, **form.cleaned_data, **who)
        except NotAllowed as error:
            form.add_error(None, str(error))
            return self.form_invalid(form)
        messages.success(self.request, _("The term is extended. The submitter and the supporters get a message."))
        return redirect("submission:edit", self.submission.pk)

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        listing = {"url": reverse("submission:index"), "label": _("Proposals")}
        own = {"url": reverse("submission:edit", args=[self.submission.pk]), "label": self.submission.title}
        return [*self.breadcrumbs_items, listing, own, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        clock, today = answer_term.running_for(self.submission), timezone.localdate()
        lines = in_words(clock, today) if clock else []
        own = {"submission": self.submission, "term_lines": lines, "extending": may_extend(clock, today)}
        return {**super().get_context_data(**kwargs), **own}


def staff_photo(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The image of whatever was sent in, for who may see it in the admin."""
    if not request.user.has_perm("proposals.view_submission"):
        raise PermissionDenied
    return photo_response(get_object_or_404(submitted(), pk=pk).image, small=False, is_public=False)


class SubmissionViewSet(ModelViewSet):
    """Everything residents sent in."""

    model = Submission
    icon = "form"
    menu_label = gettext_lazy("Proposals")
    index_view_class = SubmissionIndexView
    exclude_form_fields: list[str] = []
    add_to_reference_index = False
    copy_view_enabled = False
    filterset_class = SubmissionFilterSet
    search_fields = ["title", "submitter__display_name"]
    search_backend_name = None
    ordering = "-submitted_at"
    list_per_page = 30
    list_display = [
        TitleColumn("title", label=gettext_lazy("Title"), url_name="submission:edit"),
        Column("submitter", label=gettext_lazy("Submitter"), accessor="submitter_name"),
        Column("state", label=gettext_lazy("State"), accessor="get_state_display", sort_key="state"),
        Column("support_count", label=gettext_lazy("Support"), sort_key="support_count"),
        Column("comment_count", label=gettext_lazy("Comments"), sort_key="comment_count"),
        Column("area", label=gettext_lazy("Area"), accessor="area"),
        DateColumn("submitted_at", label=gettext_lazy("Submitted"), sort_key="submitted_at"),
    ]

    def get_urlpatterns(self) -> list[Any]:
        names = {"index_url_name": self.get_url_name("index"), "history_url_name": self.get_url_name("history")}
        return [
            path("", self.index_view, name="index"),
            path("results/", self.index_results_view, name="index_results"),
            path("edit/<int:pk>/", AnswerView.as_view(**names), name="edit"),
            path("history/<int:pk>/", self.history_view, name="history"),
            path("history-results/<int:pk>/", self.history_results_view, name="history_results"),
            path("extend/<int:pk>/", ExtendView.as_view(), name="extend"),
            path("photo/<int:pk>/", staff_photo, name="photo"),
        ]


class ThemeViewSet(ModelViewSet):
    """Themes to choose from."""

    model = Theme
    icon = "tag"
    menu_label = gettext_lazy("Themes")
    form_fields = ["name", "slug"]
    list_display = ["name", "slug"]
    search_fields = ["name"]
    search_backend_name = None
    copy_view_enabled = False


class ProposalsGroup(ModelViewSetGroup):
    """What staff do with proposals."""

    items = (SubmissionViewSet, ThemeViewSet)
    menu_label = gettext_lazy("Proposals")
    menu_icon = "form"
    menu_order = 210
    add_to_admin_menu = True
