"""A ballot with many options: looking among them without losing choices, kept through a log-in, quick to write."""

import json
import random
import re
import time

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import translation

from ballots import kept_choices
from ballots.ballot_form import LONG, BallotForm
from ballots.frozen import frozen_vote
from ballots.models import Ballot, Option
from ballots.submission import Submission
from tests.ballots.clocks import database_clock
from tests.ballots.test_forms_pages import FILLED, check, typed_on
from tests.ballots.test_voting_pages import en, hidden_fields, text_of, url
from tests.factories.ballots import FORMS, make_forms_vote, make_vote, open_by_two

pytestmark = pytest.mark.django_db

# As many as the largest of the real budgets has.
MANY = 85
BACKEND = "django.contrib.auth.backends.ModelBackend"
# What somebody fills in at option `number` of `MANY`, for every form that has so much to say.
EVERYTHING = {
    "approval": lambda number: ("choice-1", str(number)),
    "ranking": lambda number: (f"rank-{number}", str(MANY + 1 - number)),
    "score": lambda number: (f"score-{number}", str(number % 5 + 1)),
    "points": lambda number: (f"points-{number}", str(number)),
}


def plans(number):
    return [
        (f"P{place}", f"{'Bankjes' if place % 5 == 0 else 'Bomen'} in straat {place}", 100)
        for place in range(1, number + 1)
    ]


def make_long_vote(form, number=MANY, **fields):
    limits = {"max_options": number} if form == "approval" else {"points": 10_000} if form == "points" else {}
    money = {"budget": None, "max_sum": None} if form != "knapsack" else {}
    return open_by_two(make_vote(options=plans(number), form=form, **{**money, **FORMS[form], **limits, **fields}))


def filled(form, number=MANY):
    fields = {}
    for name, value in map(EVERYTHING[form], range(1, number + 1)):
        fields.setdefault(name, []).append(value)
    return fields


# --- Looking among many options ---------------------------------------------------------------------------------


def controls_on(page):
    return set(re.findall(r'<(?:input|select)[^>]* id="(id_(?:choice|rank|points|score)[^"]+)"', page.content.decode()))


@pytest.mark.parametrize("form", ["approval", "knapsack", "choice", "ranking", "score", "points"])
def test_search_without_javascript_shows_what_is_found_and_what_is_chosen(site_root, anna, client_for, form):
    """Mutant killed: an option that is filled in but not found is left off the page, and so lost."""
    vote, client = make_long_vote(form, LONG + 1), client_for(anna)
    name, value = {"ranking": "rank-1", "score": "score-1", "points": "points-1"}.get(form, "choice-1"), "1"
    page = client.post(en("choose", vote), {name: value, "search-1": "BANKJES straat", "step": "search"})
    # The first is chosen; the fifth and the tenth are found. With radio buttons blank stays too.
    assert len(controls_on(page)) == (4 if form == "choice" else 3)
    assert "3 of 13 options. What you chose stays chosen." in text_of(page)
    assert typed_on(page)[name] == [value]
    # Going on from there, everything is back and nothing is lost.
    again = client.post(en("choose", vote), {**typed_on(page), "search-1": "BANKJES", "step": "sum"})
    assert len(controls_on(again)) >= LONG + 1
    assert typed_on(again)[name] == [value]


def test_search_looks_in_the_text_too_and_says_when_nothing_is_found(site_root, anna, client_for):
    vote = make_vote(options=plans(LONG + 1))
    Option.objects.filter(vote=vote, number=3).update(text="Met een glijbaan.")
    client = client_for(anna)
    open_by_two(vote)
    for words, found in (("glijbaan", 1), ("olifant", 0), ("  ", 13), ("<script>", 0)):
        page = client.post(en("choose", vote), {"search-1": words, "step": "search"})
        assert len(controls_on(page)) == found
        assert "<script>" not in page.content.decode().split("<main")[1]


def test_search_is_no_part_of_a_ballot(site_root, anna, client_for):
    vote, client = make_long_vote("knapsack", LONG + 1), client_for(anna)
    checked = check(client, vote, {"choice-1": ["2"], "search-1": "bankjes"})
    assert "search-1" not in hidden_fields(checked, en("cast", vote))
    client.post(en("cast", vote), hidden_fields(checked, en("cast", vote)))
    assert json.loads(Ballot.objects.get().payload)["answers"] == {"1": ["P2"]}


@pytest.mark.parametrize(("number", "has_search"), [(LONG, False), (LONG + 1, True)])
def test_only_a_long_question_has_a_field_to_search_in(site_root, anna, client_for, number, has_search):
    page = client_for(anna).get(url("choose", make_long_vote("knapsack", number)))
    assert ('name="search-1"' in page.content.decode()) is has_search


def test_changing_a_ballot_searches_at_the_address_of_the_ballot(site_root, anna, client_for):
    """The ballot stands at another address when it is changed; searching from there must not ask for the code again."""
    vote, client = make_long_vote("knapsack", LONG + 1), client_for(anna)
    checked = check(client, vote, {"choice-1": ["2"]})
    client.post(en("cast", vote), hidden_fields(checked, en("cast", vote)))
    code = hidden_fields(checked, en("cast", vote))["code"][0]
    ballot = client.post(en("change", vote), {"code": code}).content.decode()
    assert set(re.findall(r'formaction="([^"]*)"', ballot)) == {f"{en('choose', vote)}#question-1"}


