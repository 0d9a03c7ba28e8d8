"""Budget rounds with their process and phases, plans, votes about them."""

from datetime import timedelta
from itertools import count

from django.utils import timezone
from wagtail.models import Site

from ballots.actions import count_vote, import_closed_vote, publish_result
from ballots.drafting import ONLY
from ballots.models import Vote
from budget import ballot
from budget.models import BudgetRoundPage, Plan, PlanEvent, RoundVote
from budget.settling import settle
from budget.stages import round_now
from process.models import Phase, ProcessPage
from tests.factories.ballots import COMMITMENT, make_opener

STAGES = ("submit", "assess", "vote", "result", "follow")
PHASE_DAYS = 30
_numbers = count(1)

COUNTING = {"rule": "greedy", "min_votes": 0, "when_full": "skip", "tie": ["lot"]}


def home_below(root):
    """The page that the site serves at its first address."""
    site = Site.objects.filter(is_default_site=True).first()
    return site.root_page if site else root


def make_process(root, *, stage="submit", title="Samen beslissen", verbs="budget") -> ProcessPage:
    """A published process with a phase of thirty days for each stage; today lies in the middle of `stage`."""
    process = home_below(root).add_child(
        instance=ProcessPage(title=title, slug=f"traject-{next(_numbers)}", intro="Wij beslissen samen over geld.")
    )
    first = timezone.localdate() - timedelta(days=PHASE_DAYS * STAGES.index(stage) + PHASE_DAYS // 2)
    for place, name in enumerate(STAGES):
        starts_on = first + timedelta(days=PHASE_DAYS * place)
        Phase.objects.create(
            process=process,
            title=name.capitalize(),
            goal="Plannen kiezen",
            starts_on=starts_on,
            ends_on=starts_on + timedelta(days=PHASE_DAYS - 1),
            citizen_rung=Phase.CitizenRung.CODECIDE,
            audience="Iedereen",
            influence="De uitslag telt.",
            opens=[f"{verbs}.{name}"],
        )
    return process


def make_round(root, *, stage="submit", process=None, **fields) -> BudgetRoundPage:
    """A published round with a pot of € 100.000, in the middle of `stage`."""
    parent = process or make_process(root, stage=stage)
    defaults = {"title": "Buurtbudget Oost", "slug": f"ronde-{next(_numbers)}", "pot": 100_000_00}
    page = parent.add_child(instance=BudgetRoundPage(**(defaults | fields)))
    return BudgetRoundPage.objects.get(pk=page.pk)


def situation_of(page, now=None):
    """The round as rules and actions take it."""
    return round_now(BudgetRoundPage.objects.get(pk=page.pk), now or timezone.now())


def make_plan(page, title="Speeltuin", *, cost=10_000_00, verdict="feasible", **fields) -> Plan:
    """A published plan, feasible unless told otherwise."""
    now = timezone.now()
    defaults = {
        "reference": str(next(_numbers)),
        "text": f"Wij willen {title.lower()} in onze buurt, omdat dat goed is.",
        "state": Plan.State.PUBLISHED,
        "verdict": verdict,
        "verdict_reason": "" if verdict == "waiting" else "Dat kan, na overleg met de bewoners.",
        "submitted_at": now,
        "published_at": now,
    }
    plan = Plan.objects.create(round=page, title=title, cost=cost, **(defaults | fields))
    PlanEvent.objects.create(plan=plan, kind=PlanEvent.Kind.SUBMITTED, at=now)
    return plan


def make_draft(page, submitter, title="Speeltuin", **fields) -> Plan:
    """Somebody's draft."""
    return Plan.objects.create(
        round=page, submitter=submitter, title=title, text="Een glijbaan en twee schommels erbij.", **fields
    )


def vote_values(page, **fields):
    """What staff fill in for a vote: a knapsack ballot for residents of 16 and older, counted by most votes."""
    now = timezone.now()
    values = {
        "title": page.title,
        "question": "Welke plannen kiest u?",
        "opens_at": now - timedelta(hours=1),
        "closes_at": now + timedelta(days=14),
        "form": "knapsack",
        "max_options": None,
        "max_sum": page.pot,
        "change_policy": "code",
        "minimum_age": 16,
        "minimum_proof": 2,
        "publication_threshold": 20,
        "counting": COUNTING,
        "commitment": COMMITMENT,
    }
    return values | fields


def make_round_vote(page, actor, **fields):
    """The vote of a round, through the action; still a draft."""
    return ballot.make_vote(page, actor, vote_values(page, **fields), now=timezone.now())


def open_round(page, actor):
    """Gerda, the clerk, agrees; then `actor` opens the vote of the round."""
    ballot.agree_to_round_vote(page, make_opener("Gerda"))
    return ballot.open_round_vote(page, actor)


def make_closed_vote(page, plans, ballots, *, source="proefbestand.pb", **fields):
    """A closed vote with these ballots (lists of plans), as an import makes it: no waiting for the clock."""
    now = timezone.now()
    values = vote_values(page, closes_at=now - timedelta(minutes=1), **fields)
    vote = Vote.objects.create(area=page.area, **{name: values[name] for name in ballot.VOTE_FIELDS})
    RoundVote.objects.create(round=page, vote=vote)
    ballot.write_plans(ballot.write_question(vote, values, pot=page.pot), plans)
    answers = [{ONLY: [plan.reference for plan in choice]} for choice in ballots]
    import_closed_vote(vote, ballots=answers, source=source)
    return vote


def make_published_round(
    root, publisher, *, ballots=25, settled=True, titles=("Speeltuin", "Bankjes", "Zwembad"), **fields
):
    """A round with a published result: the first two plans (€ 60.000 and € 30.000) won, the third (€ 70.000) did not fit."""
    page = make_round(root, stage="result")
    costs = (60_000_00, 30_000_00, 70_000_00)
    plans = [make_plan(page, title, cost=cost) for title, cost in zip(titles, costs, strict=True)]
    choices = [[plans[0], plans[1]]] * (ballots - 1) + [[plans[2]]]
    vote = make_closed_vote(page, plans, choices, **fields)
    count_vote(vote)
    publish_result(vote, actor=publisher)
    if settled:
        settle(page.pk, now=timezone.now())
    return page
