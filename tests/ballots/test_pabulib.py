"""Pabulib files: what is read, what is refused and with which line, what is written."""

import io

import pytest
from hypothesis import given, settings

from ballots.counting import Option, make_instance
from ballots.formats.pabulib import PabulibError, format_amount, pb_text, read_pb, write_pb
from ballots.formats.text import LONGEST_LINE
from tests.ballots.ballot_cases import options_costing, votes

SOUND = """\
META
key;value
description;Groen in de wijk
num_projects;3
num_votes;4
budget;1000
vote_type;approval
PROJECTS
project_id;cost;name
1;600;Speeltuin
p2;399.5;"Bomen; en ""struiken\"""
3;0;Geveltuinen
VOTES
voter_id;vote;age
anna;1,p2;34
bram;p2;
dirk;p2,1;51
eva;;60
"""


def read(text):
    return read_pb(io.BytesIO(text.encode() if isinstance(text, str) else text))


def changed(old, new, text=SOUND):
    assert text.count(old) >= 1, old
    return text.replace(old, new, 1)


# --- Reading ------------------------------------------------------------------------------------------


def test_sound_file_is_read():
    meta, instance = read(SOUND)

    assert instance.options == (
        Option("1", 60_000, "Speeltuin"),
        Option("p2", 39_950, 'Bomen; en "struiken"'),
        Option("3", 0, "Geveltuinen"),
    )
    assert (instance.budget, instance.voters, instance.votes) == (100_000, 4, [2, 3, 0])
    assert list(instance.profile.marks()) == [(1, ()), (2, ((0, 1), (1, 1))), (1, ((1, 1),))]
    assert meta.values["description"] == "Groen in de wijk"
    assert meta.projects["1"] == {"project_id": "1", "cost": "600", "name": "Speeltuin"}
    assert (meta.warnings, meta.currency) == ((), "")


@pytest.mark.parametrize(
    "text",
    [
        SOUND.replace("\n", "\r\n"),
        "\ufeff" + SOUND,
        SOUND + "\n\n",
        SOUND.removesuffix("\n"),
        SOUND.replace("key;value", "key ; value").replace("budget;1000", "budget; 1000.00"),
        SOUND.replace("PROJECTS\n", "PROJECTS;;\n").replace("VOTES\n", "VOTES;;\n"),
        SOUND.replace("anna;1,p2;", "anna; 1 , p2 ;"),
        SOUND.replace("voter_id;vote;age", "age;vote;voter_id")
        .replace("anna;1,p2;34", "34;1,p2;anna")
        .replace("bram;p2;", ";p2;bram")
        .replace("dirk;p2,1;51", "51;p2,1;dirk")
        .replace("eva;;60", "60;;eva"),
    ],
    ids=[
        "crlf",
        "byte order mark",
        "empty lines at the end",
        "no last line end",
        "spaces",
        "spreadsheet",
        "spaces in votes",
        "order of columns",
    ],
)
def test_other_habits_read_the_same(text):
    assert read(text)[1].digest == read(SOUND)[1].digest


def test_file_may_be_a_path_bytes_or_text(tmp_path):
    path = tmp_path / "vote.pb"
    path.write_text(SOUND, encoding="utf-8")

    digests = {
        read_pb(source)[1].digest for source in (path, str(path), io.StringIO(SOUND), io.BytesIO(SOUND.encode()))
    }

    assert digests == {read(SOUND)[1].digest}


def test_points_are_read():
    text = changed("approval", "cumulative").replace("voter_id;vote;age", "voter_id;vote;points")
    text = (
        text.replace("anna;1,p2;34", "anna;1,p2;3,1")
        .replace("bram;p2;", "bram;p2;0")
        .replace("51", "2,5")
        .replace("60", "")
    )

    _meta, instance = read(text)

    assert (instance.votes, instance.supporters, instance.voters) == ([8, 3, 0], [2, 2, 0], 4)


def test_ages_are_not_kept():
    """The columns about voters end with the line they stand on. Something is there that could leak: 34, 51, 60."""
    meta, instance = read(SOUND)

    kept = repr((meta, instance.options, list(instance.profile.marks())))
    assert not [age for age in ("34", "51", "anna", "dirk") if age in kept]


