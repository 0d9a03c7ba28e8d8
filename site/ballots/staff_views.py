"""What staff do with a vote in the admin: prepare, open, watch the count, publish, annul.

Closing is not among them: only the clock closes a vote. Nobody sees a result before it has been counted, and then only who may
publish it, to check it (promise P8).
"""

from functools import cached_property
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.log_actions import log

from ballots import clock, progress, queries, rules, tasks
from ballots.actions import agree_to_vote, annul_vote, open_vote, publish_result
from ballots.drafting import forget_photos
from ballots.electorates.words import groups_in_words
from ballots.frozen import FrozenVote, freeze
from ballots.models import Vote
from ballots.opening import AGREED, OPENED, opening_of
from ballots.paper.numbers import waits_for_paper
from ballots.phases import phase_of
from ballots.promises import who_may_vote
from ballots.reach import reach_of, titled_reach
from ballots.register.ending import forget_register
from ballots.results import result_of
from ballots.roll import is_by_register
from ballots.rule_words import questions_in_words, threshold_in_words
from ballots.staff_forms import AnnulForm, VoteForm
from pages.staff_form import StaffFormView
from people.models import User
from people.reauthentication import require_recent
from people.verdict import NotAllowed, demand

REFRESH_SECONDS = "5"


def marked(vote: Vote, title: str) -> str:
    """The title of a page in the admin; of a dry run it says so first."""
    return _("TEST – does not count: %(title)s") % {"title": title} if vote.is_test else title


class StaffView(PermissionCheckedMixin, WagtailAdminTemplateMixin):
    """A page of the admin about one vote. `needs` is the permission to do what it is for."""

    any_permission_required = ["view", "change"]
    page_title: Any = ""
    header_icon = "tick-inverse"
    needs = ""
    model = Vote
    request: HttpRequest
    kwargs: dict[str, Any]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.needs and not request.user.has_perm(self.needs):
            raise PermissionDenied
        try:
            return super().dispatch(request, *args, **kwargs)
        except NotAllowed as refusal:
            messages.error(request, str(refusal))
            return redirect("vote:inspect", self.vote.pk)

    @property
    def actor(self) -> User:
        """Who is at work here: staff, so somebody with an account."""
        assert isinstance(self.request.user, User)
        return self.request.user

    @cached_property
    def vote(self) -> Vote:
        votes = Vote.objects.select_related(
            "area__parent__parent", "seal", "shredding", "agreed_by", "opened_by", "published_by", "annulled_by"
        )
        return get_object_or_404(votes, pk=self.kwargs["pk"])

    @cached_property
    def frozen(self) -> FrozenVote:
        return freeze(self.vote)

    def get_page_title(self) -> str:
        return marked(self.vote, str(self.page_title))

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        above = {"url": reverse("vote:index"), "label": _("Votes")}
        here = {"url": reverse("vote:inspect", args=[self.vote.pk]), "label": marked(self.vote, self.vote.title)}
        return [*self.breadcrumbs_items, above, here, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "vote": self.vote, "frozen": self.frozen}


class StatusView(StaffView, TemplateView):
    """Where a vote stands: turnout, count, who did what, and what can be done now."""

    template_name = "ballots/admin/vote.html"
    http_method_names = ["get", "head"]

    def get_page_title(self) -> str:
        return marked(self.vote, self.vote.title)

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        return super().get_breadcrumbs_items()[:-1]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().get(request, *args, **kwargs)
        if self.vote.state == Vote.State.CLOSED:
            response.headers["Refresh"] = REFRESH_SECONDS
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        vote, user = self.vote, self.request.user
        own = {
            "phase": phase_of(vote, clock.now()) if vote.state != Vote.State.DRAFT else None,
            "turnout": queries.turnout(vote) if vote.state != Vote.State.DRAFT else None,
            "is_shredded": queries.is_shredded(vote),
            "test_days": settings.BALLOTS_TEST_DAYS,
            "closes_by_hand": rules.may_close_test(user, vote),
            "progress": progress.progress_of(vote.pk) if vote.state == Vote.State.CLOSED else None,
            "waits_for_paper": vote.state == Vote.State.CLOSED and waits_for_paper(vote),
            "verbs": list(_verbs(user, vote)),
            "editable": user.has_perm("ballots.change_vote") and rules.may_edit(vote),
            "opening": opening_of(user, vote) if vote.state == Vote.State.DRAFT else None,
            "reach": reach_of(self.frozen) if vote.state == Vote.State.DRAFT else None,
            "compare_verdict": rules.may_compare_rules(user, vote) if vote.state == Vote.State.PUBLISHED else None,
            "publish_verdict": rules.may_publish(user, vote) if vote.state == Vote.State.COUNTED else None,
            **_rules_in_words(self.frozen),
        }
        return {**super().get_context_data(**kwargs), **own}


