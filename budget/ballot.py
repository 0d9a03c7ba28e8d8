"""The vote of a round: made from the feasible plans, following them until it opens, frozen from then on."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import translation
from wagtail.log_actions import log

from ballots import actions as ballot_box
from ballots import locks
from ballots.models import Option, Vote
from budget import rules
from budget.history import tell_history
from budget.locks import lock_round
from budget.models import BudgetRoundPage, Plan, PlanEvent, RoundVote
from budget.stages import round_now
from pages import page_cache
from people.models import User
from people.verdict import demand

RULES = ("title", "question", "opens_at", "closes_at", "form", "max_options", "max_sum", "change_policy")
LIMITS = ("counting", "minimum_age", "minimum_proof", "publication_threshold", "commitment")


@transaction.atomic
def make_vote(page: BudgetRoundPage, actor: User, values: dict[str, Any], *, now: datetime) -> Vote:
    """Makes the vote of a round, or makes it again while it is not open. `values`: the fields named in RULES and LIMITS.

    The ballot lists the feasible plans as they are now; pot and area are those of the round.
    """
    lock_round(page.pk)
    situation = round_now(page, now)
    demand(rules.may_make_vote(actor, situation, feasible_plans(page.pk).count()))
    vote = situation.vote if situation.vote and situation.vote.state == Vote.State.DRAFT else Vote()
    for name in (*RULES, *LIMITS):
        setattr(vote, name, values[name])
    vote.budget, vote.area, vote.url = page.pot, page.area, _address(page)
    vote.full_clean()
    vote.save()
    RoundVote.objects.update_or_create(round=page, defaults={"vote": vote, "settled_at": None, "told_at": None})
    write_options(vote, feasible_plans(page.pk))
    log(page, "budget.make_vote", user=actor, data={"vote": str(vote.pk), "counting": vote.counting})
    return vote


def agree_to_round_vote(page: BudgetRoundPage, actor: User) -> Vote:
    """The first of two persons agrees to open the vote as it is now. Raises `NotAllowed` with what is missing."""
    with transaction.atomic():
        return ballot_box.agree_to_vote(_vote_as_it_is(page), actor=actor)


def open_round_vote(page: BudgetRoundPage, actor: User) -> Vote:
    """The second person opens it: rules, options, pot and roll are frozen. Raises `NotAllowed` with what is missing."""
    with transaction.atomic():
        return ballot_box.open_vote(_vote_as_it_is(page), actor=actor)


def _vote_as_it_is(page: BudgetRoundPage) -> Vote:
    """The vote with the plans as they are now; nobody else changes either until the transaction ends."""
    link = RoundVote.objects.select_related("vote").get(round=page)
    locks.hold_alone(link.vote_id)
    lock_round(page.pk)
    link.refresh_from_db()
    follow_plans(page.pk)
    return link.vote


def feasible_plans(round_id: int) -> QuerySet[Plan]:
    """The plans that go on the ballot, lowest number first; hold `lock_round`."""
    return Plan.objects.feasible().filter(round=round_id).order_by("submitted_at", "pk")


def follow_plans(round_id: int) -> None:
    """Writes the options of a vote that is not open yet anew, because a plan or the pot changed; hold `lock_round`."""
    link = RoundVote.objects.select_related("vote", "round").filter(round=round_id).first()
    if link is None or link.vote.state != Vote.State.DRAFT:
        return
    vote, page = link.vote, link.round
    if vote.max_sum is not None and vote.max_sum == vote.budget:
        vote.max_sum = page.pot
    vote.budget, vote.area = page.pot, page.area
    vote.save(update_fields=["budget", "area", "max_sum"])
    write_options(vote, feasible_plans(round_id))


def write_options(vote: Vote, plans: Iterable[Plan]) -> None:
    """Puts these plans on the ballot, in this order, in place of what was there."""
    Option.objects.filter(vote=vote).delete()
    Option.objects.bulk_create(_option(vote, number, plan) for number, plan in enumerate(plans, 1))


def _option(vote: Vote, number: int, plan: Plan) -> Option:
    with translation.override(settings.LANGUAGE_CODE):
        url = plan.get_absolute_url()
    return Option(
        vote=vote, number=number, reference=plan.reference, title=plan.title, text=plan.text, cost=plan.cost, url=url
    )


def _address(page: BudgetRoundPage) -> str:
    """The page of the round, in the language without a prefix."""
    with translation.override(settings.LANGUAGE_CODE):
        return page.get_url() or reverse("budget:plans", args=[page.pk])


@transaction.atomic
def note_opening(vote: Vote) -> int:
    """Writes "put to the vote" in the history of every plan on the ballot; how many were new. Safe to repeat."""
    link = RoundVote.objects.filter(vote=vote).first()
    if link is None or vote.opened_at is None or vote.source:
        return 0
    lock_round(link.round_id)
    references = Option.objects.filter(vote=vote).values("reference")
    told = PlanEvent.objects.filter(kind=PlanEvent.Kind.ON_BALLOT, at=vote.opened_at).values("plan")
    plans = Plan.objects.filter(round=link.round_id, reference__in=references).exclude(pk__in=told)
    noted = [tell_history(plan, PlanEvent.Kind.ON_BALLOT, actor=None, now=vote.opened_at) for plan in plans]
    if noted:
        page_cache.bump()
    return len(noted)
