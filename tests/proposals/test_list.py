"""The public list: search, filters, order, pages, exports; the same queries for 3 and 2,000 rows."""

import csv
import json
import xml.etree.ElementTree as ET
from io import StringIO

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import translation
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.models import PageViewRestriction

from pages.word_parts import matching
from proposals import showing
from proposals.listing import support_label
from proposals.models import OfficialResponse, ProposalsPage, Submission
from tests.factories.proposals import (
    close_phases,
    make_many,
    make_proposals_page,
    make_submission,
    make_support,
    make_theme,
)

State = Submission.State


def shown(client, page, **params):
    """The titles of the list, in order."""
    answer = client.get(page.url, params)
    assert answer.status_code == 200
    return [line.title for line in answer.context["results"].items]


@pytest.fixture
def everywhere(site_root, places):
    return make_proposals_page(site_root)


# --- Search -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "title", "found"),
    [
        ("fietspaden", "Een fietspad langs het kanaal", True),
        ("fietspad", "Meer fietspaden", True),
        ("cafe", "Een café voor de buurt", True),
        ("café", "Een cafe voor de buurt", True),
        ("BANKJE", "Een bankje", True),
        ('"groen bankje"', "Een groen bankje", True),
        ('"bankje groen"', "Een groen bankje", False),
        ("bankje -groen", "Een groen bankje", False),
        ("bankje or boom", "Een boom", True),
        ("bankje boom", "Een boom", False),
        ("zwembad", "Een boom", False),
        ("' OR 1=1 --", "Een boom", False),
        ("!!! & | <-> :*", "Een boom", False),
        ("\0boom", "Een boom", True),
    ],
)
def test_search(client, page, query, title, found):
    make_submission(page, title=title, text="Zomaar iets.")
    assert shown(client, page, q=query) == ([title] if found else [])


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("fiets", ["Een fiets voor iedereen", "Overdekte fietsenstalling"]),
        ("speelplaats", ["Natuurspeelplaats in het park"]),
        ("fietsenstalling", ["Overdekte fietsenstalling"]),
        ("stalling", ["Stalling voor paarden", "Overdekte fietsenstalling"]),
        ("natuurspeelplaats", ["Natuurspeelplaats in het park"]),
        ("speelplaats in de park", ["Natuurspeelplaats in het park"]),
        ("speelplaats stalling", []),
        ("nat", ["Natuurspeelplaats in het park"]),
        ("uur", []),
        ('"fiets stalling"', []),
        ("-fiets", ["Natuurspeelplaats in het park", "Overdekte fietsenstalling", "Stalling voor paarden"]),
        ("de het", []),
        ("fiets " * 9, ["Een fiets voor iedereen"]),
    ],
)
def test_search_finds_words_inside_words(page, query, found):
    """Whole words first; then parts. “fietsenstalling” does not bring everything that stands somewhere."""
    titles = (
        "Overdekte fietsenstalling",
        "Een fiets voor iedereen",
        "Natuurspeelplaats in het park",
        "Stalling voor paarden",
    )
    for title in titles:
        make_submission(page, title=title, text="Zomaar iets.")
    hits = [hit.title for hit in showing.search_hits(query, 10)]
    assert hits == found if "-" not in query else sorted(hits) == found


def test_part_of_a_word_in_the_title_comes_before_one_in_the_text(page):
    make_submission(page, title="Een fietsenrek", text="Zomaar iets.")
    make_submission(page, title="Een rek", text="Voor bakfietsen.")
    assert [hit.title for hit in showing.search_hits("fiets", 10)] == ["Een fietsenrek", "Een rek"]


def test_search_finds_one_by_more_and_more_by_one(page):
    """Also inside a word, where the dictionary of the database finds nothing."""
    titles = ["Een buurtspeeltoestel", "Natuurspeeltoestellen", "Lindebomen", "Een kersenboom"]
    for title in titles:
        make_submission(page, title=title, text="Zomaar iets.")
    found = {word: {row.title for row in matching(Submission.objects, word)} for word in ("speeltoestellen", "boom")}
    assert found == {"speeltoestellen": set(titles[:2]), "boom": set(titles[2:])}


def test_list_finds_words_inside_words(client, page):
    make_submission(page, title="Natuurspeelplaats", text="Zomaar iets.")
    assert shown(client, page, q="speelplaats") == ["Natuurspeelplaats"]


def test_search_reads_the_text_too(client, page):
    make_submission(page, title="Een plan", text="Plant bomen langs de weg.")
    assert shown(client, page, q="boom") == ["Een plan"]


def test_search_can_use_its_indexes(page):
    """In a small table reading everything is cheaper, so that is switched off."""
    make_many(page, 200)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = matching(Submission.objects.all(), "zwembad").explain()
    assert "submission_by_text" in plan
    assert "submission_by_word_part" in plan
    assert "Seq Scan" not in plan


# --- Filters and order -----------------------------------------------------------------------------------------