# --- Refusing -----------------------------------------------------------------------------------------


BROKEN = [
    ("", 1, "the file is empty"),
    ("hello\n", 1, "must begin with the section META"),
    ("%PDF-1.7\n", 1, "must begin with the section META"),
    ("META\n", 2, "the header of META has no column key"),
    (changed("key;value\n", ""), 2, "the header of META has no column key"),
    (changed("budget;1000\n", ""), 7, "META has no budget"),
    (changed("vote_type;approval\n", ""), 7, "META has no vote_type"),
    (changed("num_votes;4\n", ""), 7, "META has no num_votes"),
    (changed("budget;1000", "budget;1000\nbudget;1000"), 7, "META gives budget twice"),
    (changed("budget;1000", "budget;-1000"), 6, "budget must be an amount"),
    (changed("budget;1000", "budget;a lot"), 6, "budget must be an amount"),
    (changed("budget;1000", "budget;1e9"), 6, "budget must be an amount"),
    (changed("budget;1000", "budget;1000;00"), 6, "3 columns where the header has 2"),
    (changed("budget;1000", "budget;9999999999999999"), 6, "budget must be an amount"),
    (changed("budget;1000", "budget;999999999999999"), 6, "budget is too large"),
    (changed("num_votes;4", "num_votes;four"), 5, "num_votes must be a whole number"),
    (changed("num_votes;4", "num_votes;²"), 5, "num_votes must be a whole number"),
    (changed("num_votes;4", "num_votes;5"), 18, "META announces num_votes 5, but the file has 4"),
    (changed("num_projects;3", "num_projects;2"), 13, "META announces num_projects 2, but the file has 3"),
    (changed("approval", "ordinal"), 7, "ballots of type 'ordinal' cannot be counted here"),
    (changed("approval", "approval\ndefault_score;1"), 8, "a default score"),
    (SOUND.partition("PROJECTS")[0], 7, "the section PROJECTS is missing"),
    (SOUND.partition("VOTES")[0], 12, "the section VOTES is missing"),
    (changed("PROJECTS", "VOTES"), 8, "the section VOTES does not belong here"),
    (changed("VOTES", "META"), 13, "the section META does not belong here"),
    (SOUND + "PROJECTS\n", 19, "the section PROJECTS does not belong here"),
    (changed("project_id;cost;name", "project_id;name;price"), 9, "the header of PROJECTS has no column cost"),
    (changed("project_id;cost;name", "project_id;cost;cost"), 9, "the header of PROJECTS has a column twice"),
    (changed("1;600;", "1;-600;"), 10, "the cost of project '1' must be an amount"),
    (changed("1;600;", "1;;"), 10, "the cost of project '1' must be an amount"),
    (changed("1;600;", "1;600.005;"), 10, "at most two decimals"),
    (changed("1;600;", "1;60٠;"), 10, "the cost of project '1' must be an amount"),
    (changed("1;600;", ";600;"), 10, "a project needs an id"),
    (changed("1;600;", '"1,2";600;'), 10, "a project needs an id, without a comma"),
    (changed("3;0;", "1;0;"), 12, "project '1' is there twice"),
    (changed("3;0;Geveltuinen", "3;0"), 12, "2 columns where the header has 3"),
    (changed("3;0;Geveltuinen", "3;0;Geveltuinen;groen"), 12, "4 columns where the header has 3"),
    (changed("3;0;Geveltuinen", '3;0;"Geveltuinen'), 12, "the quotes or cells are broken"),
    (changed("3;0;Geveltuinen", '3;0;"Gevel"tuinen'), 12, "the quotes or cells are broken"),
    (changed("voter_id;vote;age", "voter;vote;age"), 14, "the header of VOTES has no column voter_id"),
    (changed("voter_id;vote;age", "voter_id;votes;age"), 14, "the header of VOTES has no column vote"),
    (changed("approval", "scoring"), 14, "has no column points"),
    (changed("bram;p2;", "bram;p2"), 16, "2 columns where the header has 3"),
    (changed("bram;p2;", ";p2;"), 16, "a ballot has no voter_id"),
    (changed("bram;p2;", "anna;p2;"), 16, "voter 'anna' is there twice"),
    (changed("bram;p2;", "bram;p4;"), 16, "names project 'p4', which is not in PROJECTS"),
    (changed("bram;p2;", "bram;p2,;"), 16, "names project '', which is not in PROJECTS"),
    (changed("bram;p2;", "bram;p2,1,p2;"), 16, "a ballot names a project twice"),
    (changed("bram;p2;\n", "\nbram;p2;\n"), 16, "the line is empty"),
    (changed("bram;p2;\n", ";;\nbram;p2;\n"), 16, "the line is empty"),
    (changed("PROJECTS", "\nPROJECTS"), 8, "the line is empty"),
    (changed("approval", "choose-1"), 15, "a ballot of type choose-1 names 2 projects"),
    (changed("bram", "br\0am"), 16, "a NUL character"),
    (changed("bram", "b" * (LONGEST_LINE + 1)), 16, "the line is longer than"),
    (changed("bram;p2;", f"bram;p2;{'9' * 200_000}"), 16, "the quotes or cells are broken"),
    (SOUND.encode().replace(b"Speeltuin", b"Speelt\xfcin"), 10, "the file is not UTF-8"),
    (SOUND.encode("utf-16"), 1, "the file is not UTF-8"),
]


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    BROKEN,
    ids=[f"{number}-{sentence}" for number, (_text, _line, sentence) in enumerate(BROKEN)],
)
def test_broken_file_is_refused_with_its_line(text, line, sentence):
    with pytest.raises(PabulibError) as refused:
        read(text)

    assert (refused.value.line, sentence in refused.value.message) == (line, True), refused.value
    assert str(refused.value) == f"line {line}: {refused.value.message}"


