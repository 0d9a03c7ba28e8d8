"""States follow one table, and the history only grows."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from wagtail.models import ModelLogEntry

from people.verdict import NotAllowed
from proposals import actions
from proposals.actions.moving import lock, move
from proposals.models import StateChange, Submission
from proposals.states import STEPS, Party, may_step
from tests.factories.proposals import make_submission

State = Submission.State

TABLE = {
    "submitter": {
        "draft": {"held", "collecting"},
        "held": {"withdrawn"},
        "collecting": {"withdrawn"},
        "reached": {"withdrawn"},
    },
    "supporters": {"collecting": {"reached"}},
    "moderator": {
        "held": {"collecting", "hidden"},
        "hidden": {"collecting", "reached", "assessed", "accepted", "declined", "executed"},
        **{state: {"hidden"} for state in ("collecting", "reached", "assessed", "accepted", "declined", "executed")},
    },
    "officer": {
        "collecting": {"assessed"},
        "reached": {"assessed"},
        "assessed": {"accepted", "declined"},
        "accepted": {"assessed", "executed"},
        "declined": {"assessed"},
    },
}


@pytest.mark.parametrize("by", Party)
@pytest.mark.parametrize("source", State.values)
def test_table_of_steps(by, source):
    allowed = {
        target for target in State.values if may_step(source, target, by, reason="Omdat.", answer="Een antwoord.")
    }
    assert allowed == TABLE[by].get(source, set())


def test_steps_demand_their_reason():
    for step in STEPS.values():
        without = may_step(step.source, step.target, step.by, reason=" ", answer="Een antwoord.")
        assert bool(without) == (not step.reason), step


def test_hiding_withdrawing_and_declining_demand_a_reason():
    for target in ("hidden", "withdrawn"):
        assert all(step.reason for step in STEPS.values() if step.target == target)
    for decision in ("accepted", "declined"):
        assert STEPS["assessed", decision, Party.OFFICER].reason


def test_decisions_demand_an_answer():
    assert not may_step("assessed", "declined", Party.OFFICER, reason="Omdat.")
    assert may_step("assessed", "declined", Party.OFFICER, reason="Omdat.", answer="Een antwoord.")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("source", "target"), [("declined", "executed"), ("hidden", "accepted"), ("draft", "accepted")]
)
def test_action_refuses_what_is_not_in_the_table(page, dirk, source, target):
    submission = make_submission(page, state=source)
    with pytest.raises(NotAllowed):
        actions.answer(submission, target, actor=dirk, reason="Omdat.", text="Een antwoord.", now=timezone.now())
    submission.refresh_from_db()
    assert submission.state == source


def test_step_is_written_logged_and_announced(submission, dirk):
    now = timezone.now()
    actions.answer(submission, State.ASSESSED, actor=dirk, reason="Urgent.", text="", now=now)

    change = submission.history.last()
    assert (change.state, change.reason, change.actor, change.at) == ("assessed", "Urgent.", dirk, now)
    entry = ModelLogEntry.objects.for_instance(submission).get(action="proposals.assessed")
    assert (entry.user, entry.data["reason"]) == (dirk, "Urgent.")
    assert change.announcement.done_at is None


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE proposals_statechange SET reason = 'anders'",
        "UPDATE proposals_statechange SET state = 'accepted'",
        "UPDATE proposals_statechange SET at = at - interval '1 day'",
        "DELETE FROM proposals_statechange",
    ],
)
def test_history_cannot_be_changed_behind_our_back(submission, attack):
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(attack)
    assert submission.history.count() == 1


def test_history_outlives_its_actor(submission, dirk):
    actions.answer(submission, State.ASSESSED, actor=dirk, reason="Urgent.", text="", now=timezone.now())
    StateChange.objects.filter(actor=dirk).update(actor=None)
    assert submission.history.last().actor is None


def test_submission_with_history_cannot_be_deleted(submission):
    with pytest.raises(IntegrityError), transaction.atomic():
        submission.delete()


def test_unfinished_text_is_for_drafts_only(page):
    make_submission(page, state=State.DRAFT, title="", text="")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_submission(page, state=State.HELD, title="")


@pytest.mark.django_db(transaction=True)
def test_lock_is_refused_outside_a_transaction(submission):
    with pytest.raises(transaction.TransactionManagementError):
        lock(submission)


def test_threshold_is_frozen_at_publication(page, submission):
    type(page).objects.filter(pk=page.pk).update(threshold=99)
    with transaction.atomic():
        move(lock(submission), State.HIDDEN, Party.MODERATOR, actor=None, reason="Omdat.", now=timezone.now())
        actions.publish(submission, actor=None, now=timezone.now())
    submission.refresh_from_db()
    assert (submission.state, submission.threshold) == ("collecting", 3)


@pytest.mark.parametrize("state", ["collecting", "reached", "assessed", "accepted"])
def test_undoing_hiding_gives_back_the_state_before(page, anna, dirk, state):
    submission = make_submission(page, anna, state=state)
    now = timezone.now()
    StateChange.objects.create(submission=submission, state=state, at=now)
    with transaction.atomic():
        actions.hide(submission, actor=dirk, reason="Omdat.", now=now + timedelta(hours=1))
        actions.publish(submission, actor=dirk, now=now + timedelta(hours=2))
    submission.refresh_from_db()
    assert submission.state == state
