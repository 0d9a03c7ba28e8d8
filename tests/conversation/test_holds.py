"""What holds a contribution, and what does not."""

from datetime import timedelta

import pytest
from django.utils import timezone
from wagtail.models import Site

from conversation.holds import LABELS, reason_label, reasons_to_hold
from conversation.models import HeldWord, HoldSettings
from tests.factories.proposals import make_comment, make_submission


@pytest.fixture
def known(anna, submission):
    """Anna wrote before, long ago: her first contribution is behind her."""
    long_ago = timezone.now() - timedelta(days=30)
    type(submission).objects.update(submitted_at=long_ago)
    return anna.user


def held(author, *texts, now=None):
    return reasons_to_hold(author, *texts, now=now or timezone.now())


def test_ordinary_text_of_somebody_known_is_not_held(known):
    assert held(known, "Een bankje", "Zet een bankje in het park, bij nummer 12. Dat kost € 1.200,00.") == []


def test_first_contribution_is_held(bram):
    assert held(bram.user, "Een bankje in het park, graag.") == ["first_post"]


def test_first_contribution_is_still_the_first_while_another_waits(bram, page):
    make_submission(page, bram, state="held", submitted_at=timezone.now() - timedelta(days=2))
    assert held(bram.user, "Een tweede plan.") == ["first_post"]


def test_published_comment_ends_the_first_contribution(bram, thread):
    make_comment(thread, bram, created_at=timezone.now() - timedelta(days=2))
    assert held(bram.user, "Een tweede reactie.") == []


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("Kijk op https://kwaad.example/x", "https://kwaad.example/x"),
        ("Kijk op www.kwaad.example", "www.kwaad.example"),
        ("Ga naar winkel.nl voor meer", "winkel.nl"),
    ],
)
def test_link_is_held(known, text, detail):
    assert held(known, text) == [f"link:{detail}"]


@pytest.mark.parametrize(
    "text",
    [
        "Bel 06-12345678",
        "Bel +31 6 12 34 56 78",
        "Bel 0031612345678",
        "Bel (020) 123 45 67",
        "Mail anna@example.nl",
        "Mail anna (at) example.nl",
    ],
)
def test_contact_details_are_held(known, text):
    assert held(known, text) == ["contact"]


@pytest.mark.parametrize(
    "text",
    [
        "Op 01-01-2026 om 12.30 uur",
        "Het kost 1.000.000 euro",
        "Postcode 1234 AB nummer 10",
        "Zin zonder spatie.Dat mag.De rest ook",
        "Van 09.00 tot 17.00 uur",
    ],
)
def test_dates_amounts_and_addresses_are_not_held(known, text):
    assert held(known, text) == []


@pytest.mark.parametrize(
    ("word", "text", "is_held"),
    [
        ("sukkel", "Wat een SUKKEL!", True),
        ("sukkel", "Wat een sukkels", False),
        ("sukkel*", "Wat een sukkels", True),
        ("café", "Naar het cafe", True),
        ("cafe", "Naar het Café", True),
        ("rot op", "Rot  op, jij", True),
        ("bom", "De boom moet weg", False),
        ("*", "Alles mag", False),
    ],
)
def test_word_from_the_list_is_held(known, word, text, is_held):
    HeldWord.objects.create(word=word)
    assert held(known, text) == ([f"word:{word}"] if is_held else [])


def test_text_in_capitals_is_held(known):
    assert held(known, "DIT MOET NU ECHT STOPPEN GEMEENTE") == ["shouting"]


def test_abbreviation_is_not_shouting(known):
    assert held(known, "De OV en de WMO", "Maak de bus beter bereikbaar voor iedereen.") == []


def test_many_contributions_in_ten_minutes_are_held(known, thread):
    now = timezone.now()
    for number in range(4):
        make_comment(thread, known, f"Reactie {number}", created_at=now - timedelta(minutes=number))
    assert held(known, "En nog een.", now=now) == ["burst"]
    assert held(known, "En nog een.", now=now + timedelta(minutes=11)) == []


def test_same_text_again_is_held(known, thread):
    make_comment(thread, known, "Stem op mijn plan in de Havenstraat!")
    assert held(known, "Stem op mijn plan in de Havenstraat!") == ["repeated"]


def test_short_agreement_may_be_repeated(known, thread):
    make_comment(thread, known, "Goed plan!")
    assert held(known, "Goed plan!") == []


def test_draft_is_no_earlier_contribution(known, page):
    make_submission(page, known, state="draft", text="Precies deze tekst staat ook in een concept.")
    assert held(known, "Precies deze tekst staat ook in een concept.") == []


@pytest.mark.parametrize(
    ("switch", "text"), [("first_post", "Hallo daar"), ("links", "www.x.nl"), ("contact", "06 12345678")]
)
def test_rule_can_be_switched_off(bram, known, switch, text):
    author = bram.user if switch == "first_post" else known
    assert held(author, text) != []
    HoldSettings.objects.update_or_create(site=Site.objects.get(is_default_site=True), defaults={switch: False})
    assert held(author, text) == []


def test_every_reason_has_words():
    assert [reason_label(code) for code in LABELS] == [str(label) for label in LABELS.values()]
    assert "sukkel" in reason_label("word:sukkel")
