"""Choices kept while somebody logs in: on their own device, for half an hour, never here.

A signed cookie that the browser sends to the pages of this one vote only. In an address or a session the choices would lie in
our logs or database, beside an account.
"""

from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.urls import reverse

from ballots.submission import Submission, ballot_fields

NAME = "ballot-choices"
SECONDS = 30 * 60
LONGEST = 3_000


def keep(response: HttpResponseBase, vote_id: UUID, given: Submission) -> bool:
    """Puts the choices in the browser's keeping; False when they do not fit in a cookie."""
    value = given.data.urlencode()
    if len(value) > LONGEST:
        return False
    response.set_signed_cookie(
        NAME,
        value,
        salt=str(vote_id),
        max_age=SECONDS,
        path=_path(vote_id),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return True


def kept(request: HttpRequest, vote_id: UUID) -> Submission | None:
    """The choices as kept; None when there is nothing, or it is too old or not ours."""
    try:
        value = str(request.get_signed_cookie(NAME, salt=str(vote_id), max_age=SECONDS))
    except (KeyError, signing.BadSignature):
        return None
    return Submission(ballot_fields(QueryDict(value)))


def forget(response: HttpResponseBase, vote_id: UUID) -> None:
    response.delete_cookie(NAME, path=_path(vote_id), samesite="Lax")


def _path(vote_id: UUID) -> str:
    return reverse("ballots:vote", args=[vote_id])
