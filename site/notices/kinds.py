"""The kinds of notices there are, filled by each package in `AppConfig.ready()`."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

DEFAULT_WHY = _("You take part on this site.")


class UnknownKind(LookupError):
    """Nobody registered this kind."""


@dataclass(frozen=True)
class NoticeKind:
    """A kind of notice. `label` is what people switch on or off, `why` says why they get it.

    `mandatory` kinds cannot be switched off; `why` then says why not. Its texts stand in
    `templates/notices/<key>/`: `subject.txt`, `body.txt` and `body.html` (extends
    `notices/mail.html`, block `body`).
    """

    key: str
    label: str | Promise
    mandatory: bool = False
    why: str | Promise = DEFAULT_WHY


_kinds: dict[str, NoticeKind] = {}


def register(
    key: str, *, label: str | Promise, mandatory: bool = False, why: str | Promise = DEFAULT_WHY
) -> NoticeKind:
    """Adds a kind; a double key is a `ValueError`."""
    if key in _kinds:
        raise ValueError(f"The kind of notice “{key}” is registered twice.")
    _kinds[key] = NoticeKind(key, label, mandatory, why)
    return _kinds[key]


def kind(key: str) -> NoticeKind:
    """The kind with this key; raises `UnknownKind`."""
    try:
        return _kinds[key]
    except KeyError:
        raise UnknownKind(key) from None


def is_known(key: str) -> bool:
    return key in _kinds


def all_kinds() -> list[NoticeKind]:
    return list(_kinds.values())
