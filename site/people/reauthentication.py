"""Asking who is there once more, before something that cannot be taken back."""

from allauth.account.internal.flows.reauthentication import (
    get_reauthentication_flows,
    raise_if_reauthentication_required,
)
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest


def require_recent(request: HttpRequest) -> None:
    """Goes on when password or second factor was entered in the last five minutes (`ACCOUNT_REAUTHENTICATION_TIMEOUT`).

    Otherwise raises allauth's `ReauthenticationRequired`: its middleware asks, and then repeats the request,
    form values included. An account that could not be asked anything (no password, no second factor) is refused.
    """
    if not request.user.is_authenticated or not get_reauthentication_flows(request.user):
        raise PermissionDenied
    raise_if_reauthentication_required(request, app="people")
