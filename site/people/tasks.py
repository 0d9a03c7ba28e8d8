"""Celery tasks: mail about accounts, and what privacy asks every night."""

from celery import shared_task
from django.utils import timezone

from people import mail, retention


@shared_task
def send_account_mail(pk: int) -> None:
    """Sends one mail; a fault leaves it for the sweep."""
    mail.send(pk, timezone.now())


@shared_task
def send_waiting_mail() -> int:
    return mail.send_waiting(timezone.now())


@shared_task
def apply_retention() -> int:
    """Every night: how many rows were emptied or deleted."""
    return sum(line.rows for line in retention.apply(timezone.now()))
