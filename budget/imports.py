"""A budget that was held elsewhere: from a Pabulib file to a complete closed round, ready to be counted and published."""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.text import Truncator, slugify
from django.utils.translation import gettext as _
from wagtail.log_actions import log
from wagtail.models import Page

from ballots.actions import import_closed_vote
from ballots.box import Answer
from ballots.counting import Instance, Option, parse_settings
from ballots.drafting import ONLY
from ballots.formats.pabulib import COUNTING_KEY, PabulibMeta, read_pb
from ballots.models import Question, Vote
from budget.ballot import write_plans, write_question
from budget.models import BudgetRoundPage, Plan, PlanEvent, RoundVote
from process.models import Phase, ProcessIndexPage, ProcessPage

APPROVAL_TYPES = ("approval", "choose-1")
TITLE_LENGTH = 200
TEXT_LENGTH = 5000
PROGRESS_EVERY = 10_000
FOLLOWED_DAYS = 365

# The names that Pabulib's files give to rules (equalshares.net names the increments): our settings.
RULES_OF_FILES: dict[str, dict[str, Any]] = {
    "greedy": {"rule": "greedy"},
    "greedy-threshold": {"rule": "greedy"},
    "greedy-no-skip": {"rule": "greedy", "when_full": "stop"},
    "equalshares": {"rule": "equal-shares", "increment": "none"},
    "equalshares/add1": {"rule": "equal-shares", "increment": "until_overspend"},
    "equalshares/add1-comparison": {"rule": "equal-shares", "increment": "until_overspend"},
}

Watch = Callable[[str], None]


class ImportRefused(Exception):
    """The file cannot become a round; the message is a sentence. Nothing was imported."""


@dataclass(frozen=True)
class Wishes:
    """What the command asks besides the file. `counting` wins from what the file says about its rule."""

    process_id: int | None = None
    title: str = ""
    counting: Mapping[str, Any] = field(default_factory=dict)
    again: bool = False


@dataclass(frozen=True)
class Imported:
    """What was made."""

    round: BudgetRoundPage
    vote: Vote
    plans: int
    ballots: int
    warnings: tuple[str, ...]


def import_budget(path: Path, wishes: Wishes, *, now: datetime, watch: Watch) -> Imported:
    """Makes the round, its plans, its vote and every ballot, or nothing at all.

    Raises `PabulibError` with the line, `ImportRefused`, `SettingsError` or `OSError`. `watch` hears how far it is.
    """
    digest = _digest(path)
    if not wishes.again:
        _refuse_known(digest)
    watch(f"Reading {path.name} …")
    meta, instance = read_pb(path)
    counting = counting_of(meta, wishes.counting)
    _refuse_unusable(meta, instance)
    watch(f"{len(instance.options)} plans, {instance.voters} ballots. Writing …")
    # What is written reads as the rest of the site does.
    with transaction.atomic(), translation.override(settings.LANGUAGE_CODE):
        return _Import(path, wishes, meta, instance, counting, now, watch).run(digest)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _refuse_known(digest: str) -> None:
    earlier = RoundVote.objects.filter(source_digest=digest).select_related("round").first()
    if earlier is not None:
        raise ImportRefused(
            f"This file was imported before, as “{earlier.round.title}” (--again imports it once more)."
        )


def _refuse_unusable(meta: PabulibMeta, instance: Instance) -> None:
    if meta.values["vote_type"] not in APPROVAL_TYPES:
        raise ImportRefused(
            f"Ballots of type {meta.values['vote_type']} cannot be imported yet, only approval ballots."
        )
    if not instance.options or not instance.budget:
        raise ImportRefused("The file has no plans, or a budget of zero.")
    for option in instance.options:
        if not option.cost:
            raise ImportRefused(f"Plan {option.id} costs nothing, so it needs no vote about money.")
        if len(option.id) > Plan._meta.get_field("reference").max_length:  # type: ignore[operator]
            raise ImportRefused(f"The id of plan {option.id[:20]}… is too long.")


