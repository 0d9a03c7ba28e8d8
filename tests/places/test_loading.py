"""Areas from GeoJSON: read feature by feature, all of a file or nothing, each refusal with its number."""

import io
import json
import tracemalloc
from datetime import date

import pytest
from django.core.management import CommandError, call_command
from wagtail.models import ModelLogEntry

from places.geojson import CHUNK, BadGeoJSON, FeatureReader
from places.loading import LoadRefused, load_areas
from places.models import Area, AreaFigures
from places.queries import area_at
from tests.factories.places import make_area, make_square

ON = date(2024, 1, 1)


def make_feature(code="WK000101", name="Oost", geometry=None, **properties):
    return {
        "type": "Feature",
        "properties": {"statcode": code, "statnaam": name, **properties},
        "geometry": geometry or make_square(5, 52),
    }


def make_file(tmp_path, *features, **members):
    path = tmp_path / "areas.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", **members, "features": list(features)}), encoding="utf-8")
    return path


def load(path, **options):
    return load_areas(path, on=ON, **options)


@pytest.fixture
def municipality(db):
    return make_area(Area.Kind.MUNICIPALITY, code="GM0001", name="Waterveen", size=0.04)


# --- What is taken ------------------------------------------------------------------------------------------


@pytest.mark.data
def test_real_file_of_districts(db, real_data):
    """Statistics Netherlands' districts of Heerlen; the file has no municipality, so it is made from them."""
    report = load(real_data / "geo" / "heerlen_wijken_2024.geojson", municipality="Heerlen")
    assert (report.created, report.made_municipality) == (23, "GM0917")
    assert Area.objects.get(kind="municipality").name == "Heerlen"
    assert area_at(5.98, 50.888).name == Area.objects.get(code=area_at(5.98, 50.888).code).name
    again = load(real_data / "geo" / "heerlen_wijken_2024.geojson")
    assert (again.created, again.updated, Area.objects.count()) == (0, 23, 24)


def test_three_levels_in_any_order(db, tmp_path):
    path = make_file(
        tmp_path,
        make_feature("BU00010101", "Haven"),
        make_feature("WK000101", "Oost", make_square(5, 52, 0.02)),
        make_feature("BU00010102", "Weide", make_square(5.01, 52)),
        make_feature("GM0001", "Waterveen", make_square(5, 52, 0.04)),
    )
    assert load(path).created == 4
    assert Area.objects.get(code="BU00010102").parent.parent.name == "Waterveen"


def test_municipality_gets_its_name_at_a_later_load(db, real_data):
    """The command says “--municipality gives it a name”: that holds for a second load too."""
    path = real_data / "geo" / "heerlen_wijken_2024.geojson"
    load(path)
    assert Area.objects.get(kind=Area.Kind.MUNICIPALITY).name == "GM0917"

    load(path, municipality="Heerlen")
    load(path, municipality="Anders")

    made = Area.objects.get(kind=Area.Kind.MUNICIPALITY)
    assert (made.name, made.slug, made.code) == ("Heerlen", "heerlen", "GM0917")


def test_names_and_figures_of_statistics_netherlands(db, tmp_path):
    features = [
        {
            "type": "Feature",
            "properties": {"gm_code": "GM0001", "gm_naam": "Waterveen", "aantal_inwoners": 90_000},
            "geometry": make_square(5, 52, 0.04),
        },
        {
            "type": "Feature",
            "properties": {"gm_code": "GM0001", "gm_naam": "Waterveen", "water": "JA"},
            "geometry": make_square(6, 52),
        },
        {
            "type": "Feature",
            "properties": {"wk_code": "WK000101", "wk_naam": "Oost", "gm_code": "GM0001", "aantal_inwoners": -99_997},
            "geometry": {"type": "MultiPolygon", "coordinates": [make_square(5, 52)["coordinates"]]},
        },
        {
            "type": "Feature",
            "properties": {
                "bu_code": "BU00010101",
                "bu_naam": "Haven",
                "wk_code": "WK000101",
                "gm_code": "GM0001",
                "inhabitants": 10,
                "electorate": 8,
            },
            "geometry": make_square(5, 52),
        },
    ]
    report = load(make_file(tmp_path, *features), source="CBS 2024")
    assert (report.created, report.skipped_water) == (3, 1)
    figures = {
        row.area.code: (row.population, row.electorate, row.date, row.source) for row in AreaFigures.objects.all()
    }
    assert figures == {"GM0001": (90_000, None, ON, "CBS 2024"), "BU00010101": (10, 8, ON, "CBS 2024")}


