"""The whole way of a contribution and of a vote, in a real browser.

Anna works without JavaScript. Dirk moderates and publishes in the admin. A real Celery worker closes, counts and tells.
"""

import re
import time

import pytest
from celery import current_app
from django.conf import settings
from django.urls import reverse

from ballots.models import Ballot, RollEntry, Vote
from budget.models import Plan
from conversation.models import ModerationCase
from notices.models import OutboxLine
from proposals.models import Submission
from tests.factories.ballots import cast
from tests.factories.people import PASSWORD
from tests.journeys import world

pytestmark = pytest.mark.django_db(transaction=True)

CODE = re.compile(r"(?:[0-9A-Z]{4}-){5}[0-9A-Z]{4}")
VOTE_SECONDS = 20
FOCUS_SHOWS = """() => {
    const element = document.activeElement;
    if (element === document.body) return true;
    const style = getComputedStyle(element), box = element.getBoundingClientRect();
    const marked = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== 'none';
    return marked && box.bottom > 0 && box.top < innerHeight;
}"""


@pytest.fixture
def index(site_root, places, anna):
    """The page below which processes stand."""
    return world.make_index(world.make_home(site_root))


def wait_until(condition, *, seconds=180, ask=lambda: None):
    """Waits for what a worker does; `ask` is repeated, as beat does."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the worker did not do it in time"
        ask()
        time.sleep(1)


def tick() -> None:
    """Asks for what beat asks for every minute or more often."""
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        if entry["schedule"] <= 60:
            current_app.send_task(entry["task"])


def state_of(submission) -> str:
    return Submission.objects.values_list("state", flat=True).get(pk=submission.pk)


def test_proposal_travels_from_form_to_support(index, open_page, client_for, anna, bram, dirk):
    page = world.make_proposals(index)

    browser = open_page(client_for(anna), javascript=False, width=320)
    browser.goto(page.url)
    browser.click(f'main a[href$="/voorstellen/indienen/{page.pk}/"]')
    browser.fill('[name="title"]', "Bankjes langs het water")
    browser.fill('[name="text"]', "Langs het water kunt u nergens zitten. Drie bankjes helpen.")
    browser.select_option('[name="theme"]', label="Groen")
    browser.fill('[name="postcode"]', "1234 AB")
    browser.fill('[name="house_number"]', "1")
    browser.click('button[value="check"]')
    assert "Bankjes langs het water" in browser.inner_text("main dl")
    browser.click('main form button[type="submit"]')
    submission = Submission.objects.get()
    assert (submission.state, submission.area.name) == ("held", "Havenbuurt")

    # Her first proposal waits for a moderator; nobody else sees it.
    assert open_page().goto(f"/voorstellen/{submission.pk}/").status == 404
    moderator = open_page(client_for(dirk))
    moderator.goto(reverse("moderation:edit", args=[ModerationCase.objects.get().pk]))
    moderator.check('[name="decision"][value="publish"]')
    moderator.click('main form button[type="submit"]')
    assert state_of(submission) == "collecting"

    neighbour = open_page(client_for(bram), javascript=False, width=320)
    neighbour.goto(f"/voorstellen/{submission.pk}/")
    neighbour.click("#support button")
    submission.refresh_from_db()
    assert submission.support_count == 1


def vote_in_browser(page, vote, *titles) -> str:
    """Choose, check, cast; returns the receipt code on the page."""
    page.goto(f"/stemmen/{vote.pk}/")
    page.click(f'main a[href$="/stemmen/{vote.pk}/kiezen/"]')
    for title in titles:
        page.locator("label", has_text=title).click()
    page.click('button[value="check"]')
    code = CODE.search(page.inner_text("main")).group()
    page.click('form[action$="/uitbrengen/"] button')
    assert CODE.search(page.inner_text("main")).group() == code
    return code


def test_vote_travels_from_ballot_to_told_result(index, open_page, client_for, places, anna, bram, dirk, clerk, worker):
    neighbours = world.make_neighbours(places.harbour, 3)
    budget = world.make_open_budget(index, clerk, seconds=VOTE_SECONDS)
    Plan.objects.filter(title="Bomenlaan").update(submitter=bram.user)

    browser = open_page(client_for(anna), javascript=False, width=320)
    code = vote_in_browser(browser, budget.vote, "Speeltuin", "Bomenlaan")
    assert code not in browser.url
    for neighbour in neighbours:
        cast(budget.vote, neighbour, chosen=(2, 4))
    invited = RollEntry.objects.filter(vote=budget.vote)
    assert (invited.count(), invited.filter(has_cast=True).count(), Ballot.objects.count()) == (5, 4, 4)

    # The clock of the database closes; the worker counts.
    wait_until(lambda: Vote.objects.get().state == "counted", ask=tick)
    result_url = reverse("budget:result", args=[budget.page.pk])
    assert open_page().goto(result_url).status == 404

    officer = open_page(client_for(dirk))
    officer.goto(reverse("vote:publish", args=[budget.vote.pk]))
    officer.click('main form[method="post"] button.button')
    # He proves once more that it is he; then what he asked goes on.
    officer.fill('[name="password"]', PASSWORD)
    officer.click('main form button[type="submit"]')
    wait_until(lambda: Vote.objects.get().state == "published", seconds=10)

    # Everybody who voted, and who brought a plan, hears of it.
    told = OutboxLine.objects.filter(state="sent")
    wait_until(lambda: told.filter(kind="ballots.result").count() == 4, ask=tick)
    wait_until(lambda: told.filter(kind="budget.plan_outcome", recipient=bram.user).exists(), ask=tick)

    visitor = open_page(javascript=False, width=320)
    assert visitor.goto(result_url).status == 200
    words = visitor.inner_text("main")
    assert all(title in words for title, _cost in world.PLANS)
    assert visitor.evaluate("document.documentElement.scrollWidth") <= 320


def test_vote_by_keyboard_alone(index, open_page, client_for, anna, clerk):
    budget = world.make_open_budget(index, clerk)
    page = open_page(client_for(anna))
    page.goto(f"/stemmen/{budget.vote.pk}/kiezen/")
    reach(page, "document.activeElement.name === 'choice-1'")
    page.keyboard.press("Space")
    reach(page, "document.activeElement.value === 'check'")
    page.keyboard.press("Enter")
    page.wait_for_selector('form[action$="/uitbrengen/"]')
    reach(page, "document.activeElement.closest('form[action$=\"/uitbrengen/\"]') !== null")
    page.keyboard.press("Enter")
    page.wait_for_url("**/uitbrengen/")
    assert CODE.search(page.inner_text("main"))
    assert Ballot.objects.count() == 1


def reach(page, condition: str) -> None:
    """Presses Tab until the focus is where it should be; each stop on the way must show its focus."""
    for _stop in range(80):
        page.keyboard.press("Tab")
        assert shows_focus(page), page.evaluate("document.activeElement.outerHTML")
        if page.evaluate(condition):
            return
    raise AssertionError(f"the keyboard does not reach {condition}")


def shows_focus(page) -> bool:
    """Whether the focused element comes into view and has an outline or shadow (WCAG 2.4.7, 2.4.11)."""
    for _try in range(20):
        if page.evaluate(FOCUS_SHOWS):
            return True
        page.wait_for_timeout(100)  # the page may still be scrolling
    return False
