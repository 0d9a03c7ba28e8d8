"""The whole way: plans, verdicts, vote, ballots through the site, closing by the clock, count, publication, result, notices."""

import re
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from ballots import tasks as ballot_tasks
from ballots.actions import publish_result
from ballots.models import Vote
from budget import tasks
from budget.models import Plan, RoundVote
from notices.models import OutboxLine
from tests.factories.budget import STAGES, make_plan, make_round, make_round_vote, open_round, situation_of
from tests.factories.people import make_resident

SECONDS_OPEN = 5


@pytest.fixture
def voted(transactional_db, site_root, places, client_for, anna, dirk):
    """A round whose vote has closed: three people chose through the site; not yet counted."""
    page = make_round(site_root, stage="vote", area=places.east, pot=100_000_00)
    make_plan(page, "Speeltuin", cost=60_000_00, submitter=anna.user)
    make_plan(page, "Bankjes", cost=30_000_00)
    make_plan(page, "Zwembad", cost=70_000_00)
    voters = [make_resident(name, places.harbour) for name in ("Een", "Twee", "Drie")]
    closes_at = timezone.now() + timedelta(seconds=SECONDS_OPEN)
    make_round_vote(page, dirk, closes_at=closes_at)
    vote = open_round(page, dirk)
    for voter, chosen in zip(voters, [(1, 2), (1, 2), (3,)], strict=True):
        cast_through_the_site(client_for(voter), vote, chosen)
    remaining = (closes_at - timezone.now()).total_seconds()
    time.sleep(max(0, remaining) + 0.2)
    return page, vote


def cast_through_the_site(client, vote, chosen):
    """Choose, check, cast: three pages, as a browser without JavaScript does."""
    choices = {"choice-1": [str(number) for number in chosen]}
    check = client.post(reverse("ballots:choose", args=[vote.pk]), choices)
    assert check.status_code == 200, check.content.decode()
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', check.content.decode()))
    receipt = client.post(reverse("ballots:cast", args=[vote.pk]), {**hidden, **choices})
    assert receipt.status_code == 200, receipt.content.decode()


def close_and_count(vote):
    ballot_tasks.close_due_votes()
    ballot_tasks.count_closed_vote(str(vote.pk))
    vote.refresh_from_db()


def test_round_from_plans_to_notices(voted, client_for, anna, clerk):
    page, vote = voted
    result_url = reverse("budget:result", args=[page.pk])
    close_and_count(vote)
    assert vote.state == Vote.State.COUNTED
    assert client_for().get(result_url).status_code == 404

    publish_result(vote, actor=clerk)
    tasks.settle_round(page.pk)
    tasks.tell_round(page.pk)

    assert dict(Plan.objects.values_list("title", "outcome")) == {
        "Speeltuin": "won",
        "Bankjes": "won",
        "Zwembad": "lost",
    }
    shown = client_for().get(result_url).content.decode()
    for sentence in (
        "3 people voted. That is 75% of everybody who could vote.",
        "They chose 2 of 3 plans.",
        "Together these plans cost €90,000. The pot was €100,000.",
        "€10,000 is left.",
        "turn, €10,000 was left. The plan costs €70,000.",
        "With 2 votes more it would have been chosen.",
        bytes(vote.seal.digest).hex(),
    ):
        assert sentence in shown, sentence
    lines = OutboxLine.objects.filter(kind="budget.plan_outcome")
    assert [(line.recipient, line.payload["title"], line.payload["won"]) for line in lines] == [
        (anna.user, "Speeltuin", True)
    ]
    assert lines[0].payload["why"]["en"][0].startswith("The plan had enough votes")
    ballot_tasks.tell_voters()
    told = OutboxLine.objects.filter(kind="ballots.result").values_list("recipient__display_name", flat=True)
    assert sorted(told) == ["Drie", "Een", "Twee"]
    assert RoundVote.objects.get(round=page).told_at is not None


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.django_db
def test_page_of_a_round_in_each_stage(site_root, places, client_for, stage):
    page = make_round(site_root, stage=stage)
    make_plan(page)
    response = client_for().get(page.get_url())
    assert response.status_code == 200
    headings = {"submit": "Do you have a plan for your neighbourhood?"}
    assert headings.get(stage, "You can no longer submit plans") in response.content.decode()
    assert situation_of(page).stage == ("submit" if stage == "submit" else "assess")


def test_lock_of_a_round_does_not_stop_who_votes(transactional_db, site_root, places, anna, dirk):
    """Kills the mutant `no_key=False`: then a verdict elsewhere in the round would hold up every ballot."""
    from threading import Thread

    from budget.locks import lock_round
    from tests.factories.ballots import cast

    page = make_round(site_root, stage="vote", area=places.east)
    make_plan(page)
    make_round_vote(page, dirk)
    vote = open_round(page, dirk)
    done = []

    def vote_elsewhere():
        try:
            done.append(cast(vote, anna))
        finally:
            connection.close()

    with transaction.atomic():
        lock_round(page.pk)
        thread = Thread(target=vote_elsewhere)
        thread.start()
        thread.join(timeout=5)
        blocked = thread.is_alive()
    thread.join()
    assert not blocked
    assert len(done) == 1
