"""Kinds of notices for tests, with their texts, and lines in the outbox."""

from pathlib import Path

from django.db import transaction

from notices import kinds
from notices.actions import notify
from notices.models import OutboxLine

TEMPLATES = Path(__file__).parents[1] / "notices" / "templates"


def register_trial_kinds() -> None:
    """`trial` can be switched off, `duty` cannot."""
    kinds.register("trial", label="Trials", why="You asked for it.")
    kinds.register("duty", label="Duties", mandatory=True, why="The law says so.")


def make_line(recipient, *, kind="trial", key="line-1", **payload) -> OutboxLine:
    """A line as `notify` writes it."""
    with transaction.atomic():
        notify(
            kind, getattr(recipient, "user", recipient), key=key, payload={"title": "A title", "url": "/", **payload}
        )
    return OutboxLine.objects.get(key=key)
