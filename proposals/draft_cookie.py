"""The cookie of a visitor who writes a proposal before logging in.

It holds the draft's key, signed, and nothing else: whoever has the address of a draft but not the
cookie finds nothing. It goes when the draft is claimed, submitted or deleted, and after a week.
"""

from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponseBase
from django.utils.crypto import salted_hmac
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from people.verdict import ALLOWED, Verdict, refused
from proposals.actions.drafts import ANONYMOUS_DRAFTS_STAY

NAME = "__Host-draft" if settings.SESSION_COOKIE_SECURE else "draft"
SALT = "proposals.draft"
STARTS_PER_HOUR = 60


def read(request: HttpRequest) -> UUID | None:
    """The key in the cookie; None without one, or with one that is not ours or too old."""
    value = request.get_signed_cookie(NAME, default="", salt=SALT, max_age=ANONYMOUS_DRAFTS_STAY)
    return UUID(value) if value else None


def write(response: HttpResponseBase, key: UUID) -> None:
    response.set_signed_cookie(
        NAME,
        str(key),
        salt=SALT,
        max_age=int(ANONYMOUS_DRAFTS_STAY.total_seconds()),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def forget(response: HttpResponseBase) -> None:
    response.delete_cookie(NAME, samesite="Lax")


def may_start(request: HttpRequest) -> Verdict:
    """Drafts without an account cost space: not more in an hour from one address than a library needs.

    The address itself is not kept: only its keyed hash of today, for an hour.
    """
    address = request.META.get("REMOTE_ADDR", "")
    key = f"proposals:drafts:{salted_hmac(SALT, f'{localdate()} {address}').hexdigest()[:20]}"
    cache.add(key, 0, 60 * 60)
    try:
        started = cache.incr(key)
    except ValueError:  # no cache: then no count
        return ALLOWED
    return ALLOWED if started <= STARTS_PER_HOUR else refused(_("Log in first, and start again."))
