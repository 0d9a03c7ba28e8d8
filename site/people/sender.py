"""Whose mail it is: the municipality, by the name that staff gave it.

Mail is made below the pages, and the name stands in the look of the pages: `pages` says here where to read it.
"""

from collections.abc import Callable
from email.headerregistry import Address
from email.utils import parseaddr

from django.conf import settings

_read: list[Callable[[], str]] = []


def read_name_with(read: Callable[[], str]) -> None:
    """Registers what reads the municipality's name; the last one counts. Call it in `AppConfig.ready()`."""
    _read[:] = [read]


def sender_name() -> str:
    """The municipality's name; before anybody gave one, the site's own. One query."""
    return " ".join((_read[0]() if _read else "").split()) or settings.SITE_NAME


def sender_address(name: str) -> str:
    """The `From` of a mail: the name, with the address of the settings."""
    return str(Address(display_name=name, addr_spec=parseaddr(settings.DEFAULT_FROM_EMAIL)[1]))
