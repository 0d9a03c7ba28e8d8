"""Reads about votes that others share."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Coalesce, NullIf

from ballots import clock
from ballots.clock import ClockTimestamp
from ballots.models import Ballot, Checkpoint, Question, RollEntry, Vote
from ballots.paper.numbers import waits_for_paper
from ballots.progress import progress_of

State = Vote.State


# --- What is to be done -----------------------------------------------------------------------------------


def due_to_close() -> QuerySet[Vote]:
    """Open votes whose time is over, by the database clock."""
    return Vote.objects.filter(state=State.OPEN, closes_at__lte=ClockTimestamp())


def ids_to_count() -> list[UUID]:
    """Closed votes without a seal whose count has not failed and waits for no paper: those wait for a person."""
    closed = Vote.objects.filter(state=State.CLOSED).only("pk", "on_paper")
    return [vote.pk for vote in closed if progress_of(vote.pk).step != "failed" and not waits_for_paper(vote)]


def with_log() -> QuerySet[Vote]:
    """Votes with a log: all but those that were opened before there were logs."""
    return Vote.objects.filter(Exists(Checkpoint.objects.filter(vote=OuterRef("pk"))))


def with_log_to_write() -> QuerySet[Vote]:
    """Open votes with ballots that no checkpoint has fixed, or envelopes that came in."""
    pending = Ballot.objects.filter(vote=OuterRef("pk"), batch=None)
    # An envelope leaves a mark and no ballot.
    marked = RollEntry.objects.filter(vote=OuterRef("pk"), has_cast=True, told=False)
    return with_log().filter(Exists(pending) | (Q(on_paper=True) & Exists(marked)), state=State.OPEN)


def with_box_to_shred() -> QuerySet[Vote]:
    """Votes of which nothing is left to do but shredding, and that is not done; those from before there were logs too."""
    ended = Vote.objects.filter(state__in=(State.COUNTED, State.PUBLISHED, State.ANNULLED))
    return ended.filter(Q(shredding=None) | Q(shredding__cleaned_at=None))


def with_untold_voters() -> QuerySet[Vote]:
    """Votes where somebody voted who has not been told so."""
    untold = RollEntry.objects.filter(vote=OuterRef("pk"), has_cast=True, told=False)
    real = Vote.objects.filter(is_test=False).exclude(state__in=(State.DRAFT, State.ANNULLED))
    return real.filter(Exists(untold), pepper__isnull=False)


def with_untold_result() -> QuerySet[Vote]:
    return Vote.objects.filter(is_test=False, state=State.PUBLISHED, voters_told_at=None)


def with_old_roll(now: datetime) -> QuerySet[Vote]:
    """Votes whose roll has been kept as long as the term to object."""
    limit = now - timedelta(days=settings.BALLOTS_APPEAL_DAYS)
    ended = Q(annulled_at__lte=limit) | Q(annulled_at=None, published_at__lte=limit)
    return Vote.objects.filter(ended, Exists(RollEntry.objects.filter(vote=OuterRef("pk"))))


def old_tests() -> QuerySet[Vote]:
    """Dry runs that were kept long enough, by the database clock."""
    limit = clock.now() - timedelta(days=settings.BALLOTS_TEST_DAYS)
    return Vote.objects.filter(is_test=True, opened_at__lte=limit)


# --- What people see ----------------------------------------------------------------------------------------


def public_votes() -> QuerySet[Any]:
    """Every vote anybody may see, with `clock` (the database's time) and `lead`: what it is about, else its first question."""
    return shown_votes().filter(is_test=False)


def shown_votes() -> QuerySet[Any]:
    """The same, and dry runs: for the pages of one vote, whose addresses `ballots.testers` guards."""
    first = Question.objects.filter(vote=OuterRef("pk")).order_by("number").values("title")[:1]
    lead = Coalesce(NullIf("text", Value("")), Subquery(first), Value(""), output_field=TextField())
    return Vote.objects.exclude(state=State.DRAFT).annotate(clock=ClockTimestamp(), lead=lead)


def open_votes() -> QuerySet[Any]:
    """Votes that take ballots now, the first to close in front."""
    now = ClockTimestamp()
    return public_votes().filter(state=State.OPEN, opens_at__lte=now, closes_at__gt=now).order_by("closes_at")


@dataclass(frozen=True)
class Turnout:
    """How many of those on the roll have voted."""

    voted: int
    roll: int

    @property
    def percentage(self) -> float | None:
        """None without a roll."""
        return self.voted * 100 / self.roll if self.roll else None


def turnout(vote: Vote) -> Turnout:
    """From the seal once there is one, else from the roll."""
    if (seal := getattr(vote, "seal", None)) is not None:
        return Turnout(seal.ballots, seal.roll)
    entries = RollEntry.objects.filter(vote=vote)
    return Turnout(entries.filter(has_cast=True).count(), entries.count())


def is_shredded(vote: Vote) -> bool:
    """Whether nothing that is stored ties a ballot to a person any more, the files of the database included."""
    shredding = getattr(vote, "shredding", None)
    return shredding is not None and shredding.cleaned_at is not None
