"""Who may do what: each rule allowed and forbidden on the same page."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from people.queries import resident_of
from people.verdict import ALLOWED
from proposals import rules
from proposals.models import Submission
from proposals.queries import frame_of
from tests.factories.people import make_resident
from tests.factories.proposals import close_phases, make_proposals_page, make_submission

NOW = timezone.now()
State = Submission.State


def may_submit(page, user, now=NOW):
    return rules.may_submit(frame_of(page), user, resident_of(user), now)


def may_support(submission, user, now=NOW):
    return rules.may_support(frame_of(submission.page), submission, user, resident_of(user), now)


def may_comment(page, user, now=NOW):
    return rules.may_comment(frame_of(page), user, resident_of(user), now)


# --- Submit ---------------------------------------------------------------------------------------------


def test_submit_is_for_residents_of_the_area(page, anna, bram):
    assert may_submit(page, anna.user) == ALLOWED
    assert may_submit(page, bram.user).reason == _("This is for people who live in %(area)s.") % {"area": "Wijk Oost"}


def test_submit_everywhere_is_for_everybody(site_root, anna, bram):
    everywhere = make_proposals_page(site_root)
    assert may_submit(everywhere, anna.user) == may_submit(everywhere, bram.user) == ALLOWED


def test_submit_asks_an_age(page, anna, chaima):
    assert may_submit(page, anna.user) == ALLOWED
    assert may_submit(page, chaima.user).reason == _("You can take part from the age of %(age)s.") % {"age": 12}


def test_submit_asks_to_log_in(page):
    assert may_submit(page, AnonymousUser()).reason == _("Log in first.")


def test_submit_asks_where_somebody_lives(page, eva):
    assert may_submit(page, eva).reason == _("Tell us first where you live.")


def test_submit_asks_proof_of_residence(site_root, places, anna):
    page = make_proposals_page(site_root, area=places.east, minimum_proof=2)
    doubtful = make_resident("Erik", places.harbour, proof=1)
    assert may_submit(page, anna.user) == ALLOWED
    assert may_submit(page, doubtful.user).reason == _("Enter the code from the letter first.")


def test_submit_is_closed_before_the_phase(site_root, anna):
    page = make_proposals_page(site_root, starts=3, ends=9)
    first_day = date_format(timezone.localdate(NOW) + timedelta(days=3), "j F Y")
    assert may_submit(page, anna.user).reason == _("This opens on %(date)s.") % {"date": first_day}
    assert may_submit(page, anna.user, NOW + timedelta(days=3)) == ALLOWED


def test_submit_is_closed_after_the_phase(page, anna):
    assert may_submit(page, anna.user, NOW + timedelta(days=10)) == ALLOWED
    assert not may_submit(page, anna.user, NOW + timedelta(days=11))


def test_submit_is_closed_when_the_phase_opens_something_else(site_root, anna):
    page = make_proposals_page(site_root, opens=["proposals.support"])
    assert may_submit(page, anna.user).reason == _("This is not part of this process.")


def test_submit_keeps_a_pace(page, anna):
    for _number in range(19):
        make_submission(page, anna)
    assert may_submit(page, anna.user, timezone.now()) == ALLOWED
    make_submission(page, anna)
    assert may_submit(page, anna.user, timezone.now()).reason == _(
        "You sent a lot in a short time. Try again in an hour."
    )


def test_drafts_are_limited(page, anna):
    for _number in range(21):
        assert rules.may_write(frame_of(page), anna.user, NOW)
        make_submission(page, anna, state=State.DRAFT)
    assert rules.may_write(frame_of(page), anna.user, NOW).reason == _(
        "You have many drafts. Submit or delete one first."
    )


# --- Support --------------------------------------------------------------------------------------------


def test_support_is_for_residents_of_the_area(submission, anna, bram, chaima, eva):
    assert may_support(submission, anna.user) == ALLOWED
    for other in (bram.user, chaima.user, eva, AnonymousUser()):
        assert may_support(submission, other).reason


@pytest.mark.parametrize("state", State.values)
def test_support_is_collected_in_two_states(page, anna, state):
    verdict = may_support(make_submission(page, state=state), anna.user)
    assert bool(verdict) == (state in ("collecting", "reached"))


def test_support_is_closed_after_the_phase(submission, anna):
    close_phases(submission.page)
    assert not may_support(submission, anna.user)
    assert not rules.may_take_support_back(frame_of(submission.page), submission, NOW)


# --- Comment, withdraw, answer ----------------------------------------------------------------------------


def test_comment_is_for_everybody_with_an_account(page, anna, bram, eva):
    assert [may_comment(page, user) for user in (anna.user, bram.user, eva)] == [ALLOWED] * 3
    assert may_comment(page, AnonymousUser()).reason == _("Log in first.")


def test_comment_asks_the_age_of_whom_we_know_it(page, chaima):
    assert not may_comment(page, chaima.user)


def test_comment_is_closed_after_the_phase(page, anna):
    close_phases(page)
    assert not may_comment(page, anna.user)


@pytest.mark.parametrize("state", State.values)
def test_withdrawing_is_for_the_submitter_until_it_is_taken_up(page, anna, bram, state):
    submission = make_submission(page, anna, state=state)
    assert bool(rules.may_withdraw(submission, anna.user)) == (state in ("held", "collecting", "reached"))
    assert not rules.may_withdraw(submission, bram.user)
    assert not rules.may_withdraw(submission, AnonymousUser())


def test_answering_is_for_staff(anna, eva, dirk, clerk, administrator, auditor):
    assert [bool(rules.may_answer(user)) for user in (dirk, clerk)] == [True, True]
    for user in (anna.user, eva, auditor, administrator, AnonymousUser()):
        assert not rules.may_answer(user)
