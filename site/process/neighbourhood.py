"""What happens in a neighbourhood: each instrument says it for itself, the neighbourhood page shows it.

    process.neighbourhood.register("proposals", _("Proposals"), proposals_around)

in `AppConfig.ready()`, where `proposals_around(area, limit)` returns at most `limit` happenings,
newest first, in a fixed number of queries. Only what anonymous visitors may see.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from places.models import Area
from process.instruments import Label


@dataclass(frozen=True)
class Happening:
    """Something that happens around here: a link, a line of text and a state in plain words."""

    title: str
    url: str
    text: str = ""
    state: str = ""
    when: date | datetime | None = None


Finder = Callable[[Area, int], Sequence[Happening]]


@dataclass(frozen=True)
class Source:
    key: str
    label: Label
    find: Finder
    order: int


_sources: dict[str, Source] = {}


def register(key: str, label: Label, find: Finder, *, order: int = 100) -> None:
    """Adds a source; a double key is a `ValueError`. Sources stand on the page by `order`."""
    if key in _sources:
        raise ValueError(f"The neighbourhood source “{key}” is registered twice.")
    _sources[key] = Source(key, label, find, order)


def happenings_in(area: Area, *, limit: int = 5) -> list[tuple[Source, Sequence[Happening]]]:
    """Every source with what it has for this area; sources with nothing are left out."""
    ordered = sorted(_sources.values(), key=lambda source: source.order)
    found = [(source, source.find(area, limit)) for source in ordered]
    return [(source, happenings) for source, happenings in found if happenings]
