"""Who may do what with plans; allowed and forbidden share their set-up."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone, translation

from budget import rules
from budget.models import Plan
from budget.stages import Stage
from people.models import Resident
from tests.factories.budget import (
    STAGES,
    make_draft,
    make_plan,
    make_round,
    make_round_vote,
    open_round,
    situation_of,
)
from tests.factories.people import make_resident

pytestmark = pytest.mark.django_db


def reason(verdict):
    return "" if verdict else verdict.reason


# --- Steps --------------------------------------------------------------------------------------------


def test_step_that_should_have_begun_does_not_promise_its_dates(site_root):
    """The phase of voting has begun, but staff have made no vote: “Later, from last month” would be nonsense."""
    with translation.override("nl"):
        steps = {step.title: step for step in situation_of(make_round(site_root, stage="vote")).steps()}
        vote, result = steps[str(Stage.VOTE.label)], steps[str(Stage.RESULT.label)]
    assert (vote.state, vote.period) == ("next", "")
    assert result.state == "next"
    assert result.period


# --- Submitting ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", STAGES)
def test_submit_only_in_the_phase_that_opens_it(site_root, places, anna, stage):
    page = make_round(site_root, stage=stage, area=places.east)
    assert bool(rules.may_submit(anna.user, situation_of(page))) is (stage == "submit")


def test_submit_before_the_phase_says_when_it_opens(site_root, places, anna):
    page = make_round(site_root, stage="submit", area=places.east)
    before = situation_of(page, timezone.now() - timedelta(days=40))
    assert reason(rules.may_submit(anna.user, before)).startswith("This opens on ")


def test_submit_by_each_person(budget_round, anna, bram, chaima, eva):
    situation = situation_of(budget_round)
    said = {
        name: reason(rules.may_submit(user, situation))
        for name, user in [
            ("anna", anna.user),
            ("bram", bram.user),
            ("chaima", chaima.user),
            ("eva", eva),
            ("anonymous", AnonymousUser()),
        ]
    }
    assert said == {
        "anna": "",
        "bram": "This is for people who live in Wijk Oost.",
        "chaima": "You can take part from the age of 12.",
        "eva": said["eva"],
        "anonymous": "Log in first.",
    }
    assert said["eva"]


def test_submit_without_the_proof_a_round_asks(site_root, places):
    page = make_round(site_root, area=places.east, minimum_proof=Resident.Proof.LETTER)
    proved = make_resident("Bewezen", places.harbour)
    unproved = make_resident("Onbewezen", places.harbour, proof=Resident.Proof.EMAIL)
    assert rules.may_submit(proved.user, situation_of(page))
    assert reason(rules.may_submit(unproved.user, situation_of(page))) == "Enter the code from the letter first."


def test_submit_after_the_vote_was_opened(budget_round, anna, dirk):
    make_plan(budget_round)
    assert rules.may_submit(anna.user, situation_of(budget_round))
    make_round_vote(budget_round, dirk)
    assert rules.may_submit(anna.user, situation_of(budget_round))
    open_round(budget_round, dirk)
    assert not rules.may_submit(anna.user, situation_of(budget_round))


def test_submit_below_an_unpublished_process(budget_round, anna):
    parent = budget_round.get_parent()
    parent.live = False
    parent.save()
    assert reason(rules.may_submit(anna.user, situation_of(budget_round))) == "This page is not public."


# --- Money --------------------------------------------------------------------------------------------


def test_cost_up_to_the_pot_fits_and_one_cent_more_says_by_how_much(budget_round):
    assert rules.cost_fits(100_000_00, budget_round)
    assert reason(rules.cost_fits(100_000_01, budget_round)) == "This costs €0.01 more than the pot of €100,000."


# --- One's own plan -----------------------------------------------------------------------------------


def test_edit_only_by_the_owner_and_only_a_draft(budget_round, anna, bram):
    draft = make_draft(budget_round, anna.user)
    sent = make_plan(budget_round, submitter=anna.user)
    situation = situation_of(budget_round)
    assert rules.may_edit(anna.user, draft, situation)
    assert not rules.may_edit(bram.user, draft, situation)
    assert not rules.may_edit(AnonymousUser(), draft, situation)
    assert not rules.may_edit(anna.user, sent, situation)


@pytest.mark.parametrize(
    ("state", "everybody", "staff"),
    [
        ("draft", False, False),
        ("held", False, True),
        ("published", True, True),
        ("withdrawn", False, True),
        ("hidden", False, True),
    ],
)
def test_see_plan_by_state_and_person(budget_round, anna, bram, dirk, state, everybody, staff):
    plan = make_plan(budget_round, submitter=anna.user, state=state)
    assert rules.may_see(anna.user, plan)
    assert rules.may_see(bram.user, plan) is everybody
    assert rules.may_see(AnonymousUser(), plan) is everybody
    assert rules.may_see(dirk, plan) is staff


def test_withdraw_until_the_vote_is_opened(budget_round, anna, bram, dirk):
    plan = make_plan(budget_round, submitter=anna.user)
    assert rules.may_withdraw(anna.user, plan, situation_of(budget_round))
    assert not rules.may_withdraw(bram.user, plan, situation_of(budget_round))
    make_round_vote(budget_round, dirk)
    open_round(budget_round, dirk)
    assert not rules.may_withdraw(anna.user, plan, situation_of(budget_round))


# --- Staff --------------------------------------------------------------------------------------------


def test_assess_by_each_person(budget_round, anna, eva, dirk, clerk, auditor):
    plan, situation = make_plan(budget_round, verdict="waiting"), situation_of(budget_round)
    may = {person: bool(rules.may_assess(person, plan, situation)) for person in (anna.user, eva, dirk, clerk, auditor)}
    assert may == {anna.user: False, eva: False, dirk: True, clerk: True, auditor: False}


def test_assess_own_plan_is_for_somebody_else(budget_round, dirk, clerk):
    plan = make_plan(budget_round, verdict="waiting", submitter=dirk)
    assert not rules.may_assess(dirk, plan, situation_of(budget_round))
    assert rules.may_assess(clerk, plan, situation_of(budget_round))


def test_assess_until_the_vote_is_opened(budget_round, anna, dirk):
    plan = make_plan(budget_round)
    make_round_vote(budget_round, dirk)
    assert rules.may_assess(dirk, plan, situation_of(budget_round))
    open_round(budget_round, dirk)
    assert not rules.may_assess(dirk, plan, situation_of(budget_round))


@pytest.mark.parametrize("state", ["held", "withdrawn", "hidden"])
def test_assess_only_published_plans(budget_round, dirk, state):
    plan = make_plan(budget_round, verdict="waiting", state=state)
    assert not rules.may_assess(dirk, plan, situation_of(budget_round))


def test_make_vote_needs_a_feasible_plan_and_the_permission(budget_round, anna, dirk, auditor):
    situation = situation_of(budget_round)
    assert not rules.may_make_vote(dirk, situation, 0)
    assert rules.may_make_vote(dirk, situation, 1)
    assert not rules.may_make_vote(anna.user, situation, 1)
    assert not rules.may_make_vote(auditor, situation, 1)


def test_progress_only_of_a_chosen_plan(budget_round, anna, dirk):
    won = make_plan(budget_round, outcome=Plan.Outcome.WON)
    lost = make_plan(budget_round, outcome=Plan.Outcome.LOST)
    assert rules.may_report_progress(dirk, won)
    assert not rules.may_report_progress(dirk, lost)
    assert not rules.may_report_progress(anna.user, won)
