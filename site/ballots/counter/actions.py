"""Noting that somebody is helped, before they vote."""

import hmac
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ballots import clock, locks
from ballots.clock import Window
from ballots.counter.models import Assistance
from ballots.frozen import FrozenVote, frozen_vote
from ballots.models import Vote
from ballots.rules import takes_ballots
from people.models import User
from people.verdict import NotAllowed, Verdict, demand, refused

PERMISSION = "ballots.serve_counter"


def may_serve(user: Any, vote: FrozenVote, window: Window) -> Verdict:
    """Whether somebody may let people vote at the counter now."""
    if not user.has_perm(PERMISSION):
        return refused(_("You may not let people vote at the counter."))
    if not vote.at_counter:
        return refused(_("In this vote people do not vote at the counter."))
    return takes_ballots(window, vote)


def note_assistance(vote: Vote, *, form_number: str, helper: str, actor: User) -> None:
    """Notes a signed consent form. It says nothing of the voter, and one person helps few (`BALLOTS_MOST_HELPED`). Raises `NotAllowed`."""
    frozen = frozen_vote(vote.pk)
    key = hmac.digest(frozen.pepper, b"helper:" + " ".join(helper.lower().split()).encode(), sha256)
    with transaction.atomic(durable=True):
        locks.hold_alone(vote.pk)
        demand(may_serve(actor, frozen, clock.window(vote.pk)))
        noted = Assistance.objects.filter(vote=vote)
        if noted.filter(form_number=form_number).exists():
            raise NotAllowed(refused(_("This form was used already.")))
        if noted.filter(helper_key=key).count() >= settings.BALLOTS_MOST_HELPED:
            raise NotAllowed(refused(_too_many(settings.BALLOTS_MOST_HELPED)))
        Assistance.objects.create(vote=vote, form_number=form_number, helper_key=key)


def _too_many(number: int) -> str:
    sentence = ngettext(
        "This person has helped %(number)s voter already. Somebody else must help.",
        "This person has helped %(number)s voters already. Somebody else must help.",
        number,
    )
    return sentence % {"number": number}
