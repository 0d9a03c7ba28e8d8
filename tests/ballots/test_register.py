"""The extract of a municipal register: all of a file or nothing, and one source for a roll."""

import io
import tracemalloc
from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone, translation

from ballots import clock
from ballots.actions import agree_to_vote, forget_roll
from ballots.frozen import freeze, rules_hash
from ballots.models import RollEntry, Vote
from ballots.register.ending import NAMELESS
from ballots.register.extract import MOST_LISTED, Person, Problems, read_extract
from ballots.register.issuing import person_with_number
from ballots.register.loading import ExtractRefused, add_person, load_register
from ballots.register.models import RegisteredVoter, VotingCode
from ballots.roll import voter_key
from people.retention import apply as apply_retention
from people.verdict import NotAllowed
from tests.factories.ballots import make_open_vote, make_opener, make_vote, open_by_two
from tests.factories.register import HEADER, extract, line, make_register_vote, open_with_codes

pytestmark = pytest.mark.django_db

PIA = Person("77", "Pia", "Havenstraat", 1, "", "1234AB", "Waterveen", date(1990, 1, 1), is_secret=False)


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def problems_in(content: bytes) -> list[str]:
    problems = Problems()
    list(read_extract(io.BytesIO(content), problems))
    return problems.sentences


def refusal(work) -> str:
    with pytest.raises(NotAllowed) as caught:
        work()
    return str(caught.value)


# --- Reading --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "with a mark"])
@pytest.mark.parametrize("delimiter", [";", ","])
def test_good_file_is_read_in_either_form(mark, delimiter):
    content = extract(line("7", name="Zoë", birth_date="31-12-1999", addition="2 hoog"), line("8", secret="ja"))
    problems = Problems()
    text = content.getvalue().decode().replace(";", delimiter)
    persons = [person for _line, person in read_extract(io.BytesIO(mark + text.encode()), problems)]
    assert problems.sentences == []
    assert persons[0] == Person(
        "7", "Zoë", "Havenstraat", 1, "2HOOG", "1234AB", "Waterveen", date(1999, 12, 31), is_secret=False
    )
    assert [person.is_secret for person in persons] == [False, True]


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-16-le", "cp1252"])
def test_other_encodings_are_refused_clearly(encoding):
    """Mutant killed: decoding with replacement, which spoils names without a sign."""
    content = extract(line(name="Zoë")).getvalue().decode().encode(encoding)
    [sentence] = problems_in(content)
    assert "Save it as CSV with UTF-8." in sentence
    assert ("UTF-16" in sentence) is encoding.startswith("utf-16")


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (HEADER.replace(";naam", ""), "the column “naam” is missing."),
        (HEADER + ";bsn", "the column “bsn” does not belong here."),
        (HEADER + ";naam", "the column “naam” is there twice."),
        ("", "the column “registernummer” is missing."),
    ],
)
def test_columns_must_be_these(header, expected):
    sentences = problems_in(extract(line(), header=header).getvalue())
    assert len(sentences) == 1
    assert sentences[0].startswith("Line 1: ")
    assert expected in sentences[0]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"birth_date": "1985-02-30"}, "no date of birth"),
        ({"birth_date": "05051985"}, "no date of birth"),
        ({"birth_date": (timezone.localdate() + timedelta(days=1)).isoformat()}, "no date of birth"),
        ({"birth_date": "1850-01-01"}, "no date of birth"),
        ({"postcode": "0234AB"}, "no postcode"),
        ({"house_number": "0"}, "no house number"),
        ({"house_number": "٣"}, "no house number"),
        ({"secret": ""}, "is not “ja” or “nee”"),
        ({"name": ""}, "the name is missing"),
        ({"name": "x" * 201}, "longer than 200 characters"),
        ({"street": "x" * 101}, "longer than 100 characters"),
        ({"name": "A\x07B"}, "control character in “naam”"),
        ({"name": "A\u202eB"}, "control character in “naam”"),
        ({"name": '"A\nB"'}, "control character in “naam”"),
        ({"city": ""}, "the column “plaats” is empty"),
    ],
)
def test_bad_cell_is_named_with_its_line(fields, expected):
    [sentence] = problems_in(extract(line("1"), line("2", **fields)).getvalue())
    # A line break in a cell makes its row end a line later.
    assert sentence.startswith("Line 4: " if "\n" in fields.get("name", "") else "Line 3: ")
    assert expected in sentence


def test_wrong_number_of_cells_and_what_is_no_csv_are_named():
    content = extract(line("1") + ";more", line("2"), '3;"a"b', line("4")).getvalue()
    assert [sentence.split(":")[0] for sentence in problems_in(content)] == ["Line 2", "Line 4"]


def test_line_without_end_is_refused_before_it_fills_the_memory():
    [sentence] = problems_in(HEADER.encode() + b"\n" + b"x" * 20_000_000)
    assert "too long" in sentence


