"""Referendums in the admin: the list, and the pages of `referendum.staff_views`."""

from typing import Any

from django.db.models import QuerySet
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views.generic import IndexView
from wagtail.admin.viewsets.model import ModelViewSet

from referendum import staff_views
from referendum.models import ReferendumPage, ReferendumVote


class ReferendumIndexView(IndexView):
    """Every referendum, newest first."""

    def get_base_queryset(self) -> QuerySet[ReferendumPage]:
        return ReferendumPage.objects.select_related("area", "referendum_vote__vote").defer_streamfields()


def _vote(page: ReferendumPage) -> str:
    link: ReferendumVote | None = getattr(page, "referendum_vote", None)
    return str(link.vote.get_state_display()) if link else _("not made yet")


class ReferendumViewSet(ModelViewSet):
    """Referendums are pages: they are made and edited in the page tree; here is what staff do with their vote and its outcome."""

    model = ReferendumPage
    name = "referendum"
    icon = "pick"
    menu_label = gettext_lazy("Referendums")
    menu_order = 228
    add_to_admin_menu = True
    index_view_class = ReferendumIndexView
    exclude_form_fields: list[str] = []
    add_to_reference_index = False
    copy_view_enabled = False
    search_fields = ["title"]
    search_backend_name = None
    ordering = "-latest_revision_created_at"
    list_display = [
        TitleColumn("title", label=gettext_lazy("Referendum"), url_name="referendum:inspect"),
        Column("kind", label=gettext_lazy("Kind"), accessor="get_kind_display"),
        Column("area", label=gettext_lazy("Area"), accessor=lambda page: page.area or _("whole municipality")),
        Column("vote", label=gettext_lazy("Vote"), accessor=_vote),
    ]

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """Pages are made in the page tree: the list has no button for it."""
        return {**super().get_common_view_kwargs(**kwargs), "add_url_name": None}

    def get_urlpatterns(self) -> list[Any]:
        policy = {"permission_policy": self.permission_policy}
        return [
            path("", self.index_view, name="index"),
            path("results/", self.index_results_view, name="index_results"),
            path("<int:pk>/", staff_views.StandingView.as_view(**policy), name="inspect"),
            path("<int:pk>/new-vote/", staff_views.NewVoteView.as_view(**policy), name="new_vote"),
            path("<int:pk>/choose-vote/", staff_views.ChooseVoteView.as_view(**policy), name="choose_vote"),
            path("<int:pk>/decision/", staff_views.DecisionView.as_view(**policy), name="decision"),
        ]

    def register_admin_url_finder(self) -> None:
        """Wagtail's own address of a page stays the page's edit view."""
