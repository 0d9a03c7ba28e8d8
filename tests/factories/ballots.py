"""Votes, their options, rolls and ballots."""

from datetime import timedelta

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.utils import timezone

from ballots.actions import agree_to_vote, cast_ballot, open_vote
from ballots.codes import new_code
from ballots.models import Option, Vote
from people.models import User
from tests.factories.people import make_resident

COMMITMENT = "De gekozen plannen krijgen hun geld en worden uitgevoerd."
PLANS = (
    ("A", "Speeltuin", 40_000_00),
    ("B", "Bankjes", 10_000_00),
    ("C", "Fietsenrek", 25_000_00),
    ("D", "Bomen", 60_000_00),
)


def make_vote(*, options=PLANS, opens_in=timedelta(hours=-1), open_for=timedelta(days=14), **fields) -> Vote:
    """A draft about a budget of € 100.000, ready to be opened. `options`: (reference, title, cost in cents)."""
    opens_at = fields.pop("opens_at", timezone.now() + opens_in)
    defaults = {
        "title": "Buurtbudget Oost",
        "question": "Welke plannen kiest u?",
        "form": Vote.Form.KNAPSACK,
        "max_sum": 100_000_00,
        "budget": 100_000_00,
        "counting": {"rule": "greedy"},
        "commitment": COMMITMENT,
        "closes_at": opens_at + open_for,
    }
    vote = Vote.objects.create(opens_at=opens_at, **(defaults | fields))
    for number, (reference, title, cost) in enumerate(options, start=1):
        Option.objects.create(vote=vote, number=number, reference=reference, title=title, cost=cost)
    return vote


def make_open_vote(**fields) -> Vote:
    """An opened vote; whoever may vote must exist before."""
    return open_by_two(make_vote(**fields))


def open_by_two(vote: Vote, *, actor: User | None = None) -> Vote:
    """Gerda, the clerk, agrees; then `actor` opens the vote, or Otto."""
    agree_to_vote(vote, actor=make_opener("Gerda"))
    return open_vote(vote, actor=actor or make_opener("Otto"))


def make_opener(name: str) -> User:
    """Staff who may open votes, the clerk's part included; the same person at every call."""
    values = {"display_name": name, "is_superuser": True, "password": UNUSABLE_PASSWORD_PREFIX}
    return User.objects.get_or_create(email=f"{name.lower()}@gemeente.example", defaults=values)[0]


def make_voters(number: int, neighbourhood) -> list:
    """Residents who may vote, without passwords' cost."""
    return [make_resident(f"Kiezer {index}", neighbourhood) for index in range(number)]


def cast(vote, resident, chosen=(1,), code=None, **options):
    """A ballot through the action."""
    return cast_ballot(vote.pk, resident=resident, chosen=chosen, code=code or new_code(), **options)
