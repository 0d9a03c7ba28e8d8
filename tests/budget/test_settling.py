"""After publication: outcomes, notices, annulment; and nothing before it, for anybody."""

import json

import pytest
from django.urls import reverse
from django.utils import timezone

from ballots.actions import annul_vote, count_vote, publish_result
from budget import tasks
from budget.models import Plan, RoundVote
from budget.settling import BATCH, settle, tell_outcomes
from notices.models import OutboxLine
from tests.factories.budget import make_closed_vote, make_plan, make_published_round, make_round
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def counted(site_root, places, anna):
    """A counted vote that nobody has published: there is a result that could leak."""
    page = make_round(site_root, stage="result")
    plans = [
        make_plan(page, title, cost=cost, submitter=anna.user)
        for title, cost in (("Ja", 60_000_00), ("Nee", 90_000_00))
    ]
    vote = make_closed_vote(page, plans, [[plans[0]]] * 24 + [[plans[1]]])
    assert count_vote(vote).result
    return page, vote, plans


def status_of(client, url):
    """Reads the answer too, as a browser does: that closes an export that is a file."""
    response = client.get(url)
    b"".join(response)
    return response.status_code


RESULT_PAGES = ("result", "result_csv", "result_json", "result_pb")


@pytest.mark.parametrize("name", RESULT_PAGES)
def test_result_before_publication_is_for_nobody(
    counted, client_for, name, anna, eva, dirk, clerk, administrator, auditor
):
    """Kills the mutant that takes any sealed vote for a result."""
    page, _vote, _plans = counted
    url = reverse(f"budget:{name}", args=[page.pk])
    people = (None, anna, eva, dirk, clerk, administrator, auditor)
    assert {client_for(person).get(url).status_code for person in people} == {404}


def test_result_after_publication_is_for_everybody(counted, client_for, clerk, anna):
    page, vote, _plans = counted
    publish_result(vote, actor=clerk)
    for name in RESULT_PAGES:
        url = reverse(f"budget:{name}", args=[page.pk])
        assert [status_of(client_for(person), url) for person in (None, anna)] == [200, 200]


def test_pages_before_publication_say_nothing_of_the_outcome(counted, client_for):
    page, _vote, plans = counted
    client = client_for()
    for url in (plans[0].get_absolute_url(), reverse("budget:plans", args=[page.pk]), page.get_url(), "/en/open-data/"):
        shown = client.get(url).content.decode()
        assert "chosen" not in shown
        assert "uitslag" not in shown


def test_settle_before_publication_does_nothing(counted):
    page, _vote, _plans = counted
    assert not settle(page.pk, now=timezone.now())
    assert set(Plan.objects.values_list("outcome", flat=True)) == {""}


def test_settling_and_telling_again_changes_nothing(counted, clerk):
    page, vote, plans = counted
    publish_result(vote, actor=clerk)
    for _time in range(2):
        tasks.settle_round(page.pk)
        tasks.tell_round(page.pk)
        tasks.sweep_rounds()
    RoundVote.objects.update(told_at=None)  # as if the worker died before it noted this
    tasks.tell_round(page.pk)
    told = OutboxLine.objects.filter(kind="budget.plan_outcome").order_by("payload__title")
    assert [(line.payload["title"], line.payload["won"]) for line in told] == [("Ja", True), ("Nee", False)]
    assert [event.kind for event in plans[0].history.all()] == ["submitted", "won"]
    assert [event.kind for event in plans[1].history.all()] == ["submitted", "lost"]


def test_publication_settles_by_itself(counted, clerk, django_capture_on_commit_callbacks, monkeypatch):
    page, vote, _plans = counted
    asked = []
    monkeypatch.setattr(tasks.settle_round, "delay", asked.append)
    with django_capture_on_commit_callbacks(execute=True):
        publish_result(vote, actor=clerk)
    assert asked == [page.pk]


def test_sweep_finds_a_publication_whose_signal_was_lost(counted, clerk, monkeypatch):
    page, vote, _plans = counted
    publish_result(vote, actor=clerk)
    asked = []
    monkeypatch.setattr(tasks.settle_round, "delay", asked.append)
    tasks.sweep_rounds()
    assert asked == [page.pk]


