"""Neighbourhood pages: what happens there, figures with their date, the list, the map, and the command that makes them."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from wagtail.models import Page, PageLogEntry, Site

from panels.actions import make_missing_pages
from panels.models import NeighbourhoodIndexPage, NeighbourhoodPage
from panels.queries import boundaries_with_links, by_district, show
from places.models import AreaFigures
from process import neighbourhood
from process.models import ProcessIndexPage
from process.neighbourhood import Happening
from tests.factories.pages import make_site
from tests.factories.places import make_area
from tests.factories.process import make_phase, make_process


@pytest.fixture
def home(site_root):
    return make_site(site_root).home


@pytest.fixture
def pages(home, places):
    """Pages of Havenbuurt, Heidebuurt and Weidebuurt by name."""
    make_missing_pages()
    return {page.title: page for page in NeighbourhoodPage.objects.all()}


@pytest.fixture
def sources(monkeypatch):
    monkeypatch.setattr(neighbourhood, "_sources", {})
    return neighbourhood


def read(page):
    return Client().get(page.url).content.decode()


# --- The command -------------------------------------------------------------------------------------


def run():
    out = StringIO()
    call_command("make_neighbourhood_pages", stdout=out)
    return out.getvalue()


def test_command_makes_a_page_for_every_neighbourhood_once(home, places):
    assert (run(), run()) == ("3 neighbourhood pages made.\n", "0 neighbourhood pages made.\n")
    assert sorted(NeighbourhoodPage.objects.values_list("title", "slug", "live")) == [
        ("Havenbuurt", "havenbuurt", True),
        ("Heidebuurt", "heidebuurt", True),
        ("Weidebuurt", "weidebuurt", True),
    ]
    index = NeighbourhoodIndexPage.objects.get()
    assert (index.get_parent().pk, index.slug) == (home.pk, "buurten")
    assert PageLogEntry.objects.filter(action="wagtail.create", page__in=NeighbourhoodPage.objects.all()).count() == 3


def test_command_makes_only_what_is_missing(pages, places):
    make_area(code="BU00010103", name="Nieuwbuurt", parent=places.east)
    assert run() == "1 neighbourhood pages made.\n"


def test_command_keeps_an_editors_own_list_and_title(home, places):
    index = home.add_child(instance=NeighbourhoodIndexPage(title="Wijken", slug="wijken"))
    index.add_child(instance=NeighbourhoodPage(title="De haven", slug="weidebuurt", area=places.harbour))
    run()
    titles = dict(NeighbourhoodPage.objects.values_list("title", "slug"))
    assert titles == {"De haven": "weidebuurt", "Heidebuurt": "heidebuurt", "Weidebuurt": "weidebuurt-bu00010102"}
    assert NeighbourhoodIndexPage.objects.count() == 1


def test_command_without_site_says_what_to_do(places):
    Site.objects.all().delete()
    Page.objects.filter(depth__gt=1).delete()
    with pytest.raises(CommandError, match="no home page yet"):
        run()


def test_two_pages_of_one_area_are_refused_by_the_database(pages, places):
    index = NeighbourhoodIndexPage.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        index.add_child(instance=_unchecked(NeighbourhoodPage(title="Nog een", slug="nog-een", area=places.harbour)))


def _unchecked(page):
    """A page that goes to the database without Django's own checks."""
    page.full_clean = lambda *args, **options: None
    return page


# --- A neighbourhood --------------------------------------------------------------------------------------


def test_page_shows_what_sources_have_here(pages, sources, places):
    found = [Happening("Een <i>bank</i>", "/bank/", text="Bij het water.", state="Loopt", when=date(2026, 3, 1))]
    sources.register("trial", "Proeven", lambda area, limit: found if area == places.harbour else [])
    content = read(pages["Havenbuurt"])
    assert '<a class="utrecht-link utrecht-link--html-a" href="/bank/">Een &lt;i&gt;bank&lt;/i&gt;</a>' in content
    assert "Proeven" in content
    assert "Proeven" not in read(pages["Heidebuurt"])


def test_page_without_happenings_says_so(pages, sources):
    assert "pm-empty" in read(pages["Havenbuurt"])


def test_source_registered_twice_is_an_error(sources):
    sources.register("trial", "Proeven", lambda area, limit: [])
    with pytest.raises(ValueError, match="registered twice"):
        sources.register("trial", "Anders", lambda area, limit: [])


def test_page_shows_latest_figures_with_their_date_and_source(pages, places):
    AreaFigures.objects.create(
        area=places.harbour, date=date(2026, 6, 1), population=12345, electorate=9000, source="Telling <b>"
    )
    AreaFigures.objects.create(area=places.harbour, date=date(2025, 6, 1), population=777)
    content = read(pages["Havenbuurt"])
    assert "12.345" in content
    assert "1 juni 2026" in content
    assert "Telling &lt;b&gt;" in content
    assert "777" not in content


