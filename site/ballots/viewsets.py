"""Votes in the admin: the list, and the pages of `ballots.staff_views`."""

from typing import Any

from django.db.models import QuerySet
from django.urls import path, reverse
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views.generic import IndexView
from wagtail.admin.viewsets.model import ModelViewSet

from ballots import comparing_views, dry_run_views, observer_views, question_views, staff_views
from ballots.counter.views import CounterView
from ballots.electorates import staff_views as group_views
from ballots.models import Vote
from ballots.paper import views as paper_views
from ballots.register import staff_views as register_views
from ballots.staff_views import marked


def _state(vote: Vote) -> Any:
    """A dry run says so."""
    return marked(vote, vote.get_state_display())


class VoteIndexView(IndexView):
    """Every vote, newest first; none of these columns says anything about choices."""

    def get_base_queryset(self) -> QuerySet[Vote]:
        return Vote.objects.select_related("area")

    def get_edit_url(self, instance: Vote) -> str:
        return reverse("vote:inspect", args=[instance.pk])


class VoteViewSet(ModelViewSet):
    model = Vote
    name = "vote"
    icon = "tick-inverse"
    menu_label = gettext_lazy("Votes")
    menu_order = 225
    add_to_admin_menu = True
    index_view_class = VoteIndexView
    exclude_form_fields: list[str] = []
    add_to_reference_index = False
    copy_view_enabled = False
    inspect_view_enabled = True
    list_filter = ["state", "is_test", "area"]
    search_fields = ["title", "text"]
    search_backend_name = None
    ordering = "-opens_at"
    list_display = [
        TitleColumn("title", label=gettext_lazy("Vote"), url_name="vote:inspect"),
        Column("state", label=gettext_lazy("State"), accessor=_state),
        Column(
            "area", label=gettext_lazy("Area"), accessor=lambda vote: vote.area or gettext_lazy("Whole municipality")
        ),
        Column("opens_at", label=gettext_lazy("Opens"), sort_key="opens_at"),
        Column("closes_at", label=gettext_lazy("Closes"), sort_key="closes_at"),
    ]

    def get_urlpatterns(self) -> list[Any]:
        policy = {"permission_policy": self.permission_policy}
        own: dict[str, Any] = {
            "inspect": staff_views.StatusView,
            "edit": staff_views.EditView,
            "delete": staff_views.DeleteView,
            "open": staff_views.OpenView,
            "publish": staff_views.PublishView,
            "annul": staff_views.AnnulView,
            "count_again": staff_views.CountAgainView,
            "compare": comparing_views.CompareView,
            "register": register_views.RegisterView,
            "cards": register_views.CardsView,
            "counter_code": register_views.CounterCodeView,
            "rehearse": dry_run_views.RehearseView,
            "close_test": dry_run_views.CloseTestView,
            "wipe": dry_run_views.WipeView,
            "observers": observer_views.ObserversView,
            "paper": paper_views.PaperView,
            "envelopes": paper_views.EnvelopesView,
            "counter": CounterView,
            "reconcile": paper_views.ReconcileView,
        }
        return [
            path("", self.index_view, name="index"),
            path("results/", self.index_results_view, name="index_results"),
            path("new/", staff_views.CreateView.as_view(**policy), name="add"),
            *(
                path(f"{name.replace('_', '-')}/<uuid:pk>/", view.as_view(**policy), name=name)
                for name, view in own.items()
            ),
            *_question_pages(policy),
            path("batch/<uuid:pk>/<int:number>/", paper_views.BatchView.as_view(**policy), name="batch"),
            path("print/<uuid:pk>/<str:name>", paper_views.PrintView.as_view(**policy), name="print"),
            *_group_pages(policy),
            path("history/<uuid:pk>/", self.history_view, name="history"),
            path("history-results/<uuid:pk>/", self.history_results_view, name="history_results"),
        ]


def _group_pages(policy: dict[str, Any]) -> list[Any]:
    """Pages about the groups of voters of a draft; a group stands at its number."""
    group = group_views.GroupView.as_view(**policy)
    return [
        path("groups/<uuid:pk>/", group_views.GroupsView.as_view(**policy), name="groups"),
        path("add-group/<uuid:pk>/", group, name="add_group"),
        path("edit-group/<uuid:pk>/<int:number>/", group, name="edit_group"),
    ]


def _question_pages(policy: dict[str, Any]) -> list[Any]:
    """Pages about one question of a vote; a question stands at its number."""
    numbered: dict[str, Any] = {
        "edit_question": question_views.QuestionView,
        "delete_question": question_views.DeleteQuestionView,
        "move_question": question_views.MoveQuestionView,
        "add_neither": question_views.AddNeitherView,
        "photo": question_views.PhotoView,
    }
    new = question_views.NewQuestionView.as_view(**policy)
    return [
        path("add-question/<uuid:pk>/", question_views.ChooseFormView.as_view(**policy), name="add_question"),
        path("add-question/<uuid:pk>/<slug:kind>/", new, name="new_question"),
        *(
            path(f"{name.replace('_', '-')}/<uuid:pk>/<int:number>/", view.as_view(**policy), name=name)
            for name, view in numbered.items()
        ),
    ]
