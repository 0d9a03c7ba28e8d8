"""The groups of voters of a draft in the admin: the list with round numbers, and the form of one."""

from functools import cached_property
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.log_actions import log

from ballots import rules
from ballots.electorates.drafting import delete_group, make_neighbourhood_groups, move_group_up, save_group
from ballots.electorates.staff_forms import GroupForm
from ballots.electorates.words import group_in_words, paper_in_words
from ballots.models import Electorate
from ballots.reach import group_reach
from ballots.staff_views import StaffView


class DraftView(StaffView, TemplateView):
    """A page about the groups of a vote that nobody opened yet."""

    needs = "ballots.change_vote"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.has_perm(self.needs) and not (verdict := rules.may_edit(self.vote)):
            messages.error(request, verdict.reason)
            return redirect("vote:inspect", self.vote.pk)
        return super().dispatch(request, *args, **kwargs)

    def log_change(self) -> None:
        log(instance=self.vote, action="wagtail.edit", user=self.request.user, title=self.vote.title)


class GroupsView(DraftView):
    """Every group with how many people it has now, in round numbers; nothing about anybody."""

    template_name = "ballots/admin/groups.html"
    page_title = gettext_lazy("Groups of voters")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        sizes = group_reach(self.frozen)
        groups = [(group, group_in_words(self.frozen, group), sizes[group.number]) for group in self.frozen.electorates]
        return {
            **super().get_context_data(**kwargs),
            "groups": groups,
            "about_paper": paper_in_words(self.frozen),
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        step, _colon, number = request.POST.get("step", "").partition(":")
        if step == "neighbourhoods":
            made = make_neighbourhood_groups(self.vote)
            self._say(made)
        elif step in ("delete", "up") and number.isdecimal() and len(number) < 5:
            (delete_group if step == "delete" else move_group_up)(self.vote, int(number))
        else:
            return redirect("vote:groups", self.vote.pk)
        self.log_change()
        return redirect("vote:groups", self.vote.pk)

    def _say(self, made: int) -> None:
        if made:
            messages.success(
                self.request, _("There are %(number)s groups, one for each neighbourhood.") % {"number": made}
            )
        else:
            messages.error(self.request, _("There are no two neighbourhoods in the area of this vote."))


class GroupView(DraftView):
    """One group: a new one, or one that is there."""

    template_name = "ballots/admin/group.html"
    page_title = gettext_lazy("Group of voters")

    @cached_property
    def group(self) -> Electorate:
        if "number" not in self.kwargs:
            return Electorate(vote=self.vote)
        if found := Electorate.objects.filter(vote=self.vote, number=self.kwargs["number"]).first():
            return found
        raise Http404

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        *above, here = super().get_breadcrumbs_items()
        groups = {"url": reverse("vote:groups", args=[self.vote.pk]), "label": _("Groups of voters")}
        return [*above, groups, here]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = GroupForm(request.POST, instance=self.group)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        save_group(self.vote, form.save(commit=False))
        self.log_change()
        return redirect("vote:groups", self.vote.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = kwargs.setdefault("form", GroupForm(instance=self.group))
        return {**super().get_context_data(**kwargs), "media": form.media}
