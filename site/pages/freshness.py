"""One mark for all public content: what was kept under an older mark is no longer shown.

The mark is a random word in the cache. `bump()` replaces it, so everything kept before is stale at
once, without a list of keys. When the cache is away nothing is kept and nothing is stale.
"""

import secrets

from django.core.cache import cache
from django.db import transaction

MARK_KEY = "pages:mark"


def new_mark() -> str:
    return secrets.token_hex(8)


def bump() -> None:
    """Call when public content changed: after the commit, every kept page and menu is made anew."""
    transaction.on_commit(lambda: cache.set(MARK_KEY, new_mark(), None))


def read(key: str) -> tuple[str, object | None]:
    """The mark of now, and what was kept under `key` if it carries that mark; one trip to the cache."""
    found = cache.get_many([MARK_KEY, key])
    mark = found.get(MARK_KEY) or _first_mark()
    kept_mark, kept = found.get(key) or (None, None)
    return mark, kept if kept_mark == mark else None


def keep(key: str, mark: str, value: object, seconds: int) -> None:
    """Keeps a value made after `mark` was read; a `bump()` meanwhile makes it stale."""
    cache.set(key, (mark, value), seconds)


def _first_mark() -> str:
    mark = new_mark()
    return mark if cache.add(MARK_KEY, mark, None) else cache.get(MARK_KEY) or mark
