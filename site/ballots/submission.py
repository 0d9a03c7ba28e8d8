"""What a page of a ballot sends: the fields of the ballot as they came, the code, and the version it replaces.

Names of fields: `choice-<question>` holds option numbers (or "blank", with radio buttons), `blank-<question>` is ticked for blank,
`rank-<option>`, `score-<option>` and `points-<option>` hold numbers. Question and option stand for their numbers, unique in the vote.
`search-<question>` is no part of a ballot.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from django.http import QueryDict

from ballots.answers import Form, marks_of
from ballots.box import Answer, Answers
from ballots.codes import read_code
from ballots.frozen import FrozenQuestion, FrozenVote

BLANK = "blank"
LONGEST_VALUE = 20

LONGEST_SEARCH = 50

_SEARCH = re.compile(r"search-([0-9]{1,5})")
_FIELD = re.compile(r"(choice|blank|rank|score|points)-[0-9]{1,5}")


@dataclass(frozen=True)
class Submission:
    """`fields`: name and value of every field of the ballot, in the order in which they came. `order`: see `ballots.option_order`.

    `searches`: what somebody looks for among the options of a question, by its number; empty unless they just asked.
    """

    fields: tuple[tuple[str, str], ...] = ()
    code: str = ""
    replaces: int = 0
    order: str = ""
    searches: Mapping[int, str] = field(default_factory=dict)

    @property
    def data(self) -> QueryDict:
        """The fields as a form reads them."""
        data = QueryDict(mutable=True)
        for name, value in self.fields:
            data.appendlist(name, value)
        return data


def read_submission(data: QueryDict) -> Submission:
    """Never fails: what cannot be read becomes a choice that will be refused, or no code."""
    replaces = data.get("replaces", "0")
    known = replaces.isascii() and replaces.isdigit() and len(replaces) <= 5
    code = read_code(data.get("code", "")) or ""
    searches = _searches(data) if data.get("step") == "search" else {}
    return Submission(ballot_fields(data), code, int(replaces) if known else 0, data.get("order", ""), searches)


def _searches(data: QueryDict) -> dict[int, str]:
    found = {name: _SEARCH.fullmatch(name) for name in data}
    return {int(match[1]): data.get(name, "").strip()[:LONGEST_SEARCH] for name, match in found.items() if match}


def ballot_fields(data: QueryDict) -> tuple[tuple[str, str], ...]:
    """The fields of a ballot in this data; a value that is too long for any of them is cut, and so refused."""
    names = [name for name in data if _FIELD.fullmatch(name)]
    return tuple((name, value[:LONGEST_VALUE]) for name in names for value in data.getlist(name) if value)


def submission_of(vote: FrozenVote, answers: Answers, *, code: str = "", replaces: int = 0) -> Submission:
    """What the pages would have sent for these answers."""
    pairs = (pair for question in vote.questions for pair in _fields_of(question, answers[question.reference]))
    return Submission(tuple(pairs), code, replaces)


def _fields_of(question: FrozenQuestion, answer: Answer | None) -> Iterator[tuple[str, str]]:
    if not answer:
        yield (
            (f"choice-{question.number}", BLANK) if has_radio_buttons(question) else (f"blank-{question.number}", "on")
        )
    elif isinstance(answer, dict):
        for option, number in marks_of(question, answer):
            yield f"{question.form}-{option.number}", str(number)
    else:
        for place, reference in enumerate(answer, start=1):
            number = question.option_by_reference[reference].number
            is_ranking = question.form == Form.RANKING
            yield (f"rank-{number}", str(place)) if is_ranking else (f"choice-{question.number}", str(number))


def has_radio_buttons(question: FrozenQuestion) -> bool:
    """Whether one of the choices is "blank", in place of a box to tick."""
    return question.form in (Form.YES_NO, Form.CHOICE)
