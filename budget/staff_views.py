"""What staff do with plans and rounds in the admin. Thin: a form, an action, a message."""

import uuid
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin

from ballots.frozen import freeze
from ballots.models import Question, Vote
from ballots.opening import AGREED, OPENED, opening_of
from ballots.reach import reach_of
from budget import actions, ballot, rules, sources
from budget.models import BudgetRoundPage, Plan
from budget.queries import numbers_of
from budget.rule_texts import explain_rule, rule_name
from budget.staff_forms import AssessForm, CorrectionReasonForm, CorrectPlanForm, PaperPlanForm, ProgressForm, VoteForm
from budget.stages import RoundNow, round_now
from pages.staff_form import StaffFormView
from people.models import User
from people.verdict import NotAllowed, Verdict, refused

CANDIDATES_SHOWN = 200


class StaffView(PermissionCheckedMixin, WagtailAdminTemplateMixin):
    """A page of the admin that anybody who may see plans opens; `verdict()` says who may act."""

    model = Plan
    any_permission_required = ["view", "change"]
    permission_policy: Any = None
    header_icon = "clipboard-list"
    request: HttpRequest
    kwargs: dict[str, Any]
    breadcrumb_label: Any = ""

    @property
    def user(self) -> User:
        """Who is asking: the admin has let them in."""
        return cast(User, self.request.user)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        verdict = self.verdict()
        if not verdict:
            return self.refused(verdict)
        try:
            return self.act(request, *args, **kwargs)
        except NotAllowed as error:
            return self.refused(error.verdict)

    def act(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The post itself, after the rule allowed it."""
        return super().post(request, *args, **kwargs)

    def verdict(self) -> Verdict:
        raise NotImplementedError

    def refused(self, verdict: Verdict) -> HttpResponse:
        """Somebody without the permission gets nothing; who may in general reads why not now."""
        if not self.user.has_perm("budget.change_plan"):
            raise PermissionDenied
        messages.error(self.request, verdict.reason)
        return redirect(self.request.path)

    @cached_property
    def situation(self) -> RoundNow:
        page = get_object_or_404(BudgetRoundPage.objects.select_related("area"), pk=self.kwargs["pk"])
        return round_now(page, timezone.now())

    def get_page_title(self) -> str:
        return str(self.page_title)

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        above = {"url": reverse("budget_round:index"), "label": _("Budget")}
        here = {
            "url": reverse("budget_round:round", args=[self.situation.round.pk]),
            "label": self.situation.round.title,
        }
        return [*self.breadcrumbs_items, above, here, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        own = {"situation": self.situation, "verdict": self.verdict()}
        return {**super().get_context_data(**kwargs), **own}


# --- Plans --------------------------------------------------------------------------------------------


class PlanView(StaffView, StaffFormView):
    """A plan with a form."""

    header_icon = "doc-full"

    @cached_property
    def plan(self) -> Plan:
        plans = Plan.objects.exclude(state=Plan.State.DRAFT).select_related("round", "area", "submitter")
        return get_object_or_404(plans, pk=self.kwargs["pk"])

    @cached_property
    def situation(self) -> RoundNow:
        return rules.situation_of(self.plan, timezone.now())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        own = {"plan": self.plan, "history": self.plan.history.select_related("actor")}
        return {**super().get_context_data(**kwargs), **own, "proposal": sources.link_of(self.plan)}

    def get_page_title(self) -> str:
        return self.plan.title


class AssessView(PlanView):
    """Feasible or not, with the reason."""

    template_name = "budget/admin/assess.html"
    form_class = AssessForm

    def verdict(self) -> Verdict:
        return rules.may_assess(self.user, self.plan, self.situation)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        may_correct = rules.may_correct_plan(self.user, self.plan, self.situation)
        return {**super().get_context_data(**kwargs), "may_correct": bool(may_correct)}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "page": self.plan.round}

    def get_initial(self) -> dict[str, Any]:
        return {"verdict": self.plan.verdict, "reason": self.plan.verdict_reason, "cost": self.plan.cost}

    def form_valid(self, form: AssessForm) -> HttpResponse:
        data = form.cleaned_data
        verdict = Plan.Verdict(data["verdict"])
        actions.assess_plan(
            self.plan, self.user, verdict=verdict, reason=data["reason"], cost=data["cost"], now=timezone.now()
        )
        messages.success(self.request, _("Your verdict is on the plan's page."))
        return redirect(f"{reverse('plan:index')}?round={self.plan.round_id}&verdict={Plan.Verdict.WAITING}")


class CorrectView(PlanView):
    """A plan that the municipality brought, with a mistake in it."""

    template_name = "budget/admin/correct.html"
    form_class: Any = CorrectPlanForm

    def verdict(self) -> Verdict:
        return rules.may_correct_plan(self.user, self.plan, self.situation)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "page": self.plan.round}

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.plan, name) for name in ("title", "text", "area", "location_text")}

    def form_valid(self, form: Any) -> HttpResponse:
        values = dict(form.cleaned_data)
        actions.correct_plan(self.plan, self.user, values, reason=values.pop("reason"), now=timezone.now())
        messages.success(self.request, _("The plan is corrected on the site."))
        return redirect("plan:edit", self.plan.pk)


class TakeAwayView(PlanView):
    """A plan that the municipality should not have brought."""

    template_name = "budget/admin/take_away.html"
    form_class = CorrectionReasonForm

    def verdict(self) -> Verdict:
        return rules.may_correct_plan(self.user, self.plan, self.situation)

    def form_valid(self, form: CorrectionReasonForm) -> HttpResponse:
        actions.take_away(self.plan, self.user, reason=form.cleaned_data["reason"], now=timezone.now())
        messages.success(self.request, _("The plan is off the site."))
        return redirect("budget_round:round", self.plan.round_id)


class ProgressView(PlanView):
    """How far a chosen plan is."""

    template_name = "budget/admin/progress.html"
    form_class = ProgressForm

    def verdict(self) -> Verdict:
        return rules.may_report_progress(self.user, self.plan)

    def get_initial(self) -> dict[str, Any]:
        return {"progress": self.plan.progress}

    def form_valid(self, form: ProgressForm) -> HttpResponse:
        data = form.cleaned_data
        progress = Plan.Progress(data["progress"])
        actions.report_progress(self.plan, self.user, progress=progress, text=data["text"], now=timezone.now())
        messages.success(self.request, _("Everybody can read this with the plan now."))
        return redirect("plan:progress", self.plan.pk)


# --- Rounds -------------------------------------------------------------------------------------------


class RoundView(StaffView, TemplateView):
    """Where a round stands and what staff can do now."""

    template_name = "budget/admin/round.html"
    http_method_names = ["get", "head", "options"]

    def verdict(self) -> Verdict:
        numbers = self.numbers
        return rules.may_make_vote(self.user, self.situation, numbers.feasible)

    @cached_property
    def numbers(self) -> Any:
        return numbers_of(self.situation.round)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        vote = self.situation.vote
        return {
            **super().get_context_data(**kwargs),
            "numbers": self.numbers,
            "vote": vote,
            "vote_admin_url": vote_admin_url(vote),
            "may_add": rules.may_add_plan(self.user, self.situation),
            "may_open": rules.may_open_vote(self.user, vote) if vote else None,
            "has_proposals": sources.is_available(),
        }

    def get_page_title(self) -> str:
        return self.situation.round.title

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        return super().get_breadcrumbs_items()[:-1]


class AddPlanView(StaffView, StaffFormView):
    """A plan on paper."""

    template_name = "budget/admin/form.html"
    form_class = PaperPlanForm
    page_title = gettext_lazy("Add a plan")

    def verdict(self) -> Verdict:
        return rules.may_add_plan(self.user, self.situation)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "page": self.situation.round}

    def get_initial(self) -> dict[str, Any]:
        return {"request_key": uuid.uuid4()}

    def form_valid(self, form: PaperPlanForm) -> HttpResponse:
        values = dict(form.cleaned_data)
        key, photo = values.pop("request_key"), values.pop("photo")
        plan = actions.add_plan(self.situation, self.user, values, photo=photo, request_key=key, now=timezone.now())
        messages.success(self.request, _("The plan is on the site, with number %(n)s.") % {"n": plan.reference})
        return redirect("budget_round:round", self.situation.round.pk)


class TakeOverView(StaffView, TemplateView):
    """Accepted proposals that can become plans."""

    template_name = "budget/admin/take_over.html"
    page_title = gettext_lazy("Make plans of proposals")

    def verdict(self) -> Verdict:
        return rules.may_add_plan(self.user, self.situation)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        candidates = sources.candidates_for(self.situation.round)[:CANDIDATES_SHOWN]
        return {**super().get_context_data(**kwargs), "candidates": candidates}

    def act(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        chosen = [int(number) for number in request.POST.getlist("proposal") if number.isascii() and number.isdigit()]
        if not chosen:
            return self.refused(refused(_("Choose a proposal first.")))
        for proposal in chosen:
            actions.take_over(self.situation, self.user, proposal, now=timezone.now())
        made = ngettext("%(n)s proposal is a plan now.", "%(n)s proposals are plans now.", len(chosen))
        messages.success(request, made % {"n": len(chosen)})
        return redirect("budget_round:round", self.situation.round.pk)


class MakeVoteView(StaffView, StaffFormView):
    """When, who, which ballot and how it is counted."""

    template_name = "budget/admin/vote_form.html"
    form_class = VoteForm
    page_title = gettext_lazy("Make the vote")

    def verdict(self) -> Verdict:
        feasible = numbers_of(self.situation.round).feasible
        return rules.may_make_vote(self.user, self.situation, feasible)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "situation": self.situation}

    def form_valid(self, form: VoteForm) -> HttpResponse:
        ballot.make_vote(self.situation.round, self.user, form.values(), now=timezone.now())
        messages.success(self.request, _("The vote has been made. Check it before you open it."))
        if form.is_outside_phases():
            messages.warning(self.request, _("These dates differ from the phase in which residents can vote."))
        return redirect("budget_round:open", self.situation.round.pk)


class OpenVoteView(StaffView, TemplateView):
    """Everything that opening freezes, once more; then open."""

    template_name = "budget/admin/open.html"
    page_title = gettext_lazy("Check and open the vote")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.situation.vote is None:
            return redirect("budget_round:vote", self.situation.round.pk)
        return super().dispatch(request, *args, **kwargs)

    @property
    def vote(self) -> Vote:
        assert self.situation.vote is not None
        return self.situation.vote

    @cached_property
    def question(self) -> Question:
        return ballot.question_of(self.vote)

    def verdict(self) -> Verdict:
        return rules.may_open_vote(self.user, self.vote)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "vote": self.vote,
            "opening": opening_of(self.user, self.vote),
            "question": self.question,
            "options": self.vote.options.all(),
            "reach": reach_of(freeze(self.vote)),
            "rule": rule_name(self.question.counting),
            "rule_text": explain_rule(self.question.counting),
        }

    def act(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.POST.get("step") == "agree":
            ballot.agree_to_round_vote(self.situation.round, self.user)
            messages.success(request, AGREED)
        else:
            ballot.open_round_vote(self.situation.round, self.user)
            messages.success(request, OPENED)
        return redirect("budget_round:round", self.situation.round.pk)


def vote_admin_url(vote: Vote | None) -> str:
    """The ballot box's own page about a vote in the admin, where results are published; "" without one."""
    if vote is None:
        return ""
    try:
        return reverse("vote:inspect", args=[vote.pk])
    except NoReverseMatch:
        return ""
