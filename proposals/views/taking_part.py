"""Supporting and withdrawing."""

from collections.abc import Callable
from datetime import datetime
from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from pages.templatetags.components import written
from people.models import User
from people.verdict import NotAllowed
from proposals import actions, rules
from proposals.forms import WithdrawForm
from proposals.models import Submission
from proposals.queries import for_reading

State = Submission.State


@require_POST
@login_required
def support(request: HttpRequest, pk: int) -> HttpResponseBase:
    return _act(request, pk, actions.support, _("Thank you. You support this proposal."))


@require_POST
@login_required
def take_support_back(request: HttpRequest, pk: int) -> HttpResponseBase:
    return _act(request, pk, actions.take_support_back, _("You no longer support this proposal."))


def _act(
    request: HttpRequest, pk: int, verb: Callable[[Submission, User, datetime], bool], done: str
) -> HttpResponseBase:
    """Does it and goes back to the proposal; a refusal shows its reason there."""
    submission = for_reading(request.user, pk)
    if not submission.is_public:
        raise Http404
    try:
        if verb(submission, cast(User, request.user), timezone.now()):
            messages.success(request, done)
    except NotAllowed as error:
        messages.error(request, str(error))
    return redirect(f"{submission.get_absolute_url()}#support")


@require_http_methods(["GET", "POST"])
@login_required
def withdraw(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The submitter takes a proposal back; of somebody else's there is no such page."""
    submission = for_reading(request.user, pk)
    if submission.submitter_id != request.user.pk:
        raise Http404
    form = WithdrawForm(request.POST or None)
    verdict = rules.may_withdraw(submission, request.user)
    if request.method == "POST" and verdict and form.is_valid():
        actions.withdraw(submission, cast(User, request.user), form.cleaned_data["reason"], timezone.now())
        messages.success(request, _("Your proposal is withdrawn."))
        return redirect("proposals:mine")
    context = {
        "form": form,
        "verdict": verdict,
        "submission": submission,
        "title": _("Withdraw your proposal"),
        "crumbs": [(written(submission.title), submission.get_absolute_url()), (_("Withdraw your proposal"), "")],
    }
    return render(request, "proposals/withdraw.html", context, status=200 if verdict else 409)


@require_POST
@login_required
def write_anew(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The submitter begins again with what was hidden or taken back."""
    submission = for_reading(request.user, pk)
    if submission.submitter_id != request.user.pk:
        raise Http404
    try:
        made = actions.write_anew(submission, cast(User, request.user), timezone.now())
    except NotAllowed as error:
        messages.error(request, str(error))
        return redirect(submission)
    return redirect("proposals:draft", made.request_key) if made.state == State.DRAFT else redirect(made)
