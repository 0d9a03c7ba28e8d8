"""Reading the box for a count: every ballot is checked against its own leaf first, equal ballots are counted once with a weight."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Any
from uuid import UUID

from django.db.models import Count

from ballots.answers import Standing, in_order, is_about, standing_of, standing_of_answer
from ballots.box import Answer, Answers, answers_in, leaf_of, payload_of
from ballots.counting import Instance, Option, RankedInstance, Ranking, group_ballots, group_rankings
from ballots.counting.instance import Marks, as_marks, positions
from ballots.counting.ranked.ballots import as_ranking
from ballots.electorates.tables import GroupTallies
from ballots.frozen import FrozenQuestion, FrozenVote
from ballots.log_check import Fixed, why_log_differs
from ballots.models import Ballot, Question, RollEntry, Vote
from ballots.paper.numbers import missing_ballots
from ballots.progress import Report
from ballots.rules import is_valid_ballot, is_valid_paper_ballot

CHUNK = 5_000

Cast = Counter[tuple[str, str, int | None]]
"""(payload, channel, number of the group of voters) → how often."""


class BoxDamaged(Exception):
    """The box does not hold what was cast; the message says what is wrong. Such a vote is not counted."""


@dataclass(frozen=True)
class Box:
    """The content of a box, ready to count: an instance per question, by its reference. `seed` (hex): SHA-256 over the sorted leaves.

    `standings`: ballots that are valid, blank, invalid; `answers`: the same per question. `channels`: ballots by channel. `electorates`:
    what is sealed about groups of voters.
    """

    instances: dict[str, Instance | RankedInstance]
    seed: str
    ballots: int
    standings: Counter[Standing]
    answers: dict[str, Counter[Standing]]
    channels: dict[str, int]
    roll: int
    electorates: list[dict[str, Any]]

    def number_of(self, standing: Standing) -> dict[str, int]:
        """Answers of this standing per question."""
        return {reference: found[standing] for reference, found in self.answers.items()}

    def seed_of(self, reference: str) -> str:
        """What the lots of one question are drawn from (hex): SHA-256 of "<seed of the box>:<question reference>"."""
        return hashlib.sha256(f"{self.seed}:{reference}".encode()).hexdigest()


def read_box(vote: FrozenVote, report: Report) -> Box:
    """Reads and checks every ballot; raises `BoxDamaged`."""
    cast, fixed = _read(vote, report)
    channels = _channels(cast)
    tallies, groups, standings = _tallies(vote, cast)
    roll = _reconciled_roll(vote.id, groups.ballots)
    seed = seed_of(chain.from_iterable(fixed.values()))
    if problem := why_log_differs(vote.id, fixed):
        raise BoxDamaged(problem)
    return Box(
        instances={each.question.reference: each.instance() for each in tallies},
        seed=seed,
        ballots=groups.ballots.total(),
        standings=standings,
        answers={each.question.reference: each.standings for each in tallies},
        channels=channels,
        roll=roll.total(),
        electorates=groups.table(roll),
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
    """Every ballot, after its leaf has been found to be its own: payload, channel and group with how often, the leaves per checkpoint."""
    cast: Cast = Counter()
    fixed: Fixed = defaultdict(list)
    rows = Ballot.objects.filter(vote_id=vote.id)
    total = rows.count()
    columns = rows.values_list("tracker", "version", "nonce", "payload", "batch", "leaf", "channel", "electorate")
    for done, row in enumerate(columns.iterator(chunk_size=CHUNK), start=1):
        tracker, version, nonce, payload, batch, leaf, channel, electorate = row
        if leaf_of(vote.id, tracker=tracker, version=version, nonce=bytes(nonce), payload=payload) != bytes(leaf):
            raise BoxDamaged(f"ballot {tracker} is not as it was cast")
        cast[payload, channel, electorate] += 1
        fixed[batch].append(bytes(leaf))
        if done % CHUNK == 0:
            report("reading", done, total)
    return cast, fixed


def _valid_answers(vote: FrozenVote, payload: str, channel: str) -> dict[str, Answer | None]:
    try:
        answers = answers_in(payload)
        is_known = answers.keys() == vote.question_by_reference.keys() and all(
            answers[question.reference] is None or is_about(question, answers[question.reference])
            for question in vote.questions
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        is_known = False
    if not is_known:
        raise BoxDamaged(f"a ballot names an unknown option: {payload}")
    if not _keeps_rules(vote, answers, channel) or payload_of(in_order(vote, answers)) != payload:
        raise BoxDamaged(f"a ballot breaks the rules of the vote: {payload}")
    return answers


def _keeps_rules(vote: FrozenVote, answers: Answers, channel: str) -> bool:
    """By channel: on paper an answer can be invalid, and an imported file says itself which ballots were valid then."""
    if channel == Ballot.Channel.IMPORT:
        return None not in answers.values()
    return bool(
        is_valid_paper_ballot(vote, answers) if channel == Ballot.Channel.PAPER else is_valid_ballot(vote, answers)
    )


def _reconciled_roll(vote_id: UUID, ballots: Counter[int | None]) -> Counter[int | None]:
    """People on the roll per group (None in a vote without groups), after the ballots have been found to be of the people who voted.

    On paper an envelope can be without a ballot: two persons said so, and how many.
    """
    roll: Counter[int | None] = Counter()
    voted: Counter[int | None] = Counter()
    entries = RollEntry.objects.filter(vote_id=vote_id).values_list("electorate", "has_cast")
    for electorate, has_cast, people in entries.annotate(people=Count("pk")).order_by():
        roll[electorate] += people
        voted[electorate] += people * has_cast
    imported = bool(Vote.objects.values_list("source", flat=True).get(pk=vote_id))
    missing, there = missing_ballots(vote_id), ballots.total()
    if not imported and voted.total() != there + missing:
        raise BoxDamaged(
            f"{voted.total()} people voted and there are {there} ballots, {missing} fewer by the record of paper"
        )
    # A ballot that came in an envelope names no group.
    if any(number > voted[electorate] for electorate, number in ballots.items() if electorate is not None):
        raise BoxDamaged("a group of voters has more ballots than people who voted")
    return roll


# --- Grouping ---------------------------------------------------------------------------------------------


class _Tally:
    """The answers to one question, equal ones counted together. Invalid answers are no part of the count; blank ones are."""

    def __init__(self, question: FrozenQuestion) -> None:
        self.question = question
        self.standings: Counter[Standing] = Counter()
        self.options = tuple(Option(option.reference, option.cost or 0, option.title) for option in question.options)
        self.place = positions(self.options)
        self.cast: Counter[Any] = Counter()
        self._read: Callable[..., Marks | Ranking] = as_ranking if question.form == Question.Form.RANKING else as_marks

    def add(self, answer: Answer | None, number: int) -> None:
        self.standings[standing_of_answer(answer)] += number
        if answer is not None:
            self.cast[self._read(answer, self.place)] += number

    def instance(self) -> Instance | RankedInstance:
        """The question, ready to count."""
        if self.question.form == Question.Form.RANKING:
            return RankedInstance(self.options, group_rankings(self.cast))
        return Instance(self.options, self.question.budget, group_ballots(self.cast))


def _channels(cast: Cast) -> dict[str, int]:
    channels: Counter[str] = Counter()
    for (_payload, channel, _electorate), number in cast.items():
        channels[channel] += number
    return dict(channels)


def _tallies(vote: FrozenVote, cast: Cast) -> tuple[list[_Tally], GroupTallies, Counter[Standing]]:
    """A tally per question, those of groups, and how many ballots are valid, blank, invalid. Empties `cast` on the way: memory."""
    tallies, groups, standings = (
        [_Tally(question) for question in vote.questions],
        GroupTallies(vote),
        Counter[Standing](),
    )
    while cast:
        (payload, channel, electorate), number = cast.popitem()
        answers = _valid_answers(vote, payload, channel)
        standings[standing_of(answers)] += number
        for tally in tallies:
            tally.add(answers[tally.question.reference], number)
        groups.add(electorate, answers, number)
    return tallies, groups, standings
