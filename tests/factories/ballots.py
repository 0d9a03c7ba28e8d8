"""Votes, their options, rolls and ballots."""

from datetime import timedelta

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.utils import timezone

from ballots.actions import agree_to_vote, cast_ballot, open_vote
from ballots.codes import new_code
from ballots.drafting import ONLY
from ballots.frozen import frozen_vote
from ballots.models import Option, Question, Vote
from ballots.voters import Voter, voter_behind
from people.models import User
from tests.factories.people import make_resident

VOTE_FIELDS = {field.name for field in Vote._meta.get_fields()}
COMMITMENT = "De gekozen plannen krijgen hun geld en worden uitgevoerd."
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
        opens_at=opens_at,
        **{"title": "Buurtbudget Oost", "commitment": COMMITMENT, "closes_at": opens_at + open_for} | own,
    )
    asked = {"title": fields.pop("question", "Welke plannen kiest u?"), **defaults, **fields}
    question = Question.objects.create(vote=vote, number=1, reference=ONLY, **asked)
    for number, (reference, title, cost) in enumerate(options, start=1):
        Option.objects.create(vote=vote, question=question, number=number, reference=reference, title=title, cost=cost)
    return vote


# For every form of ballot its limits and a rule that can count it.
FORMS = {
    "yes_no": {"counting": {"rule": "plurality"}},
    "choice": {"counting": {"rule": "plurality"}},
    "approval": {"max_options": 2, "counting": {"rule": "approval"}},
    "ranking": {"counting": {"rule": "schulze"}},
    "score": {"lowest": 1, "highest": 5, "counting": {"rule": "score"}},
    "points": {"points": 10, "counting": {"rule": "points"}},
    "knapsack": {"max_sum": 100_000_00, "budget": 100_000_00, "counting": {"rule": "greedy"}},
}


def add_question(vote, form, *, title="Wat kiest u?", **fields) -> Question:
    """One more question of a draft, with the plans as options; numbers and references go on from those that are there."""
    number, first = vote.questions.count() + 1, vote.options.count() + 1
    own = {**FORMS[form], **fields}
    question = Question.objects.create(vote=vote, number=number, reference=str(number), title=title, form=form, **own)
    plans = (("", "Ja", None), ("", "Nee", None)) if form == "yes_no" else PLANS
    for place, (_reference, name, cost) in enumerate(plans):
        Option.objects.create(
            vote=vote,
            question=question,
            number=first + place,
            reference=f"{number}{chr(ord('a') + place)}",
            title=name,
            cost=cost if form == "knapsack" else None,
        )
    return question


def make_forms_vote(*forms, **fields) -> Vote:
    """A draft with a question of each of these forms; `fields` are those of the vote, or of all its questions."""
    own = {name: fields.pop(name) for name in list(fields) if name in VOTE_FIELDS}
    vote = make_vote(options=[], **own)
    vote.questions.all().delete()
    for form in forms:
        add_question(vote, form, title=f"Vraag over {form}", **fields)
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


def cast(vote, who, chosen=(1,), code=None, **options):
    """A ballot through the action: `chosen` are option numbers, in a vote with one question."""
    references = {option.number: option.reference for option in frozen_vote(vote.pk).options}
    answers = {ONLY: [references.get(number, f"unknown {number}") for number in chosen]}
    return cast_answers(vote, who, answers, code, **options)


def cast_answers(vote, who, answers, code=None, **options):
    """A ballot with these answers through the action; `who` is a resident or a voter."""
    voter = who if isinstance(who, Voter) else voter_behind(who)
    return cast_ballot(vote.pk, voter=voter, answers=answers, code=code or new_code(), **options)
