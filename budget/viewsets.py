"""Budgets in the admin: a list of plans, a list of rounds."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views.generic import IndexView
from wagtail.admin.viewsets.model import ModelViewSet, ModelViewSetGroup

from ballots.models import Vote
from budget import staff_views
from budget.models import BudgetRoundPage, Plan
from budget.stages import round_now
from pages.templatetags.components import euro


class _NoAddView:
    """Rounds are made in the page tree, plans in a round: a list here has no button for it."""

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_common_view_kwargs(**kwargs), "add_url_name": None}  # type: ignore[misc]


class PlanFilterSet(WagtailFilterSet):
    """By round and by what is still to be decided."""

    round = django_filters.ModelChoiceFilter(queryset=BudgetRoundPage.objects.order_by("title"))

    class Meta:
        model = Plan
        fields = ["round", "verdict", "outcome", "progress", "state"]


class PlanIndexView(IndexView):
    """What residents sent, longest waiting first; drafts are theirs alone."""

    def get_base_queryset(self) -> QuerySet[Plan]:
        plans = Plan.objects.exclude(state=Plan.State.DRAFT).select_related("round", "area", "submitter")
        return plans.defer("search")


class PlanViewSet(_NoAddView, ModelViewSet):
    """Plans are assessed, carried out and moderated; nobody edits what residents wrote."""

    model = Plan
    name = "plan"
    icon = "doc-full"
    menu_label = gettext_lazy("Plans")
    index_view_class = PlanIndexView
    exclude_form_fields: list[str] = []
    add_to_reference_index = False
    copy_view_enabled = False
    filterset_class = PlanFilterSet
    search_fields = ["title", "text", "reference"]
    search_backend_name = None
    ordering = "submitted_at"
    list_per_page = 30
    list_display = [
        TitleColumn("title", label=gettext_lazy("Plan"), url_name="plan:edit"),
        Column("reference", label=gettext_lazy("Number"), sort_key="reference"),
        Column("round", label=gettext_lazy("Round")),
        Column("cost", label=gettext_lazy("Cost"), accessor=lambda plan: euro(plan.cost), sort_key="cost"),
        Column("verdict", label=gettext_lazy("Feasible?"), accessor="get_verdict_display"),
        Column("outcome", label=gettext_lazy("Vote"), accessor="get_outcome_display"),
        Column("progress", label=gettext_lazy("Progress"), accessor="get_progress_display"),
        Column("submitted_at", label=gettext_lazy("Since"), accessor="submitted_at", sort_key="submitted_at"),
    ]

    def get_history_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """Who may see plans may see their log: an auditor too."""
        return super().get_history_view_kwargs(any_permission_required=["view", "change"], **kwargs)

    def get_urlpatterns(self) -> list[Any]:
        policy = {"permission_policy": self.permission_policy}
        return [
            path("", self.index_view, name="index"),
            path("results/", self.index_results_view, name="index_results"),
            path("edit/<int:pk>/", staff_views.AssessView.as_view(**policy), name="edit"),
            path("correct/<int:pk>/", staff_views.CorrectView.as_view(**policy), name="correct"),
            path("take-away/<int:pk>/", staff_views.TakeAwayView.as_view(**policy), name="take_away"),
            path("progress/<int:pk>/", staff_views.ProgressView.as_view(**policy), name="progress"),
            path("history/<int:pk>/", self.history_view, name="history"),
            path("history-results/<int:pk>/", self.history_results_view, name="history_results"),
        ]


class RoundFilterSet(WagtailFilterSet):
    """By how far the vote of a round is; the start page of staff leads to what waits."""

    NONE = "none"
    vote = django_filters.ChoiceFilter(
        label=gettext_lazy("Vote"),
        method="filter_vote",
        choices=lambda: [(RoundFilterSet.NONE, gettext_lazy("not made yet")), *Vote.State.choices],
    )

    class Meta:
        model = BudgetRoundPage
        fields = ["vote"]

    def filter_vote(self, queryset: QuerySet[BudgetRoundPage], _name: str, value: str) -> QuerySet[BudgetRoundPage]:
        return (
            queryset.filter(round_vote=None) if value == self.NONE else queryset.filter(round_vote__vote__state=value)
        )


class RoundIndexView(IndexView):
    """Every round, newest first."""

    def get_base_queryset(self) -> QuerySet[BudgetRoundPage]:
        return BudgetRoundPage.objects.select_related("area", "round_vote__vote")


def _stage(page: BudgetRoundPage) -> str:
    return str(round_now(page, timezone.now()).stage.label)


def _vote(page: BudgetRoundPage) -> str:
    link = getattr(page, "round_vote", None)
    return str(link.vote.get_state_display()) if link else _("not made yet")


class RoundViewSet(_NoAddView, ModelViewSet):
    """Rounds are pages: they are made and edited in the page tree; here is what staff do in them."""

    model = BudgetRoundPage
    name = "budget_round"
    icon = "clipboard-list"
    menu_label = gettext_lazy("Rounds and votes")
    index_view_class = RoundIndexView
    filterset_class = RoundFilterSet
    exclude_form_fields: list[str] = []
    add_to_reference_index = False
    copy_view_enabled = False
    search_fields = ["title"]
    search_backend_name = None
    ordering = "-latest_revision_created_at"
    list_display = [
        TitleColumn("title", label=gettext_lazy("Round"), url_name="budget_round:round"),
        Column("area", label=gettext_lazy("Area"), accessor=lambda page: page.area or _("whole municipality")),
        Column("pot", label=gettext_lazy("Pot"), accessor=lambda page: euro(page.pot)),
        Column("stage", label=gettext_lazy("Now"), accessor=_stage),
        Column("vote", label=gettext_lazy("Vote"), accessor=_vote),
    ]

    def get_urlpatterns(self) -> list[Any]:
        views = staff_views
        return [
            path("", self.index_view, name="index"),
            path("results/", self.index_results_view, name="index_results"),
            path("<int:pk>/", views.RoundView.as_view(**self._policy), name="round"),
            path("<int:pk>/add/", views.AddPlanView.as_view(**self._policy), name="add_plan"),
            path("<int:pk>/proposals/", views.TakeOverView.as_view(**self._policy), name="take_over"),
            path("<int:pk>/vote/", views.MakeVoteView.as_view(**self._policy), name="vote"),
            path("<int:pk>/open/", views.OpenVoteView.as_view(**self._policy), name="open"),
        ]

    @property
    def _policy(self) -> dict[str, Any]:
        """Who may see plans may open these pages; what they may do there the rules say."""
        return {"permission_policy": PlanViewSet().permission_policy}

    def register_admin_url_finder(self) -> None:
        """Wagtail's own address of a page stays the page's edit view."""


class BudgetGroup(ModelViewSetGroup):
    """What process managers work with."""

    items = (RoundViewSet, PlanViewSet)
    menu_label = gettext_lazy("Budget")
    menu_icon = "clipboard-list"
    menu_order = 230
    add_to_admin_menu = True
