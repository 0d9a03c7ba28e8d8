"""An opened vote as every cast needs it: read once per process, because nothing in it can change any more.

The database refuses every change of these fields (migrations `guards` and `questions`), so nothing has to be invalidated.
What does change, the state, is asked of the database each time.
"""

import hashlib
from collections import OrderedDict
from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from ballots.canonical import canonical_json
from ballots.days import reference_day
from ballots.models import Electorate, Option, Question, Vote
from places.models import Area
from places.streets import Street

KEPT = 64


@dataclass(frozen=True)
class FrozenOption:
    """An option as it stands on the ballot; `cost` in cents, `image` the name of a stored file."""

    number: int
    reference: str
    title: str
    text: str
    cost: int | None
    url: str
    image: str
    image_alt: str
    argument_for: str
    argument_against: str


@dataclass(frozen=True)
class FrozenQuestion:
    """Everything that decides about one question (`ballots.models.Question` says what belongs to which form). Amounts in cents."""

    number: int
    reference: str
    title: str
    text: str
    form: str
    max_options: int | None
    max_sum: int | None
    lowest: int | None
    highest: int | None
    points: int | None
    complete: bool
    option_order: str
    argument_length: int | None
    counting: dict[str, Any]
    budget: int | None
    options: tuple[FrozenOption, ...]

    @cached_property
    def option_by_number(self) -> dict[int, FrozenOption]:
        return {option.number: option for option in self.options}

    @cached_property
    def option_by_reference(self) -> dict[str, FrozenOption]:
        return {option.reference: option for option in self.options}


@dataclass(frozen=True)
class FrozenElectorate:
    """A group of voters (`ballots.electorates.models.Electorate` says what its fields mean)."""

    number: int
    reference: str
    title: str
    area: Area | None
    streets: tuple[Street, ...]
    minimum_age: int | None
    minimum_proof: int | None
    merged_into: int | None


@dataclass(frozen=True)
class FrozenVote:
    """Everything that decides about a vote, and the pepper of its roll."""

    id: UUID
    title: str
    text: str
    opens_at: datetime
    closes_at: datetime
    change_policy: str
    not_secret: bool
    is_test: bool
    url: str
    commitment: str
    threshold_kind: str
    threshold_share: int
    publication_threshold: int
    area: Area | None
    roll_source: str
    minimum_age: int
    minimum_proof: int
    reference_kind: str
    reference_day: date | None
    age_day: date | None
    streets: tuple[Street, ...]
    request_title: str
    request_url: str
    request_signatures: int | None
    request_day: date | None
    on_paper: bool
    at_counter: bool
    opened_at: datetime | None
    pepper: bytes
    questions: tuple[FrozenQuestion, ...]
    electorates: tuple[FrozenElectorate, ...]

    @cached_property
    def groups(self) -> tuple[FrozenElectorate, ...]:
        """The groups that people are in once it is open; none in a vote without groups."""
        return tuple(group for group in self.electorates if group.merged_into is None)

    @cached_property
    def question_by_reference(self) -> dict[str, FrozenQuestion]:
        return {question.reference: question for question in self.questions}

    @cached_property
    def options(self) -> tuple[FrozenOption, ...]:
        """The options of all questions, in the order of the ballot; number and reference are unique among them."""
        return tuple(option for question in self.questions for option in question.options)

    @cached_property
    def option_by_reference(self) -> dict[str, FrozenOption]:
        return {option.reference: option for option in self.options}


def asked_of(vote: FrozenVote, group: FrozenElectorate | None) -> tuple[int, int]:
    """(proof, age) that a group asks, or else its vote."""
    proof = vote.minimum_proof if group is None or group.minimum_proof is None else group.minimum_proof
    age = vote.minimum_age if group is None or group.minimum_age is None else group.minimum_age
    return proof, age


_kept: OrderedDict[UUID, FrozenVote] = OrderedDict()


def frozen_vote(vote_id: UUID) -> FrozenVote:
    """The vote, from this process's memory where it is there. Raises `Vote.DoesNotExist`, for a draft too."""
    if (found := _kept.get(vote_id)) is not None:
        return found
    vote = Vote.objects.select_related("area__parent__parent").exclude(state=Vote.State.DRAFT).get(pk=vote_id)
    found = _kept[vote_id] = freeze(vote)
    while len(_kept) > KEPT:
        _kept.popitem(last=False)
    return found


