"""Staff load the extract, download the cards once, and give a code at the counter."""

import csv
import io
import re
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse
from pypdf import PdfReader
from wagtail.models import ModelLogEntry

from ballots.codes import plain
from ballots.models import Vote
from ballots.register.card_files import card_pdf, cards_zip, page_address
from ballots.register.issuing import Card, figures_of
from ballots.register.models import RegisteredVoter, VotingCode
from people.letters import files
from tests.ballots.test_voting_pages import text_of
from tests.factories.ballots import make_vote, open_by_two
from tests.factories.people import make_user, record_log_in
from tests.factories.register import extract, line, make_register_vote, open_with_codes, voter_of

pytestmark = pytest.mark.django_db

ADDED = {
    "step": "add",
    "number": "77",
    "name": "Pia",
    "birth_date": "01-01-1990",
    "street": "Havenstraat",
    "house_number": "1",
    "addition": "",
    "postcode": "1234 ab",
    "city": "Waterveen",
    "secret": "nee",
}


def url(name, vote):
    return reverse(f"vote:{name}", args=[vote.pk])


def upload(*lines, **options):
    return {"step": "load", "file": SimpleUploadedFile("kiezers.csv", extract(*lines, **options).read())}


@pytest.fixture
def staff(site_root, clerk, client_for):
    return client_for(clerk)


@pytest.fixture
def recent(staff, clerk):
    """Staff who said a moment ago who they are."""
    record_log_in(staff, clerk, recent=True)
    return staff


# --- The extract ----------------------------------------------------------------------------------------------------


def test_staff_load_an_extract_or_read_what_is_wrong(staff):
    vote = make_vote(roll_source="register")
    page = text_of(staff.post(url("register", vote), upload(line("1"), line("1"), line("2", postcode="x"))))
    assert "Er zijn 2 problemen in het bestand." in page
    assert "Regel 3: dit registernummer staat al op regel 2." in page
    assert "Regel 4: “x” is geen postcode." in page
    assert not RegisteredVoter.objects.exists()
    page = text_of(staff.post(url("register", vote), upload(line("1"), line("2", secret="ja")), follow=True))
    assert "2 personen geladen" in page
    assert "2 personen in het uittreksel." in page
    assert ModelLogEntry.objects.filter(action="ballots.load_register").count() == 1


def test_no_file_and_an_empty_file_are_refused(staff):
    vote = make_vote(roll_source="register")
    assert staff.post(url("register", vote), {"step": "load"}).status_code == 200
    empty = {"step": "load", "file": SimpleUploadedFile("leeg.csv", b"")}
    assert "de kolom “registernummer” ontbreekt." in text_of(staff.post(url("register", vote), empty))


def test_staff_add_a_person_before_opening_and_read_a_refusal_after(staff):
    """Late additions by form. The action and the trigger have tests of their own (`test_register`)."""
    vote = make_register_vote(line("1"))
    assert "is geen huisnummer" in text_of(staff.post(url("register", vote), {**ADDED, "house_number": "nul"}))
    assert "toegevoegd" in text_of(staff.post(url("register", vote), ADDED, follow=True))
    assert "staat al in het uittreksel" in text_of(staff.post(url("register", vote), ADDED))
    open_by_two(vote)
    page = text_of(staff.post(url("register", vote), {**ADDED, "number": "78"}, follow=True))
    assert "verandert niet meer. Niemand kan nog worden toegevoegd." in page
    page = text_of(staff.post(url("register", vote), upload(line("9")), follow=True))
    assert "verandert niet meer" in page
    assert RegisteredVoter.objects.filter(vote=vote).count() == 2


def test_form_of_a_vote_asks_for_its_source(staff):
    assert 'name="roll_source"' in staff.get(url("edit", make_vote())).content.decode()


def test_draft_is_deleted_with_its_extract(staff):
    vote = make_register_vote(line("1"))
    staff.post(url("delete", vote))
    assert not Vote.objects.filter(pk=vote.pk).exists()
    assert not RegisteredVoter.objects.exists()


@pytest.mark.parametrize("name", ["register", "cards", "counter_code"])
def test_pages_ask_no_more_of_the_database_for_more_people(staff, name, django_assert_max_num_queries):
    one, three = (
        open_by_two(make_register_vote(line("1"))),
        open_by_two(make_register_vote(line("1"), line("2"), line("3"))),
    )
    counts = []
    for vote in (one, three):
        staff.get(url(name, vote))
        with django_assert_max_num_queries(60) as captured:
            assert staff.get(url(name, vote)).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]


# --- Cards ----------------------------------------------------------------------------------------------------------


def test_cards_are_downloaded_once_after_showing_who_you_are(staff, clerk):
    """The codes in the file are the codes that work. Mutant killed: exporting without a fresh log-in."""
    vote = open_by_two(make_register_vote(line("1"), line("2", secret="ja", house_number="3")))
    assert staff.post(url("cards", vote), {"export": "1"}).status_code == 302
    assert not VotingCode.objects.exists()
    record_log_in(staff, clerk, recent=True)
    response = staff.post(url("cards", vote), {"export": "1"})
    assert response["Content-Type"] == "application/zip"
    assert "no-store" in response["Cache-Control"]
    archive = zipfile.ZipFile(io.BytesIO(response.content))
    names = archive.namelist()
    assert [name.rpartition(".")[2] for name in names] == ["csv", "pdf"]
    rows = list(csv.reader(io.StringIO(archive.read(names[0]).decode("utf-8-sig")), delimiter=";"))
    assert rows[1][:3] == ["Kiezer 1", "Havenstraat 1", "1234 AB  WATERVEEN"]
    assert voter_of(vote, plain(rows[1][3])) is not None
    text = PdfReader(io.BytesIO(archive.read(names[1]))).pages[0].extract_text()
    assert rows[1][3] in text
    assert "Uw stempas" in text
    page = text_of(staff.post(url("cards", vote), {"export": "1"}, follow=True))
    assert "Iedereen die een stempas krijgt, heeft er een." in page
    assert ModelLogEntry.objects.get(action="ballots.export_codes").user == clerk


