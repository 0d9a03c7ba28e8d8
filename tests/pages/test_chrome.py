"""The frame around every page: name, menu, languages, account, footer."""

import re
from datetime import UTC, date, datetime

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format

from pages.chrome import build_frame
from pages.languages import path_in
from pages.models import SiteLook
from tests.factories.pages import make_news

pytestmark = pytest.mark.django_db


def text(response) -> str:
    return response.content.decode()


def test_frame_names_the_municipality_and_its_menu(waterveen, client):
    page = text(client.get("/"))

    assert page.count("Gemeente Waterveen") >= 2
    assert re.findall(r'class="pm-nav__link" href="([^"]*)"', page)[:2] == ["/zo-werkt-het/", "/nieuws/"]


def test_section_of_this_page_is_marked_in_the_menu(waterveen, client):
    page = text(client.get("/nieuws/"))

    assert set(re.findall(r'href="([^"]*)" aria-current="true"', page)) == {"/nieuws/"}


def test_theme_is_one_class_and_one_file(waterveen):
    """The journeys serve a page in one theme and switch to the other on the spot; nothing else may differ."""
    browser, seen = Client(), set()
    browser.cookies["own"] = "1"  # never answered from the page cache
    for theme in SiteLook.Theme.values:
        waterveen.look.theme = theme
        waterveen.look.save()
        cache.clear()
        page = text(browser.get("/"))
        assert (page.count(f"pm-theme-{theme}"), page.count(f"themes/{theme}.css")) == (1, 1)
        seen.add(page.replace(f"pm-theme-{theme}", "").replace(f"themes/{theme}.css", ""))
    assert len(seen) == 1


def test_page_outside_the_menu_or_unpublished_is_not_in_it(waterveen, client):
    waterveen.about.unpublish()

    assert "/zo-werkt-het/" not in text(client.get("/zoeken/"))


def test_footer_links_accessibility_privacy_sitemap_and_open_data(waterveen, client):
    page = text(client.get("/"))

    assert re.findall(r'class="pm-footer__link" href="([^"]*)"', page) == [
        "/toegankelijkheid/",
        "/privacy/",
        "/sitemap/",
        "/open-data/",
    ]
    assert 'href="/open-data/"' in text(client.get("/sitemap/")).split("<main")[1].split("</main")[0]


def test_dates_in_english_are_written_one_way(waterveen):
    with translation.override("en"):
        assert date_format(date(2026, 11, 17), "DATE_FORMAT") == "17 November 2026"
        assert date_format(datetime(2026, 12, 23, 20, 0, tzinfo=UTC), "DATETIME_FORMAT") == "23 December 2026, 20:00"


def test_cold_frame_costs_two_queries_beside_the_site(waterveen, django_assert_num_queries):
    with django_assert_num_queries(2):
        frame = build_frame(waterveen.site)

    assert [link.title for link in frame.menu][:2] == ["Zo werkt het", "Nieuws"]


def test_warm_frame_costs_no_query(waterveen, client_for, bram, django_assert_num_queries):
    """Also for who is logged in: only the session and the account are read."""
    browser = client_for(bram)
    browser.get("/zoeken/")

    with django_assert_num_queries(2):
        browser.get("/zoeken/")


def test_page_stays_in_the_frame_of_the_theme(waterveen, client):
    waterveen.look.theme = "meadow"
    waterveen.look.save()

    page = text(client.get("/"))

    assert "pm-theme-meadow" in page
    assert "themes/meadow.css" in page


def test_breadcrumb_leads_back_home(waterveen, client):
    make_news(waterveen.news)

    page = text(client.get("/nieuws/bericht-1/"))

    crumbs = page[page.index("pm-breadcrumb") :]
    assert re.findall(r'href="([^"]*)"', crumbs)[:2] == ["/", "/nieuws/"]
    assert re.search(r'aria-current="page">Bericht 1<', crumbs)


def test_home_page_has_no_breadcrumb(waterveen, client):
    assert "pm-breadcrumb" not in text(client.get("/"))


