"""What a script adds to a ballot: a sum while choosing, looking among many options, buttons that put options in order. And paper."""

import json
import re
from html import unescape

import pytest

from ballots.models import Ballot
from tests.ballots.test_explained_page import BALLOTS, published
from tests.ballots.test_long_ballots import filled, make_long_vote
from tests.ballots.test_voting_pages import code_on
from tests.factories.ballots import make_forms_vote, open_by_two
from tests.journeys import ballot_states, world
from tests.journeys.checks import show
from tests.journeys.test_whole_way import reach

pytestmark = pytest.mark.django_db(transaction=True)

SAID = "document.querySelector('.pm-question [role=status]').textContent"
CLICK_ONE_BY_ONE = """async () => {
    for (const box of document.querySelectorAll('[name=choice-1]')) {
        box.click()
        await new Promise((then) => setTimeout(then, 50))
    }
}"""
COUNT_WHAT_IS_SAID = """() => {
    window.said = []
    const line = document.querySelector('.pm-question [role=status]')
    new MutationObserver(() => window.said.push(line.textContent)).observe(line, {childList: true})
}"""


@pytest.fixture
def home(site_root, places, anna):
    return world.make_home(site_root)


@pytest.fixture
def open_ballot(home, open_page, client_for, anna):
    """The ballot of a vote before Anna, with scripts. What the browser complains of fails the test: our policy is strict."""
    complaints = []

    def open_it(vote, *, path="/stemmen/{}/kiezen/", **options):
        page = open_page(client_for(anna), **options)
        if options.get("scripts", True):
            page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path.format(vote.pk))
        return page

    yield open_it
    assert complaints == []


# --- The sum ---------------------------------------------------------------------------------------------------------


# One after another: something, then too much, then less again or what is no number.
STEPS = (
    lambda page: page.check('[name="choice-1"][value="1"]'),
    lambda page: (page.check('[name="choice-1"][value="2"]'), page.check('[name="choice-1"][value="4"]')),
    lambda page: page.uncheck('[name="choice-1"][value="2"]'),
    lambda page: page.check('[name="choice-2"][value="5"]'),
    lambda page: (page.check('[name="choice-2"][value="6"]'), page.check('[name="choice-2"][value="7"]')),
    lambda page: page.fill('[name="points-9"]', "4"),
    lambda page: page.fill('[name="points-10"]', "12"),
    lambda page: page.fill('[name="points-10"]', "veel"),
)
FILLED_IN = "[...new FormData(document.querySelector('main form'))]"


def sums_of(response):
    """What the server says of each question; nothing of one where nothing is filled in."""
    return [unescape(text) for text in re.findall(r'class="pm-tally__text">([^<]*)<', response.content.decode())]


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_script_says_the_sum_in_the_words_of_the_server(open_ballot, client_for, anna, prefix):
    vote, client = open_by_two(make_forms_vote("knapsack", "approval", "points")), client_for(anna)
    page = open_ballot(vote, path=prefix + "/stemmen/{}/kiezen/")
    marks = set()
    for step in STEPS:
        step(page)
        fields = {}
        for name, value in page.evaluate(FILLED_IN):
            fields.setdefault(name, []).append(value)
        said = sums_of(client.post(f"{prefix}/stemmen/{vote.pk}/kiezen/", {**fields, "step": "sum"}))
        for tally, text in zip(page.locator(".pm-tally").all(), said, strict=True):
            shown, is_over = tally.inner_text(), "pm-tally--over" in tally.get_attribute("class")
            assert text in ("", shown)
            assert is_over is bool(re.search("te veel|too m", shown))
            marks.add(is_over)
    assert marks == {True, False}


def test_sum_is_read_aloud_once_when_somebody_stops(open_ballot):
    """Every change at once would drown what a screen reader says of the boxes themselves."""
    page = open_ballot(open_by_two(make_forms_vote("approval")))
    page.evaluate(COUNT_WHAT_IS_SAID)
    page.evaluate(CLICK_ONE_BY_ONE)
    page.wait_for_function(f"() => {SAID} !== ''")
    assert page.evaluate("window.said") == ["U koos er 4, maar het mogen er 2 zijn. Dat is 2 te veel."]
    assert page.locator(".pm-question [role=status]").get_attribute("aria-live") is None  # a status is polite by itself


# --- In order ---------------------------------------------------------------------------------------------------------


def shown_order(page):
    rows = page.locator(".pm-option").all()
    return [(row.locator("label").inner_text(), row.locator("select").input_value()) for row in rows]


def focused(page):
    return page.evaluate("document.activeElement.textContent")


