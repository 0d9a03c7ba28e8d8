"""The log as plain values, for `log.json`; `docs/reference/vote-format.md` says what each means."""

from datetime import UTC
from typing import Any

from ballots.models import Checkpoint, Vote


def log_of(vote: Vote) -> dict[str, Any]:
    """Every checkpoint, in order. Hashes in hexadecimal, hours in UTC."""
    return {"vote": str(vote.pk), "checkpoints": [_line(point) for point in Checkpoint.objects.filter(vote=vote)]}


def _line(point: Checkpoint) -> dict[str, Any]:
    return {
        "seq": point.seq,
        "leaves": point.leaves,
        "root": bytes(point.root).hex(),
        "previous": bytes(point.previous).hex(),
        "head": bytes(point.head).hex(),
        "hour": point.hour.astimezone(UTC).strftime("%Y-%m-%dT%H:00Z"),
    }
