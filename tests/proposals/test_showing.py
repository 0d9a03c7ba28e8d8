"""Proposals elsewhere: search, the home page, a neighbourhood; never what is not public."""

import pytest
from wagtail.models import PageViewRestriction

from pages.highlights import filled_sections
from pages.search import sources
from process.instruments import instrument_of
from process.neighbourhood import happenings_in
from proposals import showing
from proposals.models import Submission
from tests.factories.proposals import make_many, make_submission

State = Submission.State


def everywhere(places, query="bankje"):
    """The titles that search, home page and neighbourhood page show."""
    search = next(source for source in sources() if source.key == "proposals")
    home = next((section["cards"] for section in filled_sections() if section["key"] == "proposals"), [])
    around = next((found for source, found in happenings_in(places.harbour) if source.key == "proposals"), [])
    return [[item.title for item in found] for found in (search.search(query, 10), home, around)]


def test_public_proposal_is_shown_everywhere(page, anna, places):
    submission = make_submission(page, anna, area=places.harbour)
    assert everywhere(places) == [[submission.title]] * 3


@pytest.mark.parametrize("state", ["draft", "held", "withdrawn", "hidden"])
def test_what_is_not_public_is_shown_nowhere(page, anna, places, state):
    make_submission(page, anna, area=places.harbour, state=state)
    assert everywhere(places) == [[], [], []]


@pytest.mark.parametrize("barrier", ["unpublished", "password", "password above"])
def test_proposals_of_a_closed_page_are_shown_nowhere(page, anna, places, barrier):
    make_submission(page, anna, area=places.harbour)
    if barrier == "unpublished":
        page.unpublish()
    else:
        closed = page if barrier == "password" else page.get_parent()
        PageViewRestriction.objects.create(page=closed, restriction_type="password", password="geheim")
    assert everywhere(places) == [[], [], []]


def test_search_gives_the_best_first(page, anna):
    make_submission(page, anna, title="Een plan", text="Ergens staat een bankje in deze tekst, en meer.")
    make_submission(page, anna, title="Bankje bankje", text="Alleen maar een bankje.")
    assert [hit.title for hit in showing.search_hits("bankje", 10)] == ["Bankje bankje", "Een plan"]
    assert len(showing.search_hits("bankje", 1)) == 1


@pytest.mark.parametrize("number", [1, 3])
def test_each_costs_the_same_for_any_number(page, places, number, django_assert_num_queries):
    make_many(page, number, area=places.harbour)
    with django_assert_num_queries(2):
        showing.search_hits("plan", 10)
    with django_assert_num_queries(2):
        showing.latest(10)
    with django_assert_num_queries(3):
        showing.happenings_around(places.harbour, 10)


def test_verbs_are_registered():
    for verb in ("proposals.submit", "proposals.support", "proposals.comment"):
        assert instrument_of(verb).key == "proposals"
