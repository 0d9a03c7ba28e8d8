"""Delivering the outbox: every line that is due, once in effect.

Two ways, chosen by the mail backend (`docs/decisions/0004-outbox.md` weighs them):

- A *repeatable* backend (the demonstration's folder: one file per line) can be asked twice without
  harm. A batch is locked, sent and marked in one transaction; a killed worker or database leaves the
  lines waiting, and the next one repeats them.
- A mail server cannot take a mail back. Each line is marked `SENDING` and committed before its mail
  goes. Whatever stops the worker then, that line is not sent again by itself: after `DOUBT_AFTER` it
  is `FAILED` with the reason, and a person decides.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException
from typing import Any

from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from notices.mails import make_mail
from notices.models import NoticePreference, OutboxLine
from notices.preferences import is_mandatory
from people.sender import sender_name

log = logging.getLogger(__name__)

BATCH = 200
# After each failed try the next one waits longer; after the last of these a line has failed.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240))
DOUBT_AFTER = timedelta(minutes=15)
RUN_SECONDS = 60.0
# With this answer a mail server closes the connection (RFC 5321, 3.8).
SERVER_LEAVES = 421
_RUN_LOCK = 5150_0001

INTERRUPTED = "Interrupted while sending: the mail may or may not have gone."

State = OutboxLine.State
Clock = Callable[[], datetime]


def deliver_due(*, clock: Clock = timezone.now, seconds: float = RUN_SECONDS) -> int:
    """Delivers what is due for at most `seconds`; returns the number of lines handled.

    One run at a time: not for safety (rows are locked), but so that a large outbox leaves the other
    workers to votes. When the mail server cannot be reached nothing is claimed and no try is lost.
    """
    with _only_run() as alone:
        if not alone:
            return 0
        settle_interrupted(now=clock())
        if not _due(clock()).exists():
            return 0
        return _run(clock, time.monotonic() + seconds)


def _run(clock: Clock, deadline: float) -> int:
    backend = get_connection()
    step = _deliver_batch if getattr(backend, "is_repeatable", False) else _deliver_one
    handled = 0
    try:
        backend.open()
        while time.monotonic() < deadline and (done := step(backend, clock())):
            handled += done
    except (OSError, SMTPException) as problem:
        log.warning("Mail cannot be delivered now: %s", _plain(problem))
    finally:
        backend.close()
    return handled


@contextmanager
def _only_run() -> Iterator[bool]:
    """Holds a lock of the database session, which ends with the worker however it ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_RUN_LOCK])
        (alone,) = cursor.fetchone()
    try:
        yield alone
    finally:
        if alone:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_RUN_LOCK])


def _due(now: datetime) -> Any:
    return OutboxLine.objects.filter(state=State.WAITING, try_at__lte=now)


def _claim(now: datetime, size: int) -> list[OutboxLine]:
    """Locks lines that are due and nobody else holds."""
    rows = _due(now).select_related("recipient").select_for_update(skip_locked=True, of=("self",))
    return list(rows.order_by("try_at")[:size])


# --- A backend that may be asked twice --------------------------------------------------------------


def _deliver_batch(backend: Any, now: datetime) -> int:
    with transaction.atomic():
        lines = _claim(now, BATCH)
        unwanted, sender = _unwanted(lines), sender_name()
        wanted = [line for line in lines if line not in unwanted]
        mails = {line: mail for line in wanted if (mail := _mail_or_failure(line, sender, now)) is not None}
        backend.send_messages(list(mails.values()))
        _mark(unwanted, state=State.SKIPPED, try_at=now)
        _mark(list(mails), state=State.SENT, sent_at=now, attempts=F("attempts") + 1, problem="")
    return len(lines)


def _mail_or_failure(line: OutboxLine, sender: str, now: datetime) -> EmailMultiAlternatives | None:
    """The mail of a line; a line whose text cannot be made has failed this time, and stops nobody else."""
    try:
        mail = make_mail(line, sender=sender)
        mail.message()  # an address or header that cannot be written shows here
        return mail
    except Exception as problem:
        log.exception("No mail could be made of notice %s", line.pk)
        _record_failure(line, problem, now, attempts=line.attempts + 1)
        return None


def _mark(lines: Iterable[OutboxLine], **fields: Any) -> None:
    OutboxLine.objects.filter(pk__in=[line.pk for line in lines]).update(**fields)


# --- A mail server ------------------------------------------------------------------------------------


def _deliver_one(backend: Any, now: datetime) -> int:
    line = _mark_sending(now)
    if line is None:
        return 0
    if line in _unwanted([line]):
        _mark([line], state=State.SKIPPED, attempts=F("attempts") - 1)
    elif (mail := _mail_or_failure(line, sender_name(), now)) is not None:
        _send(backend, line, mail, now)
    return 1


def _mark_sending(now: datetime) -> OutboxLine | None:
    """Claims one line and says so to everybody before its mail goes."""
    with transaction.atomic():
        for line in _claim(now, 1):
            _mark([line], state=State.SENDING, sending_at=now, attempts=F("attempts") + 1)
            return line
    return None


def _send(backend: Any, line: OutboxLine, mail: EmailMultiAlternatives, now: datetime) -> None:
    try:
        backend.send_messages([mail])
    except (SMTPResponseException, SMTPRecipientsRefused) as refusal:
        # The server said no: surely not sent, so trying again is safe.
        _record_failure(line, refusal, now, attempts=line.attempts + 1)
        if getattr(refusal, "smtp_code", 0) == SERVER_LEAVES:
            raise
    except (OSError, SMTPException) as problem:
        _mark([line], state=State.FAILED, problem=f"{INTERRUPTED} ({_plain(problem)})")
        raise
    else:
        _mark([line], state=State.SENT, sent_at=now, problem="")


def settle_interrupted(*, now: datetime) -> int:
    """Lines whose worker died while sending: failed, for a person to decide; returns how many."""
    stale = OutboxLine.objects.filter(state=State.SENDING, sending_at__lt=now - DOUBT_AFTER)
    return stale.update(state=State.FAILED, problem=INTERRUPTED)


# --- Both ---------------------------------------------------------------------------------------------


def _record_failure(line: OutboxLine, problem: Exception, now: datetime, *, attempts: int) -> None:
    """Plans the next try, or gives up when there were enough."""
    fields: dict[str, Any] = {"attempts": attempts, "problem": _plain(problem)}
    if attempts > len(PAUSES):
        _mark([line], state=State.FAILED, **fields)
    else:
        _mark([line], state=State.WAITING, try_at=now + PAUSES[attempts - 1], **fields)


def _plain(problem: Exception) -> str:
    """What went wrong, without the address that mail servers repeat in their answers."""
    codes = {str(code) for code, _text in getattr(problem, "recipients", {}).values()}
    codes |= {str(problem.smtp_code)} if isinstance(problem, SMTPResponseException) else set()
    return " ".join([type(problem).__name__, *sorted(codes)])[:200]


def _unwanted(lines: Sequence[OutboxLine]) -> set[OutboxLine]:
    """Lines whose recipient does not want them by mail, or is gone; at most one query."""
    gone = {line for line in lines if not line.recipient.is_active}
    refusals = NoticePreference.objects.filter(
        user__in={line.recipient_id for line in lines}, kind__in={line.kind for line in lines}, wanted=False
    )
    refused = set(refusals.values_list("user_id", "kind"))
    return gone | {line for line in lines if (line.recipient_id, line.kind) in refused and not is_mandatory(line.kind)}
