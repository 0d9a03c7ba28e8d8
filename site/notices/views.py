"""My notices, my preferences, the way out of mails, and the demonstration's post."""

import uuid
from typing import cast

from csp.constants import NONE, UNSAFE_INLINE
from csp.decorators import csp
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from notices import kinds
from notices.demo_mail import find_mail, newest_mails
from notices.forms import PreferencesForm, mandatory_kinds
from notices.mails import subject_of
from notices.preferences import is_mandatory, read_token, set_wanted
from notices.queries import notices_for
from people.models import User

PAGE_SIZE = 20


def _me(request: HttpRequest) -> User:
    """Who is logged in; for views behind `login_required`."""
    return cast(User, request.user)


@never_cache
@login_required
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """What I was told, newest first."""
    page = Paginator(notices_for(_me(request), now=timezone.now()), PAGE_SIZE).get_page(request.GET.get("page"))
    title = _("My notices")
    items = [{"subject": subject_of(line), "url": line.payload.get("url", ""), "at": line.due_at} for line in page]
    return render(
        request, "notices/inbox.html", {"title": title, "crumbs": [(title, "")], "page_obj": page, "items": items}
    )


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """Which mails I want."""
    form = PreferencesForm(request.POST if request.method == "POST" else None, user=_me(request))
    if form.is_valid():
        form.save()
        messages.success(request, _("Your choice has been saved."))
        return redirect("notices:preferences")
    title = _("My mail settings")
    crumbs = [(_("My notices"), reverse("notices:inbox")), (title, "")]
    context = {"title": title, "crumbs": crumbs, "form": form, "mandatory": mandatory_kinds()}
    return render(request, "notices/preferences.html", context)


# The token is the permission: a mail program posts here without a cookie (RFC 8058).
@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Switches off one kind of mail. Opening the page changes nothing: scanners of mail open every link."""
    found = read_token(token)
    if found is None:
        return render(request, "notices/unsubscribe_unknown.html", {"title": _("This link does not work")}, status=404)
    user_id, key = found
    context = {
        "title": _("Stop these mails"),
        "label": kinds.kind(key).label if kinds.is_known(key) else key,
        "done": request.method == "POST" and not is_mandatory(key),
        "mandatory": is_mandatory(key),
    }
    if context["done"]:
        set_wanted(user_id, key, wanted=False)
    return render(request, "notices/unsubscribe.html", context)


# --- The demonstration -----------------------------------------------------------------------------------


def _only_in_demo() -> None:
    """Everybody's mail, log-in codes too: these pages must not exist anywhere else."""
    if settings.PROFILE != "demo":
        raise Http404


@never_cache
@require_safe
def demo_post(request: HttpRequest) -> HttpResponse:
    """Every mail the demonstration would have sent; `aan` leaves those to an address or a part of one."""
    _only_in_demo()
    title, recipient = _("Post of the demonstration"), request.GET.get("aan", "").strip()
    page = Paginator(newest_mails(recipient), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"title": title, "crumbs": [(title, "")], "page_obj": page, "recipient": recipient}
    return render(request, "notices/demo_post.html", context)


@never_cache
@require_safe
def demo_mail(request: HttpRequest, name: uuid.UUID) -> HttpResponse:
    _only_in_demo()
    mail = find_mail(name)
    if mail is None:
        raise Http404
    crumbs = [(_("Post of the demonstration"), reverse("notices:demo_post")), (mail.subject, "")]
    return render(request, "notices/demo_mail.html", {"title": mail.subject, "crumbs": crumbs, "mail": mail})


# Mails carry their style in attributes; this page has nothing else, and no script can run in it.
MAIL_POLICY = {"default-src": [NONE], "style-src": [UNSAFE_INLINE], "sandbox": ["allow-popups"]}


@csp(MAIL_POLICY)  # type: ignore[arg-type]
@never_cache
@require_safe
def demo_mail_html(request: HttpRequest, name: uuid.UUID) -> HttpResponse:
    """The HTML part as a mail program shows it."""
    _only_in_demo()
    mail = find_mail(name)
    if mail is None or not mail.html:
        raise Http404
    return HttpResponse(mail.html)
