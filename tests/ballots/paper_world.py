"""A vote with paper: Anna's envelope, two persons who enter it, the record."""

from ballots.actions import close_vote
from ballots.paper.actions import enter_batch, make_batch, register_envelope, sign, write_down
from ballots.paper.models import PaperBatch, PaperEntry
from ballots.voters import voter_behind
from tests.ballots.clocks import database_clock
from tests.factories.ballots import make_opener

ROWS, TALLY = PaperBatch.Manner.ROWS, PaperBatch.Manner.TALLY


def first():
    """Gerda, who enters first."""
    return make_opener("Gerda")


def second():
    """Otto, who enters the same after her."""
    return make_opener("Otto")


def send_envelopes(vote, voters):
    """An envelope of each of these comes in."""
    for voter in voters:
        register_envelope(vote.pk, voter=voter_behind(voter), actor=first())


def close(vote):
    with database_clock(vote.closes_at):
        assert close_vote(vote)
    vote.refresh_from_db()
    return vote


def lines_of(*answers):
    """A line per ballot with these answers."""
    return [[each, 1] for each in answers]


def enter(vote, *answers, size=None):
    """A batch with these ballots that two persons entered alike."""
    batch = make_batch(vote, size=size or len(answers), manner=ROWS, actor=first())
    for person in (first(), second()):
        batch = enter_batch(batch, lines_of(*answers), actor=person)
    return batch


def reconcile(vote, *, opened, shut=0, reason=""):
    """Two persons write down and sign."""
    write_down(vote, opened=opened, shut=shut, reason=reason, actor=first())
    return sign(vote, actor=second())


def entries_of(batch):
    return list(PaperEntry.objects.filter(batch=batch))
