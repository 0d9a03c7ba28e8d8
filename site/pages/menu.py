"""The main menu, the footer and the menu of an account: pages that editors put there, and lists that a package registers.

A package calls `register`, `register_in_footer` or `register_for_account` in its `AppConfig.ready()`; a double key is an error.
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
    """A text with its address. `lang` where the text is in another language than the interface."""

    title: str
    url: str
    lang: str = ""


_entries: dict[str, MenuEntry] = {}
_in_footer: dict[str, MenuEntry] = {}
_for_account: dict[str, MenuEntry] = {}


def register(key: str, *, label: Any, url_name: str, order: int = 100) -> None:
    """Puts a list in the main menu."""
    _add(_entries, key, MenuEntry(label, url_name, order))


def register_in_footer(key: str, *, label: Any, url_name: str, order: int = 100) -> None:
    """Puts a list in the footer."""
    _add(_in_footer, key, MenuEntry(label, url_name, order))


def register_for_account(key: str, *, label: Any, url_name: str, order: int = 100) -> None:
    """Puts what somebody made in the menu below their name."""
    _add(_for_account, key, MenuEntry(label, url_name, order))


def _add(entries: dict[str, MenuEntry], key: str, entry: MenuEntry) -> None:
    if key in entries:
        raise ImproperlyConfigured(f"The menu already has an entry {key!r}.")
    entries[key] = entry


def registered_links() -> list[Link]:
    """The entries of the main menu in the language of now; an address that does not exist (yet) is left out."""
    return _links(_entries)


def registered_footer_links() -> list[Link]:
    """Likewise those of the footer."""
    return _links(_in_footer)


def registered_account_links() -> list[Link]:
    """Likewise those below somebody's name."""
    return _links(_for_account)


def _links(entries: dict[str, MenuEntry]) -> list[Link]:
    found = []
    for entry in sorted(entries.values(), key=lambda entry: entry.order):
        try:
            found.append(Link(str(entry.label), reverse(entry.url_name)))
        except NoReverseMatch:
            continue
    return found
