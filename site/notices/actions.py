"""Telling people: a notice is a line in the outbox, written together with what happened. And sending a failed one again."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from notices.kinds import kind as find_kind
from notices.models import OutboxLine
from notices.wake import wake_worker_on_commit
from people.models import User
from people.verdict import ALLOWED, NotAllowed, Verdict, demand, refused

BATCH = 1000


class OutsideTransaction(RuntimeError):
    """A notice must be written in the transaction of what it tells, else one can exist without the other."""


def notify(kind: str, recipient: User, *, key: str, payload: Mapping[str, Any], due_at: datetime | None = None) -> bool:
    """Writes one notice in the caller's transaction; False when the same `key` was written before.

    `payload` is JSON for the texts of the kind: never a vote, a code or a password. By convention
    `title` is what it is about and `url` the path of the page (`/…`). Raises `OutsideTransaction`
    without a transaction, `UnknownKind` for a kind nobody registered.
    """
    return notify_all(kind, [recipient], key=lambda _user: key, payload=payload, due_at=due_at) == 1


def notify_all(
    kind: str,
    recipients: Iterable[User],
    *,
    key: Callable[[User], str],
    payload: Mapping[str, Any],
    due_at: datetime | None = None,
) -> int:
    """Writes one notice to each recipient, in batches; returns how many were new.

    `key` names the event per person: `lambda user: f"ballots.opened:{vote.pk}:{user.pk}"`.
    """
    if not connection.in_atomic_block:
        raise OutsideTransaction(f"The notice “{kind}” needs a transaction: use transaction.atomic().")
    find_kind(kind)
    check_payload(payload)
    now = timezone.now()
    lines = (
        OutboxLine(
            key=key(user),
            kind=kind,
            recipient=user,
            payload=dict(payload),
            created_at=now,
            due_at=due_at or now,
            try_at=due_at or now,
        )
        for user in recipients
    )
    written = sum(_write(batch) for batch in _batches(lines))
    if written and (due_at is None or due_at <= now):
        wake_worker_on_commit()
    return written


def check_payload(payload: Mapping[str, Any]) -> None:
    """A link in a notice leads to a page of this site; anything else is a mistake of the programmer."""
    url = payload.get("url", "/")
    if not isinstance(url, str) or not url.startswith("/") or url.startswith(("//", "/\\")):
        raise ValueError(f"The link of a notice must be a path on this site, not “{url}”.")


def _batches(lines: Iterator[OutboxLine]) -> Iterator[list[OutboxLine]]:
    while batch := list(islice(lines, BATCH)):
        yield batch


def _write(lines: list[OutboxLine]) -> int:
    """Inserts the lines whose key is new; two statements."""
    OutboxLine.objects.bulk_create(lines, ignore_conflicts=True)
    return OutboxLine.objects.filter(pk__in=[line.pk for line in lines]).count()


# --- Failed notices -------------------------------------------------------------------------------------


def may_retry(line: OutboxLine, actor: User) -> Verdict:
    if not actor.has_perm("notices.retry_outboxline"):
        return refused(_("You cannot send mails again."))
    if line.state != OutboxLine.State.FAILED:
        return refused(_("This mail has not failed."))
    return ALLOWED


@transaction.atomic
def retry(line: OutboxLine, *, actor: User, now: datetime) -> None:
    """Lets a failed notice go again, with as many tries as a new one; raises `NotAllowed`."""
    demand(may_retry(line, actor))
    if not _back_in_line(OutboxLine.objects.filter(pk=line.pk), now):
        raise NotAllowed(refused(_("This mail has not failed.")))
    log(line, "notices.retry", user=actor)
    wake_worker_on_commit()


@transaction.atomic
def retry_all(*, actor: User, now: datetime) -> int:
    """Lets every failed notice go again; returns how many. One line in the log, at the newest of them."""
    newest = OutboxLine.objects.filter(state=OutboxLine.State.FAILED).order_by("-created_at").first()
    count = _back_in_line(OutboxLine.objects.all(), now)
    if newest is not None and count:
        log(newest, "notices.retry", user=actor, data={"count": count})
        wake_worker_on_commit()
    return count


def _back_in_line(lines: QuerySet[OutboxLine], now: datetime) -> int:
    """Compare and swap: only what is failed at this moment."""
    failed = lines.filter(state=OutboxLine.State.FAILED)
    return failed.update(state=OutboxLine.State.WAITING, try_at=now, attempts=0, problem="", sending_at=None)