@pytest.mark.parametrize(
    ("points", "sentence"),
    [
        ("3", "a ballot names 2 projects, but the number of points in it is 1"),
        ("", "a ballot names 2 projects, but the number of points in it is 0"),
        ("3,-1", "points must be whole numbers"),
        ("3,1.5", "points must be whole numbers"),
        ("3,9999999", "points must be whole numbers"),
    ],
)
def test_broken_points_are_refused_with_their_line(points, sentence):
    text = changed("approval", "scoring").replace("voter_id;vote;age", "voter_id;vote;points")

    with pytest.raises(PabulibError) as refused:
        read(text.replace("anna;1,p2;34", f"anna;1,p2;{points}"))

    assert (refused.value.line, sentence in str(refused.value)) == (15, True), refused.value


def test_line_numbers_count_lines_within_quotes():
    text = changed("Geveltuinen", '"Gevel\ntuinen"').replace("bram;p2;", "bram;p9;")

    with pytest.raises(PabulibError) as refused:
        read(text)

    assert refused.value.line == 17


def test_quote_that_never_closes_is_found_where_it_opened():
    """Else the rest of a city's ballots would be read as one cell."""
    text = changed("Geveltuinen", '"Geveltuinen') + "voter;p2;\n" * 100_000

    with pytest.raises(PabulibError) as refused:
        read(text)

    assert refused.value.line == 12


def test_text_that_was_opened_wrongly_is_refused(tmp_path):
    path = tmp_path / "vote.pb"
    path.write_bytes(SOUND.encode().replace(b"Speeltuin", b"Speelt\xfcin"))

    with path.open(encoding="utf-8") as stream, pytest.raises(PabulibError, match="not UTF-8"):
        read_pb(stream)


def test_missing_file_is_an_ordinary_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_pb(tmp_path / "none.pb")


# --- Odd but sound ------------------------------------------------------------------------------------


