"""Voting cards as the printer gets them: one CSV with a line per card, PDFs with a page per card; made as other letters are.

The QR code holds the address of the page for voting codes and, after `#`, the code. That part of an address stays in the browser: no server
and no log sees it. A scanner at the counter reads the whole, and finds the code in it.
"""

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _

from ballots.codes import in_groups
from ballots.models import Vote
from ballots.register.issuing import Card
from people.letters.actions import sender
from people.letters.files import compiled, qr_png, table, zipped

# Square modules of two dots keep a page small, and stay sharp at every size.
BOX = 2


def cards_zip(vote: Vote, cards: list[Card], name: str) -> bytes:
    """All cards of one export, in the language of the municipality."""
    with translation.override(settings.LANGUAGE_CODE):
        return zipped(name, cards, _table, lambda part: _pdf(vote, part))


def card_pdf(vote: Vote, card: Card) -> bytes:
    """One card, for at the counter."""
    with translation.override(settings.LANGUAGE_CODE):
        return _pdf(vote, [card])


def _table(cards: list[Card]) -> bytes:
    heading = (_("Name"), _("Street and number"), _("Postcode and city"), _("Voting code"))
    return table([heading, *((*card.lines, in_groups(card.code)) for card in cards)])


def _pdf(vote: Vote, cards: list[Card]) -> bytes:
    address = page_address(vote)
    data = {
        "language": settings.LANGUAGE_CODE,
        "words": _words(vote, address),
        "extra": [],
        "date": formats.date_format(timezone.localdate(), "j F Y"),
        "qr": [],
        "letters": [
            {
                "lines": card.lines,
                "code": in_groups(card.code),
                "qr": qr_png(f"{address}#{in_groups(card.code)}", box_size=BOX, mask=0),
            }
            for card in cards
        ],
    }
    return compiled(data)


def page_address(vote: Vote) -> str:
    """Where a code is filled in."""
    return settings.BASE_URL + reverse("ballots:voting_code", args=[vote.pk])


def _words(vote: Vote, address: str) -> dict[str, object]:
    where = {"address": settings.BASE_URL.split("://")[-1] + reverse("ballots:list")}
    times = {"opens": _moment(vote.opens_at), "closes": _moment(vote.closes_at), "title": vote.title}
    return {
        "sender": sender(),
        "title": _("Your voting card"),
        "before": [
            _("You may vote about: %(title)s") % times,
            _("You can vote once, from %(opens)s to %(closes)s.") % times,
            _("This is your voting code. Show it to nobody: who has it can vote in your place."),
        ],
        "steps": [
            _("Scan the picture with your phone. Or go to %(address)s and choose this vote.") % where,
            _("Fill in your voting code. You need no account."),
            _("Choose, check your ballot, and cast your vote."),
        ],
        "after": [
            *_other_ways(vote),
            _("Is your card lost or stolen? Come to our counter. You get a new code, and this one no longer works."),
        ],
        "qr": _("Picture that leads to the page on which you fill in your voting code"),
    }


def _other_ways(vote: Vote) -> Iterator[str]:
    """Beside the website, as far as this vote has them."""
    if vote.at_counter:
        yield _("At our counter: bring this card and your identity card. We help you.")
    if vote.on_paper:
        yield _(
            "On paper: ask our counter for a ballot and envelopes. This card goes in the outer envelope, your ballot in the inner one."
        )


def _moment(moment: datetime) -> str:
    return formats.date_format(timezone.localtime(moment), "j F Y, H:i")
