"""What staff do with a referendum in the admin. Thin: a form, an action, a message."""

from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin

from ballots.models import Vote
from pages.staff_form import StaffFormView
from people.models import User
from people.verdict import NotAllowed, Verdict
from referendum import actions, rules
from referendum.models import ReferendumPage
from referendum.queries import votes_to_choose
from referendum.staff_forms import ChooseVoteForm, DecisionForm, NewVoteForm
from referendum.standing import Standing, standing_of


class StaffView(PermissionCheckedMixin, WagtailAdminTemplateMixin):
    """A page of the admin about one referendum; what somebody may do there the rules say."""

    model = ReferendumPage
    any_permission_required = ["view", "add", "change"]
    permission_policy: Any = None
    header_icon = "pick"
    request: HttpRequest
    kwargs: dict[str, Any]

    @property
    def user(self) -> User:
        return cast(User, self.request.user)

    @cached_property
    def standing(self) -> Standing:
        return standing_of(get_object_or_404(ReferendumPage.objects.select_related("area"), pk=self.kwargs["pk"]))

    @property
    def page(self) -> ReferendumPage:
        return self.standing.page

    def get_page_title(self) -> str:
        return str(self.page_title)

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        above = {"url": reverse("referendum:index"), "label": _("Referendums")}
        here = {"url": reverse("referendum:inspect", args=[self.page.pk]), "label": self.page.title}
        return [*self.breadcrumbs_items, above, here, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        own = {"standing": self.standing, "referendum": self.page, "vote": self.standing.vote}
        return {**super().get_context_data(**kwargs), **own}


class StandingView(StaffView, TemplateView):
    """Where a referendum stands, and what can be done now."""

    template_name = "referendum/admin/referendum.html"

    def get_page_title(self) -> str:
        return self.page.title

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        return super().get_breadcrumbs_items()[:-1]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        vote = self.standing.vote
        own = {
            "misfits": list(rules.misfits(self.page, vote)) if vote and vote.state == Vote.State.DRAFT else [],
            "may_see_vote": self.user.has_perm("ballots.view_vote"),
            "choosing": rules.may_choose_vote(self.user, vote),
            "deciding": rules.may_record_decision(self.user, vote),
        }
        return {**super().get_context_data(**kwargs), **own}


class ActingView(StaffView, StaffFormView):
    """A form, or the reason why not; a post that is refused changes nothing."""

    needs = ""

    def verdict(self) -> Verdict:
        raise NotImplementedError

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.user.has_perm(self.needs):
            raise PermissionDenied
        try:
            return super().post(request, *args, **kwargs)
        except NotAllowed as refusal:
            messages.error(request, str(refusal))
            return redirect("referendum:inspect", self.page.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "verdict": self.verdict()}


class NewVoteView(ActingView):
    """Makes a draft and goes on to its first question."""

    template_name = "referendum/admin/new_vote.html"
    form_class = NewVoteForm
    page_title = gettext_lazy("Make the vote")
    needs = "referendum.add_referendumvote"

    def verdict(self) -> Verdict:
        return rules.may_choose_vote(self.user, self.standing.vote)

    def get_initial(self) -> dict[str, Any]:
        return {"title": self.page.title}

    def form_valid(self, form: Any) -> HttpResponse:
        values = {name: form.cleaned_data[name] for name in NewVoteForm.Meta.fields}
        vote = actions.make_vote(self.page, self.user, **values)
        messages.success(self.request, _("The draft is there. Now give it its question."))
        forms = rules.FORMS[self.page.kind]
        if len(forms) == 1:
            return redirect("vote:new_question", vote.pk, forms[0].value)
        return redirect("vote:add_question", vote.pk)


class ChooseVoteView(ActingView):
    """Takes a draft that is there already."""

    template_name = "referendum/admin/choose_vote.html"
    form_class = ChooseVoteForm
    page_title = gettext_lazy("Choose the vote")
    needs = "referendum.add_referendumvote"

    def verdict(self) -> Verdict:
        return rules.may_choose_vote(self.user, self.standing.vote)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "votes": votes_to_choose(self.page, rules.address_of(self.page))}

    def form_valid(self, form: Any) -> HttpResponse:
        actions.choose_vote(self.page, self.user, vote_id=form.cleaned_data["vote"].pk)
        messages.success(self.request, _("This page is now about that vote."))
        return redirect("referendum:inspect", self.page.pk)


class DecisionView(ActingView):
    """Writes down what the council decided; a correction is a new text beside the old one."""

    template_name = "referendum/admin/decision.html"
    form_class = DecisionForm
    page_title = gettext_lazy("Decision of the council")
    needs = "referendum.add_councildecision"

    def verdict(self) -> Verdict:
        return rules.may_record_decision(self.user, self.standing.vote)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "vote": self.standing.vote, "now": timezone.now()}

    def form_valid(self, form: Any) -> HttpResponse:
        actions.record_decision(self.page, self.user, **form.cleaned_data, now=timezone.now())
        messages.success(self.request, _("The decision is on the page. Who voted gets a mail."))
        return redirect("referendum:inspect", self.page.pk)
