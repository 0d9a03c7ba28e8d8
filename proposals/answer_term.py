"""Until when the municipality answers a proposal: its term starts with enough support, or when somebody takes it up earlier."""

from datetime import date

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from process import clocks
from process.models import Clock
from process.terms import Term, Unit
from proposals.models import Submission

State = Submission.State
KIND = "proposals.answer"
WAITING = (State.REACHED, State.ASSESSED)


def register() -> None:
    """Called once, when the app is ready."""
    kind = clocks.ClockKind(KIND, _("Answer a proposal"), lambda pk: reverse("submission:edit", args=[pk]))
    clocks.register(kind)


def follow(submission: Submission, before: str, on: date) -> None:
    """Starts or ends the term with a step that was taken from state `before`; what was hidden goes on where it was."""
    if submission.state not in WAITING:
        clocks.end(submission, KIND, on=on)
    elif not (before == State.HIDDEN and clocks.go_on(submission, KIND)):
        clocks.start(submission, KIND, Term(submission.page.answer_weeks, Unit.WEEKS), on=on)


def running_for(submission: Submission) -> Clock | None:
    """The term that runs for a proposal now."""
    return clocks.of(submission, KIND).filter(ended_on=None).first()