def test_filter_by_area_takes_its_parts_along(client, everywhere, places):
    make_submission(everywhere, title="Haven", area=places.harbour)
    make_submission(everywhere, title="Oost", area=places.east)
    make_submission(everywhere, title="Heide", area=places.heath)
    make_submission(everywhere, title="Nergens")

    assert set(shown(client, everywhere, area="wijk-oost")) == {"Haven", "Oost"}
    assert shown(client, everywhere, area="havenbuurt") == ["Haven"]
    assert len(shown(client, everywhere, area="atlantis")) == 4


def test_areas_to_choose_are_those_of_the_process(client, page, everywhere):
    def names(found):
        return [choice.label for choice in client.get(found.url).context["filters"].area_choices()]

    assert names(page) == ["Wijk Oost", "Havenbuurt", "Weidebuurt"]
    assert names(everywhere) == ["Wijk Oost", "Havenbuurt", "Weidebuurt", "Wijk West", "Heidebuurt"]


def test_filter_by_theme_and_state(client, page):
    green, traffic = make_theme("Groen"), make_theme("Verkeer")
    make_submission(page, title="Boom", theme=green, state=State.ACCEPTED)
    make_submission(page, title="Drempel", theme=traffic)

    assert shown(client, page, theme="groen") == ["Boom"]
    assert shown(client, page, state="accepted") == ["Boom"]
    assert shown(client, page, theme="groen", state="collecting") == []
    assert len(shown(client, page, state="hidden")) == 2


def test_order(client, page, anna, bram):
    old = make_submission(page, title="Oud", support_count=9)
    make_submission(page, title="Nieuw", comment_count=5)
    assert old.pk

    assert shown(client, page) == ["Nieuw", "Oud"]
    assert shown(client, page, order="support") == ["Oud", "Nieuw"]
    assert shown(client, page, order="comments") == ["Nieuw", "Oud"]
    assert shown(client, page, order="'; DROP TABLE") == ["Nieuw", "Oud"]


@pytest.mark.parametrize("state", ["draft", "held", "withdrawn", "hidden"])
def test_only_public_states_are_shown_anywhere(client, page, state):
    make_submission(page, title="Geheim", state=state, latitude=52.0, longitude=5.0)
    assert shown(client, page) == []
    assert shown(client, page, q="geheim", state=state) == []
    for name in ("feed", "csv", "json", "points"):
        answer = client.get(reverse(f"proposals:{name}", args=[page.pk]), {"state": state})
        assert b"Geheim" not in answer.getvalue()


def test_proposals_of_another_page_are_not_shown(client, page, everywhere):
    make_submission(everywhere, title="Elders")
    assert shown(client, page) == []


# --- Pages and numbers -----------------------------------------------------------------------------------------


def test_pages_follow_each_other(client, page):
    make_many(page, 45)
    first = client.get(page.url).context["results"]
    second = client.get(page.url, {"after": first.next}).context["results"]
    assert [line.title for line in second.items] == [f"Voorstel {number}" for number in range(20, 40)]
    make_submission(page, title="Nieuwste")
    again = client.get(page.url, {"after": first.next}).context["results"]
    assert [line.title for line in again.items] == [line.title for line in second.items]


def test_links_to_other_pages_keep_the_filters(client, page):
    make_many(page, 25)
    found = client.get(page.url, {"q": "plan", "order": "support"}).content.decode()
    assert "q=plan&amp;order=support&amp;after=" in found


@pytest.mark.parametrize("number", [0, 1, 2])
def test_number_of_results(client, page, number):
    make_many(page, number)
    text = ngettext("%(number)s proposal", "%(number)s proposals", number) % {"number": number}
    assert text in client.get(page.url).content.decode()


def test_number_of_results_stops_counting(client, page):
    make_many(page, 1001)
    text = _("More than %(number)s proposals") % {"number": number_format(1000)}
    assert text in client.get(page.url).content.decode()


def test_empty_list_has_a_way_out(client, page):
    assert reverse("proposals:write", args=[page.pk]) in client.get(page.url).content.decode()
    make_many(page, 1)
    found = client.get(page.url, {"q": "zwembad"}).content.decode()
    assert _("Show every proposal") in found


def test_closed_list_says_why_and_has_no_button(client, page):
    write = reverse("proposals:write", args=[page.pk])
    assert write in client.get(page.url).content.decode()
    close_phases(page)
    found = client.get(page.url).content.decode()
    assert write not in found
    assert _("You cannot submit a proposal now.") in found


# --- Queries ------------------------------------------------------------------------------------------------


LIST_QUERIES = 11


@pytest.mark.parametrize("number", [1, 3, 2000])
@pytest.mark.parametrize("params", [{}, {"q": "plan", "area": "wijk-oost", "theme": "groen", "order": "support"}])
def test_queries_are_the_same_for_any_number_of_rows(client, page, places, number, params, django_assert_num_queries):
    make_many(page, number, theme=make_theme("Groen"), area=places.harbour)
    client.get(page.url, params)  # the frame around every page is read once
    with django_assert_num_queries(LIST_QUERIES):
        client.get(page.url, params)