# --- Loading --------------------------------------------------------------------------------------------------------


def test_nothing_of_a_refused_file_is_stored_and_the_earlier_extract_stays():
    """Mutant killed: storing the good lines of a bad file."""
    vote = make_register_vote(line("1"))
    before = RegisteredVoter.objects.get(vote=vote).pk
    bad = [line(str(number), birth_date="gisteren") for number in range(150)]
    with pytest.raises(ExtractRefused) as caught:
        load_register(vote, extract(line("500"), *bad, line("500")), actor=None)
    assert caught.value.count == 151
    assert len(caught.value.sentences) == MOST_LISTED
    assert [row.pk for row in RegisteredVoter.objects.filter(vote=vote)] == [before]


def test_doubles_name_both_lines():
    vote = make_vote(roll_source="register")
    with pytest.raises(ExtractRefused) as caught:
        load_register(vote, extract(line("A 1"), line("2"), line("a1"), line("A1")), actor=None)
    assert caught.value.sentences == [
        "Line 4: this register number stands on line 2 already.",
        "Line 5: this register number stands on line 2 already.",
    ]


def test_empty_file_is_refused():
    with pytest.raises(ExtractRefused):
        load_register(make_vote(roll_source="register"), extract(), actor=None)


def test_loading_again_replaces_and_undoes_an_agreement():
    """The second person opens the vote that the first one saw, with the same people. Mutant killed: leaving the agreement."""
    vote = make_register_vote(line("1"), line("2"))
    agree_to_vote(vote, actor=make_opener("Gerda"))
    load_register(vote, extract(line("3")), actor=None)
    assert RegisteredVoter.objects.filter(vote=vote).count() == 1
    assert vote.agreed_by is None


