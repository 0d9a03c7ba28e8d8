"""Registers referendums in the admin, and what its log says."""

from typing import Any

from django.utils.translation import gettext_lazy
from wagtail import hooks

from referendum.viewsets import ReferendumViewSet


@hooks.register("register_admin_viewset")
def register_viewset() -> ReferendumViewSet:
    return ReferendumViewSet()


@hooks.register("register_log_actions")
def register_log_actions(actions: Any) -> None:
    actions.register_action(
        "referendum.choose_vote", gettext_lazy("Choose the vote"), gettext_lazy("Chose the vote of this page")
    )
    actions.register_action(
        "referendum.decide", gettext_lazy("Write down the decision"), gettext_lazy("Wrote down the council's decision")
    )
