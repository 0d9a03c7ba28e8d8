"""Paper and counter in a real browser: a batch entered by keyboard alone, and what a voter sees on the device at the counter."""

import os

import pytest
from django.urls import reverse

from ballots.models import Ballot
from tests.ballots.paper_world import close, send_envelopes
from tests.factories.ballots import make_forms_vote, make_voters, open_by_two
from tests.factories.people import make_user
from tests.journeys import world
from tests.journeys.checks import findings
from tests.journeys.conftest import axe_violations

pytestmark = pytest.mark.django_db(transaction=True)

# Wagtail lets a message come in slowly; half there, it has too little contrast.
MESSAGES_STAND = """() => [...document.querySelectorAll('.messages > ul')].every(
    (list) => !list.children.length || getComputedStyle(list).opacity === '1')"""

# Mutants: take `white-space: normal`, or the whole rule, from buttons in staff.css.
BEYOND_THE_EDGE = """(buttons) => buttons.filter((each) =>
    each.getBoundingClientRect().right > innerWidth || each.scrollWidth > each.clientWidth).map((each) => each.innerText)"""


def axe_in_main(page):
    """What axe finds in the part of the page that is ours; the frame is Wagtail's."""
    page.wait_for_function(MESSAGES_STAND)
    return axe_violations(page, within="main")


def shoot(page, name):
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def type_rows(page, *rows):
    """From the first field on with Tab only."""
    page.locator("#id_line-0-1").focus()
    for row in rows:
        for cell in row:
            page.keyboard.type(cell)
            page.keyboard.press("Tab")


def test_two_persons_enter_a_batch_by_keyboard(site_root, places, open_page, client_for):
    world.make_home(site_root)
    voters = make_voters(3, places.harbour)
    vote = open_by_two(make_forms_vote("yes_no", "ranking", on_paper=True))
    send_envelopes(vote, voters)
    close(vote)
    gerda, otto = make_user("Gerda Griffie", roles=("clerk",)), make_user("Otto Proces", roles=("process manager",))
    one, other = open_page(client_for(gerda), width=320), open_page(client_for(otto))
    one.goto(reverse("vote:paper", args=[vote.pk]))
    assert axe_in_main(one) == []
    shoot(one, "paper-320")
    one.fill("#id_size", "3")
    one.keyboard.press("Enter")
    batch = reverse("vote:batch", args=[vote.pk, 1])
    one.wait_for_url(f"**{batch}")
    type_rows(one, ["1", "1 2 - -"], ["2", "b"], ["1 2", "3 1 2 -"])
    one.keyboard.press("Enter")
    one.wait_for_url("**/paper/**")
    other.goto(batch)
    assert axe_in_main(other) == []
    type_rows(other, ["1", "1 2 - -"], ["2", "zeven"], ["x", "3 1 2 -"])
    other.keyboard.press("Enter")
    other.wait_for_selector("[role=alert]")
    assert axe_in_main(other) == []
    shoot(other, "batch-errors")
    other.fill("#id_line-1-2", "2 1 3 4")
    other.keyboard.press("Enter")
    other.wait_for_selector("text=anders")
    assert axe_in_main(other) == []
    shoot(other, "batch-differences")
    assert Ballot.objects.count() == 0
    other.fill("#id_line-1-1", "2")
    other.fill("#id_line-1-2", "b")
    other.keyboard.press("Enter")
    other.wait_for_url("**/paper/**")
    assert Ballot.objects.filter(channel="paper").count() == 3
    other.goto(reverse("vote:reconcile", args=[vote.pk]))
    assert axe_in_main(other) == []
    shoot(other, "reconcile")


def test_device_at_the_counter(site_root, places, open_page, client_for):
    world.make_home(site_root)
    voters = make_voters(1, places.harbour)
    vote = open_by_two(make_forms_vote("yes_no", at_counter=True, on_paper=True))
    clerk = make_user("Gerda Griffie", roles=("clerk",))
    staff, device = open_page(client_for(clerk)), open_page(client_for(clerk), width=320)
    page = reverse("vote:counter", args=[vote.pk])
    device.goto(page)
    assert device.locator("main .button").evaluate_all(BEYOND_THE_EDGE) == []
    device.click('button[value="prepare"]')
    device.wait_for_url("**/balie/")
    assert findings(device) == []
    shoot(device, "booth-320")
    staff.goto(page)
    staff.fill("#id_who", voters[0].user.email)
    staff.keyboard.press("Enter")
    code = staff.locator('[translate="no"]').inner_text()
    assert axe_in_main(staff) == []
    shoot(staff, "counter")
    device.fill("#id_code", code)
    device.keyboard.press("Enter")
    device.wait_for_url("**/kiezen/")
    device.check('[name="choice-1"][value="1"]')
    device.click('button[value="check"]')
    device.click("text=Breng mijn stem uit")
    device.wait_for_selector("text=Klaar")
    assert findings(device) == []
    shoot(device, "counter-receipt")
    device.click("text=Klaar")
    device.wait_for_url("**/balie/")
    assert Ballot.objects.get().channel == "counter"
    staff.goto(reverse("vote:envelopes", args=[vote.pk]))
    staff.click("text=Beginnen")
    staff.fill("#id_who", voters[0].user.email)
    staff.keyboard.press("Enter")
    staff.wait_for_selector("text=Geweigerd")
    assert axe_in_main(staff) == []
    shoot(staff, "envelopes")
