"""The device on which people vote at the counter: signed cookies, on that device only, for the pages of one vote only.

One says that staff prepared it; it knows nobody. The other says who is voting now, for half an hour at most. Preparing a device ends the
session of staff on it, so no session is near a ballot. There is a cookie per language, because those pages have an address per language.
"""

from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import translation

from ballots.counter.passes import voter_at
from ballots.frozen import FrozenVote
from ballots.voters import Voter

DEVICE, VOTER = "counter-device", "counter-voter"
SECONDS = {DEVICE: 12 * 60 * 60, VOTER: 30 * 60}
READY = "ready"


def prepare(response: HttpResponseBase, vote_id: UUID) -> None:
    _keep(response, DEVICE, vote_id, READY)


def is_prepared(request: HttpRequest, vote: FrozenVote) -> bool:
    return vote.at_counter and _kept(request, DEVICE, vote.id) == READY


def keep_voter(response: HttpResponseBase, vote_id: UUID, voter: Voter) -> None:
    _keep(response, VOTER, vote_id, voter.reference.hex)


def voter_at_counter(request: HttpRequest, vote: FrozenVote) -> Voter | None:
    """Who votes on this device now; None on every other device. No query where there is no cookie."""
    if not is_prepared(request, vote) or (reference := _kept(request, VOTER, vote.id)) is None:
        return None
    return voter_at(vote, UUID(reference))


def forget_voter(response: HttpResponseBase, vote_id: UUID) -> None:
    for language, _label in settings.LANGUAGES:
        response.delete_cookie(f"{VOTER}-{language}", path=_path(vote_id, language), samesite="Strict")


def _keep(response: HttpResponseBase, name: str, vote_id: UUID, value: str) -> None:
    for language, _label in settings.LANGUAGES:
        response.set_signed_cookie(
            f"{name}-{language}",
            value,
            salt=f"{name} {vote_id}",
            max_age=SECONDS[name],
            path=_path(vote_id, language),
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Strict",
        )


def _kept(request: HttpRequest, name: str, vote_id: UUID) -> str | None:
    cookie = f"{name}-{translation.get_language() or settings.LANGUAGE_CODE}"
    try:
        return str(request.get_signed_cookie(cookie, salt=f"{name} {vote_id}", max_age=SECONDS[name]))
    except (KeyError, signing.BadSignature):
        return None


def _path(vote_id: UUID, language: str) -> str:
    with translation.override(language):
        return reverse("ballots:vote", args=[vote_id])
