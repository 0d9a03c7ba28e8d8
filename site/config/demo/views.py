"""`/demo/`: the log-ins with the second factor's code of this moment. Exists in the demo profile only."""

import time
from typing import Any

from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from config.demo.population import LOG_INS, LogIn


@never_cache
def overview(request: HttpRequest) -> HttpResponse:
    """The named accounts; a code is fresh for half a minute, so the page says to reload."""
    codes = _codes()
    accounts = [{"log_in": log_in, "code": codes.get(log_in.email, "")} for log_in in LOG_INS]
    return render(request, "config/demo.html", {"accounts": accounts})


def _codes() -> dict[str, str]:
    rows = Authenticator.objects.filter(type=Authenticator.Type.TOTP, user__email__in=_emails(LOG_INS))
    return {row.user.email: _code(TOTP(row)) for row in rows.select_related("user")}


def _emails(log_ins: tuple[LogIn, ...]) -> list[str]:
    return [log_in.email for log_in in log_ins]


def _code(totp: Any) -> str:
    secret = decrypt(totp.instance.data["secret"])
    return format_hotp_value(hotp_value(secret, int(time.time()) // app_settings.TOTP_PERIOD))
