"""Where processes are found besides their own pages: the home page and neighbourhood pages."""

from collections.abc import Sequence

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language

from pages.highlights import Highlight
from places.models import Area
from process.listing import STATES, card_of
from process.models import ProcessPage
from process.neighbourhood import Happening
from process.periods import in_order, overall_state
from process.queries import concerning


def running_now(limit: int) -> list[Highlight]:
    """Cards for the home page: the processes where one can join in now, those that end first in front."""
    today = timezone.localdate()
    lang = "" if get_language() == settings.LANGUAGE_CODE else settings.LANGUAGE_CODE
    rows = ProcessPage.objects.visible().running(today).asking(today)[:limit]
    cards = [card_of(process, on=today) for process in rows]
    return [Highlight(**{**card, "meta": tuple(card["meta"])}, lang=lang) for card in cards]


def processes_around(area: Area, limit: int) -> Sequence[Happening]:
    """Processes about an area, a part of it, or what lies around it: running ones first, then coming and finished ones."""
    today = timezone.localdate()
    rows = ProcessPage.objects.visible().filter(concerning(area))
    found = [*rows.running(today)[:limit], *rows.coming(today)[:limit], *rows.finished(today)[:limit]]
    return [_happening(process) for process in found[:limit]]


def _happening(process: ProcessPage) -> Happening:
    phases = in_order(process.phases.all())
    state = str(STATES[overall_state(phases, timezone.localdate())])
    return Happening(process.title, process.get_url() or "", text=process.intro, state=state)
