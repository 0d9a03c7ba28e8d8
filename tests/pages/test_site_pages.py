"""Home, text, news, search, sitemap, robots: what visitors read."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils import translation
from wagtail.blocks import StructBlockValidationError
from wagtail.models import Page, PageViewRestriction

from pages import highlights, search
from pages.blocks import BodyBlock, LinkBlock, text_body
from pages.highlights import Highlight
from pages.retention_table import in_plain_time, retention_rows
from pages.search import SearchHit, excerpt
from people.privacy import DataClass, PersonalData
from tests.factories.pages import make_news

pytestmark = pytest.mark.django_db


def text(response) -> str:
    return response.content.decode()


@pytest.fixture
def sections(monkeypatch):
    monkeypatch.setattr(highlights, "_sections", dict(highlights._sections))


@pytest.fixture
def sources(monkeypatch):
    monkeypatch.setattr(search, "_sources", dict(search._sources))


# --- Home ---------------------------------------------------------------------------------------------------


def test_home_page_shows_what_packages_bring(waterveen, client, sections):
    highlights.register(
        "plans", title="Plannen", load=lambda limit: [Highlight("Speelplek", "/plan/1/", badge="Nu")], order=1
    )

    page = text(client.get("/"))

    assert re.search(r'id="section-plans">Plannen</h2>', page)
    assert 'href="/plan/1/">Speelplek</a>' in page


def test_section_without_cards_is_not_shown(waterveen, client, sections):
    highlights.register("plans", title="Plannen", load=lambda limit: [])

    assert "section-plans" not in text(client.get("/"))


def test_section_cannot_be_registered_twice(sections):
    highlights.register("plans", title="Plannen", load=lambda limit: [])

    with pytest.raises(ImproperlyConfigured):
        highlights.register("plans", title="Plannen", load=lambda limit: [])


def test_row_of_cards_leads_to_the_whole_list(waterveen, client, sections):
    """Five votes were open and three stood there, without a way to the others."""
    words = {"more_url_name": "search", "more_label": "Alle plannen"}
    highlights.register("plans", title="Plannen", load=lambda limit: [Highlight("Speelplek", "/plan/1/")], **words)

    page = text(client.get("/"))

    assert re.search(r'<a [^>]*pm-more" href="/zoeken/">Alle plannen', page)
    assert highlights._sections["ballots"].more_url == "/stemmen/"


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("Een korte zin.", "Een korte zin."),
        ("a\n\n b", "a b"),
        (f"{'x' * 156} een", f"{'x' * 156} een"),
        (f"{'x' * 156}, een heel", f"{'x' * 156}…"),
        ("y" * 200, f"{'y' * 160}…"),
    ],
)
def test_excerpt_ends_between_two_words(words, shown):
    """Mutant: cut after 160 characters: a word stood there in half, without a sign that the text goes on."""
    assert excerpt(words) == shown


def test_home_page_shows_the_three_newest_items(waterveen, client):
    for number in range(1, 6):
        make_news(waterveen.news, number)

    page = text(client.get("/"))

    assert re.findall(r'pm-card__link" href="/nieuws/(bericht-\d)/"', page) == ["bericht-5", "bericht-4", "bericht-3"]


def test_text_of_residents_and_packages_is_only_text(waterveen, client, sections):
    highlights.register("x", title="X", load=lambda limit: [Highlight("<script>alert(1)</script>", "/", text="<b>")])

    assert "<script>alert" not in text(client.get("/"))


# --- Text and news ------------------------------------------------------------------------------------------------


def test_text_page_shows_its_blocks(waterveen, client):
    waterveen.about.body = [
        *text_body("<h2>Stap een</h2><p>U schrijft.</p>"),
        ("quote", {"text": "Fijn hier.", "source": "Een bewoner"}),
        ("questions", {"title": "Vragen", "questions": [{"question": "Wie mag mee?", "answer": "<p>Iedereen.</p>"}]}),
        ("steps", {"title": "", "steps": [{"title": "Een", "text": "x"}, {"title": "Twee", "text": "y"}]}),
        (
            "call_to_action",
            {"title": "Idee?", "text": "", "link": {"text": "Doe mee", "page": waterveen.news, "address": ""}},
        ),
    ]
    waterveen.about.save_revision().publish()

    page = text(client.get("/zo-werkt-het/"))

    assert "<h2>Stap een</h2>" in page
    assert "<summary" in page
    assert 'href="/nieuws/">Doe mee</a>' in page


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "//evil.example", "/\\evil.example", "http://x.example", "x"]
)
def test_button_leads_only_to_safe_addresses(address):
    with pytest.raises(StructBlockValidationError) as error:
        LinkBlock().clean({"text": "Klik", "page": None, "address": address})
    assert "address" in error.value.block_errors


@pytest.mark.parametrize("values", [{"page": None, "address": ""}, {"page": "a page", "address": "/x/"}])
def test_button_leads_to_one_place(waterveen, values):
    values = {"text": "Klik", **values, "page": waterveen.about if values["page"] else None}

    with pytest.raises(StructBlockValidationError) as error:
        LinkBlock().clean(values)
    assert "page" in error.value.block_errors


def test_picture_needs_words():
    assert BodyBlock().child_blocks["picture"].child_blocks["alt"].required


@pytest.mark.parametrize("number", [1, 3])
def test_news_list_costs_the_same_for_one_and_three_items(waterveen, client, number, django_assert_num_queries):
    for one in range(1, number + 1):
        make_news(waterveen.news, one)
    client.get("/nieuws/?page=2")

    with django_assert_num_queries(9):
        page = text(client.get("/nieuws/"))

    assert page.count('class="pm-card"') == number


def test_news_list_has_pages(waterveen, client):
    for number in range(1, 15):
        make_news(waterveen.news, number)

    first, second = text(client.get("/nieuws/")), text(client.get("/nieuws/?page=2"))

    assert (first.count('class="pm-card"'), second.count('class="pm-card"')) == (12, 2)
    assert 'href="?page=2"' in first
    assert 'href="?page=1"' in second


@pytest.mark.parametrize("page", ["0", "-1", "x", "999", "%00"])
def test_mangled_page_number_shows_some_page(waterveen, client, page):
    make_news(waterveen.news)

    assert "Bericht 1" in text(client.get(f"/nieuws/?page={page}"))


def test_empty_news_list_says_so(waterveen, client):
    assert "pm-empty" in text(client.get("/nieuws/"))


def test_unpublished_news_is_nowhere(waterveen, client):
    make_news(waterveen.news, title="Geheim bericht", live=False)

    pages = "".join(
        text(client.get(path)) for path in ("/", "/nieuws/", "/zoeken/?q=geheim", "/sitemap/", "/sitemap.xml")
    )

    assert "Geheim bericht" not in pages
    assert client.get("/nieuws/bericht-1/").status_code == 404


def test_page_behind_a_password_is_not_listed(waterveen, client):
    PageViewRestriction.objects.create(page=waterveen.about, restriction_type="password", password="x")

    assert "In vier stappen" not in text(client.get("/zoeken/?q=werkt"))
    assert "/zo-werkt-het/" not in text(client.get("/sitemap/")).split("<main")[1]


def test_privacy_page_states_the_terms_that_the_software_keeps(waterveen, client):
    declared = PersonalData(
        "people.LetterCodeAttempt", fields=(), data_class=DataClass.SECURITY, keep=timedelta(days=90)
    )

    page = text(client.get("/en/privacy/"))

    assert 'id="retention"' in page
    assert 'id="retention"' not in text(client.get("/toegankelijkheid/"))
    with translation.override("en"):
        assert in_plain_time(declared.keep) == "3 months"
        assert [row for row in retention_rows() if row[1] == "2 days"] != []


def test_privacy_page_says_nothing_of_what_staff_did(waterveen):
    with translation.override("en"):
        assert not any("Page log" in what or "Letter batches" in what for what, _long, _closed in retention_rows())


# --- Search -----------------------------------------------------------------------------------------------------------


def test_search_finds_pages_in_dutch_word_forms(waterveen, client):
    make_news(waterveen.news, title="Nieuwe fietspaden in Oost")

    page = text(client.get("/zoeken/?q=fietspad"))

    assert re.findall(r'pm-results__link" href="([^"]*)"', page) == ["/nieuws/bericht-1/"]
    assert "Er is iets nieuws in de buurt." in page


@pytest.mark.parametrize(
    "query", ["", "   ", "%00", "'; DROP TABLE x;--", "a" * 5000, "%", "\\", "&|!():*<->", "<script>alert(1)</script>"]
)
def test_any_query_gets_a_page(waterveen, client, query):
    response = client.get("/zoeken/", {"q": query})

    assert response.status_code == 200
    assert "<script>alert" not in text(response)


def test_search_without_result_shows_a_way_on(waterveen, client):
    page = text(client.get("/zoeken/?q=zeppelin"))

    assert "pm-empty" in page
    assert 'href="/sitemap/"' in page


def test_search_shows_a_few_of_each_kind_and_all_of_one(waterveen, client, sources):
    hits = [SearchHit(f"Wens {number}", f"/wens/{number}/") for number in range(1, 26)]
    search.register_source("wishes", "Wensen", lambda query, limit: hits[:limit])

    everything = text(client.get("/zoeken/?q=plan"))
    wishes = text(client.get("/zoeken/?q=plan&soort=wishes"))
    second = text(client.get("/zoeken/?q=plan&soort=wishes&page=2"))

    assert everything.count("/wens/") == 5
    # Kills the mutant that counts only what it shows: five results of twenty-five were “5 results”.
    assert "Minstens 6 resultaten voor “plan”" in everything
    assert "25 resultaten voor “plan”" in wishes
    hits *= 5
    assert "Minstens 100 resultaten" in text(client.get("/zoeken/?q=plannen&soort=wishes"))
    assert 'href="/zoeken/?q=plan&amp;soort=wishes"' in everything
    assert (wishes.count('href="/wens/'), second.count('href="/wens/')) == (20, 5)
    assert 'href="?q=plan&amp;soort=wishes&amp;page=2"' in wishes


def test_unknown_kind_searches_in_everything(waterveen, client):
    assert client.get("/zoeken/?q=nieuws&soort=zzz").status_code == 200


def test_source_cannot_be_registered_twice(sources):
    with pytest.raises(ImproperlyConfigured):
        search.register_source("pages", "Pagina's", search.search_pages)


@pytest.mark.parametrize(("query", "found"), [("speelplaats", [1, 2]), ("fiets", [3]), ("spe", [1])])
def test_search_finds_pages_by_words_inside_words(waterveen, query, found):
    """Whole words first, then the beginning or another part of a longer word."""
    titles = {1: "De speelplaats", 2: "De natuurspeelplaats is open", 3: "Nieuwe fietsenstalling"}
    news = {number: make_news(waterveen.news, number, title=title).url for number, title in titles.items()}
    assert [hit.url for hit in search.search_pages(query, 10)] == [news[number] for number in found]


@pytest.mark.parametrize("number", [1, 3])
def test_search_costs_the_same_for_one_and_three_hits(waterveen, client, number, django_assert_num_queries):
    for one in range(1, number + 1):
        make_news(waterveen.news, one, title=f"Molen {one}")
    client.get("/sitemap/")
    client.get("/zoeken/?q=niets")

    with django_assert_num_queries(6):
        hits = search.search_pages("molen", 10)

    assert len(hits) == number


# --- Sitemap, robots, icon -------------------------------------------------------------------------------------------


def test_sitemap_lists_pages_in_the_order_of_the_tree(waterveen, client):
    make_news(waterveen.news)

    main = text(client.get("/sitemap/")).split("<main")[1].split("</main")[0]

    found = re.findall(r'href="([^"]*)"', main)
    assert found[:5] == ["/zo-werkt-het/", "/nieuws/", "/nieuws/bericht-1/", "/toegankelijkheid/", "/privacy/"]


def test_sitemap_for_machines_is_complete(waterveen, client):
    page = text(client.get("/sitemap.xml"))

    assert page.count("<loc>") == Page.objects.live().filter(depth__gt=1).count()


def test_robots_keep_out_of_the_admin(client):
    lines = text(client.get("/robots.txt")).splitlines()

    assert lines[:2] == ["User-agent: *", "Disallow: /beheer/"]
    assert lines[-1].endswith("/sitemap.xml")


def test_icon_is_our_own(client):
    assert client.get("/favicon.ico").headers["Location"].startswith("/static/img/favicon")


@pytest.mark.parametrize("path", ["/zoeken/", "/sitemap/", "/robots.txt"])
def test_reading_pages_take_no_post(waterveen, client, path):
    assert client.post(path).status_code == 405
