"""Where plans show up besides their own pages, and a site without proposals."""

import os
import subprocess
import sys
from datetime import timedelta
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone, translation

from ballots.showing import open_now
from budget import actions, discovery, sources
from budget.models import Plan
from conversation.actions import decide, hold
from notices import kinds
from notices.models import OutboxLine
from people.own_data import collect
from process.instruments import verb_label
from tests.factories.budget import make_draft, make_plan, make_round, make_round_vote, open_round, situation_of
from tests.factories.people import make_resident
from tests.servers import PROJECT

pytestmark = pytest.mark.django_db


def test_search_finds_public_plans_only(budget_round, client_for):
    make_plan(budget_round, "Fietspad langs de vaart")
    make_plan(budget_round, "Fietspad verborgen", state="hidden")
    assert [hit.title for hit in discovery.search_plans("fietspaden", 10)] == ["Fietspad langs de vaart"]
    budget_round.unpublish()
    assert discovery.search_plans("fietspaden", 10) == []


@pytest.mark.parametrize(("decision", "mail"), [("publish", "conversation.published"), ("hide", "conversation.hidden")])
def test_submitter_of_a_held_plan_hears_the_decision(budget_round, anna, administrator, decision, mail):
    plan = make_plan(budget_round, submitter=anna.user, state="held")
    case = hold(plan, ["first_post"])
    decide(case, decision, actor=administrator, reason="Past niet.", now=timezone.now())
    assert list(OutboxLine.objects.values_list("kind", "recipient")) == [(mail, anna.user.pk)]


def test_neighbourhood_page_shows_the_newest_plans_around(budget_round, places):
    make_plan(budget_round, "Hier", area=places.harbour)
    make_plan(budget_round, "Elders", area=places.heath)
    assert [each.title for each in discovery.plans_around(places.east, 5)] == ["Hier"]


@pytest.mark.parametrize("plans", [1, 3])
def test_neighbourhood_source_costs_the_same(budget_round, places, plans, django_assert_num_queries):
    for number in range(plans):
        make_plan(budget_round, f"Plan {number}", area=places.harbour)
    with django_assert_num_queries(3):
        discovery.plans_around(places.east, 5)


def test_home_page_shows_rounds_with_what_one_can_do(budget_round):
    (highlight,) = discovery.highlights(3)
    assert (highlight.title, highlight.badge, highlight.badge_kind) == ("Buurtbudget Oost", "Submit plans", "ok")


def test_home_page_leaves_an_open_vote_to_the_ballot_box(budget_round, anna, dirk):
    """The vote has a card of its own; the round comes back when the vote is over."""
    make_plan(budget_round)
    make_round_vote(budget_round, dirk)
    assert (len(discovery.highlights(3)), open_now(3)) == (1, [])
    vote = open_round(budget_round, dirk)
    assert (discovery.highlights(3), [card.title for card in open_now(3)]) == ([], [vote.title])


def test_verbs_and_kinds_of_notices_are_registered():
    assert verb_label("budget.submit") == "Submit a plan"
    for kind in ("plan_assessed", "plan_outcome", "plan_progress", "supported_plan_outcome"):
        assert kinds.is_known(f"budget.{kind}")


def test_own_data_holds_ones_own_plans_and_nobody_elses(budget_round, anna, bram):
    make_plan(budget_round, "Van Anna", submitter=anna.user)
    make_draft(budget_round, anna.user, "Concept van Anna")
    make_plan(budget_round, "Van Bram", submitter=bram.user)
    titles = [row["title"] for rows in collect(anna.user).values() for row in rows if "title" in row]
    assert sorted(titles) == ["Concept van Anna", "Van Anna"]


def test_own_data_says_where_a_plan_is(budget_round, anna, places, client_for):
    place = {"latitude": 52.005, "longitude": 5.005, "area": places.harbour}
    make_plan(budget_round, "Van Anna", submitter=anna.user, **place)
    make_draft(budget_round, anna.user, "Concept van Anna")
    with translation.override("en"):
        rows = {row["title"]: row for rows in collect(anna.user).values() for row in rows if "title" in row}
    found = rows["Van Anna"]
    assert (found["latitude"], found["longitude"], found["area"]) == (52.005, 5.005, "Havenbuurt")
    assert [client_for(anna).get(row["address on the site"]).status_code for row in rows.values()] == [200, 200]


