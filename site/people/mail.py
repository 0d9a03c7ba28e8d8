"""Mail about accounts: written in the database first, sent at once when possible, and again after a fault.

A log-in code must arrive quickly, so its task is queued as soon as the line is committed; when the
queue is away, the sweep (`people.tasks.send_waiting_mail`) takes it along. Text is wiped once sent.
"""

import logging
from datetime import datetime, timedelta

from celery.exceptions import CeleryError
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from kombu.exceptions import KombuError

from people.models import AccountMail
from people.sender import sender_address, sender_name

log = logging.getLogger(__name__)

CLAIM = timedelta(minutes=2)
# A code or link in a mail is worthless after this time, so nothing is tried for longer.
GIVE_UP = timedelta(hours=1)
SENDER_HEADERS = {"Auto-Submitted": "auto-generated"}


def queue_mail(recipient: str, subject: str, text: str, html: str = "") -> AccountMail:
    """Writes a mail and asks for its delivery after commit."""
    mail = AccountMail.objects.create(recipient=recipient, subject=subject[:200], text=text, html=html)
    transaction.on_commit(lambda: _ask_delivery(mail.pk))
    return mail


def _ask_delivery(pk: int) -> None:
    from people.tasks import send_account_mail

    try:
        send_account_mail.delay(pk)
    except (KombuError, CeleryError, OSError) as problem:
        log.warning("queue unavailable, the sweep will send account mail %s: %s", pk, problem)


def send(pk: int, now: datetime) -> bool:
    """Sends one waiting mail, unless another worker holds it; whether it left. An error leaves it waiting."""
    mail = _claim(pk, now)
    if mail is None:
        return False
    sender = sender_address(sender_name())
    message = EmailMultiAlternatives(mail.subject, mail.text, sender, [mail.recipient], headers=SENDER_HEADERS)
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    message.send()
    AccountMail.objects.filter(pk=pk).update(sent_at=timezone.now(), text="", html="")
    return True


def _claim(pk: int, now: datetime) -> AccountMail | None:
    """Takes a mail for two minutes; of two workers that try, one gets it."""
    free = Q(claimed_until=None) | Q(claimed_until__lte=now)
    waiting = AccountMail.objects.filter(free, pk=pk, sent_at=None, created_at__gt=now - GIVE_UP)
    if waiting.update(claimed_until=now + CLAIM, attempts=F("attempts") + 1) != 1:
        return None
    return AccountMail.objects.get(pk=pk)


def send_waiting(now: datetime) -> int:
    """Sends what still waits; how many left. One bad address does not hold up the rest."""
    count = 0
    for pk in AccountMail.objects.filter(sent_at=None, created_at__gt=now - GIVE_UP).values_list("pk", flat=True)[:200]:
        try:
            count += send(pk, now)
        except OSError as problem:  # smtplib's errors are OSErrors too
            log.warning("account mail %s could not be sent: %s", pk, problem)
    return count
