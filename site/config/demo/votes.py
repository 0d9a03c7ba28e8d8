"""Two budgets: one that was decided last year, one that people vote on now."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from ballots.models import Question, Vote
from budget import actions
from budget.ballot import agree_to_round_vote, make_vote, open_round_vote
from budget.models import BudgetRoundPage, Plan
from budget.stages import round_now
from config.demo.contributions import Cast
from config.demo.site_pages import Tree, add_process, make_phase
from config.demo.texts import text_of
from people.models import Resident, User
from places.models import Area
from proposals.models import Submission


def make_running_budget(tree: Tree, cast: Cast) -> BudgetRoundPage:
    """The budget of this year: plans assessed, vote open for some weeks more."""
    entry, start = text_of("budget")["running"], cast.now - timedelta(days=120)
    page = _make_round(tree, entry, start, _running_phases(start))
    for plan_entry in entry["plans"]:
        plan = _add(page, plan_entry, cast, start + timedelta(days=cast.random.randint(3, 50)))
        _assess(
            plan,
            cast,
            start,
            Plan.Verdict.FEASIBLE,
            "Het plan past binnen de regels. Wij kunnen het binnen een jaar uitvoeren.",
        )
    for plan_entry in entry["infeasible"]:
        plan = _add(page, plan_entry, cast, start + timedelta(days=cast.random.randint(3, 50)))
        _assess(plan, cast, start, Plan.Verdict.INFEASIBLE, plan_entry["reason"])
    make_vote(page, cast.officer, vote_values(page, cast.now), now=cast.now)
    # Two persons open a vote. Whoever opens one about money does not publish it: that is left to Dirk.
    agree_to_round_vote(page, cast.officer)
    open_round_vote(page, User.objects.get(email="griffie@waterveen.example"))
    return page


def _make_round(
    tree: Tree, entry: dict[str, Any], start: datetime, phases: list[tuple[int, int, str, str, str, str]]
) -> BudgetRoundPage:
    area = Area.objects.get(name=entry["area"], kind=Area.Kind.DISTRICT) if entry["area"] else None
    euros = f"{entry['pot_euro']:,}".replace(",", ".")
    intro = f"Inwoners bedenken plannen en kiezen zelf welke plannen geld krijgen. Er is {euros} euro."
    made = [
        make_phase(
            title,
            ((start + timedelta(days=first)).date(), (start + timedelta(days=last)).date()),
            [verb],
            goal=goal,
            influence=influence,
        )
        for first, last, title, verb, goal, influence in phases
    ]
    process = add_process(tree, entry["title"], intro, made, area=area)
    return process.add_child(
        instance=BudgetRoundPage(
            title=entry["title"], slug="plannen", intro=intro, pot=entry["pot_euro"] * 100, area=area
        )
    )


def _running_phases(start: datetime) -> list[tuple[int, int, str, str, str, str]]:
    binding = "De uitslag is bindend. Gekozen plannen worden uitgevoerd."
    return [
        (
            0,
            59,
            "Plannen indienen",
            "budget.submit",
            "Iedereen kan een plan bedenken.",
            "Elk plan krijgt een oordeel met een reden.",
        ),
        (
            60,
            109,
            "Toetsen",
            "budget.assess",
            "De gemeente kijkt of de plannen kunnen.",
            "Bij elk plan staat waarom het wel of niet kan.",
        ),
        (110, 150, "Stemmen", "budget.vote", "Inwoners kiezen welke plannen geld krijgen.", binding),
        (151, 165, "Uitslag", "budget.result", "Iedereen ziet wat er gekozen is en waarom.", binding),
        (
            166,
            530,
            "Uitvoeren",
            "budget.follow",
            "De gemeente voert de plannen uit met de indieners.",
            "U ziet per plan hoe ver het is.",
        ),
    ]


def _add(page: BudgetRoundPage, entry: dict[str, Any], cast: Cast, at: datetime) -> Plan:
    if "proposal" in entry:
        proposal = Submission.objects.get(title=entry["proposal"])
        plan = actions.take_over(round_now(page, at), cast.officer, proposal.pk, now=at)
        Plan.objects.filter(pk=plan.pk).update(cost=entry["euro"] * 100)
        plan.refresh_from_db()
        return plan
    values = {
        "title": entry["title"],
        "text": entry["text"],
        "cost": _cents(page, entry),
        "area": Area.objects.get(name=entry["area"]),
    }
    return actions.add_plan(round_now(page, at), cast.officer, values, request_key=cast.key(), now=at)


def _cents(page: BudgetRoundPage, entry: dict[str, Any]) -> int | None:
    """The cost; unknown where it does not fit the pot at all."""
    cents = entry["euro"] * 100 if entry["euro"] else None
    return cents if cents is None or cents <= page.pot else None


def _assess(plan: Plan, cast: Cast, start: datetime, verdict: Plan.Verdict, reason: str) -> None:
    at = start + timedelta(days=cast.random.randint(62, 105))
    actions.assess_plan(plan, cast.officer, verdict=verdict, reason=reason, cost=plan.cost, now=at)


def vote_values(page: BudgetRoundPage, now: datetime) -> dict[str, Any]:
    """Knapsack within the pot, counted by Equal Shares: what many municipalities would choose."""
    return {
        "title": page.get_parent().title,
        "question": "Welke plannen moeten geld krijgen? Kies plannen voor samen hoogstens 100.000 euro.",
        "opens_at": (timezone.localtime(now) - timedelta(days=9)).replace(hour=9, minute=0, second=0, microsecond=0),
        "closes_at": (timezone.localtime(now) + timedelta(days=31)).replace(hour=20, minute=0, second=0, microsecond=0),
        "form": Question.Form.KNAPSACK,
        "max_options": None,
        "max_sum": page.pot,
        "change_policy": Vote.ChangePolicy.CODE,
        "counting": {
            "rule": "equal-shares",
            "utility": "cost",
            "increment": "until_overspend",
            "completion": "greedy",
            "tie": "lot",
        },
        "minimum_age": 16,
        "minimum_proof": Resident.Proof.LETTER,
        "publication_threshold": 20,
        "commitment": "De raad neemt de uitslag over. De gekozen plannen worden binnen een jaar uitgevoerd.",
    }