def counting_of(meta: PabulibMeta, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The complete settings of the count: what the command says, else what the file says about its own rule."""
    own = {} if wanted.get("rule") else _counting_in(meta)
    if not own and not wanted.get("rule"):
        known = ", ".join(RULES_OF_FILES)
        raise ImportRefused(f"The file's rule “{meta.values.get('rule', '')}” is not one of {known}: say --rule.")
    rule, parsed = parse_settings({**own, **wanted})
    if not rule.needs_budget:
        raise ImportRefused(f"The rule {rule.key} divides no budget, so it cannot count this file's plans.")
    return {"rule": rule.key, **parsed.to_dict()}


def _counting_in(meta: PabulibMeta) -> dict[str, Any]:
    if COUNTING_KEY in meta.values:
        return meta.counting
    found = dict(RULES_OF_FILES.get(meta.values.get("rule", ""), {}))
    least = meta.values.get("min_project_score_threshold", "")
    if found and least.isascii() and least.isdigit():
        found["min_votes"] = int(least)
    return found


# --- Dates --------------------------------------------------------------------------------------------

YEAR = re.compile(r"[12]\d{3}")
DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.([12]\d{3})")
ISO_DAY = re.compile(r"([12]\d{3})-(\d{1,2})-(\d{1,2})")


def read_day(text: str, *, last: bool) -> date | None:
    """A date as Pabulib's files write it: a year, day.month.year, or year-month-day; None when it is none of these."""
    text = text.strip()
    try:
        if YEAR.fullmatch(text):
            return date(int(text), 12, 31) if last else date(int(text), 1, 1)
        if found := DAY.fullmatch(text):
            return date(int(found[3]), int(found[2]), int(found[1]))
        if found := ISO_DAY.fullmatch(text):
            return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None
    return None


def period_of(meta: PabulibMeta, now: datetime) -> tuple[datetime, datetime]:
    """When people voted; without dates in the file, the day before now. Never later than now."""
    first = read_day(meta.values.get("date_begin", ""), last=False)
    last = read_day(meta.values.get("date_end", ""), last=True)
    closes = min(_midnight(last + timedelta(days=1)), now) if last else now
    opens = _midnight(first) if first else closes - timedelta(days=1)
    return (opens if opens < closes else closes - timedelta(days=1)), closes


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))


# --- Writing ------------------------------------------------------------------------------------------


