"""Registers budgets in the admin, and what its log says."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import hooks
from wagtail.log_actions import LogFormatter

from budget.models import Plan
from budget.viewsets import BudgetGroup
from pages.templatetags.components import euro


@hooks.register("register_admin_viewset")
def register_viewset() -> BudgetGroup:
    return BudgetGroup()


PLAIN_ACTIONS = {
    "budget.submit": (gettext_lazy("Submit a plan"), gettext_lazy("Submitted the plan")),
    "budget.withdraw": (gettext_lazy("Take a plan back"), gettext_lazy("Took the plan back")),
    "budget.add": (gettext_lazy("Add a plan"), gettext_lazy("Added the plan")),
    "budget.correct": (gettext_lazy("Correct a plan"), gettext_lazy("Corrected the plan")),
    "budget.take_away": (gettext_lazy("Take a plan off the site"), gettext_lazy("Took the plan off the site")),
    "budget.take_over": (gettext_lazy("Make a plan of a proposal"), gettext_lazy("Made this plan of a proposal")),
    "budget.make_vote": (gettext_lazy("Make the vote"), gettext_lazy("Made the vote")),
    "budget.settle": (gettext_lazy("Set the outcome"), gettext_lazy("The plans got their outcome")),
    "budget.import": (gettext_lazy("Import a budget"), gettext_lazy("Imported from a file")),
}


@hooks.register("register_log_actions")
def register_log_actions(actions: Any) -> None:
    for name, (label, message) in PLAIN_ACTIONS.items():
        actions.register_action(name, label, message)

    @actions.register_action("budget.assess")
    class Assess(LogFormatter):
        label = gettext_lazy("Assess a plan")

        def format_message(self, log_entry: Any) -> str:
            data = log_entry.data
            words = {
                "verdict": Plan.Verdict(data["verdict"]).label,
                "cost": euro(data.get("cost")),
                "reason": data["reason"],
            }
            return _("Assessed: %(verdict)s. Cost: %(cost)s. Reason: %(reason)s") % words

    @actions.register_action("budget.progress")
    class Progress(LogFormatter):
        label = gettext_lazy("Report progress")

        def format_message(self, log_entry: Any) -> str:
            data = log_entry.data
            words = {"progress": Plan.Progress(data["progress"]).label, "text": data["text"]}
            return _("Reported progress: %(progress)s. %(text)s") % words
