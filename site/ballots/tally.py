"""Reading the box for a count: every ballot is checked against its own leaf first, equal ballots are counted once with a weight."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Any
from uuid import UUID

from ballots.answers import in_order, is_about, is_blank
from ballots.box import Answer, answers_in, leaf_of, payload_of
from ballots.counting import Instance, Option, RankedInstance, Ranking, group_ballots, group_rankings
from ballots.counting.instance import Marks, as_marks, positions
from ballots.counting.ranked.ballots import as_ranking
from ballots.frozen import FrozenQuestion, FrozenVote
from ballots.log_check import Fixed, why_log_differs
from ballots.models import Ballot, Question, RollEntry, Vote
from ballots.progress import Report
from ballots.rules import is_valid_ballot

CHUNK = 5_000

Cast = Counter[tuple[str, str]]
"""(payload, channel) → how often."""


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
    cast, fixed = _read(vote, report)
    ballots = sum(cast.values())
    tallies, blank = _tallies(vote, cast)
    roll = _reconciled_roll(vote.id, ballots)
    seed = seed_of(chain.from_iterable(fixed.values()))
    if problem := why_log_differs(vote.id, fixed):
        raise BoxDamaged(problem)
    return Box(
        instances={each.question.reference: each.instance() for each in tallies},
        seed=seed,
        ballots=ballots,
        blank=blank,
        blank_answers={each.question.reference: each.blank for each in tallies},
        roll=roll,
    )


def instances_of(vote: FrozenVote) -> dict[str, Instance | RankedInstance]:
    """The ballots of a counted vote once more, by question reference. The roll may have gone, so only ballots are checked.

    Raises `BoxDamaged`.
    """
    cast, _fixed = _read(vote, lambda *_progress: None)
    return {each.question.reference: each.instance() for each in _tallies(vote, cast)[0]}


def seed_of(leaves: Iterable[bytes]) -> str:
    """What lots are drawn from: nobody could choose it before the last ballot was in."""
    return hashlib.sha256(b"".join(sorted(leaves))).hexdigest()


# --- Reading ----------------------------------------------------------------------------------------------


def _read(vote: FrozenVote, report: Report) -> tuple[Cast, Fixed]:
    """Every ballot, after its leaf has been found to be its own: payload and channel with how often, and the leaves per checkpoint."""
    cast: Cast = Counter()
    fixed: Fixed = defaultdict(list)
    rows = Ballot.objects.filter(vote_id=vote.id)
    total = rows.count()
    columns = rows.values_list("tracker", "version", "nonce", "payload", "batch", "leaf", "channel")
    for done, row in enumerate(columns.iterator(chunk_size=CHUNK), start=1):
        tracker, version, nonce, payload, batch, leaf, channel = row
        if leaf_of(vote.id, tracker=tracker, version=version, nonce=bytes(nonce), payload=payload) != bytes(leaf):
            raise BoxDamaged(f"ballot {tracker} is not as it was cast")
        cast[payload, channel] += 1
        fixed[batch].append(bytes(leaf))
        if done % CHUNK == 0:
            report("reading", done, total)
    return cast, fixed


def _valid_answers(vote: FrozenVote, payload: str, channel: str) -> dict[str, Answer]:
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
    return answers


def _reconciled_roll(vote_id: UUID, ballots: int) -> int:
    """The size of the roll, after the ballots have been found to be as many as the people who voted."""
    entries = RollEntry.objects.filter(vote_id=vote_id)
    has_cast = entries.filter(has_cast=True).count()
    imported = bool(Vote.objects.values_list("source", flat=True).get(pk=vote_id))
    if not imported and has_cast != ballots:
        raise BoxDamaged(f"{has_cast} people voted and there are {ballots} ballots")
    return entries.count()


# --- Grouping ---------------------------------------------------------------------------------------------


class _Tally:
    """The answers to one question, equal ones counted together."""

    def __init__(self, question: FrozenQuestion) -> None:
        self.question, self.blank = question, 0
        self.options = tuple(Option(option.reference, option.cost or 0, option.title) for option in question.options)
        self.place = positions(self.options)
        self.cast: Counter[Any] = Counter()
        self._read: Callable[..., Marks | Ranking] = as_ranking if question.form == Question.Form.RANKING else as_marks

    def add(self, answer: Answer, number: int) -> None:
        self.cast[self._read(answer, self.place)] += number
        if not answer:
            self.blank += number

    def instance(self) -> Instance | RankedInstance:
        """The question, ready to count."""
        if self.question.form == Question.Form.RANKING:
            return RankedInstance(self.options, group_rankings(self.cast))
        return Instance(self.options, self.question.budget, group_ballots(self.cast))


def _tallies(vote: FrozenVote, cast: Cast) -> tuple[list[_Tally], int]:
    """A tally per question, and the number of ballots that are blank everywhere. Empties `cast` on the way: memory."""
    tallies, blank = [_Tally(question) for question in vote.questions], 0
    while cast:
        (payload, channel), number = cast.popitem()
        answers = _valid_answers(vote, payload, channel)
        if is_blank(answers):
            blank += number
        for tally in tallies:
            tally.add(answers[tally.question.reference], number)
    return tallies, blank
