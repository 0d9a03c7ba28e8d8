"""The list of proposals follows the filters: at once with scripts, with the button without."""

import pytest

from tests.factories.proposals import make_proposals_page, make_submission, make_theme
from tests.journeys.conftest import axe_violations


@pytest.fixture
def page_of_proposals(transactional_db, site_root):
    page = make_proposals_page(site_root)
    make_submission(page, title="Meer bomen", theme=make_theme("Groen"), latitude=52.0, longitude=5.0)
    make_submission(page, title="Een drempel", theme=make_theme("Verkeer"), latitude=52.0, longitude=5.0)
    return page


def titles(page):
    return page.locator("#proposals h3").all_inner_texts()


def test_list_follows_a_choice_without_loading_the_page_again(page_of_proposals, open_page):
    page = open_page()
    page.goto(page_of_proposals.url)
    page.evaluate("window.stays = true")
    page.get_by_label("Thema").focus()
    page.get_by_label("Thema").select_option("groen")
    page.wait_for_url("**theme=groen**")
    assert (titles(page), page.evaluate("window.stays")) == (["Meer bomen"], True)
    assert page.locator("#proposals-count").inner_text() == page.locator("#results").inner_text()
    assert page.evaluate("document.activeElement.name") == "theme"
    # The new list has a map of its own that works, and the address can be shared.
    page.locator(".pm-map__button").click()
    page.locator(".leaflet-container").wait_for()
    assert axe_violations(page) == []
    page.reload()
    assert titles(page) == ["Meer bomen"]
    page.go_back()
    page.wait_for_function("document.querySelectorAll('#proposals h3').length === 2")


def test_button_filters_without_scripts(page_of_proposals, open_page):
    page = open_page(javascript=False)
    page.goto(page_of_proposals.url)
    page.get_by_label("Thema").select_option("verkeer")
    page.get_by_role("button", name="Toon voorstellen").click()
    assert titles(page) == ["Een drempel"]
