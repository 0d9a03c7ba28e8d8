"""The vote of a round: made from the feasible plans, following them until it opens, frozen from then on."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import translation
from wagtail.log_actions import log

from ballots import actions as ballot_box
from ballots import locks
from ballots.drafting import write_only_question, write_options
from ballots.models import Option, Question, Vote
from budget import rules
from budget.history import tell_history
from budget.locks import lock_round
from budget.models import BudgetRoundPage, Plan, PlanEvent, RoundVote
from budget.stages import round_now
from pages import page_cache
from pages.uploads import ResidentFiles, forget_photo, own_copy
from people.models import User
from people.verdict import demand

VOTE_FIELDS = (
    "title",
    "opens_at",
    "closes_at",
    "change_policy",
    "minimum_age",
    "minimum_proof",
    "publication_threshold",
    "commitment",
)
QUESTION_FIELDS = ("form", "max_options", "max_sum", "counting")


@transaction.atomic
def make_vote(page: BudgetRoundPage, actor: User, values: dict[str, Any], *, now: datetime) -> Vote:
    """Makes the vote of a round, or makes it again while it is not open. `values`: the fields named in VOTE_FIELDS and QUESTION_FIELDS,
    and `question`: what is asked.

    The ballot lists the feasible plans as they are now; pot and area are those of the round.
    """
    lock_round(page.pk)
    situation = round_now(page, now)
    demand(rules.may_make_vote(actor, situation, feasible_plans(page.pk).count()))
    vote = situation.vote if situation.vote and situation.vote.state == Vote.State.DRAFT else Vote()
    for name in VOTE_FIELDS:
        setattr(vote, name, values[name])
    vote.area, vote.url = page.area, _address(page)
    vote.full_clean()
    vote.save()
    question = write_question(vote, values, pot=page.pot)
    RoundVote.objects.update_or_create(round=page, defaults={"vote": vote, "settled_at": None, "told_at": None})
    write_plans(question, feasible_plans(page.pk))
    log(page, "budget.make_vote", user=actor, data={"vote": str(vote.pk), "counting": question.counting})
    return vote


def write_question(vote: Vote, values: Mapping[str, Any], *, pot: int) -> Question:
    """The one question of a round's vote, from what staff filled in or a file says; `pot` in cents."""
    own = {name: values[name] for name in QUESTION_FIELDS}
    return write_only_question(vote, title=values["question"], budget=pot, **own)


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
    vote.area = page.area
    vote.save(update_fields=["area"])
    question = question_of(vote)
    follows_pot = question.max_sum is not None and question.max_sum == question.budget
    limit = page.pot if follows_pot else question.max_sum
    write_plans(write_only_question(vote, budget=page.pot, max_sum=limit), feasible_plans(round_id))


def question_of(vote: Vote) -> Question:
    """The one question of the vote of a round."""
    return Question.objects.get(vote=vote)


def write_plans(question: Question, plans: Iterable[Plan]) -> None:
    """Puts these plans on the ballot, in this order, in place of what was there; a photo that is no longer there goes."""
    before = set(question.options.exclude(image="").values_list("image", flat=True))
    options = [_option(plan) for plan in plans]
    write_options(question, options)
    for name in before - {str(option.image.name) for option in options}:
        transaction.on_commit(partial(forget_photo, ResidentFiles(), name))


def _option(plan: Plan) -> Option:
    with translation.override(settings.LANGUAGE_CODE):
        url = plan.get_absolute_url()
    # A copy: what is on an opened ballot stays, whatever becomes of the plan.
    photo = own_copy(plan.image, "ballot")
    own = {"image": photo, "image_alt": plan.image_alt if photo else ""}
    return Option(reference=plan.reference, title=plan.title, text=plan.text, cost=plan.cost, url=url, **own)


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