def test_what_is_odd_is_told():
    text = changed("approval", "approval\nmax_length;1\nmin_length;1\nmax_sum_cost;900\nmax_points;many")
    text = (
        text.replace("1;600;Speeltuin", "1;1100;Speeltuin")
        .replace("cost;name", "cost;votes")
        .replace("p2;399.5;", "p2;399.5;7;")
        .replace('7;"Bomen; en ""struiken"""', "7")
    )

    meta, _instance = read(text.replace("Speeltuin", "2").replace("Geveltuinen", "0"))

    assert meta.warnings == (
        "a project costs more than the whole budget (line 14)",
        "max_points is not a whole number (line 17)",
        "a ballot breaks max_length 1 (line 19 and 1 more lines)",
        "a ballot breaks max_sum_cost 900 (line 19 and 1 more lines)",
        "a ballot breaks min_length 1 (line 22)",
        "project p2 has 3 in the ballots, but votes says '7'",
    )


# --- Writing ------------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=150)
@given(votes())
def test_what_is_written_is_read_the_same(case):
    costs, budget, ballots = case
    instance = make_instance(options_costing(*costs), budget, ballots)

    meta, again = read(pb_text({"description": 'a; "b"'}, instance))

    assert again.digest == instance.digest
    assert meta.values["description"] == 'a; "b"'


def test_file_that_was_read_is_written_the_same(tmp_path):
    meta, instance = read(SOUND)
    path = tmp_path / "vote.pb"

    write_pb(path, meta.values, instance, projects={**meta.projects})

    assert path.read_text(encoding="utf-8") == (
        SOUND.replace("project_id;cost;name", "project_id;cost;votes;name")
        .replace("1;600;", "1;600;2;")
        .replace("p2;399.5;", "p2;399.50;3;")
        .replace("3;0;", "3;0;0;")
        .partition("voter_id")[0]
        + "voter_id;vote\n1;\n2;1,p2\n3;1,p2\n4;p2\n"
    )


def test_more_columns_of_projects_are_written():
    _meta, instance = read(SOUND)

    text = pb_text({}, instance, projects={"1": {"selected": "1"}, "p2": {"selected": "0"}})

    assert "project_id;cost;votes;name;selected\n1;600;2;Speeltuin;1\n" in text


def test_title_with_line_ends_stays_on_its_line():
    instance = make_instance([Option("a", 1, "one\nVOTES\r\ntwo")], 1, ["a"])

    assert read(pb_text({}, instance))[1].options[0].name == "one VOTES two"


@pytest.mark.parametrize(
    ("announced", "ballots", "written"),
    [
        ("choose-1", ["a", ""], "choose-1"),
        ("choose-1", ["ab"], "approval"),
        ("", ["ab"], "approval"),
        ("ordinal", ["a"], "approval"),
        ("cumulative", [{"a": 2}], "cumulative"),
        ("approval", [{"a": 2}], "scoring"),
    ],
)
def test_type_of_ballot_follows_the_ballots(announced, ballots, written):
    meta, _instance = read(pb_text({"vote_type": announced}, make_instance(options_costing(1, 1), 1, ballots)))

    assert meta.values["vote_type"] == written


def test_id_with_a_comma_cannot_be_written():
    with pytest.raises(PabulibError, match="has no comma"):
        pb_text({}, make_instance([Option("a,b", 1)], 1, []))


def test_amounts_are_written_whole_where_they_are():
    assert [format_amount(cents) for cents in (0, 5, 100, 123_456_789)] == ["0", "0.05", "1", "1234567.89"]


# --- Real files ---------------------------------------------------------------------------------------

FILES = [
    "Netherlands_Amsterdam_252",
    "Netherlands_Amsterdam_289",
    "Netherlands_Amsterdam_643",
    "Netherlands_Assen_2024",
    "Poland_Warszawa_2026",
    "Poland_Wieliczka_2023_Green_Budget",
]


@pytest.mark.data
@pytest.mark.parametrize("name", FILES)
def test_real_file_is_read_without_oddities_and_written_the_same(real_data, name):
    meta, instance = read_pb(real_data / "pb" / f"{name}.pb")

    assert meta.warnings == ()
    assert str(instance.voters) == meta.values["num_votes"]
    assert read(pb_text(meta.values, instance, projects=meta.projects))[1].digest == instance.digest
