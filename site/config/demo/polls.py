"""Two votes without money and without a page of their own: a name by order of preference, and a poll that is not secret."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from ballots.actions import agree_to_vote, open_vote
from ballots.drafting import write_only_question, write_options
from ballots.models import Option, Vote
from config.demo.contributions import Cast
from config.demo.texts import text_of
from people.models import Resident, User

VOTE_FIELDS = ("title", "text", "commitment", "change_policy", "not_secret")
QUESTION_FIELDS = ("form", "points", "counting", "option_order")


def make_polls(cast: Cast) -> list[Vote]:
    """Open since some days, for everybody whose address is proved."""
    return [_make_poll(entry, cast, days) for entry, days in zip(text_of("polls"), (5, 12), strict=True)]


def _make_poll(entry: dict[str, Any], cast: Cast, days: int) -> Vote:
    opens_at = at_nine(cast.now - timedelta(days=days))
    return open_by_two(make_draft(entry, opens_at, opens_at + timedelta(days=28)), cast)


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