def test_options_are_ranked_with_buttons_by_keyboard(open_ballot):
    """Focus stays on the button of the option that moved; what moved and the new order are read aloud."""
    page = open_ballot(open_by_two(make_forms_vote("ranking")))
    for title in ("Fietsenrek", "Bankjes"):
        reach(page, f"document.activeElement.textContent === 'Omhoog: {title}'")
        page.keyboard.press("Enter")
        page.evaluate("document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex')")
    assert shown_order(page) == [("Fietsenrek", "1"), ("Bankjes", "2"), ("Speeltuin", ""), ("Bomen", "")]
    reach(page, "document.activeElement.textContent === 'Omhoog: Bankjes'")
    page.keyboard.press("Enter")
    assert focused(page) == "Omhoog: Bankjes"
    order = "“Bankjes” heeft nu plaats 1. De volgorde is nu: 1 Bankjes, 2 Fietsenrek."
    page.wait_for_function(f"order => {SAID} === order", arg=order)
    page.keyboard.press("Space")
    page.wait_for_function(f"() => {SAID} === '“Bankjes” heeft de eerste plaats al.'")
    reach(page, "document.activeElement.textContent === 'Omlaag: Bomen'")
    page.keyboard.press("Enter")
    page.wait_for_function(f"() => {SAID} === '“Bomen” heeft nog geen plaats.'")
    assert focused(page) == "Omlaag: Bomen"
    reach(page, "document.activeElement.value === 'check'")
    page.keyboard.press("Enter")
    page.wait_for_selector('form[action$="/uitbrengen/"]')
    reach(page, "document.activeElement.closest('form[action$=\"/uitbrengen/\"]') !== null")
    page.keyboard.press("Enter")
    page.wait_for_url("**/uitbrengen/")
    assert json.loads(Ballot.objects.get().payload)["answers"] == {"1": ["1b", "1c"]}


def test_button_mends_places_that_were_chosen_twice_or_passed_over(open_ballot):
    page = open_ballot(open_by_two(make_forms_vote("ranking")))
    for number, place in ((1, "2"), (3, "2"), (4, "4")):
        page.select_option(f'[name="rank-{number}"]', place)
    page.get_by_role("button", name="Omlaag: Speeltuin").click()
    assert shown_order(page) == [("Fietsenrek", "1"), ("Speeltuin", "2"), ("Bomen", "3"), ("Bankjes", "")]


# --- Looking among many options ------------------------------------------------------------------------------------------


def test_search_shows_what_is_found_and_what_is_chosen(open_ballot):
    """Eighty-five plans on a phone. Mutant killed: a search that hides what is chosen."""
    page = open_ballot(make_long_vote("knapsack"), width=320, height=640)
    page.check('[name="choice-1"][value="1"]')
    page.fill(".pm-find__input", "Bankjes straat 8")
    rows = page.locator(".pm-option:visible label")
    titles = [text.split(",")[0] for text in rows.all_inner_texts()]
    assert titles == ["Bomen in straat 1", "Bankjes in straat 80", "Bankjes in straat 85"]
    page.keyboard.press("Enter")
    page.wait_for_function(f"() => {SAID} === '3 van 85 opties. Wat u koos, blijft gekozen.'")
    rows.nth(2).click()
    page.fill(".pm-find__input", "")
    assert rows.count() == 85
    assert page.inner_text(".pm-tally__text") == "Uw keuzes kosten €\u00a02. U kunt nog €\u00a099.998 besteden."
    page.click(".pm-tally__next")
    page.click('button[value="check"]')
    page.wait_for_selector("main .pm-chosen")
    assert page.locator("main .pm-chosen li").count() == 2


def test_enter_in_a_field_of_points_goes_to_the_check_page(open_ballot):
    """The button of the search comes first on the page; with a script it is none that sends."""
    page = open_ballot(make_long_vote("points", 15))
    page.fill('[name="points-1"]', "3")
    page.keyboard.press("Enter")
    page.wait_for_selector('form[action$="/uitbrengen/"]')


# --- On paper --------------------------------------------------------------------------------------------------------------


def pages_on_paper(page) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4", prefer_css_page_size=True)))


@pytest.mark.parametrize("kind", ["every form", "85 places"])
def test_receipt_is_one_page_with_the_code_in_large_groups(home, open_page, client_for, anna, kind):
    is_long = kind == "85 places"
    vote = make_long_vote("ranking") if is_long else ballot_states.make_every_form()
    base, client, page = f"/stemmen/{vote.pk}", client_for(anna), open_page(width=1280)
    fields = filled("ranking") if is_long else ballot_states.FILLED
    checked = client.post(f"{base}/kiezen/", {**fields, "step": "check"})
    receipt = client.post(f"{base}/uitbrengen/", {**fields, "code": code_on(checked)})
    for path, response in ((f"{base}/kiezen/", checked), (f"{base}/uitbrengen/", receipt)):
        show(page, response, path=path)
        assert pages_on_paper(page) == 1
        page.emulate_media(media="print")
        code = page.locator(".pm-code")
        assert float(code.evaluate("element => getComputedStyle(element).fontSize")[:-2]) >= 32
        assert re.fullmatch(r"(?:[0-9A-Z]{4}-){5}[0-9A-Z]{4}", code.inner_text())
        assert vote.title in page.inner_text("main")
        assert [page.is_visible(part) for part in (".pm-footer", ".pm-crumbs", "main button")] == [False] * 3
        page.emulate_media(media="null")


def test_result_on_paper_has_what_is_folded_and_nothing_to_press(home, open_page):
    vote, page = published(BALLOTS), open_page(width=1280)
    page.goto(f"/stemmen/{vote.pk}/")
    assert page.locator("details.pm-fold").count() >= 1
    assert not page.is_visible(".pm-fold__content")
    assert pages_on_paper(page) <= 5
    page.emulate_media(media="print")
    assert page.locator(".pm-fold__content").first.bounding_box()["height"] > 50
    assert [page.is_visible(part) for part in (".pm-footer", ".pm-crumbs", ".pm-ballots .pm-row")] == [False] * 3
