"""Choices kept while somebody logs in: on their own device, for half an hour, never here.

A signed cookie that the browser sends to the pages of this one vote only. In an address or a session the choices would lie in
our logs or database, beside an account.
"""

import binascii
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.urls import reverse

from ballots.submission import Submission, ballot_fields

NAME = "ballot-choices"
SECONDS = 30 * 60
LONGEST = 3_000
"""What fits in a cookie beside its name, signature and path; browsers keep 4,096 bytes. Five hundred places of a ranking fit."""


def packed(given: Submission) -> str:
    """The choices as a cookie can hold them; "" when they are too many."""
    text = urlsafe_b64encode(zlib.compress(given.data.urlencode().encode(), level=9)).decode()
    return text if len(text) <= LONGEST else ""


def keep(response: HttpResponseBase, vote_id: UUID, choices: str) -> None:
    """Puts packed choices in the browser's keeping."""
    response.set_signed_cookie(
        NAME,
        choices,
        salt=str(vote_id),
        max_age=SECONDS,
        path=_path(vote_id),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def kept(request: HttpRequest, vote_id: UUID) -> Submission | None:
    """The choices as kept; None when there is nothing, or it is too old or not ours.

    Nothing is unpacked but what we signed, so a small cookie that grows large is not to be feared.
    """
    try:
        value = str(request.get_signed_cookie(NAME, salt=str(vote_id), max_age=SECONDS))
        text = zlib.decompress(urlsafe_b64decode(value)).decode()
    except (KeyError, signing.BadSignature, binascii.Error, zlib.error):
        return None
    return Submission(ballot_fields(QueryDict(text)))


def forget(response: HttpResponseBase, vote_id: UUID) -> None:
    response.delete_cookie(NAME, path=_path(vote_id), samesite="Lax")


def _path(vote_id: UUID) -> str:
    return reverse("ballots:vote", args=[vote_id])
