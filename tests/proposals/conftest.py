"""The page most tests need: proposals of Wijk Oost, three supporters needed."""

import pytest
from django.test import Client

from tests.factories.proposals import make_proposals_page, make_submission


@pytest.fixture
def page(site_root, places):
    """Proposals for everybody who lives in Wijk Oost; all verbs open."""
    return make_proposals_page(site_root, area=places.east)


@pytest.fixture
def submission(page, anna):
    """Anna's proposal, collecting support."""
    return make_submission(page, anna)


@pytest.fixture
def client():
    """An anonymous browser with a cookie of its own: its pages are never answered from the page cache."""
    browser = Client()
    browser.cookies["own"] = "1"
    return browser
