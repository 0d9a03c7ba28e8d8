"""How states follow each other: one table, read by rules, actions and the admin."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _

from people.verdict import ALLOWED, Verdict, refused
from proposals.models import Submission

State = Submission.State


class Party(StrEnum):
    """Who takes a step."""

    SUBMITTER = "submitter"
    SUPPORTERS = "supporters"  # all together, by reaching the threshold
    MODERATOR = "moderator"
    OFFICER = "officer"


@dataclass(frozen=True)
class Step:
    """A step somebody may take. `reason` and `answer` say what must come with it; `told` that supporters hear."""

    source: str
    target: str
    by: Party
    reason: bool = False
    answer: bool = False
    told: bool = False


def _table() -> Iterable[Step]:
    submitter, supporters, moderator, officer = Party
    yield Step(State.DRAFT, State.HELD, submitter)
    yield Step(State.DRAFT, State.COLLECTING, submitter)
    yield Step(State.HELD, State.WITHDRAWN, submitter, reason=True)
    for source in (State.COLLECTING, State.REACHED):
        yield Step(source, State.WITHDRAWN, submitter, reason=True, told=True)

    yield Step(State.COLLECTING, State.REACHED, supporters, told=True)

    yield Step(State.HELD, State.COLLECTING, moderator)
    yield Step(State.HELD, State.HIDDEN, moderator, reason=True)
    for state in Submission.PUBLIC_STATES:
        yield Step(state, State.HIDDEN, moderator, reason=True)
        yield Step(State.HIDDEN, state, moderator)

    # The municipality may take up a proposal before it has enough support, and says why.
    yield Step(State.COLLECTING, State.ASSESSED, officer, reason=True, told=True)
    yield Step(State.REACHED, State.ASSESSED, officer, told=True)
    for decision in (State.ACCEPTED, State.DECLINED):
        yield Step(State.ASSESSED, decision, officer, reason=True, answer=True, told=True)
        yield Step(decision, State.ASSESSED, officer, reason=True, told=True)
    yield Step(State.ACCEPTED, State.EXECUTED, officer, reason=True, told=True)


STEPS: dict[tuple[str, str, Party], Step] = {(step.source, step.target, step.by): step for step in _table()}


def steps_from(source: str, by: Party) -> list[Step]:
    """What this party can do from a state."""
    return [step for step in STEPS.values() if step.source == source and step.by == by]


def may_step(source: str, target: str, by: Party, *, reason: str = "", answer: str = "") -> Verdict:
    """Whether a step is in the table and brings what it must bring."""
    step = STEPS.get((source, target, by))
    if step is None:
        labels = {"source": State(source).label, "target": State(target).label}
        return refused(_("This cannot go from “%(source)s” to “%(target)s”.") % labels)
    if step.reason and not reason.strip():
        return refused(_("Give the reason."))
    if step.answer and not answer.strip():
        return refused(_("Give the answer to the submitter and the supporters."))
    return ALLOWED
