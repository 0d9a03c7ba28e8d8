"""From the card to the receipt in a real browser: with the code that a scanner reads, and typed without JavaScript."""

import pytest
from django.urls import reverse

from ballots.codes import in_groups
from ballots.models import Ballot
from tests.factories.register import line, open_with_codes
from tests.journeys.conftest import axe_violations
from tests.journeys.test_accessibility import too_wide

pytestmark = pytest.mark.django_db(transaction=True)


def test_vote_with_a_card_scanned_or_typed(site_root, open_page):
    """The scanned address never sends the code, and loses it at once. Without JavaScript the same code is typed."""
    vote, [scanned, typed] = open_with_codes(line("1"), line("2"))
    path = reverse("ballots:voting_code", args=[vote.pk])
    page, asked = open_page(width=320), []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{path}#{in_groups(scanned)}")
    assert page.input_value("#id_code") == in_groups(scanned)
    assert page.url.endswith(path)
    assert axe_violations(page) + too_wide(page) == []
    page.click('main form button[type="submit"]')
    vote_on(page)
    assert not any(scanned in url or in_groups(scanned) in url for url in asked)
    page.click("text=Klaar: vergeet mijn stemcode op dit apparaat")
    page.wait_for_url(f"**{reverse('ballots:vote', args=[vote.pk])}")
    assert not any("voting-code" in cookie["name"] for cookie in page.context.cookies())
    page = open_page(javascript=False)
    page.goto(path)
    page.fill("#id_code", in_groups(typed).lower())
    page.click('main form button[type="submit"]')
    vote_on(page)
    assert Ballot.objects.filter(vote=vote).count() == 2


def vote_on(page):
    page.check('[name="choice-1"][value="1"]')
    page.click('button[value="check"]')
    page.click('form[action$="/uitbrengen/"] button')
    page.wait_for_selector("text=Uw stem is ontvangen")
