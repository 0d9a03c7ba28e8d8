"""What budgets tell the rest of the site, once, when it starts."""

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from budget import actions, cards, discovery, sources
from budget.models import Plan
from budget.queries import passed_rounds
from budget.stages import VERBS
from conversation import moderation
from notices import kinds
from opendata import datasets
from pages import highlights, menu, search
from people.roles import ADMINISTRATOR, CLERK, MODERATOR, PROCESS_MANAGER, grant
from process import dashboard, instruments, neighbourhood


def register() -> None:
    """Called once, when the app is ready."""
    instruments.register(
        instruments.InstrumentType(
            "budget", _("Participatory budget"), VERBS, pages=("budget.BudgetRoundPage",), passed=passed_rounds
        )
    )
    dashboard.register(cards.cards)
    menu.register_for_account("budget", label=_("My plans"), url_name="budget:mine", order=20)
    datasets.register("budget", discovery.datasets)
    search.register_source("plans", _("Plans for the budget"), discovery.search_plans)
    highlights.register("budget", title=_("Decide about money"), load=discovery.highlights, order=20)
    neighbourhood.register("budget", _("Plans for the budget"), discovery.plans_around)
    sources.register_followups()
    _moderation()
    _notices()
    _roles()


def _moderation() -> None:
    moderation.register(
        Plan,
        title=lambda plan: plan.title,
        url=lambda plan: plan.get_absolute_url(),
        publish=actions.publish_plan,
        hide=actions.hide_plan,
        author_field="submitter",
        written_at="submitted_at",
        public=Q(state=Plan.State.PUBLISHED),
        photo_url=lambda plan: plan.photo_url,
        whole_url=lambda plan, user: reverse("plan:edit", args=[plan.pk]) if user.has_perm("budget.view_plan") else "",
    )


def _notices() -> None:
    why = _("You submitted a plan.")
    kinds.register(
        "budget.taken_over", label=_("Your proposal becomes a plan for the budget"), why=_("You submitted a proposal.")
    )
    kinds.register("budget.plan_assessed", label=_("Whether your plan is feasible"), why=why)
    kinds.register("budget.plan_outcome", label=_("The outcome of the vote for your plan"), why=why)
    kinds.register("budget.plan_progress", label=_("How your plan is carried out"), why=why)
    kinds.register(
        "budget.supported_plan_outcome",
        label=_("The outcome of the vote for a plan that you supported"),
        why=_("You supported the proposal that this plan came from."),
    )


def _roles() -> None:
    plans = ("budget.view_plan", "budget.change_plan", "budget.add_plan")
    for role in (PROCESS_MANAGER, CLERK, ADMINISTRATOR):
        grant(role, *plans, "budget.view_roundvote", "budget.add_roundvote")
    # Who judges a plan that is held must see its image and its place.
    grant(MODERATOR, "budget.view_plan")
