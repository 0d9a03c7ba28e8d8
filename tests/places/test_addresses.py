"""Addresses from CSV: all of a file or nothing, each refusal with its line."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse
from wagtail.models import ModelLogEntry

from places.address_file import AddressesRefused, load_addresses
from places.models import Address

HEADER = "postcode;huisnummer;toevoeging;straat;plaats;buurtcode;latitude;longitude\n"
GOOD = "1234 ab;5;;Havenstraat;Waterveen;BU00010101;;\n"


def load(text):
    return load_addresses(io.StringIO(text))


def refusals(text):
    with pytest.raises(AddressesRefused) as caught:
        load(text)
    return caught.value.lines


def test_addresses_are_made_and_updated(places):
    report = load(HEADER + GOOD + "1234AB;1;;Nieuwe Havenstraat;;BU00010101;;\n")
    assert (report.created, report.updated) == (1, 1)
    known = Address.objects.get(postcode="1234AB", number=1)
    assert (known.pk, known.street) == (places.addresses[0].pk, "Nieuwe Havenstraat")


def test_point_decides_where_no_neighbourhood_is_named(places):
    load(HEADER + "1234AB;9;a;Havenstraat;;;52,005;5,015\n")
    address = Address.objects.get(number=9)
    assert (address.neighbourhood, address.addition, address.latitude) == (places.meadow, "A", 52.005)


def test_columns_of_the_national_register(places):
    columns = "postcode,huisnummer,huisletter,huisnummertoevoeging,straatnaam,woonplaatsnaam,bu_code\n"
    load(columns + '1234AB,7,a,2,"Laan, de",Veen,BU00010101\n')
    address = Address.objects.get(number=7)
    assert (address.addition, address.street, address.city) == ("A2", "Laan, de", "Veen")


BAD_LINES = {
    "no postcode": ("12AB;5;;Havenstraat;;BU00010101;;", "postcode"),
    "number zero": ("1234AB;0;;Havenstraat;;BU00010101;;", "house number"),
    "number in words": ("1234AB;vijf;;Havenstraat;;BU00010101;;", "house number"),
    "number in other digits": ("1234AB;٥;;Havenstraat;;BU00010101;;", "house number"),
    "no street": ("1234AB;5;;;;BU00010101;;", "street"),
    "street too long": (f"1234AB;5;;{'x' * 101};;BU00010101;;", "too long"),
    "unknown neighbourhood": ("1234AB;5;;Havenstraat;;BU99999999;;", "not known"),
    "no neighbourhood": ("1234AB;5;;Havenstraat;;;;", "code, or a latitude"),
    "point elsewhere": ("1234AB;5;;Havenstraat;;;10;10", "no known area"),
    "no point": ("1234AB;5;;Havenstraat;;;x;5", "point on earth"),
    "half a point": ("1234AB;5;;Havenstraat;;;52;", "point on earth"),
    "too many cells": ("1234AB;5;;Havenstraat;;BU00010101;;;;", "more cells"),
    "twice": (GOOD.strip(), "on line 2"),
}


@pytest.mark.parametrize(("line", "reason"), BAD_LINES.values(), ids=BAD_LINES)
def test_bad_line_is_refused_with_its_number(places, line, reason):
    (sentence,) = refusals(f"{HEADER}{GOOD}{line}\n")
    assert sentence.startswith("Line 3")
    assert reason in sentence
    assert Address.objects.count() == 3


def test_every_bad_line_is_named_up_to_twenty(places):
    lines = refusals(HEADER + "x;1;;Straat;;BU00010101;;\n" * 30)
    assert [line.split(":")[0] for line in lines] == [f"Line {number}" for number in range(2, 22)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "“postcode” is missing"),
        ("postcode;straat\n", "is missing"),
        (HEADER, "no addresses"),
        (HEADER + '1234AB;"5', "not CSV"),
    ],
)
def test_bad_file_is_refused(places, text, reason):
    assert reason in refusals(text)[0]


def test_file_that_is_no_text_is_refused(places, tmp_path):
    path = tmp_path / "bad.csv"
    path.write_bytes(HEADER.encode() + b"\xff\xfe\n")
    with pytest.raises(CommandError, match="UTF-8"):
        call_command("load_addresses", path)


def test_command_takes_a_file_of_a_spreadsheet(places, tmp_path, capsys):
    path = tmp_path / "good.csv"
    path.write_text(HEADER + GOOD, encoding="utf-8-sig")
    call_command("load_addresses", path)
    assert capsys.readouterr().out == "1 addresses made, 0 updated.\n"


# --- In the admin -------------------------------------------------------------------------------------------------


def upload(client, text):
    return client.post(reverse("address:import"), {"file": SimpleUploadedFile("a.csv", text.encode())})


def test_upload_loads_addresses(client_for, administrator, places):
    assert upload(client_for(administrator), HEADER + GOOD).status_code == 302
    assert Address.objects.count() == 4


def test_upload_stands_in_the_log_with_its_actor(client_for, administrator, places):
    client = client_for(administrator)
    upload(client, HEADER + GOOD)
    entry = ModelLogEntry.objects.get(action="places.load_addresses")
    assert (entry.user, entry.object_id, entry.data) == (
        administrator,
        str(places.municipality.pk),
        {"created": 1, "updated": 0},
    )
    history = client.get(reverse("area:history", args=[places.municipality.pk])).content.decode()
    assert "Adressen ingelezen uit een bestand: 1 nieuw, 0 bijgewerkt" in history


def test_refused_upload_stands_in_no_log(client_for, administrator, places):
    upload(client_for(administrator), HEADER + "x;1;;Straat;;BU00010101;;\n")
    assert not ModelLogEntry.objects.filter(action="places.load_addresses").exists()


def test_upload_shows_the_lines_that_are_wrong(client_for, administrator, places):
    page = upload(client_for(administrator), HEADER + "<script>;1;;Straat;;BU00010101;;\n")
    assert page.status_code == 200
    assert "2" in page.context["refused"][0]
    assert "<script>;" not in page.content.decode()


def test_upload_is_not_for_everybody(client_for, dirk, places):
    assert upload(client_for(dirk), HEADER + GOOD).status_code in (302, 403)
    assert Address.objects.count() == 3
