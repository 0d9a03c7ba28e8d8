"""Steps of a submission, each taken by its own party."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from wagtail.log_actions import log

from conversation.actions import close_gone, hold
from conversation.holds import reasons_to_hold
from conversation.models import Thread
from notices.actions import notify
from pages.freshness import bump
from people.models import User
from people.queries import resident_of
from people.verdict import NotAllowed, demand, refused
from process import clocks
from process.terms import Term, Unit
from proposals import answer_term, rules
from proposals.actions.moving import lock, move, path_of, tell_extension
from proposals.models import OfficialResponse, Submission
from proposals.queries import frame_of, state_before_hiding
from proposals.states import Party

State = Submission.State


@transaction.atomic
def submit(draft: Submission, user: User, now: datetime) -> Submission:
    """Makes a draft a proposal: public at once, or held with reasons. The second of two clicks gets the first's."""
    submission = lock(draft)
    if submission.submitter_id == user.pk and submission.state != State.DRAFT:
        return submission
    demand(_may_submit(submission, user, now))
    reasons = _reasons_to_hold(submission, user, now)
    if reasons:
        move(submission, State.HELD, Party.SUBMITTER, actor=user, now=now, submitted_at=now)
        hold(submission, reasons, now=now)
    else:
        _publish(submission, Party.SUBMITTER, actor=user, now=now, submitted_at=now)
    receipt = {"title": submission.title, "url": path_of(submission), "held": bool(reasons)}
    notify("proposals.submitted", user, key=f"proposals.submitted:{submission.pk}", payload=receipt)
    return submission


def _may_submit(submission: Submission, user: User, now: datetime):  # type: ignore[no-untyped-def]
    from django.utils.translation import gettext as _

    if submission.submitter_id != user.pk:
        return refused(_("This is not your draft."))
    if not (submission.title and submission.text):
        return refused(_("Fill in a title and a text first."))
    return rules.may_submit(frame_of(submission.page), user, resident_of(user), now)


def _reasons_to_hold(submission: Submission, user: User, now: datetime) -> list[str]:
    texts = (submission.title, submission.text, submission.location_text, submission.image_alt)
    first = ["moderate_first"] if submission.page.moderate_first else []
    return first + reasons_to_hold(user, *texts, now=now)


def _publish(submission: Submission, by: Party, *, actor: User, now: datetime, **changes: Any) -> None:
    """Opens the conversation and freezes the threshold, at the first publication only."""
    if submission.published_at is None:
        changes |= {"published_at": now, "threshold": submission.page.threshold, "thread": Thread.objects.create()}
    target = State.COLLECTING if submission.state != State.HIDDEN else state_before_hiding(submission)
    move(submission, target, by, actor=actor, now=now, **changes)


def publish(submission: Submission, *, actor: User, now: datetime) -> None:
    """A moderator lets everybody read it, or undoes hiding; what is public stays as it is."""
    submission = lock(submission)
    if submission.state in (State.HELD, State.HIDDEN):
        _publish(submission, Party.MODERATOR, actor=actor, now=now)


def hide(submission: Submission, *, actor: User, reason: str, now: datetime) -> None:
    """A moderator takes it away from the public, with a reason."""
    submission = lock(submission)
    if submission.state != State.HIDDEN:
        move(submission, State.HIDDEN, Party.MODERATOR, actor=actor, reason=reason, now=now)


@transaction.atomic
def withdraw(submission: Submission, user: User, reason: str, now: datetime) -> None:
    """The submitter takes it back, and says why."""
    submission = lock(submission)
    demand(rules.may_withdraw(submission, user))
    move(submission, State.WITHDRAWN, Party.SUBMITTER, actor=user, reason=reason, now=now)
    close_gone(submission, actor=user, now=now)


@transaction.atomic
def answer(submission: Submission, target: str, *, actor: User, reason: str, text: str, now: datetime) -> None:
    """The municipality moves a proposal on and answers; submitter and supporters are told."""
    demand(rules.may_answer(actor))
    submission = lock(submission)
    if text.strip():  # before the step, so that the mail about it has the answer; a step that is refused takes it back
        _write_response(submission, text, actor, now)
    move(submission, target, Party.OFFICER, actor=actor, reason=reason, answer=text, now=now)


@transaction.atomic
def correct_answer(submission: Submission, *, actor: User, text: str, now: datetime) -> None:
    """Rewrites the answer without another step; the log keeps what it said before."""
    from django.utils.translation import gettext as _

    demand(rules.may_answer(actor))
    submission = lock(submission)
    if not text.strip():
        raise NotAllowed(refused(_("Give the answer to the submitter and the supporters.")))
    _write_response(submission, text, actor, now)
    bump()


@transaction.atomic
def extend_term(submission: Submission, *, actor: User, weeks: int, reason: str, now: datetime) -> None:
    """The answer comes later, and everybody who waits for it reads why. Once, and before the term is over."""
    demand(rules.may_answer(actor))
    submission = lock(submission)
    clock = answer_term.running_for(submission)
    demand(clocks.may_extend(clock, timezone.localdate(now)))
    assert clock is not None  # the rule demanded one
    clock = clocks.extend(clock, Term(weeks, Unit.WEEKS), reason=reason, now=now)
    tell_extension(submission, clock.due_on, actor=actor, reason=reason, now=now)


def _write_response(submission: Submission, text: str, author: User, now: datetime) -> None:
    earlier = OfficialResponse.objects.filter(submission=submission).values_list("text", flat=True).first()
    OfficialResponse.objects.update_or_create(
        submission=submission, defaults={"text": text.strip(), "author": author, "published_at": now}
    )
    log(submission, "proposals.respond", user=author, data={"before": earlier or ""}, title=submission.title)
