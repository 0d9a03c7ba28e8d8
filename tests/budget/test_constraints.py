"""What the database refuses, whoever asks."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from budget.models import BudgetRoundPage, Plan, RoundVote
from tests.factories.ballots import make_vote
from tests.factories.budget import make_draft, make_plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan(budget_round):
    return make_plan(budget_round)


def refused_by(constraint, change):
    """Whether the database refuses and names this rule."""
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        change()
    assert refusal.value.__cause__.diag.constraint_name == constraint


def behind_pythons_back(plan, assignments):
    def change():
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE budget_plan SET {assignments} WHERE id = %s", [plan.pk])

    return change


@pytest.mark.parametrize(
    ("assignments", "constraint"),
    [
        ("verdict_reason = ''", "verdict_has_a_reason"),
        ("verdict = 'infeasible', verdict_reason = ''", "verdict_has_a_reason"),
        ("cost = NULL", "feasible_plan_has_a_cost"),
        ("cost = 0", "feasible_plan_has_a_cost"),
        ("reference = ''", "submitted_plan_has_a_number"),
        ("submitted_at = NULL", "submitted_plan_has_a_number"),
        ("published_at = NULL", "published_plan_has_publication_time"),
        ("outcome = 'won', verdict = 'infeasible'", "only_feasible_plans_are_voted_on"),
        ("progress = 'started'", "only_chosen_plans_are_carried_out"),
        ("progress = 'done', outcome = 'lost'", "only_chosen_plans_are_carried_out"),
        ("latitude = 91, longitude = 5", "plan_place_is_on_earth"),
        ("latitude = 52, longitude = NULL", "plan_place_is_on_earth"),
    ],
)
def test_plan_breaking_a_rule_is_refused_by_the_database(plan, assignments, constraint):
    refused_by(constraint, behind_pythons_back(plan, assignments))


def test_two_plans_with_one_number_in_a_round_are_refused(plan):
    refused_by("one_plan_per_reference", lambda: make_plan(plan.round, reference=plan.reference))


def test_two_drafts_without_number_are_fine(budget_round, anna):
    make_draft(budget_round, anna.user)
    make_draft(budget_round, anna.user)
    assert Plan.objects.filter(reference="").count() == 2


def test_proposal_twice_in_a_round_is_refused(budget_round):
    make_plan(budget_round, proposal_id=7)
    refused_by("one_plan_per_round_and_proposal", lambda: make_plan(budget_round, proposal_id=7))


def test_pot_of_nothing_is_refused(budget_round):
    refused_by("pot_is_positive", lambda: BudgetRoundPage.objects.filter(pk=budget_round.pk).update(pot=0))


def test_vote_of_two_rounds_is_refused(budget_round, site_root):
    from tests.factories.budget import make_round

    vote = make_vote()
    RoundVote.objects.create(round=budget_round, vote=vote)
    other = make_round(site_root)
    with pytest.raises(IntegrityError), transaction.atomic():
        RoundVote.objects.create(round=other, vote=vote)


def test_people_told_before_outcome_is_set_are_refused(budget_round):
    refused_by(
        "outcome_is_told_after_it_is_set",
        lambda: RoundVote.objects.create(round=budget_round, vote=make_vote(), told_at=timezone.now()),
    )
