"""Reads about rounds and plans; access goes through here."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from wagtail.models import PageViewRestriction

from ballots.models import Option, Vote
from budget import rules
from budget.guidance import Numbers, guidance
from budget.models import BudgetRoundPage, Plan, RoundVote
from budget.stages import RoundNow, Stage, round_now
from pages.word_parts import matching
from people.models import User
from places.models import Area
from places.queries import within

FIRST_PLANS = 6
NEWEST = "-published_at"


def round_for(round_id: int, now: datetime) -> RoundNow:
    """A round that anybody may see, at a moment; 404 for an unpublished or restricted page, or one below such a page."""
    page = get_object_or_404(BudgetRoundPage.objects.live().select_related("area__parent__parent"), pk=round_id)
    situation = round_now(page, now)
    if not situation.schedule.is_public or is_restricted(page):
        raise Http404
    return situation


def is_restricted(page: BudgetRoundPage) -> bool:
    """Whether Wagtail shows this page, or one above it, only to some; our own addresses then do not show it at all."""
    paths = [page.path[:end] for end in range(page.steplen, len(page.path) + 1, page.steplen)]
    return PageViewRestriction.objects.filter(page__path__in=paths).exists()


def plan_for(user: Any, plan_id: int, now: datetime) -> tuple[Plan, RoundNow]:
    """A plan that this user may see, with its round; 404 otherwise."""
    plans = Plan.objects.select_related("round", "area__parent", "submitter")
    plan = get_object_or_404(plans, pk=plan_id)
    if not rules.may_see(user, plan):
        raise Http404
    situation = round_for(plan.round_id, now)
    plan.round = situation.round
    return plan, situation


def own_plan_for(user: Any, plan_id: int, now: datetime) -> tuple[Plan, RoundNow]:
    """Somebody's own plan; 404 for everybody else, staff included."""
    plan, situation = plan_for(user, plan_id, now)
    if not rules.is_owner(user, plan):
        raise Http404
    return plan, situation


# --- Lists --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Choice:
    """What a visitor wants to see of a round's plans; "" or None means everything."""

    words: str = ""
    area: Area | None = None
    verdict: str = ""
    outcome: str = ""


def plans_in(page: BudgetRoundPage, choice: Choice) -> QuerySet[Plan]:
    """The public plans of a round, filtered; the order is for whoever pages."""
    plans = Plan.objects.public().filter(round=page).select_related("area").defer("search")
    if choice.words:
        plans = matching(plans, choice.words)
    if choice.area:
        plans = plans.filter(area__in=within(choice.area))
    if choice.verdict:
        plans = plans.filter(verdict=choice.verdict)
    if choice.outcome:
        plans = plans.filter(outcome=choice.outcome)
    return plans


def areas_with_plans(page: BudgetRoundPage) -> QuerySet[Area]:
    """The areas that public plans of this round are about."""
    ids = Plan.objects.public().filter(round=page, area__isnull=False).values("area")
    return Area.objects.filter(pk__in=ids).order_by("name")


def drafts_of(user: Any, page: BudgetRoundPage) -> QuerySet[Plan]:
    """Somebody's unfinished plans in a round, newest first."""
    if not user.is_authenticated:
        return Plan.objects.none()
    return Plan.objects.filter(round=page, submitter=user, state=Plan.State.DRAFT).order_by("-pk")


def plans_of(user: User) -> QuerySet[Plan]:
    """Everything somebody wrote, drafts included, newest first."""
    return user.plans.select_related("round").defer("search").order_by("-pk")


# --- Pages --------------------------------------------------------------------------------------------


def numbers_of(page: BudgetRoundPage) -> Numbers:
    """One query."""
    verdict, progress = Plan.Verdict, Plan.Progress
    counted = (
        Plan.objects.public()
        .filter(round=page)
        .aggregate(
            plans=Count("pk"),
            feasible=Count("pk", filter=Q(verdict=verdict.FEASIBLE)),
            infeasible=Count("pk", filter=Q(verdict=verdict.INFEASIBLE)),
            waiting=Count("pk", filter=Q(verdict=verdict.WAITING)),
            won=Count("pk", filter=Q(outcome=Plan.Outcome.WON)),
            started=Count("pk", filter=Q(progress=progress.STARTED)),
            done=Count("pk", filter=Q(progress=progress.DONE)),
        )
    )
    return Numbers(**counted)


def overview(page: BudgetRoundPage, user: Any) -> dict[str, Any]:
    """What the page of a round shows: where it is, what one can do, its first plans."""
    situation = round_now(page, timezone.now())
    chosen = situation.stage in (Stage.RESULT, Stage.FOLLOW)
    plans = plans_in(page, Choice(outcome=Plan.Outcome.WON if chosen else ""))
    may_submit = rules.may_submit(user, situation) if situation.stage == Stage.SUBMIT else None
    numbers = numbers_of(page)
    return {
        "situation": situation,
        "numbers": numbers,
        "guidance": guidance(situation, numbers, may_submit, is_known=user.is_authenticated),
        "steps": situation.steps(),
        "plans": plans.order_by(NEWEST, "-pk")[:FIRST_PLANS],
        "drafts": drafts_of(user, page) if situation.stage == Stage.SUBMIT else [],
    }


def passed_rounds(verb: str, pages: Collection[int]) -> set[int]:
    """On which of these rounds nobody submits a plan any more: their vote has been opened. 1 query for that verb, none for others."""
    if verb != "budget.submit":
        return set()
    frozen = RoundVote.objects.filter(round__in=pages).exclude(vote__state__in=[Vote.State.DRAFT, Vote.State.ANNULLED])
    return set(frozen.values_list("round_id", flat=True))


def rounds_with_votes(*states: str) -> QuerySet[RoundVote]:
    """Rounds whose vote is in one of these states."""
    return RoundVote.objects.filter(vote__state__in=states).select_related("round", "vote")


def option_of(plan: Plan) -> Option | None:
    """How the plan stands on the ballot of its round."""
    votes = RoundVote.objects.filter(round=plan.round_id).values("vote")
    return Option.objects.filter(vote__in=votes, reference=plan.reference).first()
