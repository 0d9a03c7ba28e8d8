"""Which area is where; looking it up, drawing it, filling it in."""

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from places.drawing import collection
from places.forms import PlaceFormMixin
from places.models import Address, Area, AreaFigures
from places.queries import address_at, area_at, lies_within, within
from tests.factories.places import make_area, make_square

# --- Queries ------------------------------------------------------------------------------------------------------


def test_point_is_in_the_smallest_area(places):
    assert area_at(5.005, 52.005) == places.harbour
    assert area_at(5.035, 52.035) == places.municipality
    assert area_at(6, 53) is None


def test_point_on_a_boundary_has_one_answer(places):
    assert {area_at(5.01, 52.005) for _time in range(3)} == {places.harbour}


def test_changed_boundary_is_seen_at_once(places):
    """Mutant: keep the index for ever."""
    assert area_at(5.045, 52.005) is None
    places.harbour.boundary, places.harbour.east = make_square(5, 52, 0.05), 5.05
    places.harbour.save()
    assert area_at(5.045, 52.005) == places.harbour
    Address.objects.all().delete()
    places.harbour.delete()
    assert area_at(5.045, 52.005) is None


def test_point_costs_two_queries(places, django_assert_num_queries):
    area_at(5.005, 52.005)
    with django_assert_num_queries(2):
        area_at(5.006, 52.006)


def test_parts_of_an_area(places, django_assert_num_queries):
    with django_assert_num_queries(1):
        parts = within(places.east)
    assert parts == sorted([places.east.pk, places.harbour.pk, places.meadow.pk])
    assert len(within(places.municipality)) == 6
    assert within(places.heath) == [places.heath.pk]


def test_lies_within(places):
    assert lies_within(places.harbour, places.east)
    assert lies_within(places.harbour, places.municipality)
    assert lies_within(places.harbour, places.harbour)
    assert not lies_within(places.harbour, places.west)
    assert not lies_within(places.municipality, places.harbour)


@pytest.mark.parametrize("postcode", ["1234AB", "1234 ab", " 1234ab "])
@pytest.mark.parametrize(("addition", "typed"), [("", ""), ("A2", "a-2"), ("A2", "A 2")])
def test_address_however_it_is_typed(places, postcode, addition, typed):
    address = Address.objects.create(
        postcode="1234AB", number=8, addition=addition, street="Havenstraat", neighbourhood=places.harbour
    )
    assert address_at(postcode, 8, typed) == address


def test_address_that_is_not_known(places):
    assert address_at("9999ZZ", 1) is None


# --- Constraints ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "district", "parent": None},
        {"kind": "municipality", "parent": "municipality"},
        {"kind": "municipality", "boundary": None},
        {"kind": "municipality", "west": 9.0},
        {"kind": "municipality", "west": None},
    ],
)
def test_constraint_of_area(places, fields):
    values = {**fields, "parent": places.municipality if fields.get("parent") else None}
    area = {
        "code": "GM0009",
        "name": "X",
        "slug": "x",
        "boundary": make_square(5, 52),
        "west": 5,
        "south": 52,
        "east": 5.01,
        "north": 52.01,
    }
    with pytest.raises(IntegrityError), transaction.atomic():
        Area.objects.create(**{**area, **values})


def test_constraint_of_figures(places):
    with pytest.raises(IntegrityError), transaction.atomic():
        AreaFigures.objects.filter(area=places.harbour).update(electorate=1001)
    with pytest.raises(IntegrityError), transaction.atomic():
        AreaFigures.objects.create(area=places.harbour, date="2026-01-01")


@pytest.mark.parametrize("fields", [{"postcode": "0234AB"}, {"postcode": "1234ab"}, {"latitude": 52.0}, {"number": 1}])
def test_constraint_of_address(places, fields):
    values = {"postcode": "1234AB", "number": 2, "street": "Havenstraat", "neighbourhood": places.harbour, **fields}
    with pytest.raises((IntegrityError, ValidationError)), transaction.atomic():
        Address.objects.create(**values)


# --- Where do I live? -------------------------------------------------------------------------------------------------


def test_where_do_i_live(client, places):
    page = client.post(reverse("places:where"), {"postcode": "1234 ab", "number": "1"})
    assert "Havenbuurt" in page.content.decode()
    assert "no-store" in page["Cache-Control"]


@pytest.mark.parametrize(
    "typed",
    [
        {"postcode": "9999ZZ", "number": "1"},
        {"postcode": "x", "number": "1"},
        {"postcode": "1234AB", "number": "-1"},
        {},
    ],
)
def test_where_do_i_live_says_what_is_wrong(client, places, typed):
    page = client.post(reverse("places:where"), typed)
    assert page.status_code == 200
    assert "error-summary-heading" in page.content.decode()


# --- Boundaries for maps ----------------------------------------------------------------------------------------------


@pytest.fixture
def known_client(client):
    """A browser with a cookie of its own, past the cache of whole pages (which may be a minute late)."""
    client.cookies["known"] = "1"
    return client


def test_boundaries_are_public_and_cached(known_client, places, django_assert_num_queries):
    answer = known_client.get(reverse("places:areas"))
    assert answer["Content-Type"] == "application/geo+json"
    assert [feature["id"] for feature in answer.json()["features"]] == ["BU00010101", "BU00010102", "BU00010201"]
    with django_assert_num_queries(1):
        again = known_client.get(reverse("places:areas"), headers={"if-none-match": answer["ETag"]})
    assert again.status_code == 304
    with django_assert_num_queries(1):
        known_client.get(reverse("places:areas"))