def test_loading_again_updates_and_keeps_addresses_of_pages(municipality, tmp_path):
    load(make_file(tmp_path, make_feature(name="Oost", population=10)))
    first = Area.objects.get(code="WK000101")
    report = load(
        make_file(tmp_path, make_feature(name="Nieuw-Oost", geometry=make_square(5, 52, 0.02), population=12))
    )
    second = Area.objects.get(code="WK000101")
    assert (report.created, report.updated) == (0, 1)
    assert (second.pk, second.slug, second.name, second.east) == (first.pk, "oost", "Nieuw-Oost", 5.02)
    assert [row.population for row in second.figures.all()] == [12]


def test_another_date_is_another_figure(municipality, tmp_path):
    load(make_file(tmp_path, make_feature(population=10)))
    load_areas(make_file(tmp_path, make_feature(population=11)), on=date(2025, 1, 1))
    assert AreaFigures.objects.count() == 2


def test_two_areas_of_one_name_have_their_own_addresses(municipality, tmp_path):
    load(
        make_file(
            tmp_path, make_feature("WK000101", "Centrum"), make_feature("WK000102", "Centrum", make_square(6, 52))
        )
    )
    assert sorted(Area.objects.filter(name="Centrum").values_list("slug", flat=True)) == ["centrum", "centrum-wk000102"]


def test_lookup_sees_a_new_boundary_at_once(municipality, tmp_path):
    assert area_at(5.005, 52.005) == municipality
    load(make_file(tmp_path, make_feature()))
    assert area_at(5.005, 52.005).code == "WK000101"


# --- What is refused: nothing of the file is written -----------------------------------------------------------

GOOD = make_feature("WK000109", "Goed", make_square(5.03, 52))
BOW_TIE = {"type": "Polygon", "coordinates": [[[5, 52], [5.01, 52.01], [5.01, 52], [5, 52.01], [5, 52]]]}
HOLE_OUTSIDE = {
    "type": "Polygon",
    "coordinates": [make_square(5, 52)["coordinates"][0], make_square(7, 52)["coordinates"][0]],
}

BAD_FEATURES = {
    "no geometry": ({**make_feature(), "geometry": None}, "no boundary"),
    "a point": (make_feature(geometry={"type": "Point", "coordinates": [5, 52]}), "no boundary"),
    "empty polygon": (make_feature(geometry={"type": "Polygon", "coordinates": []}), "empty boundary"),
    "empty multipolygon": (make_feature(geometry={"type": "MultiPolygon", "coordinates": []}), "empty boundary"),
    "ring of three points": (
        make_feature(geometry={"type": "Polygon", "coordinates": [[[5, 52], [6, 52], [5, 52]]]}),
        "fewer than four",
    ),
    "ring not closed": (
        make_feature(geometry={"type": "Polygon", "coordinates": [[[5, 52], [6, 52], [6, 53], [5, 53]]]}),
        "not closed",
    ),
    "crosses itself": (make_feature(geometry=BOW_TIE), "crosses itself"),
    "hole outside": (make_feature(geometry=HOLE_OUTSIDE), "not whole"),
    "no surface": (
        make_feature(geometry={"type": "Polygon", "coordinates": [[[5, 52], [5, 52], [5, 52], [5, 52]]]}),
        "",
    ),
    "Rijksdriehoek": (
        make_feature(geometry={"type": "Polygon", "coordinates": [[[196_000, 322_000]] * 4]}),
        "Rijksdriehoek",
    ),
    "text as coordinate": (make_feature(geometry={"type": "Polygon", "coordinates": [[["5", 52]] * 4]}), "two numbers"),
    "one number": (make_feature(geometry={"type": "Polygon", "coordinates": [[[5]] * 4]}), "two numbers"),
    "no code": (make_feature(code=None), "no code"),
    "unknown code": (make_feature(code="XX000101"), "unknown code"),
    "code of another length": (make_feature(code="WK0001"), "unknown code"),
    "unknown district": (make_feature(code="BU00020101"), "WK000201, which is not known"),
    "unknown municipality": (make_feature(code="WK000201"), "GM0002, which is not known"),
    "code that does not fit": (make_feature(gm_code="GM0002"), "does not fit"),
    "twice in the file": (make_feature(code="WK000109"), "in the file already, as feature 1"),
    "no name": (make_feature(name="  "), "no name"),
    "name too long": (make_feature(name="x" * 101), "more than 100"),
    "negative figure": (make_feature(population=-5), "whole number"),
    "broken figure": (make_feature(population=1.5), "whole number"),
    "more voters than people": (make_feature(population=5, electorate=6), "more voters"),
    "no properties": ({"type": "Feature", "geometry": make_square(5, 52)}, "no properties"),
    "no feature": (["x"], "not a GeoJSON feature"),
}


