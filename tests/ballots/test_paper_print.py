"""What is printed: every form of ballot, in ordinary and large print, a draft as a sample; and the record."""

import io

import pytest
from pypdf import PdfReader

from ballots.actions import count_vote
from ballots.frozen import freeze
from ballots.models import Vote
from ballots.paper.printing import BALLOT, CONSENT, LARGE_BALLOT, RECORD, ballot_pdf, file_for, public_record
from tests.ballots.paper_world import close, enter, reconcile, send_envelopes
from tests.factories.ballots import FORMS, add_question, make_forms_vote, make_voters, open_by_two

pytestmark = pytest.mark.django_db


def pages(content):
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages]


@pytest.fixture
def draft():
    return make_forms_vote(*FORMS, on_paper=True)


def test_ballot_has_tags_a_language_and_every_question(draft):
    vote = freeze(draft)
    content = ballot_pdf(vote, is_draft=False, is_large=False)
    root = PdfReader(io.BytesIO(content)).trailer["/Root"]
    assert (root["/Lang"], root["/MarkInfo"]["/Marked"], "/StructTreeRoot" in root) == ("nl", True, True)
    instructions, *ballot = pages(content)
    text = " ".join(ballot)
    for question in vote.questions:
        assert question.title in text
    assert text.count("Ik stem blanco") == len(FORMS)
    assert ("€ 40.000" in text, "Zo stemt u op papier" in instructions) == (True, True)
    assert "Schrijf 1 in het vak van uw eerste keuze" in text
    # Nothing tells one ballot from another.
    assert str(draft.pk) not in text
    assert content == ballot_pdf(vote, is_draft=False, is_large=False)


def test_large_print_is_larger(draft):
    vote = freeze(draft)
    ordinary, large = (ballot_pdf(vote, is_draft=False, is_large=is_large) for is_large in (False, True))
    assert len(pages(large)) > len(pages(ordinary))


def test_draft_is_a_sample_on_every_page(draft):
    vote = freeze(draft)
    assert all("VOORBEELD" in page for page in pages(file_for(draft, vote, BALLOT)))
    opened = Vote(pk=draft.pk, state="open", on_paper=True)
    assert not any("VOORBEELD" in page for page in pages(file_for(opened, vote, LARGE_BALLOT)))


def test_drawn_order_is_fixed_on_paper_and_says_so():
    draft = make_forms_vote(on_paper=True)
    add_question(draft, "choice", option_order="random")
    instructions, ballot, *_rest = pages(ballot_pdf(freeze(draft), is_draft=False, is_large=False))
    assert "Op papier staan de keuzes voor iedereen in dezelfde volgorde" in instructions
    places = [ballot.index(title) for title in ("Speeltuin", "Bankjes", "Fietsenrek", "Bomen")]
    assert places == sorted(places)


def test_texts_are_no_markup():
    draft = make_forms_vote(on_paper=True)
    add_question(draft, "yes_no", title="#strong[Ja] of *nee* $1$?")
    assert "#strong[Ja] of *nee* $1$?" in " ".join(pages(ballot_pdf(freeze(draft), is_draft=True, is_large=False)))


def test_vote_without_paper_prints_nothing():
    draft = make_forms_vote("yes_no")
    assert file_for(draft, freeze(draft), BALLOT) is None


def test_record_names_people_for_staff_and_nobody_in_public(places):
    voters = make_voters(3, places.harbour)
    vote = open_by_two(make_forms_vote("yes_no", on_paper=True))
    send_envelopes(vote, voters)
    close(vote)
    assert file_for(vote, freeze(vote), RECORD) is None
    enter(vote, {"1": ["1a"]}, {"1": None})
    reconcile(vote, opened=3, shut=1, reason="In een envelop zat geen stembiljet.")
    count_vote(vote)
    vote.refresh_from_db()
    own, public = " ".join(pages(file_for(vote, freeze(vote), RECORD))), " ".join(pages(public_record(vote)))
    assert ("Gerda" in own, "Otto" in own, "Gerda" in public, "Otto" in public) == (True, True, False, False)
    assert "In een envelop zat geen stembiljet." in public
    assert ("minder dan 10" in public, "minder dan 10" in own) == (True, False)
    # There is a line to sign on, and numbers stand below the word for numbers.
    assert ("Otto: …" in own, "Wat Aantal" in " ".join(own.split())) == (True, True)


def test_consent_form_has_the_rules_of_helping():
    draft = make_forms_vote("yes_no", at_counter=True)
    text = " ".join(pages(file_for(draft, freeze(draft), CONSENT)))
    assert ("Handtekening van de kiezer" in text, "Eén persoon helpt hoogstens 2 kiezers." in text) == (True, True)
    assert file_for(make_forms_vote("yes_no"), freeze(draft), CONSENT) is None
