"""How a ballot is filled in, and what was filled in, in plain words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ballots.answers import cost_of, marks_of, options_of
from ballots.box import Answer, Answers
from ballots.frozen import FrozenOption, FrozenQuestion, FrozenVote
from ballots.models import Question
from pages.templatetags.components import euro

Form = Question.Form


def label_of(option: FrozenOption) -> str:
    """An option as its label says it, price included."""
    return option.title if option.cost is None else f"{option.title}, {euro(option.cost)}"


# --- What a voter may fill in -------------------------------------------------------------------------


def how_to_choose(question: FrozenQuestion) -> str:
    """What a voter may fill in."""
    sentence = _HOW[Form(question.form)](question)
    if question.form == Form.POINTS and question.complete:
        return f"{sentence} {_('Give all of them.')}"
    return sentence


def _number_at_most(question: FrozenQuestion) -> str:
    number = question.max_options or 0
    sentence = ngettext("You can choose %(number)s at most.", "You can choose %(number)s at most.", number)
    return sentence % {"number": number}


def _order(question: FrozenQuestion) -> str:
    if question.complete:
        return _("Give every option a place: 1 is your first choice.")
    return _("Give the options a place: 1 is your first choice. You may leave options out.")


def _points(question: FrozenQuestion) -> str:
    number = question.points or 0
    sentence = ngettext(
        "You have %(number)s point to divide over the options.",
        "You have %(number)s points to divide over the options.",
        number,
    )
    return sentence % {"number": number}


_HOW: dict[Form, Callable[[FrozenQuestion], str]] = {
    Form.YES_NO: lambda question: _("Choose yes or no."),
    Form.CHOICE: lambda question: _("Choose one option."),
    Form.APPROVAL: _number_at_most,
    Form.RANKING: _order,
    Form.SCORE: lambda question: (
        _("Give each option a score from %(lowest)s to %(highest)s. Higher is better.")
        % {"lowest": question.lowest, "highest": question.highest}
    ),
    Form.POINTS: _points,
    Form.KNAPSACK: lambda question: (
        _("Choose as many as you like, for %(limit)s at most together.") % {"limit": euro(question.max_sum)}
    ),
}


# --- What is filled in --------------------------------------------------------------------------------


@dataclass(frozen=True)
class AnswerLine:
    """One line of an answer: an option, and what was given to it ("" where choosing it says all)."""

    option: FrozenOption
    label: str
    mark: str


@dataclass(frozen=True)
class AnswerInWords:
    """One answer as a person reads it; without lines it is blank."""

    question: FrozenQuestion
    lines: Sequence[AnswerLine]
    used: str

    @property
    def is_ordered(self) -> bool:
        return self.question.form == Form.RANKING


def in_words(vote: FrozenVote, answers: Answers) -> list[AnswerInWords]:
    """Every answer, question by question."""
    return [answer_in_words(question, answers[question.reference]) for question in vote.questions]


def answer_in_words(question: FrozenQuestion, answer: Answer) -> AnswerInWords:
    """One answer, with how much of the limit it uses."""
    if isinstance(answer, dict):
        marks = [(option, _mark(question, number)) for option, number in marks_of(question, answer)]
    else:
        marks = [(option, "") for option in options_of(question, answer)]
    lines = [AnswerLine(option, label_of(option), mark) for option, mark in marks]
    return AnswerInWords(question, lines, used_line(question, answer) if answer else "")


def _mark(question: FrozenQuestion, number: int) -> str:
    if question.form == Form.POINTS:
        return ngettext("%(number)s point", "%(number)s points", number) % {"number": number}
    return _("score %(number)s") % {"number": number}


def has_limit(question: FrozenQuestion) -> bool:
    """Whether `used_line` has something to say."""
    return question.form in _USED


def used_line(question: FrozenQuestion, answer: Answer) -> str:
    """How much of the limit is used, or by how much it is passed; "" for a form without such a limit."""
    known = _USED.get(Form(question.form))
    return known(question, answer) if known else ""


def _used_number(question: FrozenQuestion, answer: Answer) -> str:
    left = (question.max_options or 0) - len(answer)
    words: dict[str, Any] = {"number": len(answer), "left": left, "over": -left}
    if left < 0:
        return _("You have chosen %(number)s. That is %(over)s too many.") % words
    return _("You have chosen %(number)s. You can choose %(left)s more.") % words


def _used_sum(question: FrozenQuestion, answer: Answer) -> str:
    total = cost_of(question, answer)
    left = (question.max_sum or 0) - total
    words = {"total": euro(total), "left": euro(left), "over": euro(-left)}
    if left < 0:
        return _("Your choices cost %(total)s. That is %(over)s too much.") % words
    return _("Your choices cost %(total)s. You can spend %(left)s more.") % words


def _used_points(question: FrozenQuestion, answer: Answer) -> str:
    total = sum(points for _option, points in marks_of(question, answer))
    left = (question.points or 0) - total
    words = {"total": total, "left": left, "over": -left}
    if left < 0:
        return _("Points given: %(total)s. That is %(over)s too many.") % words
    return _("Points given: %(total)s. Points left: %(left)s.") % words


_USED: dict[Form, Callable[[FrozenQuestion, Answer], str]] = {
    Form.APPROVAL: _used_number,
    Form.KNAPSACK: _used_sum,
    Form.POINTS: _used_points,
}
