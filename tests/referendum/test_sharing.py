"""The result to take along, open data, neighbourhoods: what is there after publication, and nothing before."""

import csv
import re
from html import unescape
from io import BytesIO
from xml.etree import ElementTree as ET

import pytest
from django.conf import settings
from django.core.cache import cache
from django.urls import reverse
from PIL import Image
from wagtail.models import PageViewRestriction

from opendata.datasets import all_datasets
from process.neighbourhood import happenings_in
from tests.factories.referendum import STATES, make_published_vote, make_referendum, make_referendum_in

pytestmark = pytest.mark.django_db

NAMES = ("picture", "card", "table", "frame")
SVG = "{http://www.w3.org/2000/svg}"


def url(name, page):
    return reverse(f"referendums:{name}", args=[page.pk])


@pytest.mark.parametrize("state", STATES)
def test_result_is_shared_only_after_publication(site_root, anna, client_for, dirk, state):
    """Nobody gets it before, staff neither: taking the state from `outcome_of` fails here."""
    page = make_referendum_in(site_root, state, dirk)
    there = 200 if state in ("published", "decision") else 404
    assert [client_for(who).get(url(name, page)).status_code for who in (None, dirk) for name in NAMES] == [there] * 8
    assert len(all_datasets()) == (there == 200)


@pytest.mark.parametrize("hide", ["unpublish", "unpublish parent", "password"])
def test_result_below_a_page_that_is_not_public_is_not_there(site_root, client_for, dirk, hide):
    page = make_referendum_in(site_root, "published", dirk)
    if hide == "unpublish":
        page.unpublish()
    elif hide == "unpublish parent":
        page.get_parent().unpublish()
    else:
        PageViewRestriction.objects.create(page=page.get_parent(), restriction_type="password", password="geheim")
    cache.clear()  # kept pages go at the commit, which no test reaches
    assert [client_for().get(url(name, page)).status_code for name in NAMES] == [404] * 4


def test_picture_has_title_description_and_every_figure(site_root, client_for, dirk):
    page = make_referendum_in(site_root, "published", dirk)
    response = client_for().get(url("picture", page))
    root = ET.fromstring(response.content)
    assert response["Content-Type"] == "image/svg+xml"
    assert root.find(f"{SVG}title").text == "Result: Auto's van de markt?"
    assert root.find(f"{SVG}desc").text == "40 people voted. Moeten de auto's van de markt? “Ja” won. "
    texts = [element.text for element in root.iter(f"{SVG}text")]
    assert texts[2:] == ["Moeten de auto's van de markt?", "Ja", "30 votes · won", "Nee", "10 votes"]
    widths = [element.get("width") for element in root.iter(f"{SVG}rect")]
    assert widths == ["1200", "1080", "360"]


def test_picture_speaks_dutch_with_numbers_that_svg_reads(site_root, client_for, dirk):
    """With Dutch numbers in the lengths (1.200) no browser draws the picture."""
    page = make_referendum_in(site_root, "published", dirk)
    root = ET.fromstring(client_for().get(url("picture", page).replace("/en/", "/")).content)
    assert root.find(f"{SVG}title").text == "Uitslag: Auto's van de markt?"
    assert (root.get("width"), root.get("viewBox")) == ("1200", "0 0 1200 488")


def test_card_is_a_png_of_the_size_that_social_media_show_and_the_page_names_it(site_root, client_for, dirk):
    page = make_referendum_in(site_root, "published", dirk, title="Markt \"#[]\\ $x$ zonder auto's?")
    response = client_for().get(url("card", page))
    picture = Image.open(BytesIO(response.content))
    assert (response["Content-Type"], picture.format, picture.size) == ("image/png", "PNG", (1200, 630))
    assert len(picture.getcolors(1_000_000)) > 2
    text = client_for().get(page.get_url()).content.decode()
    found = dict(re.findall(r'<meta (?:property|name)="((?:og|twitter):[\w:]+)" content="([^"]*)">', text))
    assert found["og:image"] == settings.BASE_URL + url("card", page)
    assert found["og:image:alt"] == found["og:description"]
    assert unescape(found["og:image:alt"]) == "40 people voted. Moeten de auto's van de markt? “Ja” won."
    assert found["twitter:card"] == "summary_large_image"


