"""What is told of groups of voters after publication: read from the seal, in which hidden groups have no numbers."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ballots.electorates.words import paper_in_words, title_of
from ballots.frozen import FrozenOption, FrozenQuestion, FrozenVote
from ballots.models import Seal


@dataclass(frozen=True)
class GroupResult:
    """One group: people on the roll, ballots, and what every option received (question reference → option reference → number).

    `on_paper`: whether people could also vote on paper; such ballots name no group, so `ballots` is without them.
    """

    reference: str
    title: str
    roll: int
    ballots: int
    votes: dict[str, dict[str, int]]
    on_paper: bool = False

    @property
    def percentage(self) -> float | None:
        """Of the people on the roll; None where ballots on paper may be missing, because then it is no turnout."""
        if self.on_paper:
            return None
        return self.ballots * 100 / self.roll if self.roll else 0.0


@dataclass(frozen=True)
class QuestionTable:
    """What the groups gave to one question: a row per group, with a number for every option."""

    question: FrozenQuestion
    options: tuple[FrozenOption, ...]
    rows: tuple[tuple[GroupResult, tuple[tuple[FrozenOption, int], ...]], ...]


@dataclass(frozen=True)
class GroupsResult:
    """The groups that are told of, the names of those that are not, and what to know of paper ("" without it)."""

    shown: tuple[GroupResult, ...]
    hidden: tuple[str, ...]
    questions: Sequence[FrozenQuestion]
    about_paper: str = ""

    def tables(self) -> list[QuestionTable]:
        return [_table(question, self.shown) for question in self.questions]


def tells_of_groups(seal: Seal) -> bool:
    """Whether a seal has numbers about groups."""
    return any("ballots" in line for line in json.loads(seal.result).get("electorates", []))


def groups_result(vote: FrozenVote, seal: Seal) -> GroupsResult | None:
    """The groups in a seal; None when nothing is told of any. Who may see it is for `ballots.rules.may_see_result`."""
    lines: list[dict[str, Any]] = json.loads(seal.result).get("electorates", [])
    titles = {group.reference: title_of(vote, group) for group in vote.groups}
    shown = tuple(_group(vote, titles, line) for line in lines if "ballots" in line)
    hidden = tuple(titles[line["electorate"]] for line in lines if "ballots" not in line)
    return GroupsResult(shown, hidden, vote.questions, paper_in_words(vote)) if shown else None


def _group(vote: FrozenVote, titles: dict[str, str], line: dict[str, Any]) -> GroupResult:
    reference = line["electorate"]
    return GroupResult(reference, titles[reference], line["roll"], line["ballots"], line["votes"], vote.on_paper)


def _table(question: FrozenQuestion, groups: tuple[GroupResult, ...]) -> QuestionTable:
    rows = tuple(
        (group, tuple((option, group.votes[question.reference][option.reference]) for option in question.options))
        for group in groups
    )
    return QuestionTable(question, question.options, rows)
