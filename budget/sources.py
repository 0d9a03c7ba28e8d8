"""Proposals that can become plans. The only place where budgets know of proposals, and only where those are installed."""

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from budget.models import BudgetRoundPage, Plan
from pages.uploads import read_stored, store_photo
from people.models import User
from places.queries import within


@dataclass(frozen=True)
class Link:
    """A proposal as a plan's page names it."""

    title: str
    url: str


def is_available() -> bool:
    """Whether this site has proposals."""
    return apps.is_installed("proposals")


def register_followups() -> None:
    """A proposal's page says which plans came of it."""
    if is_available():
        from proposals import followups

        followups.register(plans_made_of)


def plans_made_of(proposal: Any) -> list[tuple[str, str]]:
    """The public plans that came of a proposal, each in words and with its address; 2 queries, none before it is accepted."""
    from budget.discovery import public_plans

    if proposal.state not in ("accepted", "executed"):
        return []
    plans = public_plans().filter(proposal_id=proposal.pk).select_related("round")
    words = _("A plan in “%(round)s”: %(state)s")
    return [
        (words % {"round": plan.round.title, "state": plan.state_in_words}, plan.get_absolute_url()) for plan in plans
    ]


def candidates_for(page: BudgetRoundPage) -> Any:
    """Accepted proposals that are no plan in this round yet and not about another area than the round's.

    Those of the same process first, then newest first.
    """
    if not is_available():
        return Plan.objects.none()
    from django.db.models import Case, IntegerField, Value, When

    from proposals.models import Submission

    taken = Plan.objects.filter(round=page, proposal_id__isnull=False).values("proposal_id")
    same_process = When(page__path__startswith=page.path[: -page.steplen], then=Value(0))
    return (
        Submission.objects.filter(_around(page), state=Submission.State.ACCEPTED)
        .exclude(pk__in=taken)
        .select_related("area", "submitter")
        .order_by(Case(same_process, default=Value(1), output_field=IntegerField()), "-published_at", "-pk")
    )


def _around(page: BudgetRoundPage) -> Q:
    """A pot of one area pays for that area; what names no area may be about it."""
    return Q(area=None) | Q(area__in=within(page.area)) if page.area else Q()


def accepted_proposal(proposal_id: int) -> Any | None:
    """An accepted proposal, locked until the transaction ends; None when there is none."""
    if not is_available():
        return None
    from proposals.models import Submission

    accepted = Submission.objects.select_for_update(of=("self",)).filter(state=Submission.State.ACCEPTED)
    return accepted.filter(pk=proposal_id).first()


def values_of(proposal: Any) -> dict[str, Any]:
    """The fields of a plan made from a proposal: what residents wrote, not what the municipality thought of it."""
    names = ("title", "text", "area_id", "location_text", "latitude", "longitude", "submitter_id", "image_alt")
    return {**{name: getattr(proposal, name) for name in names}, "proposal_id": proposal.pk}


def copy_photo(proposal: Any, plan: Plan) -> None:
    """Gives a plan its own copy of the proposal's photo, so that each can be taken away by itself."""
    if (photo := read_stored(proposal.image)) is not None:
        store_photo(plan.image, photo)
        plan.save(update_fields=["image"])


def link_of(plan: Plan) -> Link | None:
    """The public proposal that a plan came from."""
    if not plan.proposal_id or not is_available():
        return None
    from proposals.models import Submission

    proposal = Submission.objects.filter(pk=plan.proposal_id, state__in=Submission.PUBLIC_STATES).first()
    return Link(proposal.title, proposal.get_absolute_url()) if proposal else None


def supporters_of(plan: Plan) -> QuerySet[User]:
    """The accounts that supported the proposal a plan came from; its submitter is told otherwise."""
    if not plan.proposal_id or not is_available():
        return User.objects.none()
    from proposals.models import Endorsement

    residents = Endorsement.objects.filter(submission=plan.proposal_id).values("resident__user")
    return User.objects.filter(pk__in=residents, is_active=True).exclude(pk=plan.submitter_id or 0)
