"""Registers proposals in the admin."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import hooks
from wagtail.log_actions import LogFormatter

from proposals.models import Submission
from proposals.viewsets import ProposalsGroup


@hooks.register("register_admin_viewset")
def register_viewset() -> ProposalsGroup:
    return ProposalsGroup()


@hooks.register("register_log_actions")
def register_log_actions(actions: Any) -> None:
    """One action per state, one for the term, and one for the text of the answer."""
    for state in Submission.State:
        actions.register_action(f"proposals.{state}")(_formatter(state))

    actions.register_action("proposals.extend_term", gettext_lazy("Take more time"), gettext_lazy("Term extended"))

    @actions.register_action("proposals.respond")
    class Respond(LogFormatter):
        label = gettext_lazy("Answer a proposal")
        message = gettext_lazy("Wrote the official answer")


def _formatter(state: Submission.State) -> type[LogFormatter]:
    def format_message(self: LogFormatter, log_entry: Any) -> str:
        words = {"state": state.label, "reason": log_entry.data.get("reason", "")}
        return _("New state “%(state)s”: %(reason)s") % words if words["reason"] else _("New state “%(state)s”") % words

    return type(
        f"{state.name.title()}Formatter", (LogFormatter,), {"label": state.label, "format_message": format_message}
    )
