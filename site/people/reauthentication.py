"""Asking who is there once more, before something that cannot be taken back."""

from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import (
    get_reauthentication_flows,
    is_reauthentication_required,
    raise_if_reauthentication_required,
)
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseRedirect


def require_recent(request: HttpRequest) -> None:
    """Goes on when password or second factor was entered in the last five minutes (`ACCOUNT_REAUTHENTICATION_TIMEOUT`).

    Otherwise raises allauth's `ReauthenticationRequired`: its middleware asks, and then repeats the request,
    form values included. An account that could not be asked anything (no password, no second factor) is refused.
    """
    if not request.user.is_authenticated or not get_reauthentication_flows(request.user):
        raise PermissionDenied
    raise_if_reauthentication_required(request, app="people")


def ask_before_a_file(request: HttpRequest, back: str) -> HttpResponseRedirect | None:
    """The way to the question and from there to the page `back`; None when it was answered lately.

    `require_recent` would repeat the request behind the question. When its answer is a file, the browser saves that and
    goes on showing the question. Here people come back to the page and press its button again.
    """
    if not request.user.is_authenticated or not get_reauthentication_flows(request.user):
        raise PermissionDenied
    if not is_reauthentication_required(request, app="people"):
        return None
    ways = get_adapter().get_reauthentication_methods(request.user)
    return HttpResponseRedirect(f"{ways[0]['url']}?{urlencode({'next': back})}")
