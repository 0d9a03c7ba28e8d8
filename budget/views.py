"""What everybody can read: the plans of a round, and one plan."""

from typing import cast
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from budget import sources
from budget.exports import features
from budget.forms import PlanFilterForm
from budget.models import Plan
from budget.outcome import outcome_of
from budget.queries import NEWEST, plan_for, plans_in, plans_of, round_for
from budget.rules import is_owner, may_edit, may_withdraw
from budget.stages import RoundNow
from conversation.queries import why_hidden
from pages.chrome import page_trail
from pages.paging import KeysetPage, capped_count, keyset_page
from pages.uploads import photo_response
from people.models import User

PAGE_SIZE = 20
COUNT_CAP = 999
MINE_SHOWN = 200
POINTS_SHOWN = 1000
GEOJSON = "application/geo+json"


def plans(request: HttpRequest, round_id: int) -> HttpResponse:
    """The list of plans, filtered."""
    situation = round_for(round_id, timezone.now())
    form = PlanFilterForm(request.GET, page=situation.round, with_outcome=situation.is_published)
    choice = form.choice()
    found = plans_in(situation.round, choice)
    page = keyset_page(found, order=NEWEST, size=PAGE_SIZE, cursors=request.GET)
    context = {
        "situation": situation,
        "form": form.without_complaints(),
        "page_obj": Links(page, request.GET),
        "count": capped_count(found, COUNT_CAP),
        "cap": COUNT_CAP,
        "has_points": any(plan.latitude is not None for plan in page.items),
        "points_url": f"{reverse('budget:points', args=[round_id])}?{request.GET.urlencode()}",
        "is_filtered": any(request.GET.get(name) for name in form.fields),
        "crumbs": trail(situation, request),
    }
    return render(request, "budget/plans.html", context)


class Links:
    """A page of plans with the addresses of its neighbours; the filter stays in them."""

    def __init__(self, page: KeysetPage[Plan], query: QueryDict) -> None:
        self.items = page.items
        self.previous_url = _with(query, "before", page.previous)
        self.next_url = _with(query, "after", page.next)


def _with(query: QueryDict, name: str, cursor: str) -> str:
    if not cursor:
        return ""
    kept = [(key, value) for key, value in query.items() if key not in ("after", "before") and value]
    return "?" + urlencode([*kept, (name, cursor)])


def plan(request: HttpRequest, plan_id: int) -> HttpResponse:
    """One plan: text, place, cost, verdict, outcome and history."""
    now = timezone.now()
    found, situation = plan_for(request.user, plan_id, now)
    owner = is_owner(request.user, found)
    outcome = outcome_of(situation.round) if found.outcome else None
    context = {
        "plan": found,
        "situation": situation,
        "history": found.history.all(),
        "row": outcome.row_of(found.reference) if outcome else None,
        "proposal": sources.link_of(found),
        "is_owner": owner,
        "why_hidden": why_hidden(found) if owner and found.state == Plan.State.HIDDEN else "",
        "may_edit": owner and may_edit(request.user, found, situation),
        "may_withdraw": owner and may_withdraw(request.user, found, situation),
        "crumbs": [*trail(situation, request), (found.title, "")],
    }
    return render(request, "budget/plan.html", context)


@never_cache
@login_required
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """Everything the visitor wrote, drafts first."""
    found = list(plans_of(cast(User, request.user))[:MINE_SHOWN])
    drafts = [plan for plan in found if plan.state == Plan.State.DRAFT]
    sent = [plan for plan in found if plan.state != Plan.State.DRAFT]
    return render(request, "budget/mine.html", {"drafts": drafts, "sent": sent})


@require_GET
def place(request: HttpRequest, plan_id: int) -> JsonResponse:
    """Where one plan is, for the map on its page."""
    found, _situation = plan_for(request.user, plan_id, timezone.now())
    return JsonResponse(features([found]), content_type=GEOJSON)


@require_GET
def points(request: HttpRequest, round_id: int) -> JsonResponse:
    """Where the plans of a list are, by the same filter."""
    situation = round_for(round_id, timezone.now())
    form = PlanFilterForm(request.GET, page=situation.round, with_outcome=situation.is_published)
    found = plans_in(situation.round, form.choice()).filter(latitude__isnull=False).order_by(NEWEST, "-pk")
    return JsonResponse(features(found[:POINTS_SHOWN]), content_type=GEOJSON)


def photo(request: HttpRequest, plan_id: int) -> FileResponse:
    return _photo(request, plan_id, small=False)


def small_photo(request: HttpRequest, plan_id: int) -> FileResponse:
    return _photo(request, plan_id, small=True)


def _photo(request: HttpRequest, plan_id: int, *, small: bool) -> FileResponse:
    found, _situation = plan_for(request.user, plan_id, timezone.now())
    return photo_response(found.image, small=small, is_public=found.state == Plan.State.PUBLISHED)


def trail(situation: RoundNow, request: HttpRequest) -> list[tuple[str, str]]:
    """The way here: the process, the round, its plans."""
    list_url = reverse("budget:plans", args=[situation.round.pk])
    return [*page_trail(situation.round, request), (str(Plan._meta.verbose_name_plural).capitalize(), list_url)]