def _rules_in_words(vote: FrozenVote) -> dict[str, Any]:
    """The rules of a vote; a draft may have none that can be counted by."""
    words = {
        "questions": questions_in_words(vote),
        "threshold_in_words": threshold_in_words(vote),
        "who": who_may_vote(vote),
        "voters_groups": groups_in_words(vote),
    }
    return words | {"rules": rules.is_complete(vote)}


def _verbs(user: Any, vote: Vote) -> Any:
    """(address, label, kind of button) of what this person can do with the vote now."""
    if user.has_perm("ballots.change_vote") and rules.may_edit(vote):
        yield reverse("vote:edit", args=[vote.pk]), _("Edit"), "button-secondary"
        yield reverse("vote:add_question", args=[vote.pk]), _("Add a question"), "button-secondary"
        yield reverse("vote:groups", args=[vote.pk]), _("Groups of voters"), "button-secondary"
    if user.has_perm("ballots.delete_vote") and rules.may_edit(vote):
        yield reverse("vote:delete", args=[vote.pk]), _("Delete"), "no"
    if user.has_perm("ballots.open_vote") and rules.may_edit(vote):
        yield reverse("vote:rehearse", args=[vote.pk]), _("Dry run"), "button-secondary"
        yield reverse("vote:open", args=[vote.pk]), _("Check and open"), ""
    if user.has_perm("ballots.publish_vote") and vote.state == Vote.State.COUNTED:
        yield reverse("vote:publish", args=[vote.pk]), _("Check the result"), ""
    if user.has_perm("ballots.open_vote") and rules.may_wipe(vote):
        yield reverse("vote:wipe", args=[vote.pk]), _("Delete the dry run"), "no"
        return
    yield from _register_verbs(user, vote)
    if user.has_perm("ballots.open_vote"):
        yield reverse("vote:observers", args=[vote.pk]), _("Observers of the log"), "button-secondary"
    if vote.at_counter and vote.state == Vote.State.OPEN and user.has_perm("ballots.serve_counter"):
        yield reverse("vote:counter", args=[vote.pk]), _("Counter"), "button-secondary"
    if vote.on_paper and user.has_perm("ballots.enter_paper"):
        yield reverse("vote:paper", args=[vote.pk]), _("Paper"), "button-secondary"
    if user.has_perm("ballots.annul_vote") and rules.may_annul(vote):
        yield reverse("vote:annul", args=[vote.pk]), _("Annul"), "no"


def _register_verbs(user: Any, vote: Vote) -> Any:
    """What belongs to a roll from the register."""
    if not is_by_register(vote):
        return
    if user.has_perm("ballots.open_vote") and rules.may_edit(vote):
        yield reverse("vote:register", args=[vote.pk]), _("Register extract"), "button-secondary"
    if user.has_perm("ballots.open_vote") and not rules.may_edit(vote):
        yield reverse("vote:cards", args=[vote.pk]), _("Voting cards"), "button-secondary"
    if user.has_perm("ballots.issue_code") and vote.state == Vote.State.OPEN:
        yield reverse("vote:counter_code", args=[vote.pk]), _("Voting code at the counter"), "button-secondary"


# --- Preparing ----------------------------------------------------------------------------------------------


