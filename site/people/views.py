"""“My account” and everything somebody changes there."""

from typing import Any

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from people import actions, own_data
from people.erasure import erase_account
from people.forms import DetailsForm, EraseForm, HomeForm, LetterCodeForm, initial_details
from people.letters.actions import may_redeem, redeem
from people.models import Resident, User
from people.queries import resident_of
from people.verdict import NotAllowed


def _page(request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
    crumbs = [(_("My account"), reverse("account")), (title, "")] if template != "account" else [(title, "")]
    return render(request, f"people/{template}.html", {"title": title, "crumbs": crumbs, **context})


def _posted(request: HttpRequest) -> QueryDict | None:
    """What was sent, also when that is nothing at all."""
    return request.POST if request.method == "POST" else None


def _account(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


@never_cache
@login_required
def account_view(request: HttpRequest) -> HttpResponse:
    """What the site knows about somebody, with a link to change each part."""
    user = _account(request)
    resident = resident_of(user)
    return _page(
        request,
        "account",
        _("My account"),
        resident=resident,
        proof=Resident.Proof(resident.proof if resident else 0).label,
        may_enter_code=bool(may_redeem(user)),
        second_factor=is_mfa_enabled(user),
    )


@never_cache
@login_required
def details_view(request: HttpRequest) -> HttpResponse:
    user = _account(request)
    form = DetailsForm(_posted(request), initial=initial_details(user, resident_of(user)))
    if form.is_valid():
        try:
            actions.change_details(user, **form.cleaned_data)
        except NotAllowed as refusal:
            form.add_error("birth_date", str(refusal))
        else:
            # The answer comes in the language just chosen.
            with translation.override(user.language):
                messages.success(request, _("Your details are saved."))
                return redirect(reverse("account"))
    return _page(request, "details", _("Change my details"), form=form)


@never_cache
@login_required
def home_view(request: HttpRequest) -> HttpResponse:
    user = _account(request)
    resident = resident_of(user)
    form = HomeForm(_posted(request), initial=_home_of(resident))
    if form.is_valid():
        actions.move_house(
            user, address=form.address, neighbourhood=form.cleaned_data["neighbourhood"], now=timezone.now()
        )
        messages.success(request, _("We know now where you live."))
        return redirect("account")
    return _page(request, "home", _("Where I live"), form=form, resident=resident)


def _home_of(resident: Resident | None) -> dict[str, Any]:
    if resident is None or resident.address is None:
        return {"neighbourhood": resident.neighbourhood if resident else None}
    address = resident.address
    return {"postcode": address.postcode, "number": address.number, "addition": address.addition}


@never_cache
@login_required
def letter_code_view(request: HttpRequest) -> HttpResponse:
    """Entering the code from a letter."""
    verdict = may_redeem(_account(request))
    form = LetterCodeForm(_posted(request)) if verdict else None
    if form is not None and form.is_valid():
        try:
            resident = redeem(_account(request), form.cleaned_data["code"], timezone.now())
        except NotAllowed as refusal:
            form.add_error("code", str(refusal))
        else:
            sentence = _("Thank you. You have proved that you live in %(area)s.") % {"area": resident.neighbourhood}
            messages.success(request, sentence)
            return redirect("account")
    return _page(request, "letter_code", _("Enter the code from the letter"), form=form, verdict=verdict)


@never_cache
@login_required
@require_POST
def export_view(request: HttpRequest) -> HttpResponse:
    """The ZIP with somebody's own data; made while they wait, kept nowhere."""
    now = timezone.now()
    response = HttpResponse(own_data.as_zip(_account(request), now), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{own_data.file_name()}-{now:%Y-%m-%d}.zip"'
    return response


@never_cache
@login_required
def erase_view(request: HttpRequest) -> HttpResponse:
    """Closing one's own account, after the password or second factor where there is one."""
    raise_if_reauthentication_required(request, app="people")
    user = _account(request)
    form = EraseForm(_posted(request))
    if form.is_valid():
        erase_account(user, actor=user, now=timezone.now())
        logout(request)
        messages.success(request, _("Your account is closed."))
        return redirect("home")
    return _page(request, "erase", _("Close my account"), form=form)
