"""Every ballot form × state with axe and our own checks: on a phone without scripts, on a desk with them, in both themes."""

import pytest
from wagtail.models import Site

from pages.models import SiteLook
from tests.factories.ballots import make_forms_vote, make_vote, open_by_two
from tests.factories.register import line, open_with_codes
from tests.journeys import ballot_states, world
from tests.journeys.checks import findings, own_findings, show, standing_findings

pytestmark = pytest.mark.django_db(transaction=True)

PAGES = 25


@pytest.fixture
def home(site_root, places, anna):
    return world.make_home(site_root)


def test_every_state_of_every_form_is_accessible(home, open_page, client_for, anna, chaima, clerk):
    phone, desk = open_page(scripts=False, width=320, height=640), open_page(width=1280)
    vote, found, looked = ballot_states.make_every_form(), {}, 0
    for state in ballot_states.states(vote, client_for=client_for, anna=anna, chaima=chaima, clerk=clerk):
        assert state.response.status_code in (200, 403, 409), (state.name, state.response.status_code)
        show(phone, state.response, path=state.path)
        found[state.name, "phone"] = findings(phone)
        show(desk, state.response, path=state.path)
        # What a script adds stands on ballots only.
        found[state.name, "desk"] = findings(desk) if state.is_ballot else standing_findings(desk)
        looked += 1
    assert {state: lines for state, lines in found.items() if lines} == {}
    assert looked == PAGES


@pytest.mark.parametrize("form", ballot_states.FORMS)
def test_ballot_of_one_question_is_accessible(home, open_page, client_for, anna, form):
    """Its question is not numbered, and with nothing filled in something is wrong with every form."""
    vote, client, page = open_by_two(make_forms_vote(form)), client_for(anna), open_page(width=320, height=640)
    path = f"/stemmen/{vote.pk}/kiezen/"
    show(page, client.get(path), path=path)
    assert findings(page) == []
    show(page, client.post(path, {"step": "check"}), path=path)
    assert page.title().startswith("Fout: ")
    assert own_findings(page, keyboard=False) == []


def test_pages_of_who_votes_with_a_code_or_in_a_poll_are_accessible(home, open_page, client_for, anna):
    """A code from a card, without an account; a poll that is not secret, changed by logging in."""
    vote, [code] = open_with_codes(line("1"))
    poll = open_by_two(make_forms_vote("approval", change_policy="login", not_secret=True))
    page, found = open_page(scripts=False, width=320, height=640), {}
    for state in [*ballot_states.with_a_code(vote, code), *ballot_states.of_a_poll(poll, client_for(anna))]:
        show(page, state.response, path=state.path)
        found[state.name] = findings(page)
    assert {name: lines for name, lines in found.items() if lines} == {}
    assert len(found) == 11


@pytest.mark.parametrize("form", ["knapsack", "ranking"])
def test_long_ballot_on_a_phone_keeps_the_focus_in_sight(home, open_page, client_for, anna, form):
    """The sum stays at the foot of the screen. Without `scroll-padding` in ballots.css it lies over what has focus."""
    money = {} if form == "knapsack" else {"max_sum": None, "budget": None, "counting": {"rule": "schulze"}}
    plans = [(f"P{place}", f"Bomen in straat {place}", 1000_00) for place in range(15)]
    vote = open_by_two(make_vote(options=plans, form=form, **money))
    path, client = f"/stemmen/{vote.pk}/kiezen/", client_for(anna)
    for height in (640, 320):
        page = open_page(width=320, height=height)
        show(page, client.get(path), path=path)
        assert findings(page) == []
    show(page, client.post(path, {"search-1": "4", "step": "search"}), path=path)
    assert own_findings(page) == []


def test_other_theme_shows_a_ballot_as_well(home, open_page, client_for, anna):
    SiteLook.objects.update_or_create(site=Site.objects.get(is_default_site=True), defaults={"theme": "meadow"})
    vote, client, page = ballot_states.make_every_form(), client_for(anna), open_page(width=1280)
    path = f"/stemmen/{vote.pk}/kiezen/"
    for step in ({**ballot_states.WRONG, "step": "check"}, {**ballot_states.FILLED, "step": "check"}):
        show(page, client.post(path, step), path=path)
        assert findings(page, keyboard=False) == []