def test_telling_goes_in_batches(site_root, places, clerk):
    page = make_round(site_root, stage="result", pot=1_000_000_00)
    submitters = [make_user(f"Indiener {number}") for number in range(BATCH + 1)]
    plans = [make_plan(page, f"Plan {user}", submitter=user, cost=1_00) for user in submitters]
    vote = make_closed_vote(page, plans, [[plans[0]]])
    count_vote(vote)
    publish_result(vote, actor=clerk)
    settle(page.pk, now=timezone.now())
    following = tell_outcomes(page.pk, 0)
    assert (following, OutboxLine.objects.count()) == (plans[BATCH - 1].pk, BATCH)
    assert tell_outcomes(page.pk, following) is None
    assert OutboxLine.objects.count() == BATCH + 1


def test_notice_gives_the_reasons_in_every_language(counted, clerk):
    page, vote, _plans = counted
    publish_result(vote, actor=clerk)
    settle(page.pk, now=timezone.now())
    tell_outcomes(page.pk, 0)
    payload = OutboxLine.objects.get(payload__won=False).payload
    assert payload["why"]["en"] == [
        "When it was this plan's turn, €40,000 was left. The plan costs €90,000.",
        "With 24 votes more it would have been chosen.",
        "It would have been chosen if it had cost €50,000 less.",
    ]
    assert len(payload["why"]["nl"]) == 3


def test_plan_hidden_after_opening_keeps_its_outcome_but_not_its_page(counted, clerk, client_for):
    page, vote, plans = counted
    Plan.objects.filter(pk=plans[0].pk).update(state="hidden")
    publish_result(vote, actor=clerk)
    settle(page.pk, now=timezone.now())
    tell_outcomes(page.pk, 0)
    plans[0].refresh_from_db()
    assert plans[0].outcome == "won"
    shown = client_for().get(reverse("budget:result", args=[page.pk])).content.decode()
    assert plans[0].get_absolute_url() not in shown
    assert plans[0].title in shown
    assert OutboxLine.objects.get(payload__title="Ja").payload["url"] == reverse("budget:result", args=[page.pk])


def test_annulled_vote_takes_the_outcome_back(site_root, places, clerk, client_for, django_capture_on_commit_callbacks):
    page = make_published_round(site_root, clerk)
    Plan.objects.filter(title="Speeltuin").update(progress="started")
    with django_capture_on_commit_callbacks(execute=True):
        annul_vote(page.vote, actor=clerk, reason="De stembiljetten klopten niet.")
    assert set(Plan.objects.values_list("outcome", "progress")) == {("", "none")}
    assert client_for().get(reverse("budget:result", args=[page.pk])).status_code == 404
    shown = client_for().get(page.get_url()).content.decode()
    assert "The vote has been annulled" in shown
    assert "De stembiljetten klopten niet." in shown


# --- Small numbers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ballots", "single_ballots"), [(19, False), (20, True)])
def test_single_ballots_are_published_from_the_threshold_on(
    site_root, places, clerk, client_for, ballots, single_ballots
):
    """Kills the mutant that ignores the threshold, and the one that is off by one."""
    page = make_published_round(site_root, clerk, ballots=ballots)
    client = client_for()
    assert (status_of(client, reverse("budget:result_pb", args=[page.pk])) == 200) is single_ballots
    exported = json.loads(client.get(reverse("budget:result_json", args=[page.pk])).content)
    assert ("rounds" in exported["questions"]["1"]) is single_ballots
    shown = client.get(reverse("budget:result", args=[page.pk])).content.decode()
    assert ("uitslag.pb" in shown) is single_ballots
    assert ("fewer than 20 ballots" in shown) is not single_ballots


def test_few_ballots_say_nothing_of_what_small_groups_paid(site_root, places, clerk, client_for):
    shares = {"rule": "equal-shares", "increment": "until_overspend", "tie": ["lot"]}
    page = make_published_round(site_root, clerk, ballots=5, counting=shares)
    urls = [reverse(f"budget:{name}", args=[page.pk]) for name in ("result", "result_csv", "result_json")]
    shown = "".join(b"".join(client_for().get(url)).decode() for url in urls)
    for secret in ("money_left_cents", "payers_in_full", "left together", "voters paid", "voter paid"):
        assert secret not in shown
    many = make_published_round(site_root, clerk, ballots=30, counting=shares)
    assert "left together" in client_for().get(reverse("budget:result", args=[many.pk])).content.decode()
