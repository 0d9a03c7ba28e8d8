"""Processes with phases, below a small site."""

from datetime import date

from process.models import Phase, ProcessIndexPage, ProcessPage
from tests.factories.pages import make_site


def make_index(root) -> ProcessIndexPage:
    """The list of processes, below the home page of a small site."""
    home = make_site(root).home
    return home.add_child(instance=ProcessIndexPage(title="Trajecten", slug="trajecten", intro="Doe mee."))


def make_phase(title="Ideeën", first=date(2026, 3, 1), last=date(2026, 3, 31), opens=(), **fields) -> Phase:
    """A phase that is not saved yet."""
    values = {
        "goal": "U vertelt wat beter kan.",
        "citizen_rung": Phase.CitizenRung.ADVISE,
        "government_rung": Phase.GovernmentRung.FACILITATE,
        "audience": "Iedereen in de buurt",
        "influence": "De raad legt uit wat er met uw advies gebeurt.",
    }
    return Phase(title=title, starts_on=first, ends_on=last, opens=list(opens), **{**values, **fields})


def make_process(index: ProcessIndexPage, *phases: Phase, title="Het park", **fields) -> ProcessPage:
    """A published process with these phases."""
    values = {"slug": title.lower().replace(" ", "-"), "intro": "Het park wordt opnieuw ingericht."}
    page = ProcessPage(title=title, **{**values, **fields})
    page.phases.set(phases)
    return index.add_child(instance=page)
