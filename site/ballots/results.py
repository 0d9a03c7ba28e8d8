"""The sealed result as a page shows it: read from the seal, never counted again for a page."""

import json
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ballots.frozen import FrozenOption, FrozenQuestion, FrozenVote
from ballots.models import Seal

REASONS: dict[str, str | Promise] = {
    "elected": _("Won"),
    "elected_in_completion": _("Won with what was left"),
    "no_votes": _("No votes"),
    "below_minimum": _("Too few votes"),
    "exceeds_budget": _("Costs more than the budget"),
    "did_not_fit": _("No longer fitted in the budget"),
    "count_stopped": _("The count had stopped"),
    "supporters_could_not_pay": _("Its voters could not pay for it together"),
}


@dataclass(frozen=True)
class ResultRow:
    """What one option received; `place` is its place among the winners, 0 for the others. `cost` in cents."""

    option: FrozenOption
    place: int
    votes: int
    cost: int
    reason: str | Promise

    @property
    def won(self) -> bool:
        return self.place > 0


@dataclass(frozen=True)
class QuestionResult:
    """The result of one question: winners in order of election, then the others by votes. `cost` of the winners in cents."""

    question: FrozenQuestion
    rows: tuple[ResultRow, ...]
    cost: int
    blank: int

    @property
    def winners(self) -> int:
        return sum(row.won for row in self.rows)


@dataclass(frozen=True)
class Result:
    """The result of a vote, question by question."""

    questions: tuple[QuestionResult, ...]
    seal: Seal


def result_of(vote: FrozenVote, seal: Seal) -> Result:
    """The result in a seal. Who may see it is for `ballots.rules.may_see_result`."""
    content: dict[str, Any] = json.loads(seal.result)["questions"]
    questions = (_question(question, content[question.reference], seal) for question in vote.questions)
    return Result(tuple(questions), seal)


def _question(question: FrozenQuestion, content: dict[str, Any], seal: Seal) -> QuestionResult:
    place = {reference: number for number, reference in enumerate(content["winners"], start=1)}
    rows = [_row(question, line, place.get(line["option"], 0)) for line in content["options"]]
    rows.sort(key=lambda row: (not row.won, row.place, -row.votes, row.option.number))
    blank = seal.blank_answers.get(question.reference, 0)
    return QuestionResult(question, tuple(rows), content["cost_cents"], blank)


def _row(question: FrozenQuestion, line: dict[str, Any], place: int) -> ResultRow:
    reason = REASONS.get(line["reason"], line["reason"])
    return ResultRow(question.option_by_reference[line["option"]], place, line["votes"], line["cost_cents"], reason)
