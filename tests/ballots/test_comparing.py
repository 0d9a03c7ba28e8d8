"""The same ballots under other rules: for staff, after publication, never stored."""

import dataclasses
import json
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from ballots import rules
from ballots.actions import close_vote, count_vote, forget_roll, import_closed_vote, publish_result
from ballots.comparing import compare, other_settings
from ballots.counting import RULES
from ballots.frozen import freeze, frozen_vote
from tests.ballots.clocks import database_clock
from tests.factories.ballots import FORMS, cast, make_forms_vote, make_open_vote
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db

# First choices elect a, a run-off b, and c beats both.
BURLINGTON_IN_SMALL = [("a", "c", "b")] * 9 + [("b", "c", "a")] * 8 + [("c", "b", "a")] * 7


@pytest.fixture(autouse=True)
def _in_english():
    with override("en"):
        yield


@pytest.fixture
def publisher(db):
    return make_user("Publiceert", roles=("clerk",))


def held(form, answers, **fields):
    """A counted vote of one question, whose ballots are these answers with letters for options."""
    vote = make_forms_vote(form, opens_at=timezone.now() - timedelta(days=30), **fields)
    ballots = [{"1": [f"1{letter}" for letter in answer]} for answer in answers]
    import_closed_vote(vote, ballots=ballots, source="Bedacht")
    count_vote(vote)
    return vote


@pytest.fixture
def published(publisher):
    vote = held("ranking", BURLINGTON_IN_SMALL, counting={"rule": "instant-runoff"})
    publish_result(vote, actor=publisher)
    return vote


def winners_by_rule(vote):
    [comparison] = compare(frozen_vote(vote.pk), json.loads(vote.seal.result)["questions"])
    return {each.name: ([option.reference for option in each.winners], each.is_same) for each in comparison.others}


def test_rules_may_elect_others(published):
    assert winners_by_rule(published) == {
        "Points for places (Borda)": (["1c"], False),
        "Seats in proportion (Scottish rule)": (["1b"], True),
        "Two by two (Schulze)": (["1c"], False),
        "Two by two (ranked pairs)": (["1c"], False),
        "Two by two (Copeland)": (["1c"], False),
        "One vote each": (["1a"], False),
    }


def test_comparing_works_after_the_roll_has_gone(anna, bram, publisher):
    vote = make_open_vote()
    cast(vote, anna, [1, 2])
    cast(vote, bram, [2])
    with database_clock(vote.closes_at):
        close_vote(vote)
    count_vote(vote)
    publish_result(vote, actor=publisher)
    with database_clock(vote.published_at + timedelta(days=settings.BALLOTS_APPEAL_DAYS)):
        assert forget_roll(vote) == 2
    assert list(winners_by_rule(vote)) == ["Most votes per euro first", "Equal shares"]


def test_comparing_writes_nothing(published):
    with CaptureQueriesContext(connection) as captured:
        compare(frozen_vote(published.pk), json.loads(published.seal.result)["questions"])
    assert [query["sql"] for query in captured if not query["sql"].lstrip().startswith(("SELECT", "DECLARE"))] == []


@pytest.mark.parametrize("form", FORMS)
def test_other_rules_are_those_that_fit(form):
    """Rules that spend money only where there is money; never the rule of the vote itself."""
    [question] = _frozen(form).questions
    keys = [settings["rule"] for settings in other_settings(question, seats=1)]
    assert question.counting["rule"] not in keys
    assert {RULES[key].needs_budget for key in keys} <= {form == "knapsack"}


def _frozen(form):
    return freeze(make_forms_vote(form))


def test_rules_keep_what_they_have_in_common():
    [question] = _frozen("ranking").questions
    asked = {"rule": "schulze", "seats": 2, "strength": "margins", "tie": ["most_votes"]}
    others = {each["rule"]: each for each in other_settings(dataclasses.replace(question, counting=asked), seats=9)}
    assert others["ranked-pairs"] == {"rule": "ranked-pairs", "seats": 2, "strength": "margins", "tie": ["most_votes"]}
    assert others["plurality"]["seats"] == 2
    # Elects one, and two are asked.
    assert "instant-runoff" not in others


# --- Who, and when ----------------------------------------------------------------------------------------------


def status_page(vote):
    return reverse("vote:inspect", args=[vote.pk])


def address(vote):
    return reverse("vote:compare", args=[vote.pk])


@pytest.mark.parametrize("who", ["clerk", "dirk", "auditor"])
def test_staff_see_a_comparison_that_says_it_is_no_result(site_root, published, request, client_for, who):
    client = client_for(request.getfixturevalue(who))
    assert address(published) in client.get(status_page(published)).content.decode()
    page = client.get(address(published)).content.decode()
    assert "Dit is een vergelijking, geen uitslag." in page
    assert page.count("Dit is de uitslag.") == 1


def test_nobody_compares_before_publication(site_root, clerk, client_for):
    """Mutant: without the rule, the clerk tries other rules before choosing to publish."""
    vote = held("ranking", BURLINGTON_IN_SMALL, counting={"rule": "instant-runoff"})
    client = client_for(clerk)
    assert rules.may_compare_rules(clerk, vote).reason == "There is no published result."
    answer = client.get(address(vote))
    assert (answer.status_code, answer.url) == (302, status_page(vote))
    assert address(vote) not in client.get(status_page(vote)).content.decode()


def test_few_ballots_are_not_compared(site_root, publisher, clerk, client_for):
    """Mutant: without the threshold, ten counts of three ballots say more of each than its result does."""
    vote = held("ranking", BURLINGTON_IN_SMALL[:19], counting={"rule": "instant-runoff"})
    publish_result(vote, actor=publisher)
    assert rules.may_compare_rules(publisher, vote).reason == "There are fewer than 20 ballots."
    client = client_for(clerk)
    assert client.get(address(vote)).status_code == 302
    assert "Er zijn minder dan 20 stembiljetten." in client.get(status_page(vote)).content.decode()


def test_many_ballots_are_not_compared(published, publisher, monkeypatch):
    assert rules.may_compare_rules(publisher, published)
    monkeypatch.setattr(rules, "MOST_COMPARED", 23)
    assert rules.may_compare_rules(publisher, published).reason == (
        "There are more than 23 ballots. Download them to count by another rule."
    )


@pytest.mark.parametrize("who", ["moderator", "anna"])
def test_others_do_not_compare(site_root, published, request, client_for, who):
    person = make_user("Mo", roles=("moderator",)) if who == "moderator" else request.getfixturevalue(who)
    assert client_for(person).get(address(published)).status_code in (302, 403)
    assert not rules.may_compare_rules(getattr(person, "user", person), published)


def test_damaged_box_is_not_compared(site_root, published, clerk, client_for):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE ballots_ballot DISABLE TRIGGER USER")
        cursor.execute("UPDATE ballots_ballot SET nonce = 'sixteen bytes ..'")
        cursor.execute("ALTER TABLE ballots_ballot ENABLE TRIGGER USER")
    answer = client_for(clerk).get(address(published))
    assert (answer.status_code, answer.url) == (302, status_page(published))