# --- Data -----------------------------------------------------------------------------------------------------


def test_csv_has_every_public_proposal_and_escapes_formulas(client, page, anna, places, dirk):
    submission = make_submission(
        page, anna, title='=HYPERLINK("http://kwaad")', text="-1+1", area=places.harbour, latitude=-52.5, longitude=5.1
    )
    OfficialResponse.objects.create(submission=submission, text="@SUM(A1)", author=dirk)
    answer = client.get(reverse("proposals:csv", args=[page.pk]))
    content = answer.getvalue().decode()
    rows = list(csv.DictReader(StringIO(content.removeprefix("\ufeff"))))

    assert content.startswith("\ufeff")
    assert "attachment" in answer["Content-Disposition"]
    assert [(row["title"], row["text"], row["answer"], row["latitude"]) for row in rows] == [
        ('\'=HYPERLINK("http://kwaad")', "'-1+1", "'@SUM(A1)", "-52.5")
    ]
    assert rows[0]["area_code"] == "BU00010101"
    assert "Anna" not in content


def test_json_has_the_same(client, page, anna):
    assert json.loads(client.get(reverse("proposals:json", args=[page.pk])).getvalue()) == []
    make_submission(page, anna, title="=1+1")
    make_submission(page, anna)
    found = json.loads(client.get(reverse("proposals:json", args=[page.pk])).getvalue())
    assert [row["title"] for row in found] == ["=1+1", "Een bankje in het park"]
    assert "Anna" not in json.dumps(found)


@pytest.mark.parametrize("name", ["csv", "json", "feed", "points"])
@pytest.mark.parametrize("number", [1, 3])
def test_data_queries(client, page, places, name, number, django_assert_num_queries):
    make_many(page, number, theme=make_theme(), area=places.harbour, latitude=52.0, longitude=5.0)
    url = reverse(f"proposals:{name}", args=[page.pk])
    with django_assert_num_queries(7 if name == "feed" else 6):
        client.get(url).getvalue()


def test_map_has_what_has_a_point(client, page):
    placed = make_submission(page, title="Hier", latitude=52.005, longitude=5.005)
    make_submission(page, title="Nergens")
    found = json.loads(client.get(reverse("proposals:points", args=[page.pk])).getvalue())
    assert [feature["properties"] for feature in found["features"]] == [
        {"title": "Hier", "url": placed.get_absolute_url()}
    ]
    assert found["features"][0]["geometry"] == {"type": "Point", "coordinates": [5.005, 52.005]}


def test_feed_is_atom(client, page):
    submission = make_submission(page, title="Bomen & bankjes <b>")
    answer = client.get(reverse("proposals:feed", args=[page.pk]))
    feed = ET.fromstring(answer.content)
    space = {"a": "http://www.w3.org/2005/Atom"}
    assert [entry.findtext("a:title", namespaces=space) for entry in feed.findall("a:entry", space)] == [
        submission.title
    ]
    assert feed.find("a:entry/a:link", space).get("href").endswith(submission.get_absolute_url())
    assert reverse("proposals:feed", args=[page.pk]) in client.get(page.url).content.decode()


@pytest.mark.parametrize("name", ["csv", "json", "feed", "points"])
def test_data_follows_the_filters(client, page, name):
    make_submission(page, title="Boom", latitude=52.0, longitude=5.0)
    make_submission(page, title="Drempel", latitude=52.0, longitude=5.0)
    found = client.get(reverse(f"proposals:{name}", args=[page.pk]), {"q": "boom"}).getvalue()
    assert b"Boom" in found
    assert b"Drempel" not in found


@pytest.mark.parametrize("name", ["csv", "json", "feed", "points", "write"])
@pytest.mark.parametrize("barrier", ["unpublished", "unpublished above", "password above"])
def test_data_of_a_closed_page_is_not_found(client, page, name, barrier):
    make_submission(page, title="Geheim")
    url = reverse(f"proposals:{name}", args=[page.pk])
    assert client.get(url).status_code == 200
    if barrier == "unpublished":
        ProposalsPage.objects.filter(pk=page.pk).update(live=False)
    elif barrier == "unpublished above":
        type(page.get_parent()).objects.filter(pk=page.get_parent().pk).update(live=False)
    else:
        PageViewRestriction.objects.create(page=page.get_parent(), restriction_type="password", password="geheim")
    assert client.get(url).status_code == 404


def test_support_shown_is_the_number_of_supporters(client, page, anna):
    submission = make_submission(page, title="Boom")
    make_support(submission, anna)
    words = _("%(count)s of %(threshold)s supporters") % {"count": 1, "threshold": 3}
    assert words in client.get(page.url).content.decode()


@pytest.mark.parametrize(
    ("count", "words"), [(2, "2 van de 3 steuners"), (3, "3 van de 3 steuners"), (4, "4 steuners (3 nodig)")]
)
def test_more_support_than_needed_is_not_a_part_of_it(count, words):
    with translation.override("nl"):
        assert support_label(Submission(support_count=count, threshold=3)) == words
