"""Who may do what with plans and rounds, each with its reason."""

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from ballots.models import Vote
from budget.models import BudgetRoundPage, Plan
from budget.stages import RoundNow, round_now
from conversation.rules import keeps_pace
from pages.templatetags.components import euro
from people.queries import resident_of
from people.rules import may_take_part
from people.verdict import ALLOWED, Verdict, refused
from places.models import Area
from places.queries import lies_within
from process.rules import verb_is_open


def may_submit(user: Any, situation: RoundNow) -> Verdict:
    """Whether somebody may write a plan for this round now."""
    open_now = verb_is_open(situation.schedule, "budget.submit", situation.on)
    if not open_now:
        return open_now
    if situation.rules_are_frozen:
        return refused(_("The vote has been prepared, so no plan can be added."))
    if not user.is_authenticated:
        return refused(_("Log in first."))
    return takes_part(user, situation.round, situation.on)


def takes_part(user: Any, page: BudgetRoundPage, on: date) -> Verdict:
    """Age, place and proof as this round asks them."""
    return may_take_part(
        resident_of(user),
        area=page.area,
        minimum_age=page.minimum_age,
        minimum_proof=page.minimum_proof,
        on=on,
    )


def may_send(user: Any, plan: Plan, situation: RoundNow, now: datetime) -> Verdict:
    """Whether the draft may be sent: everything `may_submit` asks, of its owner, at a person's pace."""
    if not is_owner(user, plan):
        return refused(_("This plan is not yours."))
    return may_submit(user, situation) and cost_fits(plan.cost, situation.round) and keeps_pace(user, now)


def is_owner(user: Any, plan: Plan) -> bool:
    return bool(user.is_authenticated) and plan.submitter_id == user.pk


def may_edit(user: Any, plan: Plan, situation: RoundNow) -> Verdict:
    """Somebody changes their own draft; what was sent stays as it was sent."""
    if not is_owner(user, plan):
        return refused(_("This plan is not yours."))
    if plan.state != Plan.State.DRAFT:
        return refused(_("You have sent this plan already. It can no longer be changed."))
    return may_submit(user, situation)


def may_withdraw(user: Any, plan: Plan, situation: RoundNow) -> Verdict:
    """A submitter may take a plan back until the vote is opened."""
    if not is_owner(user, plan):
        return refused(_("This plan is not yours."))
    if plan.state not in (Plan.State.DRAFT, Plan.State.HELD, Plan.State.PUBLISHED):
        return refused(_("This plan is not there any more."))
    return plans_can_change(situation)


def plans_can_change(situation: RoundNow) -> Verdict:
    if situation.rules_are_frozen:
        return refused(_("The vote has been opened. The plans stay as they are."))
    return ALLOWED


def cost_fits(cost: int | None, page: BudgetRoundPage) -> Verdict:
    """A plan that costs more than the whole pot can never be chosen."""
    if cost is None or cost <= page.pot:
        return ALLOWED
    return refused(
        _("This costs %(over)s more than the pot of %(pot)s.") % {"over": euro(cost - page.pot), "pot": euro(page.pot)}
    )


def is_about(page: BudgetRoundPage, area: Area | None) -> Verdict:
    """Whether something about `area` (None: not said) fits a round: the pot of an area pays for that area."""
    if page.area is None or area is None or lies_within(area, page.area):
        return ALLOWED
    return refused(_("This is not about %(area)s.") % {"area": page.area})


def may_see(user: Any, plan: Plan) -> bool:
    """Everybody sees published plans, the submitter their own, staff what was sent. Others get no hint that it exists."""
    if plan.state == Plan.State.PUBLISHED or is_owner(user, plan):
        return True
    return plan.state != Plan.State.DRAFT and bool(user.is_authenticated and user.has_perm("budget.view_plan"))


# --- Staff --------------------------------------------------------------------------------------------


def may_assess(user: Any, plan: Plan, situation: RoundNow) -> Verdict:
    """Whether somebody may say whether a plan is feasible, or change that."""
    if not user.has_perm("budget.change_plan"):
        return refused(_("Only staff who assess plans can do this."))
    if is_owner(user, plan):
        return refused(_("This is your own plan. Somebody else must assess it."))
    if plan.state != Plan.State.PUBLISHED:
        return refused(_("Only a published plan is assessed."))
    return plans_can_change(situation)


def may_add_plan(user: Any, situation: RoundNow) -> Verdict:
    """Whether somebody may add plans from paper or from accepted proposals."""
    if not user.has_perm("budget.add_plan"):
        return refused(_("Only staff who assess plans can do this."))
    return plans_can_change(situation)


def may_correct_plan(user: Any, plan: Plan, situation: RoundNow) -> Verdict:
    """Whether staff may correct a plan or take it away: only their own, because nobody edits what residents wrote."""
    if not user.has_perm("budget.change_plan"):
        return refused(_("Only staff who assess plans can do this."))
    if plan.origin != Plan.Origin.MUNICIPALITY or plan.proposal_id:
        return refused(_("A resident wrote this plan. Nobody changes what a resident wrote."))
    if plan.state != Plan.State.PUBLISHED:
        return refused(_("This plan is not there any more."))
    return plans_can_change(situation)


def may_make_vote(user: Any, situation: RoundNow, feasible: int) -> Verdict:
    """Whether somebody may make the vote, or make it again while it is not open. `feasible` is the number of such plans."""
    if not user.has_perm("budget.add_roundvote"):
        return refused(_("Only staff who prepare votes can do this."))
    if situation.rules_are_frozen:
        return refused(_("The vote has been opened. It can no longer be changed."))
    if not feasible:
        return refused(_("There is no feasible plan to vote on yet."))
    return ALLOWED


def may_open_vote(user: Any, vote: Vote) -> Verdict:
    """Whether somebody may open the vote; what the vote itself lacks is said by `ballots.rules.may_open`."""
    if not user.has_perm("ballots.open_vote"):
        return refused(_("You may not open votes."))
    if vote.state != Vote.State.DRAFT:
        return refused(_("This vote has been opened already."))
    return ALLOWED


def may_report_progress(user: Any, plan: Plan) -> Verdict:
    """Whether somebody may say how far a chosen plan is."""
    if not user.has_perm("budget.change_plan"):
        return refused(_("Only staff who assess plans can do this."))
    if plan.outcome != Plan.Outcome.WON:
        return refused(_("Only a plan that was chosen is carried out."))
    return ALLOWED


def situation_of(plan: Plan, now: datetime) -> RoundNow:
    """The round of a plan at a moment."""
    return round_now(plan.round, now)
