"""Writing the questions and options of a draft: the one way to make a vote with one question, for whoever makes votes."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from ballots.models import Option, Question, Vote
from pages.uploads import forget_photo

ONLY = "1"
"""The reference of the question of a vote with one question."""

# Numbers are unique at every moment: those that are given anew go out of the way first.
AWAY = 10_000


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


def renumber(vote: Vote) -> None:
    """Numbers the questions of a draft from 1, and the options of all its questions from 1, in the order in which they stand."""
    _number(Question.objects.filter(vote=vote), ["number"])
    _number(Option.objects.filter(vote=vote), ["question__number", "number"])


def _number(rows: QuerySet[Any], order: list[str]) -> None:
    ordered = list(rows.order_by(*order).values_list("pk", flat=True))
    rows.update(number=F("number") + AWAY)
    for number, pk in enumerate(ordered, start=1):
        rows.filter(pk=pk).update(number=number)


def forget_photos(options: QuerySet[Option]) -> None:
    """Removes the photos of options that are being deleted, once that is done."""
    for option in options.exclude(image=""):
        transaction.on_commit(partial(forget_photo, option.image.storage, str(option.image.name)))


def free_reference(rows: QuerySet[Any]) -> str:
    """The lowest number that is no reference among these questions or options."""
    taken = set(rows.values_list("reference", flat=True))
    return next(str(number) for number in range(1, len(taken) + 2) if str(number) not in taken)


def add_neither(question: Question) -> Option:
    """One more option at the end of a draft's question: none of the others (A, B or neither), in the language of the municipality.

    Not the same as blank: it can win.
    """
    taken = Option.objects.filter(vote=question.vote_id)
    with translation.override(settings.LANGUAGE_CODE):
        title = _("None of these")
    option = Option(
        vote_id=question.vote_id, question=question, number=AWAY - 1, reference=free_reference(taken), title=title
    )
    option.save()
    renumber(question.vote)
    return option


def move_question_up(question: Question) -> None:
    """Changes places with the question before it in a draft."""
    before = Question.objects.filter(vote=question.vote_id, number__lt=question.number).order_by("-number").first()
    if before is None:
        return
    Question.objects.filter(pk=question.pk).update(number=AWAY)
    Question.objects.filter(pk=before.pk).update(number=question.number)
    Question.objects.filter(pk=question.pk).update(number=before.number)
    renumber(question.vote)
