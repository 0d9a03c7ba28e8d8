"""The counter: what staff do on their own computer, and the device on which somebody votes."""

from typing import Any, cast
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods
from django.views.generic import FormView

from ballots import clock, code_tries, kept_choices
from ballots.casting_views import frame, secret_page, vote_or_404
from ballots.codes import in_groups
from ballots.counter import device
from ballots.counter.actions import PERMISSION, may_serve, note_assistance
from ballots.counter.models import Assistance
from ballots.counter.passes import pass_for, voter_with_pass
from ballots.frozen import FrozenVote, frozen_vote
from ballots.paper.forms import VoterForm
from ballots.rules import why_not_on_roll
from ballots.staff_views import StaffView
from ballots.voters import Voter, roll_entry
from pages.forms import PlainForm
from people.models import User
from people.verdict import NotAllowed, demand, refused

TOO_MANY = 429


class AssistanceForm(forms.Form):
    """The signed paper, and who helps."""

    form_number = forms.CharField(label=gettext_lazy("Number of the consent form"), max_length=20)
    helper = forms.CharField(
        label=gettext_lazy("Name and date of birth of the helper"),
        help_text=gettext_lazy("We do not keep this. We only see whether somebody helps too many people."),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class CounterView(StaffView, FormView):
    """Somebody wants to vote at the counter: who is it, may they, and the pass for the device. It writes nothing."""

    template_name = "ballots/admin/counter.html"
    page_title = gettext_lazy("Counter")
    needs = PERMISSION

    @property
    def frozen_now(self) -> FrozenVote:
        return frozen_vote(self.vote.pk)

    def get_form(self, form_class: Any = None) -> VoterForm:
        return VoterForm(self.frozen_now, self.request.POST if "who" in self.request.POST else None)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        response = super().dispatch(request, *args, **kwargs)
        response.headers["Cache-Control"] = "no-store"
        return response

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self._demand()
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self._demand()
        if request.POST.get("step") == "prepare":
            return self._prepare(request)
        if request.POST.get("step") == "assist":
            return self._assist(request)
        return super().post(request, *args, **kwargs)

    def _demand(self) -> None:
        if self.vote.state == self.vote.State.DRAFT:
            raise NotAllowed(refused(_("In this vote people do not vote at the counter.")))
        demand(may_serve(self.request.user, self.frozen_now, clock.window(self.vote.pk)))

    def _prepare(self, request: HttpRequest) -> HttpResponse:
        """Ends the session of staff on this device, and makes it one to vote on."""
        logout(request)
        response = redirect("ballots:booth", self.vote.pk)
        device.prepare(response, self.vote.pk)
        return response

    def _assist(self, request: HttpRequest) -> HttpResponse:
        form = AssistanceForm(request.POST)
        noted = ""
        if form.is_valid():
            try:
                note_assistance(self.vote, **form.cleaned_data, actor=cast(User, request.user))
            except NotAllowed as refusal:
                form.add_error(None, str(refusal))
            else:
                form, noted = AssistanceForm(), _("Noted. Now look up the voter, and give the pass.")
        return self.render_to_response(self.get_context_data(assistance=form, noted=noted))

    def form_valid(self, form: VoterForm) -> HttpResponse:
        assert form.voter is not None
        # An empty field waits for the next voter.
        return self.render_to_response(
            self.get_context_data(form=VoterForm(self.frozen_now), **self._found(form.voter))
        )

    def _found(self, voter: Voter) -> dict[str, Any]:
        entry = roll_entry(self.frozen_now, voter.reference)
        if entry is None:
            return {"refusal": why_not_on_roll(self.frozen_now, voter.resident).reason}
        if entry.has_cast:
            return {"refusal": _("This person has voted already, or sent an envelope.")}
        name = voter.resident.user.display_name if voter.resident else ""
        return {"name": name, "counter_pass": in_groups(pass_for(self.frozen_now, voter, clock.now()))}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        own = {
            "assistance": AssistanceForm(),
            "assisted": Assistance.objects.filter(vote=self.vote).count(),
            "most_helped": settings.BALLOTS_MOST_HELPED,
        }
        return super().get_context_data(**{**own, **kwargs})


# --- The device ------------------------------------------------------------------------------------------------


class PassForm(PlainForm):
    """The pass that staff gave. What is no pass gets the same answer as one that is not right."""

    code = forms.CharField(
        label=gettext_lazy("Your pass"),
        help_text=gettext_lazy("Our staff gave it to you. Capitals and dashes do not matter."),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}),
        error_messages={"required": gettext_lazy("Fill in your pass.")},
    )


@secret_page
@require_http_methods(["GET", "HEAD", "POST"])
def booth(request: HttpRequest, vote_id: UUID) -> HttpResponse:
    """The page that waits for a voter, on a device that staff prepared. A right pass leads to the ordinary ballot."""
    vote = vote_or_404(vote_id)
    if not device.is_prepared(request, vote):
        return redirect("ballots:vote", vote.id)
    if request.POST.get("step") == "next":
        return _next(vote)
    form = PassForm(request.POST or None)
    if not (form.is_bound and form.is_valid()):
        return _ask(request, vote, form)
    if not (verdict := code_tries.count_try(request, vote.id)):
        form.add_error("code", verdict.reason)
        return _ask(request, vote, form, status=TOO_MANY)
    voter = voter_with_pass(vote, form.cleaned_data["code"], clock.now())
    if voter is None:
        form.add_error("code", _("We cannot use this pass. Compare it, or ask for a new one."))
        return _ask(request, vote, form)
    code_tries.give_back(request, vote.id)
    response = redirect("ballots:choose", vote.id)
    kept_choices.forget(response, vote.id)
    device.keep_voter(response, vote.id, voter)
    return response


def _ask(request: HttpRequest, vote: FrozenVote, form: Any, status: int = 200) -> HttpResponse:
    context = {"form": form, **frame(vote, _("Vote at the counter"))}
    return render(request, "ballots/booth.html", context, status=status)


def _next(vote: FrozenVote) -> HttpResponse:
    response = redirect("ballots:booth", vote.id)
    device.forget_voter(response, vote.id)
    kept_choices.forget(response, vote.id)
    return response
