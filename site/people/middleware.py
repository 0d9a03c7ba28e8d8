"""Staff work with a second factor; an auditor reads and changes nothing."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from people.roles import is_staff_member, only_reads
from people.second_factor import has_second_factor, used_second_factor

SAFE = ("GET", "HEAD", "OPTIONS")
# What an auditor may still send: their own log-in and log-out, language and second factor.
OWN_ACCOUNT = ("account", "mfa_", "usersessions_", "wagtailadmin_logout", "set_language")

Respond = Callable[[HttpRequest], HttpResponseBase]


class StaffSecondFactorMiddleware:
    """Everything below `settings.ADMIN_PREFIX` asks for a staff role and a second factor used in this session.

    The check stands before the views, so that no path is forgotten: pages, previews, choosers, the
    admin's own API and whatever Wagtail adds later. Only logging out is left open.
    """

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(settings.ADMIN_PREFIX):
            return self._staff_only(request) or self.get_response(request)
        response = self.get_response(request)
        if _view_name(request).startswith(OWN_ACCOUNT):
            # Pages about an account stay out of caches, also the browser's own on a shared computer.
            add_never_cache_headers(response)
        return response

    def _staff_only(self, request: HttpRequest) -> HttpResponseBase | None:
        if not request.user.is_authenticated:
            return _elsewhere(request, None) or redirect_to_login(request.get_full_path(), reverse("account_login"))
        if request.path_info == reverse("wagtailadmin_logout"):
            return None
        if not is_staff_member(request.user):
            raise PermissionDenied
        if not has_second_factor(request.user):
            return _elsewhere(request, "mfa_activate_totp", _("Staff log in with a second factor. Set it up first."))
        if not used_second_factor(request):
            return _elsewhere(request, "mfa_reauthenticate", _("Enter a code of your second factor first."))
        return None

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        """An auditor's requests that could change something end here, wherever they go."""
        if request.method in SAFE or not only_reads(request.user):
            return
        if not _view_name(request).startswith(OWN_ACCOUNT):
            raise PermissionDenied(_("An auditor reads everything and changes nothing."))


def _view_name(request: HttpRequest) -> str:
    return (request.resolver_match and request.resolver_match.view_name) or ""


def _elsewhere(request: HttpRequest, view_name: str | None, sentence: str = "") -> HttpResponseBase | None:
    """To another page with a sentence; scripts that cannot follow get a refusal."""
    if request.headers.get("x-requested-with") == "XMLHttpRequest" or request.method not in SAFE:
        raise PermissionDenied(sentence)
    if view_name is None:
        return None
    messages.warning(request, sentence)
    return HttpResponseRedirect(f"{reverse(view_name)}?{urlencode({'next': request.get_full_path()})}")
