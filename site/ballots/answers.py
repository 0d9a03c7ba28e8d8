"""What an answer may be: checked against its question as it was frozen, with a sentence for everything that is wrong.

The same checks stand behind the page, the casting and the count. `ballots.box` says how an answer is stored.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ballots.box import Answer, Answers
from ballots.frozen import FrozenOption, FrozenQuestion, FrozenVote
from ballots.models import Question
from pages.templatetags.components import euro

Form = Question.Form

MARKED = frozenset({Form.SCORE, Form.POINTS})
"""The forms whose answer is a whole number per option; the others are a list of options."""


@dataclass(frozen=True)
class Problem:
    """What is wrong with an answer, in a sentence; `option` is where, None for the answer as a whole."""

    text: str
    option: FrozenOption | None = None


def blank_answer(question: FrozenQuestion) -> Answer:
    """The answer of who leaves this question blank."""
    return {} if question.form in MARKED else []


def blank_ballot(vote: FrozenVote) -> dict[str, Answer]:
    """Blank for every question."""
    return {question.reference: blank_answer(question) for question in vote.questions}


class Standing(StrEnum):
    """What an answer, or a whole ballot, is worth to a count. Only on paper something can be invalid: the website refuses it."""

    VALID = "valid"
    BLANK = "blank"
    INVALID = "invalid"


def standing_of_answer(answer: Answer | None) -> Standing:
    if answer is None:
        return Standing.INVALID
    return Standing.VALID if answer else Standing.BLANK


def standing_of(answers: Answers) -> Standing:
    """Of a whole ballot: valid with an answer to any question; else invalid when any of them is; blank when all are."""
    found = {standing_of_answer(answer) for answer in answers.values()}
    return next((each for each in (Standing.VALID, Standing.INVALID) if each in found), Standing.BLANK)


def valid_part(vote: FrozenVote, answers: Answers) -> dict[str, Answer]:
    """The answers with a blank one in place of each that is invalid. Raises `KeyError` for what is no question of this vote."""
    asked = vote.question_by_reference
    return {name: blank_answer(asked[name]) if answer is None else answer for name, answer in answers.items()}


# --- Checking ---------------------------------------------------------------------------------------------


def ballot_problems(vote: FrozenVote, answers: Answers) -> list[Problem]:
    """What keeps these answers from being a ballot of this vote: every question has its answer, blank or valid (never None)."""
    if answers.keys() != vote.question_by_reference.keys():
        return [_not_on_ballot()]
    return [problem for question in vote.questions for problem in problems(question, answers[question.reference])]


def problems(question: FrozenQuestion, answer: Answer | None) -> list[Problem]:
    """What is wrong with this answer; a blank one is right."""
    if answer is None or not is_about(question, answer):
        return [_not_on_ballot()]
    return list(_CHECKS[Form(question.form)](question, answer)) if answer else []


def is_about(question: FrozenQuestion, answer: object) -> bool:
    """Whether this has the shape of an answer to the question, and names its options once each."""
    if question.form in MARKED:
        return isinstance(answer, dict) and all(
            reference in question.option_by_reference and isinstance(value, int) and not isinstance(value, bool)
            for reference, value in answer.items()
        )
    if not isinstance(answer, list) or not all(isinstance(reference, str) for reference in answer):
        return False
    return len(set(answer)) == len(answer) and set(answer) <= question.option_by_reference.keys()


def _not_on_ballot() -> Problem:
    return Problem(_("Your choices name something that is not on the ballot. Choose again."))


def _one(question: FrozenQuestion, answer: Answer) -> Iterator[Problem]:
    if len(answer) > 1:
        yield Problem(_("Choose one option only."))


def _within_maximum(question: FrozenQuestion, answer: Answer) -> Iterator[Problem]:
    maximum = question.max_options or 0
    too_many = len(answer) - maximum
    if too_many > 0:
        sentence = ngettext(
            "You chose %(number)s. You can choose %(maximum)s at most: take %(too_many)s away.",
            "You chose %(number)s. You can choose %(maximum)s at most: take %(too_many)s away.",
            too_many,
        )
        yield Problem(sentence % {"number": len(answer), "maximum": maximum, "too_many": too_many})


def _within_sum(question: FrozenQuestion, answer: Answer) -> Iterator[Problem]:
    total, limit = cost_of(question, answer), question.max_sum or 0
    if total > limit:
        sentence = _("Your choices cost %(total)s together. That is %(over)s too much: you can spend %(limit)s.")
        yield Problem(sentence % {"total": euro(total), "over": euro(total - limit), "limit": euro(limit)})


def _complete_order(question: FrozenQuestion, answer: Answer) -> Iterator[Problem]:
    if not question.complete:
        return
    for option in question.options:
        if option.reference not in answer:
            yield Problem(_("Give “%(option)s” a place too.") % {"option": option.title}, option)


def _within_scale(question: FrozenQuestion, answer: Answer) -> Iterator[Problem]:
    lowest, highest = question.lowest or 0, question.highest or 0
    for option, score in marks_of(question, answer):
        if not lowest <= score <= highest:
            words = {"option": option.title, "lowest": lowest, "highest": highest}
            yield Problem(_("Give “%(option)s” a score from %(lowest)s to %(highest)s.") % words, option)


def _within_points(question: FrozenQuestion, answer: Answer) -> Iterator[Problem]:
    for option, points in marks_of(question, answer):
        if points < 0:
            yield Problem(_("Give “%(option)s” 0 points or more.") % {"option": option.title}, option)
    total, available = sum(points for _option, points in marks_of(question, answer)), question.points or 0
    words = {"total": total, "points": available, "over": total - available, "left": available - total}
    if total > available:
        yield Problem(_("You gave %(total)s of %(points)s points. That is %(over)s too many.") % words)
    elif question.complete and total < available:
        yield Problem(_("You gave %(total)s of %(points)s points. Give the other %(left)s too.") % words)


Check = Callable[[FrozenQuestion, Answer], Iterator[Problem]]

_CHECKS: dict[Form, Check] = {
    Form.YES_NO: _one,
    Form.CHOICE: _one,
    Form.APPROVAL: _within_maximum,
    Form.KNAPSACK: _within_sum,
    Form.RANKING: _complete_order,
    Form.SCORE: _within_scale,
    Form.POINTS: _within_points,
}


def rank_problems(places: Sequence[tuple[FrozenOption, int]]) -> list[Problem]:
    """What is wrong with places as people fill them in: two options at one place, or a place that is left out; both options are named."""
    found: list[Problem] = []
    ordered = sorted(places, key=lambda pair: (pair[1], pair[0].number))
    if ordered and ordered[0][1] > 1:
        option, place = ordered[0]
        words = {"option": option.title, "place": place}
        found.append(Problem(_("No option has place 1. “%(option)s” has place %(place)s.") % words, option))
    for (option, place), (other, next_place) in pairwise(ordered):
        words = {"option": option.title, "other": other.title, "place": place, "next": next_place, "gap": place + 1}
        if place == next_place:
            sentence = _("“%(option)s” and “%(other)s” both have place %(place)s. Give each a place of its own.")
            found.append(Problem(sentence % words, other))
        elif next_place > place + 1:
            sentence = _("Place %(gap)s is empty: “%(option)s” has %(place)s and “%(other)s” has %(next)s.")
            found.append(Problem(sentence % words, other))
    return found


# --- Reading ----------------------------------------------------------------------------------------------


def in_order(vote: FrozenVote, answers: Answers) -> dict[str, Answer | None]:
    """The answers as the box keeps them: lists in the order of the ballot (a ranking keeps its own), no zeros; None stays None.

    Raises `KeyError` for what is not on the ballot; `ballot_problems` finds that first.
    """
    return {question.reference: _in_order(question, answers[question.reference]) for question in vote.questions}


def _in_order(question: FrozenQuestion, answer: Answer | None) -> Answer | None:
    if answer is None:
        return None
    named = [question.option_by_reference[reference] for reference in answer]
    if isinstance(answer, dict):
        return {option.reference: answer[option.reference] for option in named if answer[option.reference]}
    if question.form != Form.RANKING:
        named.sort(key=lambda option: option.number)
    return [option.reference for option in named]


def options_of(question: FrozenQuestion, answer: Answer) -> list[FrozenOption]:
    """The options that an answer names, in its order (a ranking) or that of the ballot."""
    if question.form == Form.RANKING:
        return [question.option_by_reference[reference] for reference in answer]
    return [option for option in question.options if option.reference in answer]


def marks_of(question: FrozenQuestion, answer: Answer) -> list[tuple[FrozenOption, int]]:
    """Option and number of a score or points answer, in the order of the ballot."""
    marks: Mapping[str, int] = answer if isinstance(answer, dict) else {}
    return [(option, marks[option.reference]) for option in question.options if option.reference in marks]


def cost_of(question: FrozenQuestion, answer: Answer) -> int:
    """What the chosen options cost together, in cents."""
    return sum(option.cost or 0 for option in question.options if option.reference in answer)
