"""Clocks: the terms that run for the municipality, started, extended once and ended by whoever brings the subject.

Everybody who has a clock registers its kind here. Late is late: nothing moves a last day that has passed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pages.templatetags.components import filled, written
from people.verdict import ALLOWED, NotAllowed, Verdict, demand, refused
from process.models import Clock
from process.terms import Term, working_days_between


@dataclass(frozen=True)
class ClockKind:
    """A kind of term: `label` in a list of work, and where staff do that work for a subject."""

    key: str
    label: Any
    work_url: Callable[[int], str]


_kinds: dict[str, ClockKind] = {}


def register(kind: ClockKind) -> None:
    """Adds a kind; a double key is an error."""
    if kind.key in _kinds:
        raise ValueError(f"The term “{kind.key}” is registered twice.")
    _kinds[kind.key] = kind


def kind_of(clock: Clock) -> ClockKind | None:
    """The kind of a clock; None when the instrument that had it is gone."""
    return _kinds.get(clock.kind)


def all_kinds() -> list[ClockKind]:
    return list(_kinds.values())


# --- Reads ------------------------------------------------------------------------------------------------


def of(subject: models.Model, kind: str) -> QuerySet[Clock]:
    """Every clock of this kind that the subject had, the last one first."""
    found = Clock.objects.filter(
        kind=kind, subject_type=ContentType.objects.get_for_model(subject), subject_id=subject.pk
    )
    return found.order_by("-started_on", "-pk")


def running(kind: str | None = None) -> QuerySet[Clock]:
    """Clocks that run, what is due first in front."""
    found = Clock.objects.filter(ended_on=None)
    return found.filter(kind=kind) if kind else found


def days_late(clock: Clock, today: date) -> int:
    """Working days after the last day; 0 while there is time, and for a clock that ended in time."""
    return working_days_between(clock.due_on, clock.ended_on or today)


def is_late(clock: Clock, today: date) -> bool:
    return (clock.ended_on or today) > clock.due_on


def in_words(clock: Clock, today: date) -> list[str]:
    """What everybody reads about a running clock."""
    day = date_format(clock.due_on, "j F Y")
    if not is_late(clock, today):
        lines = [_("The municipality answers on %(day)s at the latest.") % {"day": day}]
    else:
        lines = [
            _("The municipality is late. The answer had to be here on %(day)s.") % {"day": day},
            _how_late(clock, today),
        ]
    if clock.extended_from:
        before = date_format(clock.extended_from, "j F Y")
        sentence = _("First it was %(day)s. The municipality took more time: %(reason)s")
        lines.append(filled(sentence, day=before, reason=written(clock.extension_reason)))
    return [line for line in lines if line]


def _how_late(clock: Clock, today: date) -> str:
    days = days_late(clock, today)
    text = ngettext("That is %(number)s working day ago.", "That is %(number)s working days ago.", days)
    return text % {"number": days} if days else ""


# --- Acts, in the caller's transaction ------------------------------------------------------------------------


def start(subject: models.Model, kind: str, term: Term, *, on: date) -> Clock:
    """Starts a clock, or gives the one that runs already."""
    values = {"title": str(subject)[:150], "started_on": on, "number": term.number, "unit": str(term.unit)}
    clock, _made = Clock.objects.get_or_create(
        kind=kind,
        subject_type=ContentType.objects.get_for_model(subject),
        subject_id=subject.pk,
        ended_on=None,
        defaults=values | {"due_on": term.ends(on)},
    )
    return clock


def end(subject: models.Model, kind: str, *, on: date) -> None:
    """Ends the clock that runs, if there is one."""
    of(subject, kind).filter(ended_on=None).update(ended_on=on)


def go_on(subject: models.Model, kind: str) -> bool:
    """Lets the last clock run again as if it had never ended; False when there is none."""
    if (last := of(subject, kind).first()) is None:
        return False
    last.ended_on = None
    last.save(update_fields=["ended_on"])
    return True


def may_extend(clock: Clock | None, today: date) -> Verdict:
    """Once, and before the last day is over (Awb 4:14)."""
    if clock is None or clock.ended_on is not None:
        return refused(_("No term runs here."))
    if clock.extended_from is not None:
        return _extended_already()
    if is_late(clock, today):
        return refused(_("The term is over, so it cannot be extended any more."))
    return ALLOWED


def extend(clock: Clock, term: Term, *, reason: str, now: datetime) -> Clock:
    """Moves the last day of a clock; of two who do it at once one gets the refusal."""
    demand(may_extend(clock, timezone.localdate(now)))
    demand(is_fair_extension(clock, term, reason))
    open_ones = Clock.objects.filter(pk=clock.pk, extended_from=None, ended_on=None)
    changes = {"extended_from": F("due_on"), "due_on": term.ends(clock.due_on), "extension_reason": reason.strip()}
    if not open_ones.update(**changes):
        raise NotAllowed(_extended_already())
    clock.refresh_from_db()
    return clock


def is_fair_extension(clock: Clock, term: Term, reason: str) -> Verdict:
    """By the length of the term at most, and with a reason."""
    if term.unit != clock.unit or term.number > clock.number:
        words = {"number": clock.number, "unit": clock.get_unit_display()}
        return refused(_("A term is extended by its own length at most: %(number)s %(unit)s.") % words)
    return ALLOWED if reason.strip() else refused(_("Say why the term is extended."))


def _extended_already() -> Verdict:
    return refused(_("This term was extended already. That can be done once."))