def test_ranking_of_many_options_is_written_quickly(site_root, anna):
    """7,310 places. Django's own templates took 700 ms of processor time here, this takes 60."""
    vote = frozen_vote(make_long_vote("ranking").pk)
    start = time.process_time()
    rows = list(BallotForm(vote).parts[0].rows())
    assert time.process_time() - start < 0.35
    assert [row.control.count("<option") for row in rows] == [MANY + 1] * MANY


# --- Kept through a log-in -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", EVERYTHING)
def test_choices_of_a_long_ballot_survive_a_log_in(site_root, anna, form):
    vote, client, fields = make_long_vote(form), Client(), filled(form)
    page = check(client, vote, fields)
    assert "We keep your choices on this device for half an hour." in text_of(page)
    client.force_login(anna.user, backend=BACKEND)
    back = typed_on(client.get(en("choose", vote)))
    assert {name: sorted(values) for name, values in back.items()} == {
        name: sorted(values) for name, values in fields.items()
    }


def test_choices_that_do_not_fit_are_not_promised_to_be_kept(site_root, anna, monkeypatch):
    """The page said "we keep your choices" whether it could or not."""
    monkeypatch.setattr(kept_choices, "LONGEST", 100)
    client = Client()
    page = check(client, make_long_vote("ranking"), filled("ranking"))
    assert page.status_code == 403
    assert "Your choices are too many to keep on this device." in text_of(page)
    assert "We keep your choices" not in text_of(page)
    assert "Bomen in straat 1" in text_of(page)
    assert kept_choices.NAME not in client.cookies


def test_cookie_stays_below_what_browsers_keep_and_holds_five_hundred_places(site_root, anna):
    places = list(range(1, 501))
    random.Random(3).shuffle(places)
    for fields, fits in ((places, True), (places * 3, False)):
        given = Submission(tuple((f"rank-{number}", str(place)) for number, place in enumerate(fields, 1)))
        choices = kept_choices.packed(given)
        assert bool(choices) is fits
    vote, response = make_long_vote("knapsack", 2), HttpResponse()
    kept_choices.keep(response, vote.pk, "x" * kept_choices.LONGEST)
    assert len(response.cookies[kept_choices.NAME].OutputString()) < 4_000


def test_cookie_of_an_older_release_brings_nothing_back(site_root, anna):
    """It held the fields as they were, signed by us all the same."""
    vote, response = make_long_vote("knapsack", 2), HttpResponse()
    kept_choices.keep(response, vote.pk, "choice-1=1")
    request = RequestFactory().get("/")
    request.COOKIES[kept_choices.NAME] = response.cookies[kept_choices.NAME].value
    assert kept_choices.kept(request, vote.pk) is None


# --- Closed in the meantime ------------------------------------------------------------------------------------------

SHOWN = FILLED | {
    "approval": (FILLED["approval"][0], None, "Bomen"),
    "points": (FILLED["points"][0], None, "Speeltuin: 7 points"),
    "knapsack": (FILLED["knapsack"][0], None, "Bankjes"),
}


@pytest.mark.parametrize("form", SHOWN)
def test_stale_form_of_every_kind_keeps_the_choices_to_copy(site_root, anna, client_for, form):
    fields, _answer, shown = SHOWN[form]
    vote, visitor = open_by_two(make_forms_vote(form)), Client()
    check(visitor, vote, fields)
    visitor.force_login(anna.user, backend=BACKEND)
    client = client_for(anna)
    checked = check(client, vote, fields)
    with database_clock(vote.closes_at):
        pages = [
            check(client, vote, fields),
            client.post(en("cast", vote), hidden_fields(checked, en("cast", vote))),
            # Back from logging in, too late: what the device kept is there to copy.
            visitor.get(en("choose", vote)),
        ]
    for page in pages:
        assert "Voting closed on" in text_of(page)
        assert "Copy it if you want to use it later." in text_of(page)
        assert shown in text_of(page)
    assert not Ballot.objects.exists()


# --- What the page says ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("order", "says_so"), [("random", True), ("fixed", False)])
def test_page_says_that_a_lot_decided_the_order(site_root, anna, client_for, order, says_so):
    vote = open_by_two(make_forms_vote("choice", option_order=order))
    for page in (
        client_for(anna).get(en("choose", vote)),
        Client().get(en("practise", vote)),
        Client().get(en("vote", vote)),
    ):
        assert ("A lot decides the order of the options, for every voter anew." in text_of(page)) is says_so


def test_all_points_are_asked_for_in_dutch_too(site_root, anna, client_for):
    """The sentence was inside another one, where no catalogue found it."""
    vote = open_by_two(make_forms_vote("points", complete=True))
    with translation.override("nl"):
        assert "Geef ze allemaal." in text_of(client_for(anna).get(url("choose", vote)))
