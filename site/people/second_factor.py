"""Whether a session is good enough for staff work: a second factor exists, and this session used it."""

from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from django.http import HttpRequest

STRONG = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def has_second_factor(user: Any) -> bool:
    """Whether an account has an authenticator app or a security key; recovery codes alone do not count."""
    return Authenticator.objects.filter(user=user, type__in=STRONG).exists()


def used_second_factor(request: HttpRequest) -> bool:
    """Whether this session proved the second factor, at log-in or later (allauth keeps the record)."""
    records = get_authentication_records(request, request.user)
    return any(record.get("method") == "mfa" for record in records)


def remember_first_use(
    sender: Any, request: HttpRequest, user: Any, authenticator: Authenticator, **kwargs: Any
) -> None:
    """Receiver of allauth's `authenticator_added`: setting one up asked for a valid code, so this session has used it.

    It counts as showing who one is, too: the recovery codes that come next would else ask for the code that was just used.
    """
    if authenticator.type in STRONG:
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type, reauthenticated=True)