def freeze(vote: Vote) -> FrozenVote:
    """The vote with its questions, options and groups of voters as they are now; 3 queries."""
    options: dict[int, list[FrozenOption]] = {}
    for option in Option.objects.filter(vote=vote).order_by("number"):
        options.setdefault(option.question_id, []).append(_freeze_option(option))
    questions = Question.objects.filter(vote=vote).order_by("number")
    own = {name: getattr(vote, name) for name in _names(FrozenVote) if name not in _READ}
    frozen = tuple(_freeze_question(question, tuple(options.get(question.pk, ()))) for question in questions)
    streets = tuple(map(Street.read, vote.streets))
    groups = Electorate.objects.filter(vote=vote).select_related("area__parent__parent").order_by("number")
    return FrozenVote(
        **own,
        pepper=bytes(vote.pepper or b""),
        streets=streets,
        questions=frozen,
        electorates=tuple(map(_freeze_electorate, groups)),
    )


_READ = ("questions", "pepper", "streets", "electorates")


def _freeze_electorate(electorate: Electorate) -> FrozenElectorate:
    own = {name: getattr(electorate, name) for name in _names(FrozenElectorate) if name != "streets"}
    return FrozenElectorate(**own, streets=tuple(map(Street.read, electorate.streets)))


def _freeze_question(question: Question, options: tuple[FrozenOption, ...]) -> FrozenQuestion:
    own = {name: getattr(question, name) for name in _names(FrozenQuestion) if name != "options"}
    return FrozenQuestion(**own, options=options)


def _freeze_option(option: Option) -> FrozenOption:
    own = {name: getattr(option, name) for name in _names(FrozenOption) if name != "image"}
    return FrozenOption(**own, image=str(option.image.name or ""))


def _names(kind: Any) -> list[str]:
    return [field.name for field in fields(kind)]


def rules_of(vote: FrozenVote) -> dict[str, Any]:
    """What decides the outcome of a vote, as plain values; `docs/explanation/ballot.md` names each."""
    plain = ("title", "text", "change_policy", "url", "publication_threshold", "minimum_age", "minimum_proof")
    frame = ("commitment", "threshold_kind", "threshold_share")
    return {
        **{name: getattr(vote, name) for name in (*plain, *frame)},
        "vote": str(vote.id),
        "opens_at": _in_utc(vote.opens_at),
        "closes_at": _in_utc(vote.closes_at),
        "area": vote.area.code if vote.area else None,
        "questions": [asdict(question) for question in vote.questions],
        **_said(vote),
    }


def _said(vote: FrozenVote) -> dict[str, Any]:
    """Rules that a vote may leave out: absent is as it was for every vote before there was a choice, so its hash stays right."""
    rules = {
        "roll_source": vote.roll_source if vote.roll_source != Vote.RollSource.ACCOUNTS else None,
        "reference": _reference(vote),
        "age_day": vote.age_day and vote.age_day.isoformat(),
        "streets": [street.plain for street in vote.streets],
        "request": _request(vote),
        "not_secret": vote.not_secret,
        "is_test": vote.is_test,
        "on_paper": vote.on_paper,
        "at_counter": vote.at_counter,
        "electorates": [_electorate(each) for each in vote.electorates],
    }
    return {name: value for name, value in rules.items() if value}


def _electorate(electorate: FrozenElectorate) -> dict[str, Any]:
    """What decides who is in a group. Not what it was merged into: two persons agree before the roll is there."""
    plain = ("number", "reference", "title", "minimum_age", "minimum_proof")
    return {
        **{name: getattr(electorate, name) for name in plain},
        "area": electorate.area.code if electorate.area else None,
        "streets": [street.plain for street in electorate.streets],
    }


def _reference(vote: FrozenVote) -> dict[str, Any] | None:
    day = reference_day(vote)
    return {"kind": vote.reference_kind, "day": day.isoformat()} if day else None


def _request(vote: FrozenVote) -> dict[str, Any] | None:
    day = vote.request_day and vote.request_day.isoformat()
    values = {"title": vote.request_title, "url": vote.request_url, "signatures": vote.request_signatures, "day": day}
    return values if vote.request_title else None


def rules_hash(vote: FrozenVote) -> bytes:
    """SHA-256 over the canonical JSON of the rules."""
    return hashlib.sha256(canonical_json(rules_of(vote))).digest()


def _in_utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
