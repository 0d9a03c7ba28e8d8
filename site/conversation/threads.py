"""Whose conversation a thread is. Each package registers its owners in `AppConfig.ready()`.

    threads.register(Submission, may_comment=rules.may_comment, url=..., public=Q(...))

An owner has a one-to-one field `thread` and a number `comment_count`, which this package keeps.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Model, Q

from conversation.models import Thread
from people.models import User
from people.verdict import Verdict


@dataclass(frozen=True)
class OwnerKind:
    """How a thread's owner answers: may somebody comment, where it is shown, and which rows are public."""

    model: type[Model]
    may_comment: Callable[[Any, User, datetime], Verdict]
    url: Callable[[Any], str]
    public: Q


_owners: list[OwnerKind] = []


def register(
    model: type[Model], *, may_comment: Callable[[Any, User, datetime], Verdict], url: Callable[[Any], str], public: Q
) -> OwnerKind:
    """Adds a kind of owner; a double model is a `ValueError`."""
    if any(kind.model is model for kind in _owners):
        raise ValueError(f"Conversations of “{model._meta.label}” are registered twice.")
    _owners.append(OwnerKind(model, may_comment, url, public))
    return _owners[-1]


def public_owner(thread: Thread) -> tuple[OwnerKind, Any] | None:
    """The owner of a thread with its kind; None when nobody may read it. One query per kind."""
    for kind in _owners:
        owner = kind.model._default_manager.filter(kind.public, thread=thread).first()
        if owner is not None:
            return kind, owner
    return None


def owner_url(thread: Thread) -> str:
    """Where the thread is shown, public or not; "" without an owner."""
    for kind in _owners:
        owner = kind.model._default_manager.filter(thread=thread).first()
        if owner is not None:
            return kind.url(owner)
    return ""


def count(thread_id: int, by: int) -> None:
    """Adds to the owner's number of published comments."""
    for kind in _owners:
        if kind.model._default_manager.filter(thread=thread_id).update(comment_count=F("comment_count") + by):
            return
