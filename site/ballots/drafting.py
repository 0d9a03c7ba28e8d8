"""Writing the questions and options of a draft: the one way to make a vote with one question, for whoever makes votes."""

from collections.abc import Iterable
from typing import Any

from ballots.models import Option, Question, Vote

ONLY = "1"
"""The reference of the question of a vote with one question."""


def write_only_question(vote: Vote, **fields: Any) -> Question:
    """Gives a draft its one question, or gives the question it has these fields; its options stay."""
    question = vote.questions.first() or Question(vote=vote, number=1, reference=ONLY)
    for name, value in fields.items():
        setattr(question, name, value)
    question.full_clean()
    question.save()
    return question


def write_options(question: Question, options: Iterable[Option]) -> None:
    """Puts these options on the ballot of a draft, in this order, in place of what the question had.

    For a vote with one question: numbers count from 1.
    """
    Option.objects.filter(question=question).delete()
    rows = list(options)
    for number, option in enumerate(rows, start=1):
        option.vote_id, option.question, option.number = question.vote_id, question, number
    Option.objects.bulk_create(rows)
