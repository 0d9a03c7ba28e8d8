"""Moderation in the admin: one queue for everything residents write, and the words that hold."""

from typing import Any, cast

import django_filters
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views.generic import IndexView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.admin.viewsets.model import ModelViewSet, ModelViewSetGroup

from conversation import actions, rules
from conversation.forms import DecisionForm
from conversation.holds import reason_label
from conversation.models import HeldWord, ModerationCase
from conversation.moderation import ModeratedKind, UnknownSubject, all_kinds, kind_named, kind_of
from conversation.text import writer_name
from pages.staff_form import StaffFormView
from people.models import User
from people.verdict import NotAllowed

OPEN, DECIDED, ALL = "open", "decided", "all"


class CaseFilterSet(WagtailFilterSet):
    """What waits is what a moderator comes for; decided cases are one choice away."""

    show = django_filters.ChoiceFilter(
        label=gettext_lazy("Show"),
        method="filter_show",
        choices=[
            (OPEN, gettext_lazy("waiting")),
            (DECIDED, gettext_lazy("decided")),
            (ALL, gettext_lazy("everything")),
        ],
        empty_label=None,
        initial=OPEN,
    )
    subject_type = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Kind"), queryset=lambda _request: ContentType.objects.filter(pk__in=_type_ids())
    )

    class Meta:
        model = ModerationCase
        fields = ["show", "cause", "subject_type", "decision"]

    def __init__(self, data: QueryDict | None = None, *args: Any, **kwargs: Any) -> None:
        data = data.copy() if data is not None else QueryDict(mutable=True)
        data.setdefault("show", OPEN)
        super().__init__(data, *args, **kwargs)

    def filter_show(self, queryset: QuerySet[ModerationCase], _name: str, value: str) -> QuerySet[ModerationCase]:
        if value == OPEN:
            return queryset.filter(decision="")
        return queryset.exclude(decision="") if value == DECIDED else queryset


def _type_ids() -> list[int]:
    return [ContentType.objects.get_for_model(kind.model).pk for kind in all_kinds()]


def _age(case: ModerationCase) -> str:
    """The clock of the queue: how long it waits, or how long it took."""
    return timesince(case.opened_at, case.decided_at or timezone.now(), depth=1)


def _reasons(case: ModerationCase) -> str:
    return ", ".join(reason_label(reason) for reason in case.reasons)


def _kind(case: ModerationCase) -> str:
    model = case.subject_type.model_class()
    return str(model._meta.verbose_name) if model else case.subject_type.model


class CaseIndexView(IndexView):
    """The queue, longest waiting first."""

    def get_base_queryset(self) -> QuerySet[ModerationCase]:
        return ModerationCase.objects.select_related("author", "subject_type", "decided_by")


