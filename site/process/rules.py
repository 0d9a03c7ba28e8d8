"""When a process lets residents do something."""

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from wagtail.models import Page

from people.verdict import ALLOWED, Verdict, refused
from process.instruments import UnknownVerb, is_known
from process.queries import Schedule, schedule_of


def is_open(page: Page, verb: str, on: date) -> Verdict:
    """Whether the process above `page` opens `verb` (such as `proposals.submit`) on a day, or when.

    The day is a Dutch calendar day (`timezone.localdate()`); the last day of a phase is included.
    What is published counts, not a draft. A verb nobody registered raises `UnknownVerb`.
    """
    return verb_is_open(schedule_of(page), verb, on)


def verb_is_open(schedule: Schedule, verb: str, on: date) -> Verdict:
    """As `is_open`, for who asks about several verbs of one page: read the schedule once."""
    if not is_known(verb):
        raise UnknownVerb(verb)
    if not schedule.is_public:
        return refused(_("This page is not public."))
    phases = schedule.with_verb(verb)
    if any(phase.starts_on <= on <= phase.ends_on for phase in phases):
        return ALLOWED
    return refused(_why_not(phases, on))


def _why_not(phases: list, on: date) -> str:
    """The sentence for a closed verb: when it opens, that it is over, or that it never opens."""
    coming = [phase.starts_on for phase in phases if phase.starts_on > on]
    if coming:
        return _("This opens on %(date)s.") % {"date": date_format(min(coming), "j F Y")}
    if phases:
        last_day = max(phase.ends_on for phase in phases)
        return _("This is over. It was possible until %(date)s.") % {"date": date_format(last_day, "j F Y")}
    return _("This is not part of this process.")
