"""Every form of ballot in a real browser, without JavaScript: on a small screen, and by keyboard alone."""

import json

import pytest

from ballots.models import Ballot
from tests.factories.ballots import make_forms_vote, open_by_two
from tests.journeys import world
from tests.journeys.test_whole_way import CODE, reach

pytestmark = pytest.mark.django_db(transaction=True)

FORMS = ("yes_no", "choice", "approval", "ranking", "score", "points", "knapsack")


@pytest.fixture
def every_form(site_root, places, anna, bram):
    """One ballot with every form."""
    world.make_home(site_root)
    return open_by_two(make_forms_vote(*FORMS, text="Zeven vragen.", option_order="random"))


def fill_in(page):
    """An answer to every question; options are numbered through: yes_no 1–2, then four each."""
    page.check('[name="choice-1"][value="1"]')
    page.check('[name="choice-2"][value="blank"]')
    page.check('[name="choice-3"][value="7"]')
    page.select_option('[name="rank-11"]', "2")
    page.select_option('[name="rank-12"]', "1")
    page.select_option('[name="score-15"]', "5")
    page.fill('[name="points-19"]', "10")
    page.check('[name="choice-7"][value="24"]')


def test_whole_ballot_without_javascript_on_a_small_screen(every_form, open_page, client_for, anna):
    page = open_page(client_for(anna), javascript=False, width=320)
    page.goto(f"/stemmen/{every_form.pk}/kiezen/")
    fill_in(page)
    page.click('button[value="check"]')
    page.click('form[action$="/uitbrengen/"] button')
    assert CODE.search(page.inner_text("main"))
    assert json.loads(Ballot.objects.get().payload)["answers"] == {
        "1": ["1a"],
        "2": [],
        "3": ["3a"],
        "4": ["4b", "4a"],
        "5": {"5a": 5},
        "6": {"6a": 10},
        "7": ["7b"],
    }


def test_options_are_ranked_by_keyboard_without_javascript(site_root, places, anna, open_page, client_for):
    """Tab to each list, a figure chooses the place, Enter sends; an error leads back to its list."""
    world.make_home(site_root)
    vote = open_by_two(make_forms_vote("ranking"))
    page = open_page(client_for(anna), scripts=False)
    page.goto(f"/stemmen/{vote.pk}/kiezen/")
    for number, place in ((1, "2"), (3, "2")):
        reach(page, f"document.activeElement.name === 'rank-{number}'")
        page.keyboard.press(place)
    reach(page, "document.activeElement.value === 'check'")
    page.keyboard.press("Enter")
    page.wait_for_selector(".pm-error-summary")
    assert "“Speeltuin” en “Fietsenrek” hebben allebei plaats 2." in page.inner_text(".pm-error-summary")
    # The second line of the summary: both at one place.
    reach(page, "document.activeElement.hash === '#id_rank-3'")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.name || location.hash") in ("rank-3", "#id_rank-3")
    page.focus('[name="rank-3"]')
    page.keyboard.press("1")
    reach(page, "document.activeElement.value === 'check'")
    page.keyboard.press("Enter")
    page.wait_for_selector('form[action$="/uitbrengen/"]')
    assert page.locator("ol.pm-chosen li").all_inner_texts() == ["Fietsenrek", "Speeltuin"]
    reach(page, "document.activeElement.closest('form[action$=\"/uitbrengen/\"]') !== null")
    page.keyboard.press("Enter")
    page.wait_for_url("**/uitbrengen/")
    assert json.loads(Ballot.objects.get().payload)["answers"] == {"1": ["1c", "1a"]}