def test_page_without_a_published_result_names_no_picture(site_root, anna, client_for, dirk):
    text = client_for().get(make_referendum_in(site_root, "open", dirk).get_url()).content.decode()
    assert ("og:title" in text, "og:image" in text) == (True, False)


def test_hostile_titles_stay_text(site_root, client_for, dirk):
    page = make_referendum(site_root, title='"><script>alert(1)</script>&')
    make_published_vote(page, [["1"]] * 3, dirk, titles=("=1+1", "<b>&nee"))
    client = client_for()
    root = ET.fromstring(client.get(url("picture", page)).content)
    assert [element.tag for element in root.iter() if element.tag.endswith("script")] == []
    assert "<script>alert" not in client.get(url("frame", page)).content.decode()
    rows = list(csv.reader(client.get(url("table", page)).content.decode("utf-8-sig").splitlines()))
    assert [row[1:] for row in rows[1:]] == [["'=1+1", "3", "1", "yes"], ["<b>&nee", "0", "2", "no"]]


@pytest.mark.parametrize("visit", ["first", "kept"])
def test_frame_may_stand_on_any_site_and_sets_no_cookie(site_root, client_for, dirk, visit):
    """A policy that is set by an attribute of the response is lost on a kept page: the second visit fails then."""
    page = make_referendum_in(site_root, "published", dirk)
    client = client_for()
    if visit == "kept":
        client.get(url("frame", page))
    response = client.get(url("frame", page))
    policy = dict(part.strip().split(" ", 1) for part in response["Content-Security-Policy"].split(";"))
    assert (policy["frame-ancestors"], policy["default-src"], policy["style-src"]) == ("*", "'none'", "'self'")
    assert [name in response for name in ("X-Frame-Options", "Set-Cookie")] == [False, False]
    assert dict(response.cookies) == {}
    assert "<script" not in response.content.decode()
    assert "<form" not in response.content.decode()


def test_other_pages_stay_out_of_frames(site_root, client_for, dirk):
    page = make_referendum_in(site_root, "published", dirk)
    for address in (page.get_url(), url("picture", page)):
        response = client_for().get(address)
        assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
        assert response["X-Frame-Options"] == "DENY"


def test_open_data_names_every_file_and_each_is_there(site_root, client_for, dirk):
    page = make_referendum_in(site_root, "published", dirk)
    (dataset,) = all_datasets()
    forms = ["CSV", "vote.json", "log.json", "ballots.jsonl", "superseded.jsonl", "result.json", "verify.py"]
    assert ([download.form for download in dataset.downloads], dataset.page_url) == (
        forms,
        page.get_url().removeprefix("/en"),
    )
    client = client_for()
    codes = []
    for download in dataset.downloads:
        response = client.get(download.url)
        codes.append(response.status_code)
        if response.streaming:
            list(response)
    assert codes == [200] * 7


@pytest.mark.parametrize("number", [1, 3])
def test_neighbourhood_shows_its_referendums_at_the_same_cost(
    site_root, places, dirk, django_assert_num_queries, number
):
    for _each in range(number):
        page = make_referendum_in(site_root, "draft", dirk, kind="street", area=places.harbour, streets="Havenstraat")
    make_referendum(site_root)
    with django_assert_num_queries(15):
        happenings = {source.key: found for source, found in happenings_in(places.east)}["referendum"]
    assert [(found.text, found.state) for found in happenings] == [("Havenstraat", "being prepared")] * number
    assert page.get_url() in {found.url for found in happenings}
    assert "referendum" not in {source.key for source, _found in happenings_in(places.heath)}
