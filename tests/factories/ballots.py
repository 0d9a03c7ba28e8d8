"""Votes, their options, rolls and ballots."""

from datetime import timedelta

from django.utils import timezone

from ballots.actions import cast_ballot, open_vote
from ballots.codes import new_code
from ballots.drafting import ONLY
from ballots.frozen import frozen_vote
from ballots.models import Option, Question, Vote
from tests.factories.people import make_resident

VOTE_FIELDS = {field.name for field in Vote._meta.get_fields()}

PLANS = (
    ("A", "Speeltuin", 40_000_00),
    ("B", "Bankjes", 10_000_00),
    ("C", "Fietsenrek", 25_000_00),
    ("D", "Bomen", 60_000_00),
)


def make_vote(*, options=PLANS, opens_in=timedelta(hours=-1), open_for=timedelta(days=14), **fields) -> Vote:
    """A draft with one question about a budget of € 100.000, ready to be opened. `options`: (reference, title, cost in cents).

    `question` is what is asked; the other fields are those of the vote or of its question.
    """
    opens_at = fields.pop("opens_at", timezone.now() + opens_in)
    defaults = {
        "form": Question.Form.KNAPSACK,
        "max_sum": 100_000_00,
        "budget": 100_000_00,
        "counting": {"rule": "greedy"},
    }
    own = {name: fields.pop(name) for name in list(fields) if name in VOTE_FIELDS}
    vote = Vote.objects.create(
        opens_at=opens_at, **{"title": "Buurtbudget Oost", "closes_at": opens_at + open_for} | own
    )
    asked = {"title": fields.pop("question", "Welke plannen kiest u?"), **defaults, **fields}
    question = Question.objects.create(vote=vote, number=1, reference=ONLY, **asked)
    for number, (reference, title, cost) in enumerate(options, start=1):
        Option.objects.create(vote=vote, question=question, number=number, reference=reference, title=title, cost=cost)
    return vote


def make_open_vote(**fields) -> Vote:
    """An opened vote; whoever may vote must exist before."""
    return open_vote(make_vote(**fields))


def make_voters(number: int, neighbourhood) -> list:
    """Residents who may vote, without passwords' cost."""
    return [make_resident(f"Kiezer {index}", neighbourhood) for index in range(number)]


def cast(vote, resident, chosen=(1,), code=None, **options):
    """A ballot through the action: `chosen` are option numbers, in a vote with one question."""
    references = {option.number: option.reference for option in frozen_vote(vote.pk).options}
    answers = {ONLY: [references.get(number, f"unknown {number}") for number in chosen]}
    return cast_answers(vote, resident, answers, code, **options)


def cast_answers(vote, resident, answers, code=None, **options):
    """A ballot with these answers through the action."""
    return cast_ballot(vote.pk, resident=resident, answers=answers, code=code or new_code(), **options)
