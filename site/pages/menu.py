"""The main menu: pages that editors put in the menu, and lists that a package registers.

A package calls `register` in its `AppConfig.ready()`; a double key is an error.
"""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.urls import NoReverseMatch, reverse


@dataclass(frozen=True)
class MenuEntry:
    """A list that is no Wagtail page. `label` may be lazy; `order` sorts after the pages."""

    label: Any
    url_name: str
    order: int


@dataclass(frozen=True)
class Link:
    """A text with its address."""

    title: str
    url: str


_entries: dict[str, MenuEntry] = {}


def register(key: str, *, label: Any, url_name: str, order: int = 100) -> None:
    if key in _entries:
        raise ImproperlyConfigured(f"The menu already has an entry {key!r}.")
    _entries[key] = MenuEntry(label, url_name, order)


def registered_links() -> list[Link]:
    """The registered entries in the language of now; an address that does not exist (yet) is left out."""
    found = []
    for entry in sorted(_entries.values(), key=lambda entry: entry.order):
        try:
            found.append(Link(str(entry.label), reverse(entry.url_name)))
        except NoReverseMatch:
            continue
    return found