@pytest.mark.parametrize(("feature", "reason"), BAD_FEATURES.values(), ids=BAD_FEATURES)
def test_bad_feature_is_refused_with_its_number(municipality, tmp_path, feature, reason):
    """Mutant: leave out the transaction of `load_areas`; the good feature before it would stay."""
    with pytest.raises(LoadRefused) as caught:
        load(make_file(tmp_path, GOOD, feature))
    assert str(caught.value).startswith("Feature 2")
    assert reason in str(caught.value)
    assert Area.objects.count() == 1


BAD_FILES = {
    "empty": ("", "must begin with"),
    "no JSON": ("<html>", "must begin with"),
    "a list": ("[]", "must begin with"),
    "one feature": (json.dumps(GOOD), "must be FeatureCollection"),
    "no features": ('{"type": "FeatureCollection"}', "must be FeatureCollection"),
    "another type": ('{"type": "Topology", "features": []}', "must be FeatureCollection"),
    "features no list": ('{"type": "FeatureCollection", "features": {}}', "must be a list"),
    "nothing in it": ('{"type": "FeatureCollection", "features": []}', "no areas"),
    "cut off": ('{"type": "FeatureCollection", "features": [' + json.dumps(GOOD)[:-5], "broken JSON at character"),
    "missing comma": (
        '{"type": "FeatureCollection", "features": [' + json.dumps(GOOD) + json.dumps(GOOD) + "]}",
        "broken JSON at character",
    ),
    "trailing comma": (
        '{"type": "FeatureCollection", "features": [' + json.dumps(GOOD) + ",]}",
        "broken JSON at character",
    ),
    "not a number": ('{"type": "FeatureCollection", "features": [NaN]}', "broken JSON at character"),
    "text after the end": (
        '{"type": "FeatureCollection", "features": [' + json.dumps(GOOD) + "]} x",
        "broken JSON at character",
    ),
    "another coordinate system": (
        '{"type": "FeatureCollection", "crs": {"properties": {"name": "urn:ogc:def:crs:EPSG::28992"}}, "features": []}',
        "another coordinate system",
    ),
    "too deep": ('{"type": "FeatureCollection", "features": [' + "[" * 100_000, "brackets"),
}


@pytest.mark.parametrize(("text", "reason"), BAD_FILES.values(), ids=BAD_FILES)
def test_bad_file_is_refused(municipality, tmp_path, text, reason):
    path = tmp_path / "bad.geojson"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LoadRefused) as caught:
        load(path)
    assert reason in str(caught.value)
    assert Area.objects.count() == 1


def test_bytes_that_are_no_text_are_refused(municipality, tmp_path):
    path = tmp_path / "bad.geojson"
    path.write_bytes(b'{"type": "FeatureCollection", "name": "\xff\xfe", "features": []}')
    with pytest.raises(LoadRefused, match="UTF-8"):
        load(path)