class _Import:
    """One import, inside its transaction."""

    def __init__(
        self,
        path: Path,
        wishes: Wishes,
        meta: PabulibMeta,
        instance: Instance,
        counting: dict[str, Any],
        now: datetime,
        watch: Watch,
    ) -> None:
        self.path, self.wishes, self.meta, self.instance = path, wishes, meta, instance
        self.counting, self.now, self.watch = counting, now, watch
        self.title = wishes.title or meta.values.get("description", "") or path.stem
        self.title = Truncator(self.title).chars(TITLE_LENGTH)
        self.opens, self.closes = period_of(meta, now)

    def run(self, digest: str) -> Imported:
        page = self._page()
        plans = self._plans(page)
        vote = self._vote(page)
        question = write_question(vote, self._question(), pot=self.instance.money)
        write_plans(question, plans)
        RoundVote.objects.create(round=page, vote=vote, source_digest=digest)
        ballots = import_closed_vote(vote, ballots=self._ballots(), source=self._source())
        log(page, "budget.import", data={"file": self.path.name, "digest": digest, "ballots": ballots})
        return Imported(page, vote, len(plans), ballots, tuple(self.meta.warnings))

    def _source(self) -> str:
        return Truncator(_("Imported from the file %(file)s") % {"file": self.path.name}).chars(300)

    # --- Pages ---

    def _page(self) -> BudgetRoundPage:
        page = BudgetRoundPage(title=self.title, pot=self.instance.budget, intro=self._intro())
        return _add_below(self._process(), page)

    def _intro(self) -> str:
        names = [self.meta.values.get(key, "") for key in ("unit", "district", "subunit")]
        place = ", ".join(dict.fromkeys(name for name in names if name))
        sentences = [_("This vote was held in %(place)s.") % {"place": place}] if place else []
        sentences.append(_("It was imported from a file, to count it again."))
        if self.meta.currency not in ("", "EUR"):
            sentences.append(_("Amounts in the file are in %(currency)s.") % {"currency": self.meta.currency})
        return Truncator(" ".join(sentences)).chars(1000)

    def _process(self) -> ProcessPage:
        if self.wishes.process_id is not None:
            found = ProcessPage.objects.filter(pk=self.wishes.process_id).first()
            if found is None:
                raise ImportRefused(f"There is no process with id {self.wishes.process_id}.")
            return found
        index = ProcessIndexPage.objects.live().order_by("path").first()
        if index is None:
            raise ImportRefused("There is no list of processes yet: make that page first, or say --process.")
        intro = Truncator(self._intro()).chars(500)
        process = _add_below(index, ProcessPage(title=self.title, intro=intro))
        Phase.objects.bulk_create(self._phases(process))
        return process

    def _phases(self, process: ProcessPage) -> Iterator[Phase]:
        first, end = timezone.localdate(self.opens), timezone.localdate(self.closes)
        last = max(first, end - timedelta(days=1))
        # A vote of years ago is a finished process, whenever it comes here; its result page stays.
        followed = end + timedelta(days=FOLLOWED_DAYS)
        common = {
            "process": process,
            "audience": _("Everybody who could vote"),
            "influence": _("The voters decided which plans get money."),
            # Without it staff would be asked, years later, to write down what was decided.
            "outcome": _("This vote was over before it came here. The result says which plans were chosen."),
        }
        yield Phase(
            title=_("Vote"),
            goal=_("Choose plans."),
            starts_on=first,
            ends_on=last,
            opens=["budget.vote"],
            citizen_rung=Phase.CitizenRung.CODECIDE,
            **common,
        )
        yield Phase(
            title=_("Result"),
            goal=_("See which plans were chosen, and why."),
            starts_on=last + timedelta(days=1),
            ends_on=followed,
            opens=["budget.result"],
            citizen_rung=Phase.CitizenRung.INFORM,
            **common,
        )

    # --- Plans and vote ---

    def _plans(self, page: BudgetRoundPage) -> list[Plan]:
        # Lists show the last one first, so the file's first plan is written last.
        options = reversed(self.instance.options)
        plans = Plan.objects.bulk_create(self._plan(page, option) for option in options)[::-1]
        PlanEvent.objects.bulk_create(PlanEvent(plan=plan, kind=PlanEvent.Kind.IMPORTED, at=self.now) for plan in plans)
        return plans

    def _plan(self, page: BudgetRoundPage, option: Option) -> Plan:
        name = " ".join(option.name.split()) or _("Plan %(reference)s") % {"reference": option.id}
        description = self.meta.projects[option.id].get("description", "")
        whole = name if len(name) > TITLE_LENGTH else ""
        return Plan(
            round=page,
            origin=Plan.Origin.FILE,
            reference=option.id,
            title=Truncator(name).chars(TITLE_LENGTH),
            text=Truncator("\n\n".join(filter(None, [whole, description]))).chars(TEXT_LENGTH),
            cost=option.cost,
            state=Plan.State.PUBLISHED,
            verdict=Plan.Verdict.FEASIBLE,
            verdict_reason=_("This plan was on the ballot of the imported vote."),
            created_at=self.now,
            submitted_at=self.now,
            published_at=self.now,
        )

    def _vote(self, page: BudgetRoundPage) -> Vote:
        return Vote.objects.create(
            title=self.title,
            opens_at=self.opens,
            closes_at=self.closes,
            change_policy=Vote.ChangePolicy.NONE,
            url=page.get_url() or "",
            minimum_age=0,
            minimum_proof=0,
        )

    def _question(self) -> dict[str, Any]:
        """What was asked, as the file says it."""
        longest = self.meta.values.get("max_length", "")
        maximum = int(longest) if longest.isascii() and longest.isdigit() and 0 < int(longest) < 2**15 else None
        most = maximum or len(self.instance.options)
        by_sum = "max_sum_cost" in self.meta.values and maximum is None
        return {
            "question": _("Which plans do you choose?"),
            "form": Question.Form.KNAPSACK if by_sum else Question.Form.APPROVAL,
            "max_options": None if by_sum else 1 if self.meta.values["vote_type"] == "choose-1" else most,
            "max_sum": self.instance.budget if by_sum else None,
            "counting": self.counting,
        }

    def _ballots(self) -> Iterator[dict[str, Answer]]:
        """Every ballot as answers; equal ones follow each other, which says nothing: the file has no order either."""
        ids = [option.id for option in self.instance.options]
        done = 0
        for weight, marks in self.instance.profile.marks():
            answers: dict[str, Answer] = {ONLY: [ids[place] for place, _points in marks]}
            for _copy in range(weight):
                yield answers
                done += 1
                if done % PROGRESS_EVERY == 0:
                    self.watch(f"{done} of {self.instance.voters} ballots …")


def _add_below(parent: Page, page: Any) -> Any:
    """A published page below `parent`, with a first version that editors can go on from."""
    taken = set(parent.get_children().values_list("slug", flat=True))
    base = slugify(page.title)[:200] or "budget"
    page.slug = next(slug for slug in _slugs(base) if slug not in taken)
    parent.add_child(instance=page)
    page.save_revision().publish()
    return page


def _slugs(base: str) -> Iterator[str]:
    yield base
    number = 1
    while True:
        number += 1
        yield f"{base}-{number}"
