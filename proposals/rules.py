"""Who may submit, support, comment, withdraw and answer, each with its reason."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from conversation.rules import keeps_pace
from people.models import Resident
from people.rules import is_old_enough, may_take_part
from people.verdict import ALLOWED, Verdict, refused
from places.models import Area
from process.queries import Schedule
from process.rules import verb_is_open
from proposals.models import ProposalsPage, Submission
from proposals.states import Party, steps_from

State = Submission.State

SUBMIT, SUPPORT, COMMENT = "proposals.submit", "proposals.support", "proposals.comment"
SUPPORTABLE = (State.COLLECTING, State.REACHED)
DRAFTS_AT_ONCE = 20


@dataclass(frozen=True)
class Frame:
    """What the process around a page says: its phases, and the area whose residents it is for (None: all)."""

    page: ProposalsPage
    schedule: Schedule
    area: Area | None

    def opens(self, verb: str, on: date) -> Verdict:
        return verb_is_open(self.schedule, verb, on)


def may_submit(frame: Frame, user: Any, resident: Resident | None, now: datetime) -> Verdict:
    """Whether somebody may submit here today. A visitor who is not logged in can write first."""
    if not (verdict := frame.opens(SUBMIT, timezone.localdate(now))):
        return verdict
    if not user.is_authenticated:
        return refused(_("Log in first."))
    if not (verdict := _takes_part(frame, resident, now)):
        return verdict
    return keeps_pace(user, now)


def may_write(frame: Frame, user: Any, now: datetime) -> Verdict:
    """Whether somebody may start or change a draft: anybody, as long as submitting is open."""
    verdict = frame.opens(SUBMIT, timezone.localdate(now))
    if verdict and user.is_authenticated and _drafts_of(user) > DRAFTS_AT_ONCE:
        return refused(_("You have many drafts. Submit or delete one first."))
    return verdict


def _drafts_of(user: Any) -> int:
    return int(user.submissions.filter(state=State.DRAFT).count())


def may_support(frame: Frame, submission: Submission, user: Any, resident: Resident | None, now: datetime) -> Verdict:
    if not (verdict := is_collecting(submission)):
        return verdict
    if not (verdict := frame.opens(SUPPORT, timezone.localdate(now))):
        return verdict
    if not user.is_authenticated:
        return refused(_("Log in first."))
    return _takes_part(frame, resident, now)


def is_collecting(submission: Submission) -> Verdict:
    """Whether support still counts: until the municipality takes the proposal up."""
    return ALLOWED if submission.state in SUPPORTABLE else refused(_("This proposal no longer collects support."))


def may_take_support_back(frame: Frame, submission: Submission, now: datetime) -> Verdict:
    """As long as support is collected; after that it counts."""
    verdict = is_collecting(submission)
    return frame.opens(SUPPORT, timezone.localdate(now)) if verdict else verdict


def _takes_part(frame: Frame, resident: Resident | None, now: datetime) -> Verdict:
    return may_take_part(
        resident,
        area=frame.area,
        minimum_age=frame.page.minimum_age,
        minimum_proof=frame.page.minimum_proof,
        on=timezone.localdate(now),
    )


def may_comment(frame: Frame, user: Any, resident: Resident | None, now: datetime) -> Verdict:
    """Everybody with an account may comment, wherever they live; whose age is known must be old enough."""
    on = timezone.localdate(now)
    if not (verdict := frame.opens(COMMENT, on)):
        return verdict
    if not user.is_authenticated:
        return refused(_("Log in first."))
    if resident is not None and resident.birth_date is not None:
        return is_old_enough(resident, frame.page.minimum_age, on)
    return ALLOWED


def may_withdraw(submission: Submission, user: Any) -> Verdict:
    if not user.is_authenticated or submission.submitter_id != user.pk:
        return refused(_("Only the submitter can withdraw a proposal."))
    if not any(step.target == State.WITHDRAWN for step in steps_from(submission.state, Party.SUBMITTER)):
        return refused(_("This proposal cannot be withdrawn any more."))
    return ALLOWED


def may_write_anew(submission: Submission, user: Any) -> Verdict:
    """Whether somebody may begin again with what they wrote: a moderator hid it, or they took it back."""
    if not user.is_authenticated or submission.submitter_id != user.pk:
        return refused(_("This proposal is not yours."))
    if submission.state not in (State.HIDDEN, State.WITHDRAWN):
        return refused(_("This proposal is still there."))
    return ALLOWED


def may_answer(user: Any) -> Verdict:
    """Answering on behalf of the municipality, and moving a proposal on."""
    if user.is_authenticated and user.has_perm("proposals.change_submission"):
        return ALLOWED
    return refused(_("Only the municipality's staff can do this."))
