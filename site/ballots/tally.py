"""Reading the box for a count: every ballot is checked against its own leaf first, equal ballots are counted once with a weight."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from ballots.answers import in_order, is_about, is_blank
from ballots.box import Answer, answers_in, leaf_of, payload_of
from ballots.counting import Instance, Option, RankedInstance, Ranking, group_ballots, group_rankings
from ballots.counting.instance import Marks, as_marks, positions
from ballots.counting.ranked.ballots import as_ranking
from ballots.frozen import FrozenQuestion, FrozenVote
from ballots.log_check import why_log_differs
from ballots.models import Ballot, Question, RollEntry, Vote
from ballots.progress import Report
from ballots.rules import is_valid_ballot

CHUNK = 5_000


class BoxDamaged(Exception):
    """The box does not hold what was cast; the message says what is wrong. Such a vote is not counted."""


@dataclass(frozen=True)
class Box:
    """The content of a box, ready to count: an instance per question, by its reference. `seed` (hex): SHA-256 over the sorted leaves.

    `blank` are ballots without any answer, `blank_answers` those without an answer to one question.
    """

    instances: dict[str, Instance | RankedInstance]
    seed: str
    ballots: int
    blank: int
    blank_answers: dict[str, int]
    roll: int

    def seed_of(self, reference: str) -> str:
        """What the lots of one question are drawn from (hex): SHA-256 of "<seed of the box>:<question reference>"."""
        return hashlib.sha256(f"{self.seed}:{reference}".encode()).hexdigest()


def read_box(vote: FrozenVote, report: Report) -> Box:
    """Reads and checks every ballot; raises `BoxDamaged`."""
    rows = Ballot.objects.filter(vote_id=vote.id)
    total = rows.count()
    payloads: Counter[str] = Counter()
    leaves: list[tuple[int | None, bytes]] = []
    for done, (payload, batch, leaf) in enumerate(_checked(vote, rows), start=1):
        payloads[payload] += 1
        leaves.append((batch, leaf))
        if done % CHUNK == 0:
            report("reading", done, total)
    roll = _reconciled_roll(vote.id, len(leaves))
    if problem := why_log_differs(vote.id, leaves):
        raise BoxDamaged(problem)
    found = [(answers_in(payload), number) for payload, number in payloads.items()]
    questions = [question.reference for question in vote.questions]
    return Box(
        instances={question.reference: _instance(question, found) for question in vote.questions},
        seed=seed_of([leaf for _batch, leaf in leaves]),
        ballots=len(leaves),
        blank=sum(number for answers, number in found if is_blank(answers)),
        blank_answers={each: sum(number for answers, number in found if not answers[each]) for each in questions},
        roll=roll,
    )


def instances_of(vote: FrozenVote) -> dict[str, Instance | RankedInstance]:
    """The ballots of a counted vote once more, by question reference. The roll may have gone, so only ballots are checked.

    Raises `BoxDamaged`.
    """
    payloads = Counter(payload for payload, _batch, _leaf in _checked(vote, Ballot.objects.filter(vote_id=vote.id)))
    found = [(answers_in(payload), number) for payload, number in payloads.items()]
    return {question.reference: _instance(question, found) for question in vote.questions}


def seed_of(leaves: list[bytes]) -> str:
    """What lots are drawn from: nobody could choose it before the last ballot was in."""
    return hashlib.sha256(b"".join(sorted(leaves))).hexdigest()


def _checked(vote: FrozenVote, rows: QuerySet[Ballot]) -> Iterator[tuple[str, int | None, bytes]]:
    """(payload, batch, leaf) of every ballot whose leaf is its own and whose answers are valid."""
    valid: set[tuple[str, str]] = set()
    columns = rows.values_list("tracker", "version", "nonce", "payload", "batch", "leaf", "channel")
    for tracker, version, nonce, payload, batch, leaf, channel in columns.iterator(chunk_size=CHUNK):
        if (payload, channel) not in valid:
            _demand_valid(vote, payload, channel)
            valid.add((payload, channel))
        if leaf_of(vote.id, tracker=tracker, version=version, nonce=bytes(nonce), payload=payload) != bytes(leaf):
            raise BoxDamaged(f"ballot {tracker} is not as it was cast")
        yield payload, batch, bytes(leaf)


def _demand_valid(vote: FrozenVote, payload: str, channel: str) -> None:
    try:
        answers = answers_in(payload)
        is_known = answers.keys() == vote.question_by_reference.keys() and all(
            is_about(question, answers[question.reference]) for question in vote.questions
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        is_known = False
    if not is_known:
        raise BoxDamaged(f"a ballot names an unknown option: {payload}")
    # An imported file says itself which ballots were valid then.
    breaks_rules = channel != Ballot.Channel.IMPORT and not is_valid_ballot(vote, answers)
    if breaks_rules or payload_of(in_order(vote, answers)) != payload:
        raise BoxDamaged(f"a ballot breaks the rules of the vote: {payload}")


def _reconciled_roll(vote_id: UUID, ballots: int) -> int:
    """The size of the roll, after the ballots have been found to be as many as the people who voted."""
    entries = RollEntry.objects.filter(vote_id=vote_id)
    has_cast = entries.filter(has_cast=True).count()
    imported = bool(Vote.objects.values_list("source", flat=True).get(pk=vote_id))
    if not imported and has_cast != ballots:
        raise BoxDamaged(f"{has_cast} people voted and there are {ballots} ballots")
    return entries.count()


def _instance(question: FrozenQuestion, ballots: list[tuple[dict[str, Answer], int]]) -> Instance | RankedInstance:
    """One question, ready to count."""
    options = tuple(Option(option.reference, option.cost or 0, option.title) for option in question.options)
    place = positions(options)
    answers = [(found[question.reference], number) for found, number in ballots]
    if question.form == Question.Form.RANKING:
        rankings: Counter[Ranking] = Counter()
        for answer, number in answers:
            rankings[as_ranking(list(answer), place)] += number
        return RankedInstance(options, group_rankings(rankings))
    marks: Counter[Marks] = Counter()
    for answer, number in answers:
        marks[as_marks(answer, place)] += number
    return Instance(options, question.budget, group_ballots(marks))
