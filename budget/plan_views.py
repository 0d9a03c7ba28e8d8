"""A resident writes a plan: text, photo, check, send; or takes it back. A draft is kept at every step."""

import uuid
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, View

from budget import actions, rules
from budget.forms import PhotoForm, PlanForm
from budget.models import Plan
from budget.queries import own_plan_for, round_for
from budget.stages import RoundNow
from budget.views import trail
from pages.checked import CONFLICT, KEY
from pages.forms import CheckRow, in_words
from pages.templatetags.components import euro
from people.models import User
from people.verdict import ALLOWED, NotAllowed, Verdict, refused


class PlanStep(View):
    """One step. `verdict()` is asked first; what it refuses is shown with what was typed."""

    title: Any = ""
    request: HttpRequest

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated and request.method == "GET" and self.opens_without_login():
            return redirect_to_login(request.get_full_path())
        response = self._answer(request, *args, **kwargs)
        response.headers["Cache-Control"] = "no-store"
        return response

    def _answer(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated and request.method == "POST":
            return self.refusal(refused(_("You are no longer logged in. Log in and try again.")))
        verdict = self.verdict()
        if not verdict:
            return self.refusal(verdict, status=200 if request.method == "GET" else CONFLICT)
        try:
            return super().dispatch(request, *args, **kwargs)
        except NotAllowed as error:
            return self.refusal(error.verdict)

    @property
    def user(self) -> User:
        """Who is asking; the rules know that it may be nobody."""
        return cast(User, self.request.user)

    def opens_without_login(self) -> bool:
        """Whether logging in is what is missing; a closed phase says so without asking anybody to log in."""
        return True

    def verdict(self) -> Verdict:
        """Whether this visitor may take this step now."""
        raise NotImplementedError

    @cached_property
    def situation(self) -> RoundNow:
        raise NotImplementedError

    def refusal(self, verdict: Verdict, status: int = CONFLICT) -> HttpResponse:
        context = {"title": self.title, "verdict": verdict, "typed": self.typed(), "view": self}
        return render(self.request, "pages/form_refused.html", {**context, "crumbs": self.crumbs()}, status=status)

    def typed(self) -> list[CheckRow]:
        """What was typed, so that it can be copied; read without the form, which needs somebody who is logged in."""
        fields = PlanForm.base_fields.items()
        rows = [CheckRow(name, str(field.label), self.request.POST.get(name, "")) for name, field in fields]
        return [row for row in rows if row.value and not PlanForm.base_fields[row.name].widget.is_hidden]

    def crumbs(self) -> list[tuple[str, str]]:
        if not self.request.user.is_authenticated:
            return []
        return [*trail(self.situation, self.request), (str(self.title), "")]

    @property
    def back_url(self) -> str:
        if not self.request.user.is_authenticated:
            return f"{reverse('account_login')}?{urlencode({'next': self.request.get_full_path()})}"
        return reverse("budget:plans", args=[self.situation.round.pk])


class OwnPlanStep(PlanStep):
    """A step with somebody's own plan."""

    @cached_property
    def _found(self) -> tuple[Plan, RoundNow]:
        return own_plan_for(self.user, self.kwargs["plan_id"], timezone.now())

    @property
    def plan(self) -> Plan:
        return self._found[0]

    @cached_property
    def situation(self) -> RoundNow:
        return self._found[1]

    def verdict(self) -> Verdict:
        return rules.may_edit(self.user, self.plan, self.situation)


class WritePlan(PlanStep, FormView):
    """The form; saving it makes or changes the draft."""

    form_class: Any = PlanForm
    template_name = "budget/plan_form.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "page": self.situation.round}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        own = {"title": self.title, "situation": self.situation, "request_key": self.request_key(), "key_name": KEY}
        return super().get_context_data(**own, crumbs=self.crumbs(), view=self, **kwargs)

    def request_key(self) -> uuid.UUID:
        """The key of this one form: a double click is one draft."""
        try:
            return uuid.UUID(self.request.POST.get(KEY, ""))
        except ValueError:
            return uuid.uuid4()

    def form_valid(self, form: PlanForm) -> HttpResponse:
        plan = self.save(form)
        return redirect("budget:choose_photo" if plan.state == Plan.State.DRAFT else "budget:plan", plan.pk)

    def save(self, form: PlanForm) -> Plan:
        raise NotImplementedError


class NewPlan(WritePlan):
    """A new plan."""

    title = gettext_lazy("Submit a plan")

    @cached_property
    def situation(self) -> RoundNow:
        return round_for(self.kwargs["round_id"], timezone.now())

    def opens_without_login(self) -> bool:
        return self.situation.opens("budget.submit") and not self.situation.rules_are_frozen

    def verdict(self) -> Verdict:
        return rules.may_submit(self.user, self.situation)

    def save(self, form: PlanForm) -> Plan:
        return actions.save_draft(self.situation, self.user, form.values(), request_key=self.request_key())


class EditPlan(WritePlan, OwnPlanStep):
    """The form again, for a draft."""

    title = gettext_lazy("Change your plan")

    def get_initial(self) -> dict[str, Any]:
        return PlanForm.initial_of(self.plan)

    def save(self, form: PlanForm) -> Plan:
        return actions.change_draft(self.plan, self.user, form.values(), situation=self.situation)


class ChoosePhoto(OwnPlanStep, FormView):
    """A photo, or none. Files cannot travel through a check page, so they have a step of their own."""

    title = gettext_lazy("Add a photo")
    form_class = PhotoForm
    template_name = "budget/plan_photo.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(title=self.title, plan=self.plan, crumbs=self.crumbs(), **kwargs)

    def form_valid(self, form: PhotoForm) -> HttpResponse:
        photo = form.cleaned_data["photo"]
        if photo is not None or "remove" in self.request.POST:
            description = form.cleaned_data["description"]
            actions.put_photo(self.plan, self.user, photo, description, situation=self.situation)
        return redirect("budget:check", self.plan.pk)


class CheckPlan(OwnPlanStep):
    """The last step (WCAG 3.3.4): everything once more, then send. A second click finds the plan sent."""

    title = gettext_lazy("Check your plan")

    def verdict(self) -> Verdict:
        if self.plan.state != Plan.State.DRAFT:
            return ALLOWED
        return rules.may_send(self.user, self.plan, self.situation, self.situation.now)

    def get(self, request: HttpRequest, plan_id: int) -> HttpResponse:
        if self.plan.state != Plan.State.DRAFT:
            return redirect("budget:plan", self.plan.pk)
        context = {"title": self.title, "plan": self.plan, "rows": check_rows(self.plan), "crumbs": self.crumbs()}
        return render(request, "budget/plan_check.html", context)

    def post(self, request: HttpRequest, plan_id: int) -> HttpResponseRedirect:
        plan = actions.send_plan(self.plan, self.user, situation=self.situation, now=self.situation.now)
        messages.success(request, _sent(plan))
        return redirect("budget:plan", plan.pk)


def _sent(plan: Plan) -> str:
    if plan.state == Plan.State.HELD:
        return _("We have your plan. A moderator reads it first. You get a message when it is on the site.")
    return _("Your plan is on the site. You get a message about what happens with it.")


def check_rows(plan: Plan) -> list[CheckRow]:
    """The plan as the check page shows it."""
    form = PlanForm(page=plan.round)
    values = {
        "title": plan.title,
        "text": plan.text,
        "cost": euro(plan.cost) or in_words(None),
        "location_text": in_words(plan.location_text),
        "area": in_words(plan.area),
    }
    return [CheckRow(name, str(form.fields[name].label), value) for name, value in values.items()]


class WithdrawPlan(OwnPlanStep):
    """Taking a plan back asks once more."""

    title = gettext_lazy("Take your plan back")

    def verdict(self) -> Verdict:
        return rules.may_withdraw(self.user, self.plan, self.situation)

    def get(self, request: HttpRequest, plan_id: int) -> HttpResponse:
        context = {"title": self.title, "plan": self.plan, "crumbs": self.crumbs()}
        return render(request, "budget/plan_withdraw.html", context)

    def post(self, request: HttpRequest, plan_id: int) -> HttpResponseRedirect:
        actions.withdraw_plan(self.plan, self.user, situation=self.situation, now=self.situation.now)
        messages.success(request, _("You have taken your plan back."))
        return redirect("budget:plans", self.situation.round.pk)
