"""Staff hold a dry run: make it of a draft and hand out its codes, close it at once, delete it."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin import messages

from ballots import rules
from ballots.actions import close_test, open_test, wipe_test
from ballots.codes import in_groups
from ballots.staff_views import StaffView
from pages.staff_form import StaffFormView

USUAL_VOTERS = 10


class RehearsalForm(forms.Form):
    """How many test codes."""

    voters = forms.IntegerField(
        label=gettext_lazy("Number of test codes"), min_value=1, max_value=rules.MOST_TEST_VOTERS, initial=USUAL_VOTERS
    )


class RehearseView(StaffView, StaffFormView):
    """Makes the dry run; the answer has the codes, once."""

    template_name = "ballots/admin/rehearse.html"
    page_title = gettext_lazy("Dry run")
    needs = "ballots.open_vote"
    form_class = RehearsalForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        verdict = rules.may_open_test(self.request.user, self.vote, self.frozen, USUAL_VOTERS)
        return {**super().get_context_data(**kwargs), "verdict": verdict, "test_days": settings.BALLOTS_TEST_DAYS}

    def form_valid(self, form: RehearsalForm) -> HttpResponse:
        test, codes = open_test(self.vote, actor=self.actor, voters=form.cleaned_data["voters"])
        context = self.get_context_data(form=form, test=test, codes=[in_groups(code) for code in codes])
        response = self.render_to_response(context)
        response.headers["Cache-Control"] = "no-store"
        return response


class CloseTestView(StaffView, TemplateView):
    """Closes a dry run before its time; of a real vote this refuses."""

    needs = "ballots.open_vote"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        close_test(self.vote, actor=self.actor)
        messages.success(request, _("The dry run is closed. It is counted within a minute."))
        return redirect("vote:inspect", self.vote.pk)


class WipeView(StaffView, TemplateView):
    """Deletes a dry run with everything that belongs to it."""

    template_name = "ballots/admin/wipe.html"
    page_title = gettext_lazy("Delete the dry run")
    needs = "ballots.open_vote"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not (verdict := rules.may_wipe(self.vote)):
            messages.error(request, verdict.reason)
            return redirect("vote:inspect", self.vote.pk)
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        wipe_test(self.vote, actor=self.actor)
        messages.success(request, _("The dry run is gone, with its codes, ballots and log."))
        return redirect("vote:index")
