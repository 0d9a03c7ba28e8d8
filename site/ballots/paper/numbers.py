"""How the work with paper stands: envelopes, batches, ballots. Nothing is stored for it.

An envelope leaves only its mark on the roll. So envelopes = marks − ballots that came another way: a counter of their own would be
written beside the mark, and PostgreSQL would keep which transaction did both.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q

from ballots.models import Ballot, RollEntry, Vote
from ballots.paper.models import PaperBatch, Reconciliation


@dataclass(frozen=True)
class PaperNumbers:
    """`registered` envelopes, `ballots` on paper in the box, batches made and of those accepted."""

    registered: int
    ballots: int
    batches: int
    accepted: int

    @property
    def has_any(self) -> bool:
        """Whether there is anything on paper at all."""
        return bool(self.registered or self.batches)

    @property
    def missing(self) -> int:
        """Envelopes without a ballot in the box; less than zero never happens, a trigger holds it."""
        return self.registered - self.ballots


def paper_numbers(vote_id: UUID) -> PaperNumbers:
    """From the record once two persons signed it, which outlives the roll; until then from roll and box."""
    if (done := Reconciliation.objects.filter(vote=vote_id, second_by__isnull=False).first()) is not None:
        batches = PaperBatch.objects.filter(vote=vote_id).count()
        return PaperNumbers(done.registered, done.ballots, batches, batches)
    marks = RollEntry.objects.filter(vote=vote_id, has_cast=True).count()
    box = Ballot.objects.filter(vote=vote_id).aggregate(paper=Count("pk", filter=Q(channel="paper")), all=Count("pk"))
    made = PaperBatch.objects.filter(vote=vote_id).aggregate(all=Count("pk"), accepted=Count("accepted_at"))
    return PaperNumbers(marks - (box["all"] - box["paper"]), box["paper"], made["all"], made["accepted"])


def waits_for_paper(vote: Vote) -> bool:
    """Whether a closed vote cannot be counted yet, because of envelopes."""
    if not vote.on_paper or Reconciliation.objects.filter(vote=vote, second_by__isnull=False).exists():
        return False
    return paper_numbers(vote.pk).has_any


def missing_ballots(vote_id: UUID) -> int:
    """Envelopes that two persons agreed had no ballot that could be counted (a documented difference)."""
    done = Reconciliation.objects.filter(vote=vote_id, second_by__isnull=False).first()
    return done.missing if done else 0


def to_enter(user_id: int) -> list[PaperBatch]:
    """Batches that wait for this person: nobody entered them, or only somebody else; of votes that are closed."""
    waiting = PaperBatch.objects.filter(accepted_at=None, vote__state=Vote.State.CLOSED).annotate(made=Count("entries"))
    return list(
        waiting.filter(made__lt=2).exclude(entries__person=user_id).select_related("vote").prefetch_related("entries")
    )
