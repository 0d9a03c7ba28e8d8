"""The way to a page: few queries, and the same answers as Wagtail's own."""

import pytest
from django.test import Client

from tests.factories.proposals import make_proposals_page


@pytest.fixture
def page(site_root):
    return make_proposals_page(site_root)


def browser() -> Client:
    client = Client()
    client.cookies["own"] = "1"  # not from the page cache
    return client


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/", 200),
        ("/trajecten/traject-1/voorstellen/", 200),
        ("/trajecten/traject-1/", 200),
        ("/trajecten/traject-1/niets/", 404),
        ("/traject-1/", 404),
        ("/voorstellen/", 404),
        ("/trajecten/trajecten/", 404),
        ("/voorstellen/traject-1/trajecten/", 404),
        ("/traject-1/trajecten/voorstellen/", 404),
        ("/trajecten//traject-1/voorstellen/", 404),
        ("/begin/", 404),
    ],
)
def test_address_finds_its_page_only(page, address, status):
    assert browser().get(address).status_code == status


def test_unpublished_page_is_not_found(page):
    assert browser().get(page.url).status_code == 200
    page.unpublish()
    assert browser().get(page.url).status_code == 404


def test_same_slugs_at_two_places_are_told_apart(site_root, page):
    other = make_proposals_page(site_root)
    assert browser().get(other.url).context["page"].pk == other.pk
    assert browser().get(page.url).context["page"].pk == page.pk
