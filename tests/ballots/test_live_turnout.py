"""Turnout while a vote is open: in fives, nothing small, nothing from which a small group follows, and counted once per some minutes."""

import re

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from ballots.frozen import frozen_vote
from ballots.live_turnout import live_turnout
from ballots.models import RollEntry
from tests.ballots.test_staff import text_of
from tests.factories.ballots import make_open_vote, make_voters, open_by_two
from tests.factories.electorates import make_grouped_vote
from tests.factories.people import make_resident

pytestmark = pytest.mark.django_db


@pytest.fixture
def grouped(places):
    """An open vote of the harbour (24 people), the meadow (30) and the rest (20)."""
    areas = ((places.harbour, 24), (places.meadow, 30), (places.heath, 20))
    for area, people in areas:
        for number in range(people):
            make_resident(f"{area} {number}", area)
    return open_by_two(make_grouped_vote(places.harbour, places.meadow))


def vote_along(vote, group, people):
    """Marks so many more people of a group, as casting does."""
    waiting = RollEntry.objects.filter(vote=vote, electorate=group, has_cast=False).values_list("pk", flat=True)
    RollEntry.objects.filter(pk__in=list(waiting[:people])).update(has_cast=True)
    cache.clear()


def seen(vote):
    live = live_turnout(frozen_vote(vote.pk))
    return live and (live.voted, dict(live.groups))


@pytest.mark.parametrize(("voted", "said"), [(0, None), (9, None), (10, (10, {})), (14, (10, {})), (15, (15, {}))])
def test_turnout_is_in_fives_and_silent_when_small(places, voted, said):
    """Mutant: `rounded` gives the number itself; whoever reloads the page sees each ballot come in."""
    make_voters(16, places.harbour)
    vote = make_open_vote()
    vote_along(vote, None, voted)
    assert seen(vote) == said


@pytest.mark.parametrize(
    ("voted", "groups"),
    [
        ((12, 13, 14), {"Havenbuurt": 10, "Weidebuurt": 10, "De rest": 10}),
        ((12, 23, 4), {"Weidebuurt": 20}),  # the harbour has fewest people of those that are large enough
        ((4, 23, 12), {"Weidebuurt": 20}),
        ((5, 5, 12), {"De rest": 10}),
        ((4, 4, 12), {}),
        ((4, 4, 4), {}),
        ((20, 1, 1), {}),
    ],
)
def test_small_group_hides_another_along(grouped, voted, groups):
    """Mutant: leave the hidden groups in `shown`; 40 minus 10 minus 20 tells of the third."""
    for group, people in enumerate(voted, start=1):
        vote_along(grouped, group, people)
    live = seen(grouped)
    if live is None:
        assert sum(voted) < 10
    else:
        assert (live[0], live[1]) == (sum(voted) - sum(voted) % 5, groups)


def test_numbers_stay_for_some_minutes_and_cost_no_query(grouped):
    vote_along(grouped, 1, 12)
    first = seen(grouped)
    RollEntry.objects.filter(vote=grouped).update(has_cast=True)
    with CaptureQueriesContext(connection) as queries:
        assert seen(grouped) == first
    assert len(queries) == 0


@pytest.mark.parametrize("voted", [(13, 14, 12), (1, 1, 1)])
def test_page_of_an_open_vote_says_turnout_and_no_result(site_root, grouped, client_for, voted):
    for group, people in enumerate(voted, start=1):
        vote_along(grouped, group, people)
    with translation.override("en"):
        shown = text_of(client_for().get(f"/en/stemmen/{grouped.pk}/"))
    large = voted[0] > 1
    assert ("At least 35 people have voted." in shown) == large
    assert ("Havenbuurt : at least 10" in shown) == large
    # Day and time of closing may hold the same digits.
    said = re.sub(r"You can vote until .*?\d\d:\d\d\.", "", shown.split("What is on the ballot")[0])
    assert "13" not in said
