"""Who filled in a voting code: kept in a signed cookie on their own device, for half an hour, never here.

The cookie names the row of the code, not the code: when a new card makes the code void, the cookie is nothing either. It goes to the pages
of this one vote only. Those have an address per language, so there is a cookie per language, set and put away together.
"""

from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import translation

from ballots.register.models import VotingCode

NAME = "voting-code"
SECONDS = 30 * 60


def keep(response: HttpResponseBase, vote_id: UUID, code: VotingCode) -> None:
    for language, _label in settings.LANGUAGES:
        response.set_signed_cookie(
            _name(language),
            code.pk.hex,
            salt=_salt(vote_id),
            max_age=SECONDS,
            path=_path(vote_id, language),
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )


def kept(request: HttpRequest, vote_id: UUID) -> UUID | None:
    """The row of the code; None when there is nothing, or it is too old or not ours."""
    name = _name(translation.get_language() or settings.LANGUAGE_CODE)
    try:
        return UUID(str(request.get_signed_cookie(name, salt=_salt(vote_id), max_age=SECONDS)))
    except (KeyError, ValueError, signing.BadSignature):
        return None


def forget(response: HttpResponseBase, vote_id: UUID) -> None:
    for language, _label in settings.LANGUAGES:
        response.delete_cookie(_name(language), path=_path(vote_id, language), samesite="Lax")


def _name(language: str) -> str:
    return f"{NAME}-{language}"


def _salt(vote_id: UUID) -> str:
    return f"{NAME} {vote_id}"


def _path(vote_id: UUID, language: str) -> str:
    with translation.override(language):
        return reverse("ballots:vote", args=[vote_id])
