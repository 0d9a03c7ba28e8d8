"""Streets as people write them: read, refused by name, written again, and asked of addresses in Python and in SQL alike."""

import pytest

from places.models import Address
from places.streets import Street, StreetsRefused, as_typed, in_streets, read_streets, without_address

pytestmark = pytest.mark.django_db


@pytest.fixture
def streets(places):
    """Havenstraat 1 to 6 and Plein 1944 in the harbour; a Kerkstraat in the town and one in a village of the heath."""
    rows = [("Havenstraat", number, "", places.harbour) for number in range(2, 7)]
    rows += [("Plein 1944", 3, "", places.harbour), ("Kerkstraat", 1, "", places.harbour)]
    rows += [("Kerkstraat", 9, "Heidedorp", places.heath)]
    for place, (street, number, city, area) in enumerate(rows):
        Address.objects.create(
            postcode=f"12{36 + place}AA", number=number, street=street, city=city, neighbourhood=area
        )
    return places


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("", []),
        ("Havenstraat", [Street("Havenstraat")]),
        ("  havenSTRAAT \n\n Plein 1944", [Street("Havenstraat"), Street("Plein 1944")]),
        ("Havenstraat, Plein 1944; Havenstraat", [Street("Havenstraat"), Street("Plein 1944")]),
        ("Havenstraat 2-5", [Street("Havenstraat", first=2, last=5)]),
        ("Havenstraat 2 t/m 5 even", [Street("Havenstraat", first=2, last=5, side="even")]),
        ("Havenstraat oneven", [Street("Havenstraat", side="odd")]),
        ("Havenstraat 4", [Street("Havenstraat", first=4, last=4)]),
        ("Plein 1944 3-3", [Street("Plein 1944", first=3, last=3)]),
        ("Kerkstraat (Heidedorp)", [Street("Kerkstraat", "Heidedorp")]),
        ("Kerkstraat (Waterveen) 1-9", [Street("Kerkstraat", "", first=1, last=9)]),
    ],
)
def test_streets_are_read_and_can_be_written_again(streets, text, read):
    found = read_streets(text, None)
    assert list(found) == read
    assert read_streets(as_typed(found), None) == found
    assert tuple(Street.read(street.plain) for street in found) == found


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Havenstraat\nLangestraat", "We know no street “Langestraat” here."),
        ("Heideweg", "We know no street “Heideweg” here."),  # it lies in another district
        ("Langestraat 2-5", "We know no street “Langestraat 2-5” here."),
        ("Havenstraat 100-200", "We know no address in “Havenstraat 100 to 200”."),
        ("Havenstraat 5-2", "We know no address in “Havenstraat 5 to 2”."),
        ("\n".join(f"Straat {number}" for number in range(201)), "Name at most 200 streets."),
    ],
)
def test_what_is_no_street_is_refused_by_name(streets, text, sentence):
    with pytest.raises(StreetsRefused) as refusal:
        read_streets(text, streets.east)
    assert refusal.value.problems == (sentence,)


def test_street_of_two_places_asks_which(streets):
    with pytest.raises(StreetsRefused, match="Add the place in brackets: Waterveen, Heidedorp"):
        read_streets("Kerkstraat", None)
    assert read_streets("Kerkstraat", streets.heath) == (Street("Kerkstraat"),)


@pytest.mark.parametrize(
    ("street", "numbers"),
    [
        (Street("Havenstraat"), [1, 2, 3, 4, 5, 6]),
        (Street("Havenstraat", first=2, last=5), [2, 3, 4, 5]),
        (Street("Havenstraat", side="odd"), [1, 3, 5]),
        (Street("Havenstraat", first=2, last=5, side="even"), [2, 4]),
        (Street("Kerkstraat", "Heidedorp"), [9]),
        (Street("Kerkstraat", ""), [1]),
    ],
)
def test_python_and_database_draw_the_same_line(streets, street, numbers):
    """The roll is one query, the reason a rule in Python."""
    found = Address.objects.filter(in_streets([street])).order_by("number")
    assert [address.number for address in found] == numbers
    assert [address for address in Address.objects.order_by("number") if street.has(address)] == list(found)


def test_street_that_is_gone_is_found(streets):
    gone = Street("Langestraat")
    assert without_address([Street("Havenstraat"), gone], streets.east) == [gone]
