"""What is sealed about each group of voters: turnout and what every option received, for the groups that may be told of.

Made while the box still knows which ballot came from which group. Afterwards nobody can make or check it from single ballots, which name no
group; that visible groups fit in the total, anybody can check.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from ballots.box import Answer, Answers
from ballots.electorates.cells import Cell, hidden_cells
from ballots.frozen import FrozenElectorate, FrozenVote
from ballots.models import Question


class GroupTallies:
    """What every group cast; `ballots` by the number of the group, None for ballots of no group."""

    def __init__(self, vote: FrozenVote) -> None:
        self.vote = vote
        self.ballots: Counter[int | None] = Counter()
        self.votes: dict[tuple[int, str], Counter[str]] = defaultdict(Counter)

    def add(self, number: int | None, answers: Answers, times: int) -> None:
        """The same answers from people of one group."""
        self.ballots[number] += times
        if number is None:
            return
        for question in self.vote.questions:
            votes = self.votes[number, question.reference]
            for option, worth in _given(question.form, answers[question.reference]).items():
                votes[option] += worth * times

    def table(self, roll: Mapping[int | None, int]) -> list[dict[str, Any]]:
        """A line per group, in their order; of a hidden group only its reference.

        Empty without groups, and when single ballots are not published either.
        """
        groups = self.vote.groups
        if len(groups) < 2 or self.ballots.total() < self.vote.publication_threshold:
            return []
        numbers = [*(group.number for group in groups), None]
        cells = [Cell(number, roll.get(number, 0), self.ballots[number]) for number in numbers]
        hidden = hidden_cells(cells, settings.BALLOTS_CELL_MINIMUM)
        return [
            {"electorate": group.reference} if group.number in hidden else self._line(group, roll[group.number])
            for group in groups
        ]

    def _line(self, group: FrozenElectorate, roll: int) -> dict[str, Any]:
        votes = {
            question.reference: {
                option.reference: self.votes[group.number, question.reference][option.reference]
                for option in question.options
            }
            for question in self.vote.questions
        }
        return {"electorate": group.reference, "roll": roll, "ballots": self.ballots[group.number], "votes": votes}


def _given(form: str, answer: Answer | None) -> dict[str, int]:
    """What an answer gives: votes, points, or in a ranking a first choice, as in the result of the whole vote."""
    if answer is None or isinstance(answer, dict):
        return answer or {}
    return dict.fromkeys(answer[:1] if form == Question.Form.RANKING else answer, 1)
