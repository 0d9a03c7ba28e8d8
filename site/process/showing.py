"""What the page of a process shows: its phases in words, and what you can do now."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from wagtail.models import Page

from pages.templatetags.components import written
from process.instruments import UnknownVerb, instrument_of, verb_label
from process.ladders import MUNICIPALITY, RESIDENTS
from process.listing import BADGES, STATES
from process.models import Phase, ProcessPage
from process.periods import in_order, overall_state, state_on


@dataclass(frozen=True)
class Possibility:
    """Something a resident can do, with the page where; "" while that page is not there yet."""

    label: str
    url: str


@dataclass(frozen=True)
class PhaseShown:
    """A phase as readers see it. `state` is past, now or next."""

    phase: Phase
    number: int
    state: str
    possibilities: tuple[Possibility, ...]

    @property
    def anchor(self) -> str:
        return f"fase-{self.number}"

    @property
    def url(self) -> str:
        return f"#{self.anchor}"

    @property
    def title(self) -> str:
        return self.phase.title

    @property
    def text(self) -> str:
        return self.phase.goal

    @property
    def period(self) -> str:
        days = {"first": date_format(self.phase.starts_on, "j F Y"), "last": date_format(self.phase.ends_on, "j F Y")}
        return _("%(first)s until %(last)s") % days if days["first"] != days["last"] else days["first"]

    @property
    def last_day(self) -> str:
        return date_format(self.phase.ends_on, "j F Y")

    def facts(self) -> list[tuple[str, str]]:
        """For whom, how far influence reaches, and both roles in plain words."""
        rows = [
            (_("For whom"), written(self.phase.audience)),
            (_("Your influence"), written(self.phase.influence)),
            (_("Your role"), _rung(self.phase.get_citizen_rung_display(), RESIDENTS, self.phase.citizen_rung)),
            (
                _("Role of the municipality"),
                _rung(self.phase.get_government_rung_display(), MUNICIPALITY, self.phase.government_rung),
            ),
        ]
        return [(name, value) for name, value in rows if value]


@dataclass(frozen=True)
class ProcessShown:
    """Everything the page of a process shows on a day."""

    page: ProcessPage
    phases: tuple[PhaseShown, ...]
    state: str
    instruments: tuple[Page, ...]

    @property
    def state_label(self) -> str:
        return str(STATES[self.state])

    @property
    def badge_kind(self) -> str:
        return BADGES[self.state]

    @property
    def now(self) -> PhaseShown | None:
        return next((phase for phase in self.phases if phase.state == "now"), None)

    @property
    def next(self) -> PhaseShown | None:
        return next((phase for phase in self.phases if phase.state == "next"), None)

    @property
    def decisions(self) -> list[PhaseShown]:
        """Phases with an outcome, the latest first."""
        return [phase for phase in reversed(self.phases) if phase.phase.outcome]

    @property
    def ladders(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """Every rung of both ladders, with its explanation."""
        return [
            (_("Roles of residents"), _rungs(Phase.CitizenRung, RESIDENTS)),
            (_("Roles of the municipality"), _rungs(Phase.GovernmentRung, MUNICIPALITY)),
        ]


def show(page: ProcessPage, *, on: date) -> ProcessShown:
    """The page on a day, as published or, in a preview, as drafted; 3 queries."""
    pages = tuple(instrument_pages(page))
    phases = in_order(page.phases.all())
    shown = tuple(
        PhaseShown(phase, number, state_on(phase, on), _possibilities(phase, pages))
        for number, phase in enumerate(phases, start=1)
    )
    return ProcessShown(page, shown, overall_state(phases, on), pages)


def instrument_pages(page: ProcessPage) -> "QuerySet[Page]":
    """The published pages below a process that anybody may see, in the editor's order."""
    if page.pk is None:
        return Page.objects.none()
    return page.get_children().live().public()


def _possibilities(phase: Phase, pages: tuple[Page, ...]) -> tuple[Possibility, ...]:
    return tuple(found for verb in phase.opens for found in _where_to(verb, pages))


def _where_to(verb: str, pages: tuple[Page, ...]) -> list[Possibility]:
    """One link to each page of the verb's instrument; more than one page names itself in the link."""
    label = verb_label(verb)
    try:
        instrument = instrument_of(verb)
    except UnknownVerb:
        return []
    kinds = [(page, page.cached_content_type) for page in pages]
    own = [page for page, kind in kinds if instrument.owns(kind.app_label, kind.model)]
    if not own:
        return [Possibility(label, "")]
    passed = instrument.passed(verb, [page.pk for page in own])
    return [
        Possibility(f"{label}: {page.title}" if len(own) > 1 else label, page.get_url() or "")
        for page in own
        if page.pk not in passed
    ]


def _rung(label: str, explanations: dict, key: str) -> str:
    return f"{label.capitalize()}. {explanations[key]}" if key else ""


def _rungs(rungs: type, explanations: dict) -> list[tuple[str, str]]:
    return [(str(rung.label).capitalize(), str(explanations[rung.value])) for rung in rungs]  # type: ignore[attr-defined]