def test_page_without_figures_shows_none(pages, places):
    AreaFigures.objects.all().delete()
    assert 'id="figures"' not in read(pages["Havenbuurt"])


def test_page_says_what_it_is_part_of(pages):
    assert show(pages["Havenbuurt"]).part_of == "Wijk Oost, Waterveen"


def test_page_shows_processes_of_here_and_around(pages, home, places):
    index = home.add_child(instance=ProcessIndexPage(title="Trajecten", slug="trajecten"))
    spans = {"first": date(2000, 1, 1), "last": date(2099, 1, 1)}
    for title, area in [("Kade", places.harbour), ("Oost", places.east), ("Alles", None), ("Heide", places.heath)]:
        make_process(index, make_phase(**spans), title=title, area=area)
    sources = {source.key: [item.title for item in found] for source, found in show(pages["Havenbuurt"]).happenings}
    assert sorted(sources["processes"]) == ["Alles", "Kade", "Oost"]


def test_page_costs_the_same_queries_for_one_and_three_happenings(pages, home, places, django_assert_num_queries):
    """Area, figures, and what each installed source needs: see SOURCE_QUERIES."""
    index = home.add_child(instance=ProcessIndexPage(title="Trajecten", slug="trajecten"))
    page = NeighbourhoodPage.objects.get(title="Havenbuurt")
    assert page.url
    for number in range(3):
        make_process(index, make_phase(first=date(2000, 1, 1), last=date(2099, 1, 1)), title=f"Traject {number}")
        if number == 1:
            continue
        with django_assert_num_queries(2 + PROCESS_QUERIES + OTHER_QUERIES):
            assert show(page).happenings


# the parts of the area, restrictions, running ones with their phases, coming, finished
PROCESS_QUERIES = 6
OTHER_QUERIES = 0


@pytest.fixture(autouse=True)
def only_processes(monkeypatch):
    """Whichever instruments are installed: their own tests count their queries."""
    own = {key: source for key, source in neighbourhood._sources.items() if key == "processes"}
    monkeypatch.setattr(neighbourhood, "_sources", own)


# --- The list and the map -----------------------------------------------------------------------------------


def test_list_groups_neighbourhoods_by_district(pages):
    index = NeighbourhoodIndexPage.objects.get()
    grouped = [(name, [page.title for page in found]) for name, found in by_district(index)]
    assert grouped == [("Wijk Oost", ["Havenbuurt", "Weidebuurt"]), ("Wijk West", ["Heidebuurt"])]
    assert "Havenbuurt" in read(index)


def test_list_hides_what_is_not_public(pages):
    pages["Havenbuurt"].unpublish()
    pages["Weidebuurt"].view_restrictions.create(restriction_type="login")
    content = read(NeighbourhoodIndexPage.objects.get())
    assert "Havenbuurt" not in content
    assert "Weidebuurt" not in content
    assert [feature["properties"]["title"] for feature in boundaries_with_links()["features"]] == ["Heidebuurt"]


def test_list_without_neighbourhoods_says_so(home):
    index = home.add_child(instance=NeighbourhoodIndexPage(title="Buurten", slug="buurten"))
    assert "pm-empty" in read(index)


def test_list_costs_the_same_queries_for_one_and_three(home, places, django_assert_num_queries):
    index = home.add_child(instance=NeighbourhoodIndexPage(title="Buurten", slug="buurten"))
    for number, area in enumerate((places.harbour, places.meadow, places.heath)):
        index.add_child(instance=NeighbourhoodPage(title=area.name, slug=area.slug, area=area))
        if number == 1:
            continue
        with django_assert_num_queries(LIST_QUERIES):
            assert sum(len(found) for _name, found in by_district(index)) == number + 1


# restrictions, pages with their areas
LIST_QUERIES = 2


def test_map_links_each_neighbourhood_to_its_page(pages):
    answer = Client().get("/kaart/buurten.geojson")
    features = answer.json()["features"]
    assert answer["Content-Type"] == "application/geo+json"
    assert {one["properties"]["title"]: one["properties"]["url"] for one in features} == {
        title: page.url for title, page in pages.items()
    }
    assert all(one["geometry"]["type"] == "Polygon" for one in features)


def test_map_changes_when_a_page_is_unpublished(pages, django_capture_on_commit_callbacks):
    """Mutant: a map kept for an hour whatever happens."""
    with django_capture_on_commit_callbacks(execute=True):
        Client().get("/kaart/buurten.geojson")
        pages["Havenbuurt"].unpublish()
    assert len(Client().get("/kaart/buurten.geojson").json()["features"]) == 2


def test_map_speaks_the_language_of_the_page(pages):
    features = Client().get("/en/kaart/buurten.geojson").json()["features"]
    assert all(one["properties"]["url"].startswith("/en/") for one in features)
