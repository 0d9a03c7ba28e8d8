"""Staff read the lists of the admin on a phone: each row is a block, each cell says its column."""

import pytest

from tests.journeys import world

WIDER_THAN_PHONE = "[...document.querySelectorAll('table.listing *')].filter(part => part.scrollWidth > 320).length"
FIRST_ROW = "[...document.querySelector('table.listing tbody tr').cells].map(cell => [cell.getAttribute('role'), cell.dataset.label || ''])"
NARROWEST = "Math.min(...[...document.querySelectorAll('table.listing tbody td, table.listing tbody th')].map(cell => cell.clientWidth))"
HEAD_OVER_BODY = """Math.max(...[...document.querySelectorAll('table.listing thead th')]
    .map(cell => cell.getBoundingClientRect().bottom)) - document.querySelector('table.listing tbody').getBoundingClientRect().top"""

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def budget(site_root, places, anna, bram, clerk):
    return world.make_open_budget(world.make_index(world.make_home(site_root)), clerk)


def test_list_of_plans_is_blocks_with_the_names_of_the_columns(budget, open_page, client_for, dirk):
    """Without js/staff-tables.js the title gets a column of two letters wide, and half of the columns is out of sight."""
    page = open_page(client_for(dirk), width=320)
    page.goto("/beheer/plan/")
    page.wait_for_selector("table.pm-staff-table")
    assert page.evaluate(NARROWEST) > 200
    assert page.evaluate(WIDER_THAN_PHONE) == 0
    assert page.evaluate(FIRST_ROW)[:3] == [["cell", ""], ["cell", "Nummer:"], ["cell", "Ronde:"]]
    assert page.evaluate(HEAD_OVER_BODY) <= 0
    assert page.get_by_role("row").count() == 1 + len(budget.plans)


def test_list_that_a_search_brings_is_prepared_too(budget, open_page, client_for, dirk):
    """The mutant without the observer leaves the new table as it is."""
    page = open_page(client_for(dirk), width=320)
    page.goto("/beheer/plan/")
    page.fill("#id_q", budget.plans[0].title)
    page.locator("table.listing tbody tr").nth(1).wait_for(state="detached")
    page.wait_for_selector("table.pm-staff-table")
    assert page.evaluate(NARROWEST) > 200
