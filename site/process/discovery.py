"""Where processes are found besides their own pages: the home page and neighbourhood pages."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language

from pages.highlights import Highlight
from places.models import Area
from process.listing import STATES, card_of
from process.models import Phase, ProcessPage
from process.neighbourhood import Happening
from process.periods import in_order, overall_state, state_on
from process.queries import concerning


def running_now(limit: int) -> list[Highlight]:
    """Cards for the home page: the processes where one can join in now, those that end first in front."""
    today = timezone.localdate()
    lang = "" if get_language() == settings.LANGUAGE_CODE else settings.LANGUAGE_CODE
    rows = ProcessPage.objects.visible().running(today).asking(today)[:limit]
    cards = [card_of(process, on=today) for process in rows]
    return [Highlight(**{**card, "meta": tuple(card["meta"])}, lang=lang) for card in cards]


def processes_around(area: Area, limit: int) -> Sequence[Happening]:
    """Processes about an area, a part of it, or what lies around it.

    First those where one can join in now, then coming ones, then those that only tell what came of them, then
    finished ones.
    """
    today = timezone.localdate()
    rows = ProcessPage.objects.visible().filter(concerning(area))
    running = list(rows.running(today).with_asks(today).order_by("-asks", "last_day", "pk")[:limit])
    asking = [process for process in running if process.asks]
    found = [*asking, *rows.coming(today)[:limit], *running[len(asking) :], *rows.finished(today)[:limit]]
    return [_happening(process, today) for process in found[:limit]]


def _happening(process: ProcessPage, today: date) -> Happening:
    return Happening(process.title, process.get_url() or "", text=process.intro, state=_state(process, today))


def _state(process: ProcessPage, today: date) -> str:
    """“Running now” is said of what one can join; of what only informs, the name of its phase."""
    phases: list[Any] = in_order(process.phases.all())
    now = next((phase for phase in phases if state_on(phase, today) == "now"), None)
    if now is not None and now.citizen_rung == Phase.CitizenRung.INFORM:
        return str(now.title)
    return str(STATES[overall_state(phases, today)])
