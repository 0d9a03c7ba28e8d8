"""Boundaries as geometry: which area is at a point. Kept per process, read again when areas change."""

from dataclasses import dataclass
from datetime import datetime
from threading import Lock

import numpy as np
import shapely
from django.db.models import Count, Max
from shapely.geometry import shape

from places.models import Area

# Smallest first.
_SIZE: dict[str, int] = {Area.Kind.NEIGHBOURHOOD: 0, Area.Kind.DISTRICT: 1, Area.Kind.MUNICIPALITY: 2}

Version = tuple[int, int | None, datetime | None]


@dataclass(frozen=True)
class Boundaries:
    """All boundaries, ordered from small to large and then by code, behind one spatial index."""

    version: Version
    ids: tuple[int, ...]
    tree: shapely.STRtree

    @property
    def mark(self) -> str:
        """A short text that is another after every change."""
        count, last, changed = self.version
        return f"{count}-{last or 0}-{changed.timestamp() if changed else 0:.6f}"

    def smallest_at(self, longitude: float, latitude: float) -> int | None:
        """The id of the smallest area that covers a point, or None."""
        found = self.tree.query(shapely.Point(longitude, latitude), predicate="intersects")
        return self.ids[int(np.min(found))] if len(found) else None


_kept: Boundaries | None = None
_lock = Lock()


def current() -> Boundaries:
    """The boundaries as they are now: one small query, and a reading only after a change."""
    global _kept  # noqa: PLW0603 - the one copy of this process
    version = _version()
    with _lock:
        if _kept is None or _kept.version != version:
            _kept = _read(version)
        return _kept


def _version() -> Version:
    row = Area.objects.aggregate(count=Count("pk"), last=Max("pk"), changed=Max("changed_at"))
    return row["count"], row["last"], row["changed"]


def _read(version: Version) -> Boundaries:
    rows = Area.objects.exclude(boundary=None).values_list("pk", "kind", "code", "boundary")
    ordered = sorted(rows, key=lambda row: (_SIZE[row[1]], row[2]))
    return Boundaries(
        version, tuple(row[0] for row in ordered), shapely.STRtree([shape(row[3]) for row in ordered if row[3]])
    )