def test_first_link_skips_to_the_text(waterveen, client):
    page = text(client.get("/"))

    assert re.search(r'<a [^>]*href="([^"]*)"', page)[1] == "#main"
    assert 'id="main"' in page


# --- Account ----------------------------------------------------------------------------------------------


def test_account_menu_leads_to_everything_somebody_made(waterveen, client_for, anna):
    page = text(client_for(anna).get("/"))

    assert re.findall(r'class="pm-account__link" href="([^"]*)"', page) == [
        reverse("account"),
        reverse("proposals:mine"),
        reverse("budget:mine"),
        reverse("notices:inbox"),
        reverse("account_logout"),
    ]


def test_anonymous_visitor_logs_in_and_comes_back(waterveen, client):
    page = text(client.get("/zo-werkt-het/"))

    assert f'href="{reverse("account_login")}?next=%2Fzo-werkt-het%2F"' in page


def test_resident_sees_own_name_and_no_way_to_the_admin(waterveen, client_for, anna):
    page = text(client_for(anna).get("/"))

    assert "Anna" in page
    assert 'href="/beheer/"' not in page


def test_staff_find_the_admin(waterveen, client_for, dirk):
    assert 'href="/beheer/"' in text(client_for(dirk).get("/"))


def test_name_is_only_text(waterveen, client_for, anna):
    anna.user.display_name = "<script>alert(1)</script>"
    anna.user.save()

    assert "<script>alert" not in text(client_for(anna).get("/"))


# --- Languages ----------------------------------------------------------------------------------------------


def test_language_switch_goes_to_the_same_page(waterveen, client):
    assert 'href="/en/zoeken/?q=boom"' in text(client.get("/zoeken/?q=boom"))
    assert 'href="/zoeken/?q=boom"' in text(client.get("/en/zoeken/?q=boom"))


def test_every_language_is_named_for_search_engines(waterveen, client):
    page = text(client.get("/en/zo-werkt-het/"))

    found = re.findall(
        r'<link rel="alternate" hreflang="(\w+)" href="[^"]*?(/[^/"][^"]*)"', page.replace("http://", "")
    )
    assert found == [("nl", "/zo-werkt-het/"), ("en", "/en/zo-werkt-het/")]


@pytest.mark.parametrize("headers", [{"accept-language": "en"}, {"cookie": "django_language=en"}])
def test_browser_does_not_decide_the_language(waterveen, headers):
    """The mutant with Django's own middleware and a prefix for Dutch sends this visitor to /en/."""
    response = Client().get("/zo-werkt-het/", headers=headers)

    assert response.status_code == 200
    assert '<html class="' in text(response)
    assert 'lang="nl"' in text(response)[:200]
    assert "Accept-Language" not in response.headers.get("Vary", "")


def test_dutch_text_says_so_in_the_english_frame(waterveen, client):
    page = text(client.get("/en/zo-werkt-het/"))

    assert re.search(r'<article lang="nl">', page)
    assert 'lang="en"' in page[:200]


@pytest.mark.parametrize(
    ("path", "language", "expected"),
    [
        ("/", "en", "/en/"),
        ("/en/", "nl", "/"),
        ("/nieuws/", "en", "/en/nieuws/"),
        ("/en/nieuws/", "nl", "/nieuws/"),
        ("/en/nieuws/", "en", "/en/nieuws/"),
        ("/english/", "nl", "/english/"),
        ("/en//evil.example/", "nl", "/evil.example/"),
        ("//evil.example/", "nl", "/evil.example/"),
        ("//evil.example/", "en", "/en/evil.example/"),
        ("/en/\\evil.example/", "nl", "/evil.example/"),
    ],
)
def test_switch_never_leaves_the_site(path, language, expected):
    """The mutant that only cuts off the prefix turns /en//evil.example/ into an address on another site."""
    assert path_in(path, language) == expected


def test_switch_on_a_strange_address_stays_here(waterveen, client):
    page = text(client.get("/en//evil.example/"))

    assert 'href="//' not in page


def test_log_in_link_keeps_a_strange_address_inside_next(waterveen, client):
    page = text(client.get("//evil.example/"))

    assert 'href="//evil' not in page
