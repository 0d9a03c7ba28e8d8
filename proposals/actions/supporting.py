"""Supporting a submission: once per resident, and the threshold is reached exactly once."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F

from pages.freshness import bump
from people.models import User
from people.queries import resident_of
from people.verdict import demand
from proposals import rules
from proposals.actions.moving import lock, move
from proposals.models import Endorsement, Submission
from proposals.queries import frame_of
from proposals.states import Party

State = Submission.State


def support(submission: Submission, user: User, now: datetime) -> bool:
    """Adds somebody's support; False when it was there already.

    Two things hold under any number of clicks at once: the constraint `one_endorsement_per_resident`
    lets one row through per person, and the counter is changed under the row's lock in the same
    transaction, so that exactly one of them sees it arrive at the threshold.
    """
    resident = resident_of(user)
    demand(rules.may_support(frame_of(submission.page), submission, user, resident, now))
    assert resident is not None  # the rule demanded one
    try:
        with transaction.atomic():
            Endorsement.objects.create(submission=submission, resident=resident, created_at=now)
            _count(submission, +1)
            _reach_threshold(submission, now)
    except IntegrityError:
        return False
    return True


@transaction.atomic
def take_support_back(submission: Submission, user: User, now: datetime) -> bool:
    """Undoes support; False when there was none. A threshold that was reached stays reached."""
    submission = lock(submission)
    demand(rules.may_take_support_back(frame_of(submission.page), submission, now))
    deleted, _by_model = Endorsement.objects.filter(submission=submission, resident__user=user).delete()
    if deleted:
        _count(submission, -1)
    return bool(deleted)


def _count(submission: Submission, by: int) -> None:
    Submission.objects.filter(pk=submission.pk).update(support_count=F("support_count") + by)
    bump()


def _reach_threshold(submission: Submission, now: datetime) -> None:
    """The row is locked by the count before: nobody else adds or moves it now."""
    submission = lock(submission)
    demand(rules.is_collecting(submission))
    if submission.state == State.COLLECTING and submission.support_count >= submission.threshold:
        move(submission, State.REACHED, Party.SUPPORTERS, actor=None, now=now)
