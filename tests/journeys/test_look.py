"""The look in a real browser: every component in both themes, small screens, big letters, keyboard, no script."""

import pytest

from pages.models import ContentPage
from tests.factories.pages import make_news, make_site
from tests.journeys.checks import findings
from tests.journeys.conftest import axe_violations

WIDTHS = [320, 768, 1280]
RING = """element => {
  const style = getComputedStyle(element)
  return [style.outlineStyle, parseFloat(style.outlineWidth), (style.boxShadow.match(/rgb/g) || []).length]
}"""
TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture
def waterveen(transactional_db, site_root):
    site = make_site(site_root)
    make_news(site.news)
    return site


@pytest.mark.parametrize("theme", ["river", "meadow"])
@pytest.mark.parametrize("scripts", [True, False])
def test_every_component_is_accessible(waterveen, open_page, client_for, dirk, theme, scripts):
    page = open_page(client_for(dirk), scripts=scripts)
    page.goto(f"/stijl/?thema={theme}")

    assert axe_violations(page) == []


PUBLIC = (
    "/",
    "/zo-werkt-het/",
    "/nieuws/",
    "/zoeken/?q=bericht",
    "/sitemap/",
    "/nietes/",
    "/privacy/",
    "/waar-woon-ik/",
)
OWN = ("/mijn-gegevens/", "/mijn-gegevens/wijzigen/", "/mijn-gegevens/adres/", "/briefcode/", "/account/sessions/")


@pytest.mark.parametrize("width", [320, 1280])
def test_pages_of_the_municipality_are_accessible(waterveen, open_page, client_for, anna, width):
    """With the keyboard too: axe does not see a hidden label, or a heading that stays small when letters grow."""
    found = {}
    for page, paths in ((open_page(width=width), PUBLIC), (open_page(client_for(anna), width=width), OWN)):
        for path in paths:
            page.goto(path)
            found[path] = findings(page, keyboard=width == 1280)

    assert {path: lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_sticks_out(waterveen, open_page, client_for, dirk, width):
    page = open_page(client_for(dirk), width=width)
    wide = []
    for path in ("/stijl/?thema=river", "/", "/nieuws/", "/zoeken/?q=bericht"):
        page.goto(path)
        wide += [path] if page.evaluate(TOO_WIDE) else []

    assert wide == []


ARROWS_ALONE = """[...document.querySelectorAll('.pm-breadcrumb li')].filter(item =>
    item.firstElementChild.getBoundingClientRect().top - item.getBoundingClientRect().top > 4).map(item => item.innerText)"""


def test_arrow_of_the_breadcrumb_stays_beside_its_text(waterveen, open_page):
    """The mutant without `display: flex` leaves an arrow alone on a line when its text needs more than one."""
    long = waterveen.about.add_child(
        instance=ContentPage(title="Waar gaat de volgende jaren de aandacht naartoe?", slug="lang")
    )
    page = open_page(width=320)
    page.goto(long.get_url())

    assert page.locator(".pm-breadcrumb li").count() == 3
    assert page.locator(".pm-breadcrumb li").last.bounding_box()["height"] > 40
    assert page.evaluate(ARROWS_ALONE) == []


def test_what_just_happened_stands_above_the_picture_of_the_home_page(waterveen, open_page, client_for, anna):
    page = open_page(client_for(anna), width=320, javascript=False)
    page.goto("/account/logout/")
    page.click("main form button[type=submit]")

    said = page.locator(".pm-messages")
    assert page.url.endswith("/")
    assert said.bounding_box()["y"] + said.bounding_box()["height"] <= page.locator(".pm-hero").bounding_box()["y"]


def test_letters_of_twice_the_size_fit(waterveen, open_page, client_for, dirk):
    """WCAG 1.4.4; the size is set from outside the page, as a visitor's own setting would."""
    page = open_page(client_for(dirk), width=1280)
    wide = []
    for path in ("/stijl/?thema=river", "/"):
        page.goto(path)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        wide += [path] if page.evaluate(TOO_WIDE) else []

    assert wide == []


def test_menu_opens_by_keyboard_without_script(waterveen, open_page):
    page = open_page(width=320, javascript=False)
    page.goto("/")
    page.locator("summary.pm-menu__summary").focus()
    page.keyboard.press("Enter")
    page.locator(".pm-menu .pm-nav__link").first.click()

    assert page.url.endswith("/zo-werkt-het/")


def test_escape_closes_the_menu_and_gives_focus_back(waterveen, open_page):
    page = open_page(width=320)
    page.goto("/")
    page.locator("summary.pm-menu__summary").click()
    page.locator(".pm-menu .pm-nav__link").first.focus()
    page.keyboard.press("Escape")

    assert page.locator("details.pm-menu").get_attribute("open") is None
    assert page.evaluate("document.activeElement.className") == "pm-menu__summary"


def test_focus_is_seen_on_every_stop(waterveen, open_page):
    """The mutant stylesheet with `outline: none` fails here; axe does not notice it."""
    page = open_page()
    page.goto("/")
    stops = []
    for _stop in range(25):
        page.keyboard.press("Tab")
        focused = page.evaluate_handle("document.activeElement")
        if page.evaluate("element => element === document.body", focused):
            break
        stops.append(page.evaluate(RING, focused))

    assert len(stops) > 8
    assert [stop for stop in stops if stop[0] != "solid" or stop[1] < 2 or stop[2] < 3] == []


def test_skip_link_comes_first_and_leads_to_the_text(waterveen, open_page):
    page = open_page()
    page.goto("/zo-werkt-het/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "main"


@pytest.mark.parametrize("javascript", [True, False])
def test_summary_takes_focus_and_leads_to_the_field(waterveen, open_page, javascript):
    page = open_page(javascript=javascript)
    page.goto("/account/login/")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_selector("#error-summary-heading")

    assert page.title().startswith("Fout: ") or page.title().startswith("Error: ")
    assert page.locator("#error-summary-heading").evaluate("element => element === document.activeElement")
    page.locator(".pm-error-summary__list a").first.click()
    assert page.locator("#id_login").evaluate("element => element === document.activeElement")


def test_browser_finds_nothing_that_our_policy_forbids(waterveen, open_page):
    page = open_page()
    complaints = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    for path in ("/", "/nieuws/", "/zoeken/?q=bericht", "/account/login/"):
        page.goto(path)

    assert complaints == []