def test_broken_json_says_where():
    """The position is counted from the start of the file, also far behind the first buffer."""
    text = (
        '{"type": "FeatureCollection", "features": [' + "".join(f"{json.dumps(GOOD)}," for _number in range(800)) + "!"
    )
    assert len(text) > 2 * CHUNK
    with pytest.raises(BadGeoJSON, match=str(len(text)).replace(",", "")):
        list(FeatureReader(io.StringIO(text)))


def test_districts_of_two_unknown_municipalities_are_refused(db, tmp_path):
    with pytest.raises(LoadRefused, match="not known"):
        load(make_file(tmp_path, make_feature("WK000101"), make_feature("WK000201", "Ver", make_square(6, 52))))
    assert not Area.objects.exists()


def test_area_of_another_kind_is_refused(municipality, tmp_path):
    make_area(Area.Kind.NEIGHBOURHOOD, code="WK000101", name="Vreemd", parent=municipality)
    with pytest.raises(LoadRefused, match="another kind"):
        load(make_file(tmp_path, make_feature()))


# --- The reader -----------------------------------------------------------------------------------------------


class Pieces(io.StringIO):
    """Gives a file in small pieces, so that every token is cut somewhere."""

    def read(self, size=-1):
        return super().read(7)


def test_reader_does_not_mind_where_the_buffer_is_cut():
    features = [make_feature(f"WK00{number:04}", "Wijk “é”", population=number * 1000) for number in range(20)]
    text = json.dumps({"name": "x", "features": features, "type": "FeatureCollection"}, ensure_ascii=False, indent=1)
    assert [feature.properties for feature in FeatureReader(Pieces(text))] == [one["properties"] for one in features]


def test_reader_keeps_little_in_memory():
    """Mutant: read the whole file with `json.load`: 20 MB of text becomes over 100 MB."""
    feature = json.dumps(make_feature(geometry={"type": "Polygon", "coordinates": [[[5.123456, 52.123456]] * 500]}))

    class Endless(io.TextIOBase):
        def __init__(self):
            self.pieces = iter(['{"type": "FeatureCollection", "features": [', *[f"{feature},"] * 2000, feature, "]}"])

        def read(self, size=-1):
            return next(self.pieces, "")

    tracemalloc.start()
    count = sum(1 for _feature in FeatureReader(Endless()))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 2001
    assert len(feature) * count > 20_000_000
    assert peak < 3_000_000


# --- The command ------------------------------------------------------------------------------------------------


def test_command_says_what_it_did(municipality, tmp_path, capsys):
    call_command("load_areas", make_file(tmp_path, make_feature(population=5)), "--date", "2024-01-01")
    assert capsys.readouterr().out == "1 areas made, 0 updated (1 × district).\n"
    assert AreaFigures.objects.get().date == ON
    entry = ModelLogEntry.objects.get(action="places.load_areas")
    assert (entry.object_id, entry.user, entry.data["created"]) == (str(municipality.pk), None, 1)


@pytest.mark.parametrize(("words", "advice"), [([], True), (["--municipality", "Waterveen"], False)])
def test_command_asks_for_the_name_of_a_municipality_that_has_none(db, tmp_path, capsys, words, advice):
    call_command("load_areas", make_file(tmp_path, make_feature()), *words)
    assert ("--municipality" in capsys.readouterr().out) is advice


def test_command_refuses_in_one_sentence(municipality, tmp_path):
    with pytest.raises(CommandError, match=r"^Feature 1 has no boundary.*Nothing was loaded\.$"):
        call_command("load_areas", make_file(tmp_path, {**make_feature(), "geometry": None}))


def test_command_without_file(db, tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        call_command("load_areas", tmp_path / "nowhere.geojson")


def test_command_with_a_strange_date(db, tmp_path):
    with pytest.raises(CommandError, match="2024-01-01"):
        call_command("load_areas", str(tmp_path / "x"), "--date=gisteren")
