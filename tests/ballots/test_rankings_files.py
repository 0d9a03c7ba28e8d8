"""Files of rankings: `.blt` and PrefLib's. What is read, and how the rest is refused, with its line."""

from contextlib import suppress
from datetime import date
from io import BytesIO, StringIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballots.counting import Option, RankedInstance, group_rankings
from ballots.formats.blt import read_blt
from ballots.formats.files import read_ballots
from ballots.formats.preflib import preflib_kind, preflib_text, read_preflib
from ballots.formats.text import FormatError

BLT = """\
# made by hand
4 2   # options and seats
-2
3 1 2 3 0
1 - 3=4 1 0
2 4 - 2 1 0
1 2=3 1 0

1 0
0
"Anna"
"Bram ""the bridge"" B."
"Chaima #3"
"Dirk"
"A test"
"""

SOI = """\
# FILE NAME: test.soi
# TITLE: A test
# DATA TYPE: soi
# NUMBER ALTERNATIVES: 3
# NUMBER VOTERS: 6
# NUMBER UNIQUE ORDERS: 3
# ALTERNATIVE NAME 1: Anna
# ALTERNATIVE NAME 2: Bram
# ALTERNATIVE NAME 3: Chaima
3: 1,2,3
2: 3
1: 2, 1
"""


def blt(text):
    return read_blt(StringIO(text))


def preflib(text, kind="soi"):
    return read_preflib(StringIO(text), kind=kind)


def ballots(instance):
    return dict(instance.ballots)


# --- .blt -------------------------------------------------------------------------------------------------


def test_blt_is_read():
    """Bram withdrew: ranks that he alone filled are gone, skipped ranks stay, of an overvote with him the other is left."""
    meta, instance = blt(BLT)

    assert (meta.title, meta.seats, meta.withdrawn) == ("A test", 2, ('Bram "the bridge" B.',))
    assert [option.id for option in instance.options] == ["Anna", "Chaima #3", "Dirk"]
    assert ballots(instance) == {
        ((0,), (1,)): 3,
        ((), (1, 2), (0,)): 1,
        ((2,), (), (0,)): 2,
        ((1,), (0,)): 1,
        (): 1,
    }


def test_blt_needs_no_title_and_takes_one_without_quotes():
    text = '1 1\n1 1 0\n0\n"Anna"\n'

    assert blt(text)[0].title == ""
    assert blt(text + "Ward 12 - Leith\n")[0].title == "Ward 12 - Leith"


def test_names_that_are_there_twice_get_their_number():
    instance = blt('2 1\n1 1 0\n0\n"Anna"\n"Anna"\n')[1]

    assert [option.id for option in instance.options] == ["Anna (1)", "Anna (2)"]


@pytest.mark.parametrize(
    ("before", "after", "line", "sentence"),
    [
        ("4 2   #", "4 x   #", 2, "the number of seats must be a whole number from 1 to 1000, not 'x'"),
        ("4 2   #", "4   #", 2, "must begin with the number of options and the number of seats"),
        ("4 2   #", "0 2   #", 2, "the number of options must be"),
        ("-2\n", "-5\n", 3, "the number of an option must be a whole number from 1 to 4, not '5'"),
        ("-2\n", "-2 3\n", 3, "without a minus sign"),
        ("3 1 2 3 0", "3 1 2 3", 4, "the ballot does not end with 0"),
        ("3 1 2 3 0", "3 1 2 5 0", 4, "not '5'"),
        ("3 1 2 3 0", "3 1 2 1 0", 4, "the ballot names an option twice"),
        ("3 1 2 3 0", "1.5 1 2 0", 4, "the number of ballots must be a whole number"),
        ("3 1 2 3 0", "0 1 2 0", 4, "the number of ballots must be a whole number"),
        ("3=4", "3==4", 5, "the number of an option"),
        ("2 4 - 2 1 0", "-1", 6, "must stand before the ballots"),
        ('"Anna"', "Anna", 11, "the name of option 1 must be one text in quotes, not 'Anna'"),
        ('"Anna"', '"Anna" "Bram"', 11, "must be one text in quotes"),
        ('"Anna"', '""', 11, "option 1 has no name"),
        ('"A test"\n', '"A test"\n"more"\n', 16, "more in the file after the title"),
        ("\n0\n", "\n", 10, "the number of ballots must be a whole number"),
    ],
)
def test_broken_blt_is_refused_with_its_line(before, after, line, sentence):
    assert before in BLT
    with pytest.raises(FormatError) as refused:
        blt(BLT.replace(before, after, 1))

    assert (refused.value.line, sentence in refused.value.message) == (line, True), str(refused.value)


def test_blt_that_ends_too_soon_is_refused():
    for lines in range(14):
        with pytest.raises(FormatError):
            blt("".join(BLT.splitlines(keepends=True)[:lines]))


# --- PrefLib ----------------------------------------------------------------------------------------------


def test_preflib_is_read():
    meta, instance = preflib(SOI)

    assert meta.title == "A test"
    assert [option.id for option in instance.options] == ["Anna", "Bram", "Chaima"]
    assert ballots(instance) == {((0,), (1,), (2,)): 3, ((2,),): 2, ((1,), (0,)): 1}


def test_level_options_are_read():
    instance = preflib(SOI.replace("soi", "toi").replace("3: 1,2,3", "3: {1,2},3"), "toi")[1]

    assert ballots(instance)[(0, 1), (2,)] == 3


