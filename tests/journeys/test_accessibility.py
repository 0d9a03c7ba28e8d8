"""axe over every page type and state: both themes, with and without scripts (WCAG 2.2 AA with target size)."""

from collections.abc import Iterator

import pytest
from django.urls import reverse

from pages.models import SiteLook
from proposals.actions import answer
from tests.factories.ballots import cast
from tests.factories.proposals import make_comment, make_submission
from tests.factories.referendum import make_referendum
from tests.journeys import world
from tests.journeys.conftest import RULES_OF_LOOKS, axe_violations, switch_theme

EMPTY_EVERYTHING = """document.querySelectorAll('main form input[type=text], main form textarea').forEach(
    field => { field.value = '' })"""

OVERLAPPING_CELLS = """[...document.querySelectorAll('tbody th, tbody td')]
    .filter(cell => cell.scrollHeight > cell.clientHeight).map(cell => cell.innerText)"""

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def home(site_root):
    return world.make_home(site_root)


@pytest.fixture
def index(home):
    return world.make_index(home)


@pytest.fixture
def site(home, index, places, anna, bram, dirk, clerk, tmp_path):
    """A municipality with something of everything."""
    texts = world.make_texts(home)
    proposals = world.make_proposals(index)
    submission = make_submission(proposals, anna.user, area=places.harbour, latitude=52.005, longitude=5.005)
    make_comment(submission.thread, bram.user)
    answered = make_submission(proposals, bram.user, state="assessed")
    answer(answered, "accepted", actor=dirk, reason="Het past.", text="Wij doen het.", now=answered.published_at)
    budget = world.make_open_budget(index, clerk)
    past = world.make_published_budget(budget.process, dirk, tmp_path)
    return {
        "index": index,
        "texts": texts,
        "proposals": proposals,
        "submission": submission,
        "answered": answered,
        "budget": budget,
        "past": past,
        "referendums": world.make_referendums(home, clerk),
    }


def public_pages(site) -> Iterator[str]:
    """Pages for everybody."""
    texts, budget, past = site["texts"], site["budget"], site["past"]
    pages = (
        texts.content,
        texts.statement,
        texts.news,
        texts.item,
        texts.areas,
        texts.area,
        site["index"],
        site["proposals"],
    )
    yield from ["/", "/en/", *(page.get_url() for page in (*pages, budget.process, budget.page, past.page))]
    yield from [
        f"{site['proposals'].get_url()}?zoek=bestaatniet",
        f"/voorstellen/{site['submission'].pk}/",
        f"/voorstellen/{site['answered'].pk}/",
    ]
    yield from [
        reverse("budget:plans", args=[budget.page.pk]),
        reverse("budget:plan", args=[budget.plans[0].pk]),
        reverse("budget:result", args=[past.page.pk]),
    ]
    yield from [page.get_url() for page in site["referendums"]]
    yield reverse("referendums:frame", args=[site["referendums"][0].pk])
    # The pages of a ballot, in every state: `test_ballot_states`.
    yield from ["/stemmen/", f"/stemmen/{budget.vote.pk}/", f"/stemmen/{past.vote.pk}/"]
    yield from [
        "/zoeken/",
        "/zoeken/?q=voorstel",
        "/zoeken/?q=bestaatniet",
        "/sitemap/",
        "/open-data/",
        "/waar-woon-ik/",
        "/bestaat-niet/",
    ]
    yield from ["/account/login/", "/account/login/code/", "/account/signup/", "/account/password/reset/"]


def own_pages(site) -> Iterator[str]:
    """Pages for Anna, logged in."""
    budget = site["budget"]
    yield from [
        "/",
        f"/voorstellen/{site['submission'].pk}/",
        f"/voorstellen/indienen/{site['proposals'].pk}/",
        "/voorstellen/mijn/",
        "/plannen/mijn/",
    ]
    yield from [
        f"/stemmen/{budget.vote.pk}/",
        "/berichten/",
        "/berichten/voorkeuren/",
    ]
    yield from [
        "/mijn-gegevens/",
        "/mijn-gegevens/wijzigen/",
        "/mijn-gegevens/adres/",
        "/mijn-gegevens/sluiten/",
        "/briefcode/",
    ]
    yield from ["/account/2fa/", "/account/sessions/", "/account/email/", "/account/logout/"]


def found_on(page, urls, other_themes) -> dict[str, list[str]]:
    """address → what axe and the reflow check find there in each theme; only pages with findings."""
    findings = {}
    for url in urls:
        answer = page.goto(url)
        assert answer.status in (200, 404), (url, answer.status)
        found = _seen_on(page)
        for theme in other_themes:
            switch_theme(page, theme)
            found += [f"{theme}: {finding}" for finding in _seen_on(page, only=RULES_OF_LOOKS)]
        if found:
            findings[url] = found
    return findings


