"""The one way a submission changes state: table, lock, write, history, log."""

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.utils import timezone, translation
from wagtail.log_actions import log

from notices.actions import notify
from pages.freshness import bump
from people.models import User
from people.verdict import demand
from proposals import answer_term
from proposals.models import Announcement, OfficialResponse, StateChange, Submission
from proposals.states import STEPS, Party, may_step

State = Submission.State
ANSWERED = (State.ACCEPTED, State.DECLINED, State.EXECUTED)


def lock(submission: Submission) -> Submission:
    """The row as it is now, locked until the transaction ends.

    Without the key (`no_key`): rows that point here, such as endorsements, can be committed meanwhile.
    Refused outside a transaction.
    """
    rows = Submission.objects.select_for_update(of=("self",), no_key=True).select_related("page", "submitter")
    return rows.get(pk=submission.pk)


def move(
    submission: Submission,
    target: str,
    by: Party,
    *,
    actor: User | None,
    now: datetime,
    reason: str = "",
    answer: str = "",
    **changes: Any,
) -> StateChange:
    """Takes a step of the table with a locked submission; `changes` are other fields to write with it."""
    demand(may_step(submission.state, target, by, reason=reason, answer=answer))
    step = STEPS[(submission.state, target, by)]
    before = submission.state
    changes = {**changes, **_decision(target, now), "state": target, "changed_at": now}
    for name, value in changes.items():
        setattr(submission, name, value)
    submission.save(update_fields=list(changes))
    change = StateChange.objects.create(submission=submission, state=target, reason=reason.strip(), actor=actor, at=now)
    answer_term.follow(submission, before, timezone.localdate(now))
    log(submission, f"proposals.{target}", user=actor, data={"reason": reason, "by": by}, title=submission.title)
    if step.told:
        _announce(change)
    bump()
    return change


def tell_extension(submission: Submission, day: date, *, actor: User, reason: str, now: datetime) -> None:
    """A line in the history without a step: the answer comes later. Submitter and supporters are told."""
    change = StateChange.objects.create(
        submission=submission, state=submission.state, extended_to=day, reason=reason.strip(), actor=actor, at=now
    )
    data = {"reason": reason, "until": day.isoformat()}
    log(submission, "proposals.extend_term", user=actor, data=data, title=submission.title)
    _announce(change)
    bump()


def _decision(target: str, now: datetime) -> dict[str, Any]:
    """Keeps the time of the decision, from which retention counts; a reopened proposal has none."""
    if target in (State.ACCEPTED, State.DECLINED, State.WITHDRAWN):
        return {"decided_at": now}
    return {"decided_at": None} if target == State.ASSESSED else {}


def path_of(submission: Submission) -> str:
    """The address in the site's first language: mails and queues are read by others than who acts now."""
    with translation.override(settings.LANGUAGE_CODE):
        return submission.get_absolute_url()


def _announce(change: StateChange) -> None:
    """The submitter is told now, the supporters by a task of the clock: they may be thousands."""
    Announcement.objects.create(change=change)
    submission = change.submission
    if submission.submitter is not None and change.actor_id != submission.submitter_id:
        person = submission.submitter
        notify(notice_kind(change), person, key=notice_key(change, person), payload=payload(change))


def notice_kind(change: StateChange) -> str:
    if change.extended_to:
        return "proposals.extended"
    return "proposals.reached" if change.state == State.REACHED else "proposals.changed"


def notice_key(change: StateChange, user: User) -> str:
    return f"{notice_kind(change)}:{change.pk}:{user.pk}"


def payload(change: StateChange) -> dict[str, Any]:
    """What the mail needs: with a decision the whole answer, so that nobody has to look for it."""
    submission = change.submission
    answers = OfficialResponse.objects.filter(submission=submission) if change.state in ANSWERED else ()
    return {
        "title": submission.title,
        "url": path_of(submission),
        "state": change.state,
        "reason": change.reason,
        "answer": next((each.text for each in answers), ""),
        "support": submission.support_count,
        "threshold": submission.threshold,
        "until": change.extended_to.isoformat() if change.extended_to else "",
    }
