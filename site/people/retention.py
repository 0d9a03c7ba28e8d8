"""Retention: what is older than its declared period is emptied or deleted, every night."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models, transaction

from people.privacy import After, PersonalData, declarations

CHUNK = 1_000


@dataclass(frozen=True)
class Due:
    """What one declaration asks now: how many rows, and what happens to them."""

    declaration: PersonalData
    rows: int


def due(now: datetime) -> list[Due]:
    """What `apply` would do, for every declaration with a period."""
    return [Due(declared, expired(declared, now).count()) for declared in declarations() if declared.keep]


def apply(now: datetime) -> list[Due]:
    """Empties and deletes what is due; safe to stop half-way and to run twice."""
    return [Due(declared, _apply_one(declared, now)) for declared in declarations() if declared.keep]


def expired(declared: PersonalData, now: datetime) -> models.QuerySet[models.Model]:
    assert declared.keep is not None
    rows = declared.rows.filter(**{f"{declared.since}__lt": now - declared.keep})
    if declared.then is After.BLANK:
        rows = rows.exclude(**{name: _empty(rows.model._meta.get_field(name)) for name in declared.blank})
    return rows


def _apply_one(declared: PersonalData, now: datetime) -> int:
    count = 0
    while ids := list(expired(declared, now).order_by("pk").values_list("pk", flat=True)[:CHUNK]):
        with transaction.atomic():
            finish(declared.then, declared, declared.rows.filter(pk__in=ids))
        count += len(ids)
    return count


def finish(after: After, declared: PersonalData, rows: models.QuerySet[models.Model]) -> None:
    """Deletes rows, empties their personal fields, or leaves them."""
    if after is After.DELETE:
        rows.delete()
    elif after is After.BLANK:
        rows.update(**{name: _empty(rows.model._meta.get_field(name)) for name in declared.blank})


def _empty(field: Any) -> Any:
    """NULL where that is allowed, else the field's default (a new reference, proof “none”), else empty text."""
    if field.null:
        return None
    return field.get_default() if field.has_default() else ""