class EditView(StaffView, TemplateView):
    """A draft: when, who, what for. Its questions have pages of their own (`ballots.question_views`)."""

    template_name = "ballots/admin/edit.html"
    page_title = gettext_lazy("Edit")
    needs = "ballots.change_vote"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.needs and request.user.has_perm(self.needs) and not (verdict := rules.may_edit(self.vote)):
            messages.error(request, verdict.reason)
            return redirect("vote:inspect", self.vote.pk)
        return super().dispatch(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = VoteForm(request.POST, instance=self.vote)
        if not form.is_valid():
            messages.error(request, _("The vote has not been saved: see what is wrong below."))
            return self.render_to_response(self.get_context_data(form=form))
        if request.POST.get("step") == "reach":
            return self.render_to_response(self.get_context_data(form=form, reach=reach_of(freeze(form.instance))))
        try:
            with transaction.atomic():
                vote = form.save()
        except IntegrityError:
            form.add_error("not_secret", _("This vote belongs to a page that asks for secrecy, such as a referendum."))
            return self.render_to_response(self.get_context_data(form=form))
        log(instance=vote, action=self.log_action, user=request.user, title=vote.title)
        messages.success(request, _("The vote has been saved. Nobody can see it until it is opened."))
        return redirect("vote:inspect", vote.pk)

    log_action = "wagtail.edit"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = kwargs.setdefault("form", VoteForm(instance=self.vote))
        return {**super().get_context_data(**kwargs), "media": form.media}


class CreateView(EditView):
    """A new draft."""

    page_title = gettext_lazy("New vote")
    needs = "ballots.add_vote"
    log_action = "wagtail.create"

    @cached_property
    def vote(self) -> Vote:
        return Vote()

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        above = {"url": reverse("vote:index"), "label": _("Votes")}
        return [*self.breadcrumbs_items, above, {"url": "", "label": self.get_page_title()}]


class DeleteView(StaffView, TemplateView):
    """Only a draft can be deleted: an opened vote is annulled, in public."""

    template_name = "ballots/admin/delete.html"
    page_title = gettext_lazy("Delete")
    needs = "ballots.delete_vote"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        demand(rules.may_edit(self.vote))
        log(instance=self.vote, action="wagtail.delete", user=request.user, title=self.vote.title, deleted=True)
        with transaction.atomic():
            forget_photos(self.vote.options.all())
            forget_register(self.vote)
            self.vote.delete()
        messages.success(request, _("The draft has been deleted."))
        return redirect("vote:index")


class OpenView(StaffView, TemplateView):
    """The second look: everything that opening freezes, then open."""

    template_name = "ballots/admin/open.html"
    page_title = gettext_lazy("Check and open")
    needs = "ballots.open_vote"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        own = {
            "opening": opening_of(self.request.user, self.vote),
            "reach": reach_of(self.frozen),
            "group_reach": titled_reach(self.frozen),
        }
        return {**super().get_context_data(**kwargs), **own, **_rules_in_words(self.frozen)}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.POST.get("step") == "agree":
            agree_to_vote(self.vote, actor=self.actor)
            messages.success(request, AGREED)
        else:
            open_vote(self.vote, actor=self.actor)
            messages.success(request, OPENED)
        return redirect("vote:inspect", self.vote.pk)


# --- After closing ---------------------------------------------------------------------------------------------


class PublishView(StaffView, TemplateView):
    """The result, to check by who may publish it; publishing asks who is there once more."""

    template_name = "ballots/admin/publish.html"
    page_title = gettext_lazy("Check and publish the result")
    needs = "ballots.publish_vote"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        own: dict[str, Any] = {"verdict": rules.may_publish(self.request.user, self.vote)}
        if rules.may_see_result(self.request.user, self.vote):
            own |= {"result": result_of(self.frozen, self.vote.seal), "turnout": queries.turnout(self.vote)}
        return {**super().get_context_data(**kwargs), **own}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        require_recent(request)
        publish_result(self.vote, actor=self.actor)
        # Who voted with a card, or elsewhere, has no address here.
        nobody_told = is_by_register(self.vote) or self.vote.source
        told = _("The result is public. Everybody who voted gets a mail.")
        messages.success(request, _("The result is public.") if nobody_told else told)
        return redirect("vote:inspect", self.vote.pk)


class AnnulView(StaffView, StaffFormView):
    """Ending a vote for good, with a public reason."""

    template_name = "ballots/admin/annul.html"
    page_title = gettext_lazy("Annul the vote")
    needs = "ballots.annul_vote"
    form_class = AnnulForm

    def form_valid(self, form: AnnulForm) -> HttpResponse:
        require_recent(self.request)
        annul_vote(self.vote, actor=self.actor, reason=form.cleaned_data["reason"])
        messages.success(self.request, _("The vote has been annulled. Its page says why."))
        return redirect("vote:inspect", self.vote.pk)


class CountAgainView(StaffView, TemplateView):
    """Asks for a count that failed once more, after somebody has looked into it."""

    needs = "ballots.publish_vote"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        progress.forget(self.vote.pk)
        tasks.ask_for_counts()
        messages.success(request, _("The count begins again within a quarter of a minute."))
        return redirect("vote:inspect", self.vote.pk)
