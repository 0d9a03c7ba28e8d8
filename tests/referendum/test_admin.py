"""What staff see and do: the list, the page of a referendum, its forms, their cards. The admin speaks Dutch."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from process.dashboard import cards_for
from referendum.models import CouncilDecision
from tests.factories.ballots import make_vote
from tests.factories.people import make_user
from tests.factories.referendum import STATES, make_referendum, make_referendum_in, make_vote_of

pytestmark = pytest.mark.django_db

DECISION = {"decided_on": "", "text": "De raad maakt de markt autovrij.", "document_url": "https://raad.example/1"}


def url(name, page):
    return reverse(f"referendum:{name}", args=[page.pk])


def text_of(response):
    return response.content.decode()


@pytest.mark.parametrize("state", STATES)
def test_page_of_staff_in_each_state(site_root, anna, client_for, dirk, state):
    page = make_referendum_in(site_root, state, dirk)
    text = text_of(client_for(dirk).get(url("inspect", page)))
    offered = [f'href="{url(name, page)}"' in text for name in ("new_vote", "choose_vote", "decision")]
    free, over = state in ("prepare", "draft", "annulled"), state in ("published", "decision")
    assert offered == [free, free, over]


@pytest.mark.parametrize("number", [1, 3])
def test_list_costs_the_same_for_any_number(site_root, anna, client_for, dirk, django_assert_num_queries, number):
    for _each in range(number):
        make_referendum_in(site_root, "draft", dirk)
    client = client_for(dirk)
    client.get(reverse("referendum:index"))
    with django_assert_num_queries(13):
        assert client.get(reverse("referendum:index")).status_code == 200


def test_new_vote_goes_on_to_its_question(site_root, client_for, dirk):
    page = make_referendum(site_root)
    now = timezone.localtime()
    data = {
        "title": "De markt",
        "opens_at": f"{now:%Y-%m-%d %H:%M}",
        "closes_at": f"{now + timedelta(9):%Y-%m-%d %H:%M}",
    }
    response = client_for(dirk).post(url("new_vote", page), data)
    assert response.url == reverse("vote:new_question", args=[page.vote.pk, "yes_no"])


def test_new_vote_that_closes_first_is_said(site_root, client_for, dirk):
    page = make_referendum(site_root)
    data = {"title": "De markt", "opens_at": "2027-02-02 10:00", "closes_at": "2027-02-01 10:00"}
    assert "Een stemming sluit pas nadat die is geopend." in text_of(client_for(dirk).post(url("new_vote", page), data))
    assert page.vote is None


def test_choose_vote_offers_drafts_of_nobody(site_root, client_for, dirk):
    page, other = make_referendum(site_root), make_referendum(site_root)
    free, taken, theirs = make_vote(title="Vrij"), make_vote_of(other, title="Bezet"), make_vote(url="/x/", title="Weg")
    client = client_for(dirk)
    text = text_of(client.get(url("choose_vote", page)))
    assert [str(vote.pk) in text for vote in (free, taken, theirs)] == [True, False, False]
    client.post(url("choose_vote", page), {"vote": taken.pk})
    assert page.vote is None
    assert client.post(url("choose_vote", page), {"vote": free.pk}).url == url("inspect", page)
    assert page.vote == free


def test_misfits_of_a_draft_are_said(site_root, places, client_for, dirk):
    page = make_referendum(site_root)
    make_vote_of(page, form="points", url="/elders/")
    text = text_of(client_for(dirk).get(url("inspect", page)))
    assert [sentence in text for sentence in ("deze stembiljetten: ja of nee", "verwijst niet naar deze pagina")] == [
        True,
        True,
    ]


def test_decision_of_the_council_from_form_to_page(site_root, client_for, dirk):
    page = make_referendum_in(site_root, "published", dirk)
    data = DECISION | {"decided_on": f"{timezone.localdate():%Y-%m-%d}"}
    assert client_for(dirk).post(url("decision", page), data).url == url("inspect", page)
    written = CouncilDecision.objects.get()
    assert (written.text, written.document_url, written.recorded_by) == (data["text"], data["document_url"], dirk)
    assert data["document_url"] in text_of(client_for().get(page.get_url()))


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"text": ""}, "Dit is een verplicht veld."),
        ({"text": "x" * 5001}, "niet meer dan 5000 tekens"),
        ({"document_url": "http://raad.example/"}, "Het adres begint met https://."),
        ({"document_url": "javascript:alert(1)"}, "Voer een geldige URL in."),
        ({"decided_on": "2099-01-01"}, "Deze dag is nog niet geweest."),
        ({"decided_on": "gisteren"}, "Voer een geldige datum in."),
    ],
)
def test_decision_wrong_is_said(site_root, client_for, dirk, values, sentence):
    page = make_referendum_in(site_root, "published", dirk)
    data = DECISION | {"decided_on": f"{timezone.localdate():%Y-%m-%d}"} | values
    assert sentence in text_of(client_for(dirk).post(url("decision", page), data))
    assert CouncilDecision.objects.count() == 0


def test_decision_too_early_comes_back_with_the_reason(site_root, client_for, dirk):
    """Two clerks: the page was open while the other annulled the vote."""
    page = make_referendum_in(site_root, "annulled", dirk)
    data = DECISION | {"decided_on": f"{timezone.localdate():%Y-%m-%d}"}
    assert client_for(dirk).post(url("decision", page), data).url == url("inspect", page)
    assert CouncilDecision.objects.count() == 0


@pytest.mark.parametrize("name", ["new_vote", "choose_vote", "decision"])
def test_auditor_looks_and_changes_nothing(site_root, client_for, dirk, auditor, name):
    page = make_referendum_in(site_root, "published", dirk)
    client = client_for(auditor)
    assert [client.get(url(name, page)).status_code, client.post(url(name, page)).status_code] == [200, 403]


CARDS = {
    "prepare": "Referendums without a vote",
    "draft": "Referendums to agree to and open",
    "published": "Decisions of the council to write down",
}


@pytest.mark.parametrize("state", STATES)
def test_cards_say_what_waits(site_root, anna, clerk, client_for, state):
    make_referendum_in(site_root, state, clerk)
    labels = [card.label for card in cards_for(clerk) if "eferendum" in card.label or "council" in card.label]
    assert labels == ([CARDS[state]] if state in CARDS else [])


def test_decision_is_due_some_weeks_after_publication(site_root, clerk, settings):
    page = make_referendum_in(site_root, "published", clerk)
    settings.REFERENDUM_DECISION_WEEKS = 5
    (card,) = [card for card in cards_for(clerk) if "council" in card.label]
    assert (card.count, card.due) == (1, page.vote.published_at + timedelta(weeks=5))


def test_cards_are_for_who_can_do_something(site_root, anna):
    make_referendum(site_root)
    assert cards_for(make_user("Mo", roles=("moderator",))) == []
