"""Observers: who keeps the heads of the log, so that nobody can write another log afterwards."""

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation

from ballots.models import Observer, Vote
from notices.actions import notify_all
from people.models import User

HEAD = "ballots.head"


def tell_head(vote: Vote, *, seq: int, leaves: int, head: bytes) -> int:
    """A line in the outbox to every observer, in the transaction of the checkpoint: once, however often that is tried.

    A dry run mails nobody.
    """
    if vote.is_test:
        return 0
    with translation.override(settings.LANGUAGE_CODE):
        url = reverse("ballots:log", args=[vote.pk])
    payload = {"title": vote.title, "url": url, "number": seq, "leaves": leaves, "head": head.hex()}
    observers = User.objects.filter(pk__in=Observer.objects.filter(vote=vote).values("user"), is_active=True)
    return notify_all(HEAD, observers, key=lambda user: f"{HEAD}:{vote.pk}:{seq}:{user.pk}", payload=payload)


def observe(vote: Vote, user: User) -> None:
    """From now on this account gets every head; of a dry run nobody does."""
    if vote.is_test:
        return
    with transaction.atomic():
        Observer.objects.get_or_create(vote=vote, user=user)


def stop_observing(vote: Vote, user: User) -> None:
    """No more heads to this account."""
    Observer.objects.filter(vote=vote, user=user).delete()


def is_observer(vote: Vote, user: User) -> bool:
    return Observer.objects.filter(vote=vote, user=user).exists()
