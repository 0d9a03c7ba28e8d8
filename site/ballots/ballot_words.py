"""How a ballot is filled in, and what was filled in, in plain words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

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
    """What a voter may fill in, and whether the order of the options means something."""
    sentences = [_HOW[Form(question.form)](question)]
    if question.form == Form.POINTS and question.complete:
        sentences.append(_("Give all of them."))
    if question.option_order == Question.Order.RANDOM:
        sentences.append(_("A lot decides the order of the options, for every voter anew."))
    return " ".join(sentences)


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
    """One answer as a person reads it; without lines it is blank, or invalid."""

    question: FrozenQuestion
    lines: Sequence[AnswerLine]
    used: str
    is_invalid: bool = False

    @property
    def is_ordered(self) -> bool:
        return self.question.form == Form.RANKING


def in_words(vote: FrozenVote, answers: Answers) -> list[AnswerInWords]:
    """Every answer, question by question."""
    return [answer_in_words(question, answers[question.reference]) for question in vote.questions]


def answer_in_words(question: FrozenQuestion, answer: Answer | None) -> AnswerInWords:
    """One answer, with how much of the limit it uses."""
    if answer is None:
        return AnswerInWords(question, (), "", is_invalid=True)
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


@dataclass(frozen=True)
class Limit:
    """What an answer may add up to, with the sentences about it; the page's script fills in the same sentences.

    `within` and `over` hold `%(total)s`, `%(maximum)s`, `%(left)s` and `%(over)s`. `is_money`: in cents.
    """

    maximum: int
    within: str
    over: str
    is_money: bool = False

    def line(self, total: int) -> str:
        """How much is used, or by how much too much."""
        left = self.maximum - total
        amounts = {"total": total, "maximum": self.maximum, "left": left, "over": -left}
        words = {name: euro(amount) if self.is_money else amount for name, amount in amounts.items()}
        return (self.over if left < 0 else self.within) % words


def limit_of(question: FrozenQuestion) -> Limit | None:
    """What an answer may add up to; None for a form without such a limit."""
    known = _LIMITS.get(Form(question.form))
    return known(question) if known else None


def used_line(question: FrozenQuestion, answer: Answer) -> str:
    """How much of the limit is used, or by how much it is passed; "" for a form without such a limit."""
    limit = limit_of(question)
    return limit.line(_used(question, answer)) if limit else ""


def _used(question: FrozenQuestion, answer: Answer) -> int:
    if question.form == Form.POINTS:
        return sum(points for _option, points in marks_of(question, answer))
    return cost_of(question, answer) if question.form == Form.KNAPSACK else len(answer)


_LIMITS: dict[Form, Callable[[FrozenQuestion], Limit]] = {
    Form.APPROVAL: lambda question: Limit(
        question.max_options or 0,
        _("You have chosen %(total)s of %(maximum)s."),
        _("You have chosen %(total)s of %(maximum)s. That is %(over)s too many."),
    ),
    Form.KNAPSACK: lambda question: Limit(
        question.max_sum or 0,
        _("Your choices cost %(total)s. You can spend %(left)s more."),
        _("Your choices cost %(total)s. That is %(over)s too much."),
        is_money=True,
    ),
    Form.POINTS: lambda question: Limit(
        question.points or 0,
        _("Points given: %(total)s. Points left: %(left)s."),
        _("Points given: %(total)s. That is %(over)s too many."),
    ),
}
