"""Votes without money and without a page of their own: a name by order of preference, a poll that is not secret, and one that closes soon.

The last is on paper too: when it has closed, its envelopes wait for two persons.
"""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from ballots.actions import agree_to_vote, open_vote
from ballots.drafting import write_only_question, write_options
from ballots.models import Option, Vote
from config.demo.contributions import Cast
from config.demo.texts import text_of
from people.models import Resident, User

VOTE_FIELDS = ("title", "text", "commitment", "change_policy", "not_secret", "roll_source", "at_counter", "on_paper")
QUESTION_FIELDS = ("form", "points", "counting", "option_order")


# Long enough to fill the box, and to see the vote open.
CLOSES_SOON = timedelta(minutes=15)


def make_polls(cast: Cast) -> list[Vote]:
    """Open since some days, for everybody whose address is proved."""
    *long, paper = text_of("polls")
    opened = [at_nine(cast.now - timedelta(days=days)) for days in (5, 12, 14)]
    closing = [*(opens_at + timedelta(days=28) for opens_at in opened[:2]), cast.now + CLOSES_SOON]
    return [
        open_by_two(make_draft(entry, opens_at, closes_at), cast)
        for entry, opens_at, closes_at in zip((*long, paper), opened, closing, strict=True)
    ]


def at_nine(moment: datetime) -> datetime:
    """Nine in the morning of that day."""
    return timezone.localtime(moment).replace(hour=9, minute=0, second=0, microsecond=0)


def make_draft(entry: dict[str, Any], opens_at: datetime, closes_at: datetime) -> Vote:
    """The draft of a vote with one question, from a text."""
    vote = Vote.objects.create(
        **{name: entry[name] for name in VOTE_FIELDS if name in entry},
        opens_at=opens_at,
        closes_at=closes_at,
        minimum_proof=Resident.Proof.LETTER,
    )
    asked = {name: entry[name] for name in QUESTION_FIELDS if name in entry}
    question = write_only_question(vote, title=entry["question"], **asked)
    options = enumerate(entry["options"], start=1)
    write_options(question, (Option(reference=str(n), title=title, text=text) for n, (title, text) in options))
    return vote


def open_by_two(vote: Vote, cast: Cast) -> Vote:
    """The officer agrees, the clerk opens."""
    agree_to_vote(vote, actor=cast.officer)
    return open_vote(vote, actor=User.objects.get(email="griffie@waterveen.example"))