@pytest.mark.parametrize(
    ("before", "after", "line", "sentence"),
    [
        ("# DATA TYPE: soi", "# DATA TYPE: toi", 3, "says that it is 'toi', but its name ends in .soi"),
        ("# NUMBER ALTERNATIVES: 3\n", "", 9, "the header has no NUMBER ALTERNATIVES"),
        ("# NUMBER ALTERNATIVES: 3", "# NUMBER ALTERNATIVES: 4", 10, "the header has no ALTERNATIVE NAME 4"),
        ("# NUMBER VOTERS: 6", "# NUMBER VOTERS: 7", 12, "announces NUMBER VOTERS '7', but the file has 6"),
        ("# NUMBER UNIQUE ORDERS: 3", "# NUMBER UNIQUE ORDERS: 2", 12, "announces NUMBER UNIQUE ORDERS '2'"),
        ("# TITLE: A test", "# FILE NAME: A test", 2, "the header gives FILE NAME twice"),
        ("3: 1,2,3", "3: 1,2,4", 10, "the number of an option must be a whole number from 1 to 3, not '4'"),
        ("3: 1,2,3", "3: 1,2,1", 10, "the order names an option twice"),
        ("3: 1,2,3", "3: 1,,3", 10, "'1,,3' is not an order"),
        ("3: 1,2,3", "3: {1,2},3", 10, "a .soi file has no level options"),
        ("3: 1,2,3", "3:", 10, "'' is not an order"),
        ("3: 1,2,3", "1,2,3", 10, "must begin with how often it was cast"),
        ("3: 1,2,3", "0: 1,2,3", 10, "how often an order was cast must be"),
        ("2: 3\n", "# TITLE: again\n", 11, "a line of the header stands among the orders"),
    ],
)
def test_broken_preflib_is_refused_with_its_line(before, after, line, sentence):
    assert before in SOI
    with pytest.raises(FormatError) as refused:
        preflib(SOI.replace(before, after, 1))

    assert (refused.value.line, sentence in refused.value.message) == (line, True), str(refused.value)


def test_complete_file_names_all():
    with pytest.raises(FormatError, match="names 1 of 3 options"):
        preflib(SOI.replace("soi", "soc"), "soc")


def test_unclosed_level_is_refused():
    for order in ("{1,2", "1,2}", "{{1},2}", "{}", "{1,}", "1,"):
        with pytest.raises(FormatError):
            preflib(SOI.replace("soi", "toi").replace("3: 1,2,3", f"3: {order}"), "toi")


# --- Both -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["test.blt", "test.soi"])
@pytest.mark.parametrize(
    ("bytes_", "sentence"), [(b"\xff\xfe", "not UTF-8"), (b"\0", "NUL character"), (b"1" * 1_000_002, "longer than")]
)
def test_what_is_no_text_is_refused(tmp_path, name, bytes_, sentence):
    (tmp_path / name).write_bytes(bytes_)

    with pytest.raises(FormatError, match=sentence):
        read_ballots(tmp_path / name)


def test_unknown_ending_is_refused(tmp_path):
    (tmp_path / "ballots.csv").write_text("1,2")

    with pytest.raises(FormatError, match=r"its name must end in \.pb, \.blt, \.soc"):
        read_ballots(tmp_path / "ballots.csv")


def test_large_letters_at_the_end_of_a_name_are_fine(tmp_path):
    (tmp_path / "TEST.SOI").write_text(SOI)

    assert read_ballots(tmp_path / "TEST.SOI")[1].voters == 6


@settings(max_examples=300)
@given(st.binary(max_size=60) | st.text(alphabet='0123456789 -="#\n{},:', max_size=60).map(str.encode))
def test_rubbish_is_refused_and_nothing_else(content):
    """Whatever the bytes: an instance or a FormatError, no other error."""
    for reader in (read_blt, lambda stream: read_preflib(stream, kind="toi")):
        with suppress(FormatError):
            reader(BytesIO(content))


# --- Writing ----------------------------------------------------------------------------------------------


def written(instance):
    return preflib_text(instance, title="A test", file_name="x", published=date(2026, 11, 22))


def test_file_is_written_as_it_was_read():
    instance = preflib(SOI)[1]

    assert written(instance).splitlines()[-3:] == ["3: 1,2,3", "2: 3", "1: 2,1"]
    assert ballots(preflib(written(instance))[1]) == ballots(instance)


@pytest.mark.parametrize(
    ("rankings", "kind"),
    [
        ([((0,), (1,))], "soc"),
        ([((0,),)], "soi"),
        ([((0, 1),)], "toc"),
        ([((0, 1),), ((0,),)], "toi"),
    ],
)
def test_kind_is_the_narrowest(rankings, kind):
    instance = RankedInstance((Option("a"), Option("b")), group_rankings(dict.fromkeys(rankings, 1)))

    assert preflib_kind(instance) == kind
    assert ballots(preflib(written(instance), kind)[1]) == ballots(instance)


def test_skipped_rank_cannot_be_written():
    instance = RankedInstance((Option("a"),), group_rankings({((), (0,)): 1}))

    with pytest.raises(FormatError, match="skipped ranks"):
        written(instance)


def test_order_of_a_published_file_says_nothing_about_who_voted_when():
    one = group_rankings({((0,),): 1, ((1,),): 1})
    other = group_rankings({((1,),): 1, ((0,),): 1})
    options = (Option("a"), Option("b"))

    assert written(RankedInstance(options, one)) == written(RankedInstance(options, other))


def test_name_cannot_break_out_of_its_line():
    """Kills: a name with a line end that adds a line to the header."""
    instance = RankedInstance((Option("a", name="A\n# NUMBER VOTERS: 9"),), group_rankings({((0,),): 1}))

    assert preflib(written(instance), "soc")[1].options == (Option("A # NUMBER VOTERS: 9"),)
