"""What waits for staff: plans to assess, votes to make, open and publish."""

from collections.abc import Iterator

from django.db.models import Count, Min, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from ballots.models import Vote
from budget.models import BudgetRoundPage, Plan, RoundVote
from people.models import User
from process.dashboard import Card


def cards(user: User) -> Iterator[Card]:
    """The cards this member of staff can do something with."""
    if user.has_perm("budget.change_plan"):
        yield _to_assess()
    if user.has_perm("budget.add_roundvote"):
        yield _to_make()
    if user.has_perm("ballots.open_vote"):
        yield _votes(Vote.State.DRAFT, _("Budget votes to open"), Min("vote__opens_at"))
    if user.has_perm("ballots.publish_vote"):
        # An imported vote closed long ago, elsewhere: nobody here is late.
        ours = Min("vote__closes_at", filter=Q(source_digest=""))
        yield _votes(Vote.State.COUNTED, _("Budget results to publish"), ours)


def _to_assess() -> Card:
    """Plans without a verdict, in rounds whose vote is not open."""
    frozen = RoundVote.objects.exclude(vote__state__in=[Vote.State.DRAFT, Vote.State.ANNULLED]).values("round")
    waiting = Plan.objects.public().filter(verdict=Plan.Verdict.WAITING).exclude(round__in=frozen)
    found = waiting.aggregate(number=Count("pk"), oldest=Min("submitted_at"))
    url = f"{reverse('plan:index')}?verdict={Plan.Verdict.WAITING}"
    return Card(_("Plans to assess"), found["number"], url, oldest=found["oldest"])


def _to_make() -> Card:
    """Rounds in which every plan has a verdict, at least one is feasible, and there is no vote yet."""
    plans = Plan.objects.public()
    number = (
        BudgetRoundPage.objects.live()
        .filter(round_vote=None, pk__in=plans.filter(verdict=Plan.Verdict.FEASIBLE).values("round"))
        .exclude(pk__in=plans.filter(verdict=Plan.Verdict.WAITING).values("round"))
        .count()
    )
    return Card(_("Budget votes to make"), number, f"{reverse('budget_round:index')}?vote=none")


def _votes(state: Vote.State, label: str, due: Min) -> Card:
    found = RoundVote.objects.filter(vote__state=state).aggregate(number=Count("pk"), due=due)
    return Card(label, found["number"], f"{reverse('budget_round:index')}?vote={state}", due=found["due"])