def test_names_are_harmless_on_paper_in_the_list_and_in_the_admin(recent):
    """Formulas, markup of Typst and HTML stay text."""
    nasty = '=HYPERLINK("http://x")#strong[a]<script>alert(1)</script>'
    vote = open_by_two(make_register_vote(line("1", name='"' + nasty.replace('"', '""') + '"')))
    content = cards_zip(vote, [Card((nasty, "Straat 1", "1234 AB  X"), "01QD2M9X4TBW")], "x")
    archive = zipfile.ZipFile(io.BytesIO(content))
    rows = list(csv.reader(io.StringIO(archive.read("x.csv").decode("utf-8-sig")), delimiter=";"))
    assert rows[1][0] == f"'{nasty}"
    assert "#strong[a]<script>" in PdfReader(io.BytesIO(archive.read("x-1.pdf"))).pages[0].extract_text().replace(
        "\n", ""
    )
    page = recent.post(url("counter_code", vote), {"step": "find", "number": "1"}).content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize(
    ("fields", "ways"), [({}, []), ({"at_counter": True, "on_paper": True}, ["Aan onze balie", "Op papier"])]
)
def test_card_names_the_ways_that_this_vote_has(site_root, fields, ways):
    vote = open_by_two(make_register_vote(**fields))
    text = PdfReader(io.BytesIO(card_pdf(vote, Card(("Pia",), "01QD2M9X4TBW")))).pages[0].extract_text()
    assert "Vul uw stemcode in." in text
    assert [way for way in ("Aan onze balie", "Op papier") if f"{way}:" in text] == ways


def test_code_stands_in_the_fragment_of_the_address_only(monkeypatch, site_root):
    """What is scanned is the page, and behind `#` the code: no server sees that part."""
    texts = []
    monkeypatch.setattr(
        "ballots.register.card_files.qr_png",
        lambda text, **options: texts.append(text) or files.qr_png(text, **options),
    )
    vote = open_by_two(make_register_vote())
    cards_zip(vote, [Card(("A", "B 1", "C"), "01QD2M9X4TBW")], "x")
    assert texts == [f"{page_address(vote)}#01QD-2M9X-4TBW"]
    assert "01QD" not in page_address(vote)


def test_command_exports_all_cards_with_progress(tmp_path, capsys, site_root):
    vote = make_register_vote(*(line(str(number)) for number in range(3)))
    with pytest.raises(CommandError, match=r"Open eerst|Open the vote first"):
        call_command("export_voting_cards", str(vote.pk), str(tmp_path))
    open_by_two(vote)
    call_command("export_voting_cards", str(vote.pk), str(tmp_path), per_file=2)
    assert capsys.readouterr().out.splitlines()[:2] == ["2 of 3 cards", "3 of 3 cards"]
    assert len(list(tmp_path.glob("*.zip"))) == 2
    assert figures_of(vote).waiting == 0


def test_staff_replace_a_card_by_register_number(staff):
    vote, [code] = open_with_codes(line("1"))
    assert "Niemand op de kiezerslijst" in text_of(staff.post(url("cards", vote), {"replace": "1", "number": "99"}))
    staff.post(url("cards", vote), {"replace": "1", "number": "1"})
    assert voter_of(vote, code) is None
    assert figures_of(vote).waiting == 1


# --- At the counter -------------------------------------------------------------------------------------------------


def test_code_is_given_on_paper_to_who_was_found(staff, clerk):
    vote = open_by_two(make_register_vote(line("1", secret="ja")))
    page = staff.post(url("counter_code", vote), {"step": "find", "number": "1"})
    assert "no-store" in page["Cache-Control"]
    assert "Kiezer 1" in text_of(page)
    assert not VotingCode.objects.exists()
    response = staff.post(url("counter_code", vote), {"step": "issue", "number": "1"})
    assert response["Content-Type"] == "application/pdf"
    assert "no-store" in response["Cache-Control"]
    text = PdfReader(io.BytesIO(response.content)).pages[0].extract_text()
    code = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", text).group(0)
    assert voter_of(vote, code) is not None
    assert "Havenstraat" not in text
    entry = ModelLogEntry.objects.get(action="ballots.issue_code")
    assert (entry.user, entry.data) == (clerk, {})


@pytest.mark.parametrize("roles", [(), ("moderator",), ("auditor",)])
def test_who_may_not_give_codes_gives_none(site_root, client_for, roles):
    vote = open_by_two(make_register_vote(line("1")))
    client = client_for(make_user("Ongeroepen", roles=roles))
    for name, data in (("counter_code", {"step": "issue", "number": "1"}), ("cards", {"export": "1"})):
        assert client.post(url(name, vote), data).status_code in (302, 403)
    assert not VotingCode.objects.exists()