def test_database_holds_no_register_number():
    make_register_vote(line("9876543210", name="Pia"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT ballots_registeredvoter::text FROM ballots_registeredvoter")
        assert "9876543210" not in cursor.fetchone()[0]


def test_same_number_in_two_votes_has_two_hashes():
    one, other = make_register_vote(line("1")), make_register_vote(line("1"))
    hashes = {bytes(RegisteredVoter.objects.get(vote=vote).number_hash) for vote in (one, other)}
    assert len(hashes) == 2


def test_one_secret_person_makes_the_household_secret():
    vote = make_register_vote(
        line("1"), line("2", secret="ja"), line("3", house_number="2"), line("4", secret="ja", **NO_HOME)
    )
    assert RegisteredVoter.objects.filter(vote=vote, is_secret=True).count() == 3


NO_HOME = {"street": "", "house_number": "", "postcode": "", "city": ""}


def test_memory_stays_flat():
    """Reading 4,000 lines takes no more than reading 400. Mutant killed: all persons in a list."""
    peaks = []
    for number in (400, 4_000):
        content = extract(*(line(str(each)) for each in range(number)))
        tracemalloc.start()
        assert sum(1 for _person in read_extract(content, Problems())) == number
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 50_000


def test_command_loads_or_names_what_is_wrong(tmp_path, capsys):
    vote, path = make_vote(roll_source="register"), tmp_path / "kiezers.csv"
    path.write_bytes(extract(line("1"), line("1")).getvalue())
    with pytest.raises(CommandError, match="Line 3: this register number stands on line 2 already"):
        call_command("load_register", str(vote.pk), str(path))
    path.write_bytes(extract(line("1"), line("2", secret="ja")).getvalue())
    call_command("load_register", str(vote.pk), str(path))
    assert RegisteredVoter.objects.filter(vote=vote).count() == 2
    with pytest.raises(CommandError):
        call_command("load_register", "no-vote", str(path))


# --- One source, frozen ---------------------------------------------------------------------------------------------


def test_roll_comes_from_its_source_only(places, anna):
    """Anna has an account and stands in the extract: on neither roll she stands twice. Mutant killed: adding both sources."""
    by_register, by_account = open_by_two(make_register_vote(line("1"))), make_open_vote()
    person = RegisteredVoter.objects.get(vote=by_register)
    assert keys_of(by_register) == {voter_key(bytes(by_register.pepper), person.reference)}
    assert keys_of(by_account) == {voter_key(bytes(by_account.pepper), anna.reference)}


def keys_of(vote):
    return {bytes(key) for key in RollEntry.objects.filter(vote=vote).values_list("voter_key", flat=True)}


def test_source_is_part_of_the_rules_and_frozen():
    vote = make_vote()
    before = rules_hash(freeze(vote))
    vote.roll_source = Vote.RollSource.REGISTER
    assert rules_hash(freeze(vote)) != before
    opened = open_by_two(make_register_vote())
    with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
        Vote.objects.filter(pk=opened.pk).update(roll_source="accounts")


def test_age_and_area_hold_for_the_register_and_who_is_not_on_the_roll_is_forgotten(places):
    vote = make_register_vote(
        line("1"),
        line("2", birth_date=timezone.localdate().isoformat()),
        line("3", postcode="1235AA", street="Heideweg"),
        line("4", addition="C", secret="ja"),
        area=places.east,
    )
    open_by_two(vote)
    left = RegisteredVoter.objects.filter(vote=vote)
    assert RollEntry.objects.filter(vote=vote).count() == left.count() == 2
    assert {(row.name, row.street, row.is_secret) for row in left} == {
        ("Kiezer 1", "Havenstraat", False),
        ("Kiezer 4", "", True),
    }


def test_vote_without_age_and_area_is_for_everybody_in_the_extract():
    """Mutant killed: an empty condition, which "or" drops, so that only test voters would be left."""
    vote = open_by_two(make_register_vote(line("1"), line("2", postcode="9999ZZ"), minimum_age=0))
    assert RollEntry.objects.filter(vote=vote).count() == 2


def test_vote_for_an_area_needs_to_know_where_secret_addresses_lie(places):
    vote = make_register_vote(line("1"), line("2", secret="ja", **NO_HOME), area=places.east)
    assert "no postcode" in refusal(lambda: agree_to_vote(vote, actor=make_opener("Gerda")))


def test_vote_by_register_without_extract_is_not_opened():
    vote = make_vote(roll_source="register")
    assert "Load the extract" in refusal(lambda: open_by_two(vote))


def test_extract_of_a_vote_that_takes_accounts_after_all_is_forgotten(anna):
    vote = make_register_vote()
    Vote.objects.filter(pk=vote.pk).update(roll_source="accounts")
    open_by_two(vote)
    assert not RegisteredVoter.objects.filter(vote=vote).exists()


# --- Late additions -------------------------------------------------------------------------------------------------


def test_person_can_be_added_before_opening_only():
    """By action and behind Python's back. Mutants killed: each guard apart."""
    vote = make_register_vote(line("1"))
    add_person(vote, PIA, actor=None)
    assert "already" in refusal(lambda: add_person(vote, PIA, actor=None))
    open_by_two(vote)
    assert RollEntry.objects.filter(vote=vote).count() == 2
    assert "no longer changes" in refusal(lambda: add_person(vote, PIA, actor=None))
    assert "no longer changes" in refusal(lambda: load_register(vote, extract(line("5")), actor=None))
    with pytest.raises(IntegrityError, match="register is frozen"), transaction.atomic():
        RegisteredVoter.objects.create(vote=vote, number_hash=b"x" * 32)
    assert RegisteredVoter.objects.filter(vote=vote).count() == 2


def test_late_person_with_a_secret_address_makes_the_household_secret():
    vote = make_register_vote(line("1"))
    add_person(vote, Person(**{**PIA.__dict__, "is_secret": True}), actor=None)
    assert RegisteredVoter.objects.filter(vote=vote, is_secret=True).count() == 2


def test_only_a_vote_by_register_takes_an_extract():
    assert "accounts" in refusal(lambda: load_register(make_vote(), extract(line()), actor=None))


@pytest.mark.parametrize(
    "change", [{"name": "Ander"}, {"number_hash": b"y" * 32}, {"is_secret": True}, {"electorate": "x"}]
)
def test_person_of_an_opened_vote_only_fades(change):
    vote = open_by_two(make_register_vote())
    rows = RegisteredVoter.objects.filter(vote=vote)
    with pytest.raises(IntegrityError, match="changes"), transaction.atomic():
        rows.update(**change)
    rows.update(name="", birth_date=None, house_number=None)
    with pytest.raises(IntegrityError, match="pepper"), transaction.atomic():
        rows.delete()


def test_register_and_codes_go_with_the_roll(settings):
    vote, _codes = open_with_codes()
    settings.BALLOTS_APPEAL_DAYS = 0
    from ballots.actions import annul_vote

    annul_vote(vote, actor=make_opener("Gerda"), reason="Verkeerde vraag")
    assert VotingCode.objects.filter(voter__vote=vote).count() == 1
    forget_roll(vote)
    assert not RegisteredVoter.objects.filter(vote=vote).exists()
    assert not VotingCode.objects.exists()
    assert clock.now() > vote.annulled_at


def test_names_go_a_day_after_closing_and_keys_stay():
    """Retention works on text fields too, and stops. Mutant killed: keeping the names until the roll goes."""
    vote = open_by_two(make_register_vote(line("1")))
    apply_retention(vote.closes_at)
    assert RegisteredVoter.objects.get(vote=vote).name == "Kiezer 1"
    for _night in range(2):
        apply_retention(vote.closes_at + timedelta(days=1, seconds=1))
    row = RegisteredVoter.objects.get(vote=vote)
    assert [getattr(row, name) for name in NAMELESS] == ["", "", None, "", "", "", None]
    assert person_with_number(vote, "1") == row
