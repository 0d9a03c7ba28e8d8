"""What is printed: the ballot with its instructions, in ordinary and large print, and the record of the work with paper.

Tagged PDF (PDF/UA-1), in the language of the municipality. The same vote gives the same bytes.
"""

import json
from pathlib import Path
from typing import Any

import typst
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from ballots.ballot_words import how_to_choose
from ballots.frozen import FrozenQuestion, FrozenVote
from ballots.models import Question, Vote
from ballots.paper import record
from ballots.paper.models import Reconciliation
from ballots.paper.reading import has_numbers
from ballots.rules import in_words
from pages.templatetags.components import euro

HERE = Path(__file__).parent
BALLOT, LARGE_BALLOT, RECORD = "stembiljet.pdf", "stembiljet-grote-letters.pdf", "proces-verbaal.pdf"
CONSENT = "toestemming-hulp.pdf"


def file_for(vote: Vote, frozen: FrozenVote, name: str) -> bytes | None:
    """The file of this name for staff; None when there is none (yet)."""
    if name == CONSENT and vote.at_counter:
        return consent_form(vote)
    if not vote.on_paper:
        return None
    with translation.override(settings.LANGUAGE_CODE):
        if name in (BALLOT, LARGE_BALLOT):
            return ballot_pdf(frozen, is_draft=vote.state == Vote.State.DRAFT, is_large=name == LARGE_BALLOT)
        done = Reconciliation.objects.filter(vote=vote).select_related("first_by", "second_by").first()
        return _compile("record", record.for_staff(vote, done)) if name == RECORD and done else None


def public_record(vote: Vote) -> bytes:
    """The record as it is published with the result: without names, and without numbers about few people."""
    with translation.override(settings.LANGUAGE_CODE):
        return _compile("record", record.for_everybody(vote, vote.reconciliation))


def consent_form(vote: Vote) -> bytes:
    """What a voter signs who wants help at the counter, with the rules of helping. Its number is written by hand."""
    with translation.override(settings.LANGUAGE_CODE):
        return _compile("record", record.for_consent(vote))


def ballot_pdf(vote: FrozenVote, *, is_draft: bool, is_large: bool) -> bytes:
    """The ballot; a draft is marked as a sample on every page."""
    data = {
        "language": settings.LANGUAGE_CODE,
        "large": is_large,
        "watermark": _("SAMPLE") if is_draft else "",
        "words": _words(vote),
        "questions": [_question(question) for question in vote.questions],
    }
    return _compile("ballot", data)


def _compile(template: str, data: dict[str, Any]) -> bytes:
    # System fonts differ per machine; the fonts in the package are the same everywhere.
    compiler = typst.Compiler(
        HERE / f"{template}.typ", ignore_system_fonts=True, sys_inputs={template: json.dumps(data)}
    )
    content = compiler.compile(format="pdf", pdf_standards=["ua-1"])
    assert isinstance(content, bytes)
    return content


def _words(vote: FrozenVote) -> dict[str, object]:
    return {
        "title": _("Ballot: %(vote)s") % {"vote": vote.title},
        "vote": vote.title,
        "instructions": _("How to vote on paper"),
        "ballot": _("Ballot"),
        "page": _("Page"),
        "number": _("Number"),
        "option": _("Choice"),
        "price": _("Costs"),
        "blank": _("I vote blank: I choose none of these"),
        "sample": _("This is a sample. You cannot vote with it."),
        "steps": [
            _("Use a black or blue pen. Fill in the ballot."),
            _("Do not write your name on it, and nothing that says who you are."),
            _("Put only the ballot in the envelope, and close it."),
            _("Send it, or bring it to our counter. We must have it before %(moment)s.")
            % {"moment": in_words(vote.closes_at)},
        ],
        "good-to-know": _("Good to know"),
        "notes": _notes(vote),
    }


def _notes(vote: FrozenVote) -> list[str]:
    notes = [
        _("One ballot in each envelope. Two ballots in one envelope count as one invalid ballot."),
        _("Is it not clear what you choose? Then your answer is invalid and does not count."),
        _("A mistake? Ask us for a new ballot, and destroy the old one."),
        _("You vote once: on paper, or on the site. What comes in first counts."),
        _("On paper you cannot change your vote any more, once we have your envelope."),
    ]
    if any(question.option_order == Question.Order.RANDOM for question in vote.questions):
        notes.append(
            _("On paper the choices stand in the same order for everybody. On the site a lot decides the order.")
        )
    return notes


def _question(question: FrozenQuestion) -> dict[str, Any]:
    return {
        "title": question.title,
        "how": f"{how_to_choose(question)} {_how_to_mark(question)}",
        "mark": _("Your number") if has_numbers(question) else _("Your cross"),
        "options": [
            {
                "number": place,
                "title": option.title,
                "price": "" if option.cost is None else euro(option.cost),
            }
            for place, option in enumerate(question.options, start=1)
        ],
    }


def _how_to_mark(question: FrozenQuestion) -> str:
    if question.form == Question.Form.RANKING:
        return _("Write 1 in the box of your first choice, then 2, and so on. Use every number once.")
    if has_numbers(question):
        return _("Write the number in the box. An empty box counts as nothing.")
    return _("Put a cross in the box.")