class _DecisionView(PermissionCheckedMixin, WagtailAdminTemplateMixin, StaffFormView):
    """What somebody wrote, why it is here, and the decision form for who may decide."""

    model = ModerationCase
    any_permission_required = ["change", "view"]
    form_class = DecisionForm
    template_name = "conversation/admin/case.html"
    header_icon = "warning"
    index_url_name = ""
    subject: Any = None
    case: ModerationCase | None = None

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not rules.may_moderate(request.user):
            raise PermissionDenied
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: DecisionForm) -> HttpResponseBase:  # type: ignore[override]
        try:
            self.decide(form)
        except NotAllowed as error:
            messages.error(self.request, str(error))
            return redirect(self.request.path)
        messages.success(self.request, _("Your decision is carried out."))
        return redirect(reverse(self.index_url_name))

    def decide(self, form: DecisionForm) -> None:
        raise NotImplementedError

    def get_page_title(self) -> str:
        return self.case.title if self.case else kind_of(self.subject).title(self.subject)[:80]

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        queue = {"url": reverse(self.index_url_name), "label": capfirst(ModerationCase._meta.verbose_name_plural)}
        return [*self.breadcrumbs_items, queue, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return {
            **context,
            **_case_context(self.case, self.subject, cast(User, self.request.user)),
            "verdict": self.verdict(),
        }

    def verdict(self) -> Any:
        may = rules.may_moderate(self.request.user)
        return may and rules.may_judge(_author_id(self.subject), self.request.user) if may else may


class CaseView(_DecisionView):
    """One case. Decided once; a decided case shows the way to decide anew."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        cases = ModerationCase.objects.select_related("author", "decided_by", "subject_type")
        self.case = get_object_or_404(cases, pk=kwargs["pk"])
        self.subject = self.case.subject

    def verdict(self) -> Any:
        assert self.case is not None
        return rules.may_decide(self.case, self.request.user)

    def decide(self, form: DecisionForm) -> None:
        assert self.case is not None
        data = form.cleaned_data
        actions.decide(
            self.case, data["decision"], actor=cast(User, self.request.user), reason=data["reason"], now=timezone.now()
        )


class SubjectView(_DecisionView):
    """Anything that can be moderated, also when nobody reported it: hide it, or undo that."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        try:
            kind = kind_named(kwargs["kind"])
        except UnknownSubject:
            raise Http404 from None
        self.subject = get_object_or_404(kind.model, pk=kwargs["pk"])

    def decide(self, form: DecisionForm) -> None:
        data = form.cleaned_data
        actions.review(
            self.subject,
            data["decision"],
            actor=cast(User, self.request.user),
            reason=data["reason"],
            now=timezone.now(),
        )


def _author_id(subject: Any) -> int | None:
    author = kind_of(subject).author(subject)
    return author.pk if author else None


def _case_context(case: ModerationCase | None, subject: Any, user: User) -> dict[str, Any]:
    if subject is None:
        return {"case": case, "subject": None}
    kind = kind_of(subject)
    earlier = ModerationCase.objects.filter(
        subject_type=ContentType.objects.get_for_model(kind.model), subject_id=subject.pk
    ).exclude(decision="")
    return {
        "case": case,
        "subject": subject,
        "kind": kind,
        "text": kind.text(subject),
        "title": kind.title(subject),
        "writer": writer_name(kind.author(subject)),
        "public_url": _public_url(kind, subject),
        "photo_url": kind.photo_url(subject),
        "photo_alt": getattr(subject, "image_alt", ""),
        "place": kind.place(subject),
        "whole_url": kind.whole_url(subject, user),
        "reasons": [reason_label(reason) for reason in case.reasons] if case else [],
        "age": _age(case) if case else "",
        "flags": case.flags.select_related("reporter") if case else [],
        "earlier": earlier.select_related("decided_by"),
    }


def _public_url(kind: ModeratedKind, subject: Any) -> str:
    return kind.url(subject) if kind.is_public(subject) else ""


class ModerationViewSet(ModelViewSet):
    """The queue. Cases open by themselves and are decided; nobody adds, edits or deletes one."""

    model = ModerationCase
    name = "moderation"
    icon = "warning"
    index_view_class = CaseIndexView
    exclude_form_fields: list[str] = []
    add_to_reference_index = False
    copy_view_enabled = False
    filterset_class = CaseFilterSet
    search_fields = ["title", "author__display_name"]
    search_backend_name = None
    ordering = "opened_at"
    list_per_page = 30
    list_display = [
        TitleColumn("__str__", label=gettext_lazy("What"), url_name="moderation:edit"),
        Column("kind", label=gettext_lazy("Kind"), accessor=_kind),
        Column("author", label=gettext_lazy("Writer"), accessor=lambda case: writer_name(case.author)),
        Column("reasons", label=gettext_lazy("Why it is here"), accessor=_reasons),
        Column("age", label=gettext_lazy("Waits"), accessor=_age, sort_key="opened_at"),
        Column("decision", label=gettext_lazy("Decision"), accessor="get_decision_display"),
        Column("decided_by", label=gettext_lazy("By"), accessor="decided_by"),
    ]

    def get_urlpatterns(self) -> list[Any]:
        decide = {"index_url_name": self.get_url_name("index")}
        return [
            path("", self.index_view, name="index"),
            path("results/", self.index_results_view, name="index_results"),
            path("edit/<int:pk>/", CaseView.as_view(**decide), name="edit"),
            path("subject/<slug:kind>/<int:pk>/", SubjectView.as_view(**decide), name="subject"),
        ]


class HeldWordViewSet(ModelViewSet):
    """The word list."""

    model = HeldWord
    icon = "list-ul"
    menu_label = gettext_lazy("Words that hold")
    form_fields = ["word", "note"]
    list_display = ["word", "note"]
    search_fields = ["word", "note"]
    search_backend_name = None
    copy_view_enabled = False


class ModerationGroup(ModelViewSetGroup):
    """What moderators work with."""

    items = (ModerationViewSet, HeldWordViewSet)
    menu_label = gettext_lazy("Moderation")
    menu_icon = "warning"
    menu_order = 220
    add_to_admin_menu = True
