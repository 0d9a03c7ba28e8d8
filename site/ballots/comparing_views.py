"""The page for staff with the same ballots under other rules."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin import messages

from ballots import rules
from ballots.comparing import compare
from ballots.staff_views import StaffView
from ballots.tally import BoxDamaged
from people.verdict import demand


class CompareView(StaffView, TemplateView):
    """A comparison, not a result: counted for this page, and stored nowhere."""

    template_name = "ballots/admin/compare.html"
    page_title = gettext_lazy("The same ballots under other rules")
    needs = "ballots.view_vote"
    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        demand(rules.may_compare_rules(request.user, self.vote))
        try:
            comparisons = compare(self.frozen, json.loads(self.vote.seal.result)["questions"])
        except BoxDamaged:
            messages.error(request, _("The ballots are no longer as they were cast. They cannot be counted again."))
            return redirect(reverse("vote:inspect", args=[self.vote.pk]))
        return self.render_to_response(self.get_context_data(comparisons=comparisons))