def test_closed_account_leaves_its_plan_by_a_former_resident(budget_round, anna, administrator, client_for):
    from people.erasure import erase_account

    plan = make_plan(budget_round, submitter=anna.user)
    draft = make_draft(budget_round, anna.user)
    erase_account(anna.user, actor=administrator, now=timezone.now())
    shown = client_for().get(plan.get_absolute_url()).content.decode()
    assert "Former resident" in shown
    assert "Anna" not in shown
    assert actions.forget_drafts(now=timezone.now()) == 1
    assert not Plan.objects.filter(pk=draft.pk).exists()


def test_old_drafts_are_forgotten_and_sent_plans_are_not(budget_round, anna):
    fresh = make_draft(budget_round, anna.user)
    old = make_draft(budget_round, anna.user)
    sent = make_plan(budget_round, submitter=anna.user)
    long_ago = timezone.now() - timedelta(days=200)
    Plan.objects.filter(pk__in=[old.pk, sent.pk]).update(created_at=long_ago)
    assert actions.forget_drafts(now=timezone.now()) == 1
    assert set(Plan.objects.values_list("pk", flat=True)) == {fresh.pk, sent.pk}


# --- Without proposals ------------------------------------------------------------------------------------


def test_site_without_proposals_starts_and_plans_have_no_proposal():
    """Another process, because what is installed is decided at the start."""
    code = (
        "import django; django.setup();"
        "from django.apps import apps; assert not apps.is_installed('proposals');"
        "import budget.views, budget.staff_views, budget.settling, budget.wagtail_hooks, budget.imports;"
        "from django.core.management import call_command; call_command('check');"
        "from budget import sources; from budget.models import Plan;"
        "assert not sources.is_available() and sources.link_of(Plan(proposal_id=1)) is None;"
        "assert list(sources.candidates_for(None)) == []; assert sources.accepted_proposal(1) is None; print('fine')"
    )
    environment = os.environ | {
        "PARTICIPATIEMIX_INSTRUMENTS": "budget",
        "PYTHONPATH": f"{PROJECT}:{PROJECT}/site",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    command = [sys.executable, "-c", code]
    found = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=PROJECT, check=False)
    assert found.returncode == 0, found.stderr
    assert found.stdout.strip().endswith("fine")


def test_only_sources_imports_proposals():
    importing = {
        path.name
        for path in (PROJECT / "budget").rglob("*.py")
        if "from proposals" in path.read_text() or "import proposals" in path.read_text()
    }
    assert importing == {"sources.py"}


def test_link_of_a_plan_without_proposal_is_none(budget_round):
    assert sources.link_of(make_plan(budget_round)) is None
    assert sources.link_of(make_plan(budget_round, proposal_id=123456)) is None


# --- Races ------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_plans_sent_at_the_same_moment_get_different_numbers(site_root, places):
    """Kills the mutant without `lock_round` in `_number`: then several draw the same number and are refused."""
    page = make_round(site_root)
    people = [make_resident(f"Inwoner {number}", places.harbour) for number in range(6)]
    drafts = [make_draft(page, person.user) for person in people]
    ready, problems = Barrier(len(drafts)), []

    def send(draft):
        try:
            situation = situation_of(page)
            ready.wait()
            actions.send_plan(draft, draft.submitter, situation=situation, now=timezone.now())
        except Exception as problem:
            problems.append(problem)
        finally:
            connection.close()

    threads = [Thread(target=send, args=(draft,)) for draft in drafts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert sorted(Plan.objects.values_list("reference", flat=True)) == [str(number) for number in range(1, 7)]


@pytest.mark.django_db(transaction=True)
def test_one_form_sent_by_many_clicks_is_one_draft(site_root, places):
    page = make_round(site_root)
    anna = make_resident("Anna", places.harbour)
    key, ready, found = uuid4(), Barrier(5), []
    values = {"title": "Bankje", "text": "Een bankje waar iedereen kan zitten."}

    def click():
        try:
            situation = situation_of(page)
            ready.wait()
            found.append(actions.save_draft(situation, anna.user, values, request_key=key).pk)
        finally:
            connection.close()

    threads = [Thread(target=click) for _click in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 5
    assert len(set(found)) == Plan.objects.count() == 1


def test_result_page_of_a_round_that_does_not_exist_is_not_there(client_for, db):
    assert client_for().get(reverse("budget:result", args=[999999])).status_code == 404