def test_boundaries_change_with_the_areas(known_client, places):
    before = known_client.get(reverse("places:areas"))["ETag"]
    make_area(code="BU00010202", name="Nieuwbuurt", parent=places.west, west=5.03)
    answer = known_client.get(reverse("places:areas"))
    assert answer["ETag"] != before
    assert len(answer.json()["features"]) == 4


@pytest.mark.parametrize(("kind", "count"), [("municipality", 1), ("district", 2), ("neighbourhood", 3), ("x", 3)])
def test_boundaries_of_a_kind(client, places, kind, count):
    assert len(client.get(reverse("places:areas"), {"kind": kind}).json()["features"]) == count


def test_boundaries_of_an_empty_site(client, db):
    assert client.get(reverse("places:areas")).json() == {"type": "FeatureCollection", "features": []}


def test_neighbours_keep_one_line_between_them(places):
    """Simplified one by one, neighbours would get gaps and overlaps."""
    shared = [(5.01, 52.0), (5.0101, 52.003), (5.0099, 52.006), (5.01, 52.01)]
    for area, outer in ((places.harbour, [(5.0, 52.01), (5.0, 52.0)]), (places.meadow, [(5.02, 52.01), (5.02, 52.0)])):
        area.boundary = {"type": "Polygon", "coordinates": [[*shared, *outer, shared[0]]]}
        area.save()
    drawn = {
        feature["id"]: set(map(tuple, feature["geometry"]["coordinates"][0])) for feature in collection()["features"]
    }
    line = {point for point in drawn["BU00010101"] if 5.009 < point[0] < 5.011}
    assert line == {point for point in drawn["BU00010102"] if 5.009 < point[0] < 5.011}


# --- A place in a form --------------------------------------------------------------------------------------------------


class Form(PlaceFormMixin):
    title = forms.CharField()


class RequiredForm(Form):
    place_required = True


def clean(form_class=Form, within=None, **typed):
    form = form_class({"title": "x", **typed}, place_within=within)
    form.is_valid()
    return form


def test_place_by_point(places):
    data = clean(latitude="52.005", longitude="5.005").cleaned_data
    assert (data["area"], data["latitude"], data["longitude"]) == (places.harbour, 52.005, 5.005)


def test_place_by_address(places):
    data = clean(postcode="1234 ac", house_number="1").cleaned_data
    assert (data["area"], data["location_text"], data["latitude"]) == (places.meadow, "Weidelaan 1", None)


def test_place_by_area(places):
    data = clean(area=str(places.heath.pk), location_text="bij de brug").cleaned_data
    assert (data["area"], data["location_text"]) == (places.heath, "bij de brug")


def test_point_wins_from_address_and_area(places):
    typed = {
        "latitude": "52.005",
        "longitude": "5.005",
        "postcode": "1235AA",
        "house_number": "1",
        "area": str(places.heath.pk),
    }
    assert clean(**typed).cleaned_data["area"] == places.harbour


def test_no_place_is_a_place_unless_asked(places):
    assert clean().is_valid()
    assert list(clean(RequiredForm).errors) == ["area"]


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"postcode": "1234AB"}, "house_number"),
        ({"house_number": "1"}, "postcode"),
        ({"postcode": "9999ZZ", "house_number": "1"}, "postcode"),
        ({"postcode": "x", "house_number": "1"}, "postcode"),
        ({"postcode": "1234AB", "house_number": "x"}, "house_number"),
        ({"latitude": "0", "longitude": "0"}, "__all__"),
        ({"latitude": "nan", "longitude": "5"}, "latitude"),
        ({"latitude": "91", "longitude": "5"}, "latitude"),
        ({"area": "99999999"}, "area"),
    ],
)
def test_place_that_is_wrong_is_refused_at_its_field(places, typed, field):
    assert list(clean(**typed).errors) == [field]


def test_place_elsewhere_is_refused(places):
    assert clean(within=places.east, area=str(places.meadow.pk)).is_valid()
    assert list(clean(within=places.east, area=str(places.heath.pk)).errors) == ["area"]
    assert list(clean(within=places.east, postcode="1235AA", house_number="1").errors) == ["area"]


def test_place_fields_render_alone(places, rf):
    from django.template.loader import render_to_string

    html = render_to_string(
        "components/place_fields.html", {"form": clean(postcode="x", house_number="1")}, rf.get("/")
    )
    assert 'data-place-picker="/' in html
    assert "Havenbuurt" in html
    assert 'aria-invalid="true"' in html


@pytest.mark.parametrize(("required", "said"), [(False, 1), (True, 0)])
def test_whether_a_place_is_asked_is_said_once_for_the_three_ways(places, rf, required, said):
    from django.template.loader import render_to_string

    form = clean(RequiredForm if required else Form)
    assert render_to_string("components/place_fields.html", {"form": form}, rf.get("/")).count("not required") == said


def test_point_that_was_kept_is_said_before_the_map_is_opened(places, rf):
    from django.template.loader import render_to_string

    def shown(**typed):
        return render_to_string("components/place_fields.html", {"form": clean(**typed)}, rf.get("/"))

    assert "You chose a point on the map." in shown(latitude="52.005", longitude="5.005")
    assert "You chose a point on the map." not in shown(area=str(places.heath.pk))
