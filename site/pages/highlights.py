"""What is on the home page: each package brings its own section, so that pages import nothing upward.

A package calls `register` in its `AppConfig.ready()`; a double key is an error.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.urls import NoReverseMatch, reverse


@dataclass(frozen=True)
class Highlight:
    """One card. `meta` are short facts; `progress` of `progress_max` draws a bar with `progress_label`."""

    title: str
    url: str
    text: str = ""
    badge: str = ""
    badge_kind: str = "neutral"
    meta: tuple[str, ...] = ()
    image: str = ""
    progress: int | None = None
    progress_max: int = 100
    progress_label: str = ""
    lang: str = ""


Load = Callable[[int], Sequence[Highlight]]


@dataclass(frozen=True)
class Section:
    """A row of cards. `load(limit)` asks the database as little as it can: it runs for every uncached home page."""

    key: str
    title: Any
    load: Load
    order: int
    limit: int
    more_url_name: str
    more_label: Any

    @property
    def more_url(self) -> str:
        try:
            return reverse(self.more_url_name) if self.more_url_name else ""
        except NoReverseMatch:
            return ""


_sections: dict[str, Section] = {}


def register(
    key: str, *, title: Any, load: Load, order: int = 100, limit: int = 3, more_url_name: str = "", more_label: Any = ""
) -> None:
    """Adds a section to the home page; one without cards is not shown."""
    if key in _sections:
        raise ImproperlyConfigured(f"The home page already has a section {key!r}.")
    _sections[key] = Section(key, title, load, order, limit, more_url_name, more_label)


def filled_sections() -> list[dict[str, Any]]:
    """The sections that have something to show, in order."""
    ordered = sorted(_sections.values(), key=lambda section: section.order)
    filled = [(section, list(section.load(section.limit))) for section in ordered]
    return [
        {"key": section.key, "title": section.title, "cards": cards, "section": section}
        for section, cards in filled
        if cards
    ]
