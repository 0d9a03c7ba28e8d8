"""Counting a closed vote: once, whoever asks and however often."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from ballots import locks, signals
from ballots.actions.checkpoints import finish_log
from ballots.answers import Standing
from ballots.canonical import canonical_json
from ballots.counting import CountResult, count
from ballots.frozen import frozen_vote
from ballots.models import Seal, Vote
from ballots.paper.numbers import waits_for_paper
from ballots.progress import Report, forget, report_failure, reporter
from ballots.rules import State
from ballots.tally import Box, BoxDamaged, read_box
from people.verdict import NotAllowed, refused

__all__ = ["BoxDamaged", "count_vote", "result_bytes"]


def count_vote(vote: Vote) -> Seal | None:
    """Counts and seals a closed vote; the same seal again when that was done already. None while somebody else is counting.

    First the last checkpoint, then count and seal in one transaction: a worker that dies halfway leaves nothing half done, and its lock
    is gone with its connection.
    Raises `BoxDamaged` when the box does not hold what was cast, `NotAllowed` when the vote is not closed.
    """
    # Paper first: its ballots come into the last checkpoint with those of the website that wait, so that none of it tells the channel.
    if not waits_for_paper(vote):
        finish_log(vote)
    try:
        with transaction.atomic():
            return _count(vote)
    except BoxDamaged as problem:
        report_failure(vote.pk, str(problem))
        raise


def _count(vote: Vote) -> Seal | None:
    if not locks.try_to_count(vote.pk):
        return None
    if (sealed := Seal.objects.filter(vote_id=vote.pk).first()) is not None:
        return sealed
    _demand_closed(vote)
    report = reporter(vote.pk)
    frozen = frozen_vote(vote.pk)
    box = read_box(frozen, report)
    report("counting", 0, 0)
    results = {
        question.reference: count(
            box.instances[question.reference],
            question.counting,
            seed=box.seed_of(question.reference),
            progress=_to_report(report),
        )
        for question in frozen.questions
    }
    report("sealing", 0, 0)
    seal = _seal(vote, results, box)
    transaction.on_commit(lambda: forget(vote.pk), robust=True)
    return seal


def _demand_closed(vote: Vote) -> None:
    state = Vote.objects.values_list("state", flat=True).get(pk=vote.pk)
    if state != State.CLOSED:
        raise NotAllowed(refused(_("Only a closed vote is counted.")))
    if waits_for_paper(vote):
        raise NotAllowed(refused(_("The ballots on paper are not reconciled yet.")))


def _to_report(report: Report) -> Callable[[int, int, str], None]:
    return lambda done, total, _text: report("counting", done, total)


def result_bytes(results: Mapping[str, CountResult], electorates: Sequence[dict[str, Any]] = ()) -> bytes:
    """What is sealed: canonical JSON of {"questions": {question reference: result of its count}}; of groups of voters "electorates" too."""
    questions = {reference: result.to_dict() for reference, result in results.items()}
    groups = {"electorates": list(electorates)} if electorates else {}
    return canonical_json({"questions": questions, **groups})


def _seal(vote: Vote, results: Mapping[str, CountResult], box: Box) -> Seal:
    text = result_bytes(results, box.electorates)
    seal = Seal.objects.create(
        vote=vote,
        result=text.decode(),
        digest=hashlib.sha256(text).digest(),
        seed=box.seed,
        ballots=box.ballots,
        blank=box.standings[Standing.BLANK],
        blank_answers=box.number_of(Standing.BLANK),
        invalid=box.standings[Standing.INVALID],
        invalid_answers=box.number_of(Standing.INVALID),
        channels=box.channels,
        roll=box.roll,
    )
    _mark_counted(vote)
    vote.refresh_from_db()
    log(
        instance=vote,
        action="ballots.count",
        title=vote.title,
        data={"digest": seal.digest.hex(), "ballots": box.ballots},
    )
    signals.send_on_commit(signals.vote_counted, vote)
    return seal


def _mark_counted(vote: Vote) -> None:
    """Compare and swap: an annulment in between wins, and takes the seal back with it."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ballots_vote SET state = 'counted' WHERE id = %s AND state = 'closed'", [vote.pk])
        if cursor.rowcount != 1:
            raise NotAllowed(refused(_("The vote was annulled during the count.")))
