"""The sealed result as a page shows it: read from the seal, never counted again for a page."""

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ballots.channels import Channel, channels_of, published
from ballots.counting.thresholds import Reach, Threshold, reach
from ballots.explaining import Explained, Place, explain
from ballots.frozen import FrozenOption, FrozenQuestion, FrozenVote
from ballots.models import Question, Seal, Vote

Form = Question.Form

REASONS: dict[str, str | Promise] = {
    "elected": _("Won"),
    "elected_in_completion": _("Won with what was left"),
    "no_votes": _("No votes"),
    "below_minimum": _("Too few votes"),
    "exceeds_budget": _("Costs more than the budget"),
    "did_not_fit": _("No longer fitted in the budget"),
    "count_stopped": _("The count had stopped"),
    "supporters_could_not_pay": _("Its voters could not pay for it together"),
    "excluded_by": _("Only one of these could win, and another went first"),
    "elected_with_quota": _("Won with enough votes"),
    "elected_to_last_seat": _("Won the last place that was left"),
    "fewer_votes": _("Others had more"),
    "lost_tie": _("Level with a winner, and put after it"),
    "beaten": _("An option in front of it beats it"),
    "excluded": _("Dropped out with the fewest votes"),
    "seats_full": _("All winners were known"),
}


@dataclass(frozen=True)
class ResultRow:
    """What one option received; `place` is its place among the winners, 0 for the others. `cost` in cents.

    `score` is what decided where that is not the votes, as it is printed.
    """

    option: FrozenOption
    place: int
    votes: int
    cost: int | None
    score: str
    reason: str | Promise

    @property
    def won(self) -> bool:
        return self.place > 0


@dataclass(frozen=True)
class QuestionResult:
    """The result of one question: winners in order of election, then the others. `cost` of the winners in cents, None without money.

    `reach`: how far the threshold of the vote was reached with this question. `content` is its count as it was sealed; `shows_details`
    whether there are enough ballots to tell more of it than votes; `is_alone` whether the vote has no other question.
    """

    question: FrozenQuestion
    rows: tuple[ResultRow, ...]
    cost: int | None
    blank: int
    invalid: int
    reach: Reach
    content: dict[str, Any]
    shows_details: bool
    is_alone: bool
    ballots: int

    @cached_property
    def explained(self) -> Explained:
        """How this result came about."""
        titles = {option.reference: option.title for option in self.question.options}
        place = Place(f"question-{self.question.number}", "" if self.is_alone else self.question.title)
        return explain(self.content, titles, place, heading=str(self.votes_heading), shows_details=self.shows_details)

    @property
    def winner_reach(self) -> Reach | None:
        """How far a minimum for the winner was reached; None without one."""
        return self.reach if self.reach.threshold.kind == Vote.Threshold.OUTCOME else None

    @property
    def valid(self) -> int:
        """Answers that were counted and not blank."""
        return self.ballots - self.blank - self.invalid

    @property
    def winners(self) -> int:
        return sum(row.won for row in self.rows)

    @property
    def has_scores(self) -> bool:
        return any(row.score for row in self.rows)

    @property
    def votes_heading(self) -> str | Promise:
        """What the votes of an option are."""
        headings = {Form.RANKING: _("First choices"), Form.SCORE: _("Points"), Form.POINTS: _("Points")}
        return headings.get(Form(self.question.form), _("Votes received"))


@dataclass(frozen=True)
class ChannelLine:
    """How many voted by one channel; None where they are too few to tell."""

    name: str | Promise
    number: int | None


@dataclass(frozen=True)
class Result:
    """The result of a vote, question by question; `channels` is empty when there was only the website."""

    questions: tuple[QuestionResult, ...]
    seal: Seal
    channels: tuple[ChannelLine, ...] = ()
    has_paper: bool = False

    @property
    def turnout_reach(self) -> Reach | None:
        """How far a minimum turnout was reached; None without one."""
        reached = self.questions[0].reach
        return reached if reached.threshold.kind == Vote.Threshold.TURNOUT else None


def result_of(vote: FrozenVote, seal: Seal) -> Result:
    """The result in a seal. Who may see it is for `ballots.rules.may_see_result`."""
    content: dict[str, Any] = json.loads(seal.result)["questions"]
    questions = (_question(vote, question, content[question.reference], seal) for question in vote.questions)
    return Result(tuple(questions), seal, _channels(vote, seal), vote.on_paper)


def _channels(vote: FrozenVote, seal: Seal) -> tuple[ChannelLine, ...]:
    used = channels_of(vote)
    if len(used) == 1:
        return ()
    numbers = published({channel: seal.channels.get(channel, 0) for channel in used})
    return tuple(ChannelLine(Channel(name).label, number) for name, number in numbers.items())


def _question(vote: FrozenVote, question: FrozenQuestion, content: dict[str, Any], seal: Seal) -> QuestionResult:
    place = {reference: number for number, reference in enumerate(content["winners"], start=1)}
    lines = sorted(content["options"], key=lambda line: _order(question, line, place.get(line["option"], 0)))
    rows = tuple(_row(question, line, place.get(line["option"], 0)) for line in lines)
    blank, invalid = seal.blank_answers.get(question.reference, 0), seal.invalid_answers.get(question.reference, 0)
    many = seal.ballots >= vote.publication_threshold
    cost, alone = content.get("cost_cents"), len(vote.questions) == 1
    return QuestionResult(
        question, rows, cost, blank, invalid, _reach(vote, rows, seal), content, many, alone, seal.ballots
    )


def _reach(vote: FrozenVote, rows: tuple[ResultRow, ...], seal: Seal) -> Reach:
    """From what was sealed and frozen only, so that anybody finds the same."""
    threshold = Threshold(kind=vote.threshold_kind, share=vote.threshold_share)
    counts_winner = vote.threshold_kind == Vote.Threshold.OUTCOME and rows and rows[0].won
    # The roll of an imported vote is not known here.
    roll, winning = seal.roll or seal.ballots, rows[0].votes if counts_winner else 0
    return reach(threshold, roll=roll, ballots=seal.ballots, winning_votes=winning)


def _order(question: FrozenQuestion, line: dict[str, Any], place: int) -> tuple[Any, ...]:
    """Winners as they were elected; the others by their place where the rule gives one, who dropped out last in front, else by votes."""
    own = question.option_by_reference[line["option"]].number
    return (not place, place, line.get("place", 0), -line.get("round", 0), -line["votes"], own)


def _row(question: FrozenQuestion, line: dict[str, Any], place: int) -> ResultRow:
    reason = REASONS.get(line["reason"], line["reason"])
    score = "" if line.get("score") is None else str(line["score"])
    option = question.option_by_reference[line["option"]]
    return ResultRow(option, place, line["votes"], line.get("cost_cents"), score, reason)