def _seen_on(page, **only) -> list[str]:
    return axe_violations(page, **only) + too_wide(page) + tables_cut_off(page)


def too_wide(page) -> list[str]:
    """Nothing scrolls sideways (WCAG 1.4.10)."""
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [f"scrolls sideways by {width} px"] if width > 0 else []


def tables_cut_off(page) -> list[str]:
    """The tables of which a column is out of sight: their beginning."""
    return page.evaluate(
        """[...document.querySelectorAll('.pm-table-scroll')].filter(box => box.scrollWidth > box.clientWidth)
            .map(box => box.innerText.slice(0, 60))"""
    )


@pytest.mark.parametrize(("theme", "scripts"), [("river", True), ("meadow", False)])
def test_every_page_is_accessible(site, open_page, client_for, anna, theme, scripts):
    """Served in one theme and switched to the others on the spot; a theme is one file (tests/pages/test_chrome.py)."""
    SiteLook.objects.update_or_create(site_id=site["index"].get_site().pk, defaults={"theme": theme})
    others = [name for name in SiteLook.Theme.values if name != theme]
    visitor = open_page(scripts=scripts, width=1280 if scripts else 320)
    assert found_on(visitor, public_pages(site), others) == {}
    own = open_page(client_for(anna), scripts=scripts, width=320 if scripts else 1280)
    assert found_on(own, own_pages(site), others) == {}


@pytest.fixture
def budget(index, places, clerk, anna):
    """An open budget in which Anna can vote."""
    return world.make_open_budget(index, clerk)


def test_forms_with_errors_and_ballots_are_accessible(index, budget, open_page, client_for, anna):
    vote, proposals = budget.vote, world.make_proposals(index)
    page = open_page(client_for(anna), width=320)
    page.goto(f"/stemmen/{vote.pk}/kiezen/")
    for plan in page.locator('fieldset input[name^="choice-"]').all():
        plan.check()
    page.click('button[value="check"]')
    page.wait_for_function("document.title.startsWith('Fout')")
    assert axe_violations(page) == []
    assert "30.000" in page.inner_text(".pm-field__error")  # four plans cost 130.000, the pot is 100.000
    page.locator("label", has_text="Fietsenstalling").click()
    page.click('button[value="check"]')
    assert axe_violations(page) == []
    page.click('form[action$="/uitbrengen/"] button')
    assert axe_violations(page) == []
    for url in (f"/voorstellen/indienen/{proposals.pk}/", "/mijn-gegevens/wijzigen/"):
        page.goto(url)
        page.evaluate(EMPTY_EVERYTHING)
        page.click('main form button[type="submit"]')
        page.wait_for_function("document.title.startsWith('Fout')")
        assert page.evaluate("document.activeElement.closest('[role=alert], .pm-error-summary') !== null"), url
        assert axe_violations(page) == [], url


def test_vote_that_was_cast_looks_right(budget, open_page, client_for, anna):
    cast(budget.vote, anna, chosen=(1,))
    page = open_page(client_for(anna), width=320)
    page.goto(f"/stemmen/{budget.vote.pk}/")
    assert axe_violations(page) + too_wide(page) == []


def test_arguments_stand_side_by_side_where_there_is_room(home, open_page):
    page = open_page()
    page.goto(make_referendum(home).get_url())
    for width, beside in ((1280, True), (320, False)):
        page.set_viewport_size({"width": width, "height": 900})
        first, second = [side.bounding_box() for side in page.locator(".pm-sides > div").all()]
        assert (first["y"] == second["y"], first["x"] == second["x"]) == (beside, not beside)


def test_phone_shows_why_a_plan_won_without_scrolling_sideways(budget, dirk, tmp_path, open_page):
    """Taking `pm-table--stacked` from the table fails here: the last column then lies beyond the edge."""
    past = world.make_published_budget(budget.process, dirk, tmp_path)
    for scripts in (True, False):
        page = open_page(width=320, scripts=scripts)
        for url in (reverse("budget:result", args=[past.page.pk]), f"/stemmen/{past.vote.pk}/"):
            page.goto(url)
            page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true })")
            last = page.locator("tbody tr > :last-child")
            edges = [cell.bounding_box() for cell in last.all()]
            assert len(edges) >= 2
            assert [edge for edge in edges if edge["x"] < 0 or edge["x"] + edge["width"] > 320] == []
            assert tables_cut_off(page) == []
            assert page.evaluate(OVERLAPPING_CELLS) == []
            assert page.get_by_role("columnheader").count() >= 4
            assert axe_violations(page) == []
