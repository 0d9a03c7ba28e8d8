"""The public page in every state: where it stands, what to do, and what nobody sees yet."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse

from ballots.models import RollEntry
from referendum.standing import standing_of
from tests.factories.ballots import make_voters, open_by_two
from tests.factories.referendum import (
    STATES,
    decide,
    make_published_vote,
    make_referendum,
    make_referendum_in,
    make_vote_of,
)

pytestmark = pytest.mark.django_db

HEADINGS = {
    "prepare": "The vote is being prepared",
    "draft": "The vote is being prepared",
    "coming": "You can vote soon",
    "open": "You can vote now",
    "closed": "Voting is over",
    "published": "The result is here",
    "decision": "The council has decided",
    "annulled": "This vote has been annulled",
}
BUTTONS = {"coming": "ballots:practise", "open": "ballots:choose"}
QUESTION = "Moeten de auto&#x27;s van de markt?"
RESULT = "40 people voted."
DECISION = "De raad maakt de markt autovrij."


def shown(client_for, page):
    cache.clear()
    response = client_for().get("/en" + page.get_url().removeprefix("/en"))
    assert response.status_code == 200
    return response.content.decode()


def steps_in(text):
    return re.findall(r'pm-timeline__step--(\w+)".*?pm-timeline__title">([^<]+)<', text, re.DOTALL)


@pytest.mark.parametrize("state", STATES)
def test_page_in_each_state_says_what_to_do_and_nothing_too_early(site_root, anna, client_for, dirk, state):
    """Taking the draft away from `Standing.frozen`, or the state from `outcome_of`, fails here."""
    page = make_referendum_in(site_root, state, dirk)
    text = shown(client_for, page)
    assert re.search(r'id="now">([^<]+)<', text)[1] == HEADINGS[state]
    published = state in ("published", "decision")
    assert [QUESTION in text, RESULT in text, DECISION in text, "De markt is nu een parkeerplaats" in text] == [
        state not in ("prepare", "draft"),
        published,
        state == "decision",
        True,
    ]
    wanted = [reverse(BUTTONS[state], args=[page.vote.pk])] if state in BUTTONS else []
    assert re.findall(r'primary-action" href="(/[^"]+)"', text) == wanted


@pytest.mark.parametrize(
    ("state", "marks"),
    [
        ("prepare", "now next next next next"),
        ("coming", "now next next next next"),
        ("open", "past now next next next"),
        ("closed", "past past now next next"),
        ("published", "past past past now next"),
        ("decision", "past past past past past"),
        ("annulled", "past past next next next"),
    ],
)
def test_timeline_in_each_state(site_root, anna, client_for, dirk, state, marks):
    steps = steps_in(shown(client_for, make_referendum_in(site_root, state, dirk)))
    titles = ["Read about it", "Vote", "Count", "Result", "Decision of the council"]
    assert steps == list(zip(marks.split(), titles, strict=True))


def test_stage_follows_the_clock_before_the_worker_does(site_root, anna):
    page = make_referendum(site_root)
    vote = open_by_two(make_vote_of(page))
    standing = standing_of(page)
    moments = (
        vote.opens_at - timedelta(seconds=1),
        vote.opens_at,
        vote.closes_at - timedelta(seconds=1),
        vote.closes_at,
    )
    assert [replace(standing, now=moment).stage for moment in moments] == ["coming", "open", "open", "count"]


@pytest.mark.parametrize(("voted", "said"), [(9, False), (27, True)])
def test_open_page_says_how_many_voted_in_fives(site_root, places, client_for, voted, said):
    """Showing the exact number fails here: it would say 27."""
    make_voters(30, places.harbour)
    page = make_referendum(site_root)
    vote = open_by_two(make_vote_of(page))
    chosen = RollEntry.objects.filter(vote=vote).values("pk")[:voted]
    RollEntry.objects.filter(pk__in=list(chosen.values_list("pk", flat=True))).update(has_cast=True)
    text = shown(client_for, page)
    assert ("At least 25 people have voted." in text) == said
    assert re.findall(r"\b(9|27)\b people", text) == []


def test_theme_vote_ranks_every_theme_and_equal_points_share_a_place(site_root, places, client_for, dirk):
    page = make_referendum(site_root, kind="themes")
    answers = [{"1": 5, "2": 3, "3": 2}, {"1": 5, "2": 2, "3": 3}]
    make_published_vote(page, answers, dirk, form="points")
    text = shown(client_for, page)
    found = re.findall(r'pm-ranking__place">(\d+)</span> <span[^>]*>([^<]+)</span> <span[^>]*>([^<]+)<', text)
    assert found == [
        ("1", "Groen", "10 points, 50 percent of all points"),
        ("2", "Verkeer", "5 points, 25 percent of all points"),
        ("2", "Wonen", "5 points, 25 percent of all points"),
    ]


def test_ranking_keeps_the_order_of_its_count(site_root, places, client_for, dirk):
    """Sorting by first choices fails here: the winner of all pairs has fewest of them."""
    page = make_referendum(site_root, kind="preferendum")
    ballots = [["1", "2", "3"]] * 4 + [["3", "2", "1"]] * 4 + [["2", "1", "3"]] * 3
    make_published_vote(page, ballots, dirk, form="ranking")
    labels = re.findall(r'pm-chart__label"[^>]*>([^<]+)<', shown(client_for, page))
    assert labels[0] == "Zonneweide"
    # Once: the caption of the picture says what the bars are, not the sentence again.
    assert shown(client_for, page).split("<main")[1].count("“Zonneweide” won.") == 1


def test_threshold_that_was_not_reached_is_said(site_root, places, client_for, dirk):
    page = make_referendum(site_root)
    make_published_vote(page, [["1"]] * 12 + [["2"]] * 13, dirk, threshold_kind="outcome", threshold_share=6000)
    assert "The minimum was not reached, so the outcome does not count." in shown(client_for, page)


def test_correction_of_a_decision_stands_in_front_of_what_was_written(site_root, places, client_for, dirk):
    page = make_referendum_in(site_root, "decision", dirk)
    decide(page, dirk, text="De raad maakt de markt in 2028 autovrij.")
    text = shown(client_for, page)
    places_in_text = [text.index("in 2028 autovrij"), text.index("What stood here before"), text.index(DECISION)]
    assert places_in_text == sorted(places_in_text)
    assert "This text was corrected on" in text


def test_what_staff_wrote_is_never_markup(site_root, places, client_for, dirk):
    script = "<script>alert(1)</script>"
    page = make_referendum(site_root, title=f"Markt {script}", intro=script)
    make_published_vote(page, [["1"]] * 30, dirk, titles=(script, "Nee"), commitment=script)
    decide(page, dirk, text=script)
    assert script not in shown(client_for, page)


PAGE_QUERIES = {"prepare": 11, "open": 11, "decision": 12}


@pytest.mark.parametrize("state", PAGE_QUERIES)
@pytest.mark.parametrize("others", [0, 2])
def test_page_costs_the_same_beside_other_referendums(
    site_root, anna, client_for, dirk, django_assert_num_queries, state, others
):
    page = make_referendum_in(site_root, state, dirk)
    for _each in range(others):
        make_referendum_in(site_root, state, dirk, process=page.get_parent())
    client = client_for()
    client.cookies["own"] = "1"
    assert client.get(page.get_url()).status_code == 200
    with django_assert_num_queries(PAGE_QUERIES[state]):
        client.get(page.get_url())
