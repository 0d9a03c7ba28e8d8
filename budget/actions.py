"""What residents and staff do with plans. Each verb asks its rule first and raises `NotAllowed` with the reason."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from budget import rules, sources
from budget.ballot import follow_plans
from budget.history import tell_history
from budget.locks import lock_round, next_reference
from budget.models import BudgetRoundPage, Plan, PlanEvent
from budget.stages import RoundNow, round_now
from conversation.actions import close_gone, hold
from conversation.holds import reasons_to_hold
from notices.actions import notify
from pages import page_cache
from pages.uploads import Photo, forget_photo, store_photo
from people.models import User
from people.verdict import NotAllowed, demand, refused

State, Kind = Plan.State, PlanEvent.Kind
DRAFT_DAYS = timedelta(days=180)

# --- Residents ----------------------------------------------------------------------------------------


def save_draft(situation: RoundNow, user: User, values: dict[str, Any], *, request_key: UUID) -> Plan:
    """Makes somebody's draft. The same `request_key` again gives the draft it made before, with the new values."""
    demand(rules.may_submit(user, situation))
    try:
        with transaction.atomic():
            return Plan.objects.create(round=situation.round, submitter=user, request_key=request_key, **values)
    except IntegrityError:  # a second click got here first
        plan = Plan.objects.filter(request_key=request_key, submitter=user, round=situation.round).first()
        if plan is None:
            raise NotAllowed(refused(_("This form was used before. Open it again."))) from None
        return plan if plan.state != State.DRAFT else change_draft(plan, user, values, situation=situation)


def change_draft(plan: Plan, user: User, values: dict[str, Any], *, situation: RoundNow) -> Plan:
    """Writes new values into somebody's own draft; what was sent in the meantime stays."""
    demand(rules.may_edit(user, plan, situation))
    Plan.objects.filter(pk=plan.pk, state=State.DRAFT).update(**values)
    plan.refresh_from_db()
    return plan


@transaction.atomic
def put_photo(plan: Plan, user: User, photo: Photo | None, description: str, *, situation: RoundNow) -> None:
    """Puts a photo with a draft, or takes it away (`photo` None)."""
    plan = Plan.objects.select_for_update(of=("self",)).select_related("round").get(pk=plan.pk)
    demand(rules.may_edit(user, plan, situation))
    forget_old = partial(forget_photo, plan.image.storage, plan.image.name or "")
    plan.image, plan.image_alt = "", ""
    if photo is not None:
        store_photo(plan.image, photo)
        plan.image_alt = description
    plan.save(update_fields=["image", "image_alt"])
    transaction.on_commit(forget_old)


def send_plan(plan: Plan, user: User, *, situation: RoundNow, now: datetime) -> Plan:
    """Sends a draft: published at once, or held for a moderator. Sending twice is sending once."""
    if plan.state != State.DRAFT and rules.is_owner(user, plan):
        return plan
    demand(rules.may_send(user, plan, situation, now))
    reasons = _reasons_to_hold(plan, user, now)
    with transaction.atomic():
        if _number(plan, State.HELD if reasons else State.PUBLISHED, now):
            tell_history(plan, Kind.SUBMITTED, actor=user, now=now)
            log(plan, "budget.submit", user=user, data={"held": reasons})
            _after_sending(plan, reasons, now)
    plan.refresh_from_db()
    return plan


def _reasons_to_hold(plan: Plan, user: User, now: datetime) -> list[str]:
    first = ["moderate_first"] if plan.round.moderate_first else []
    return first + reasons_to_hold(user, plan.title, plan.text, plan.location_text, plan.image_alt, now=now)


def _number(plan: Plan, state: str, now: datetime) -> bool:
    """Moves a draft on with the next number of its round; False when somebody did already."""
    lock_round(plan.round_id)
    published_at = now if state == State.PUBLISHED else None
    changed = Plan.objects.filter(pk=plan.pk, state=State.DRAFT).update(
        state=state, reference=next_reference(plan.round_id), submitted_at=now, published_at=published_at
    )
    plan.refresh_from_db()
    return changed == 1


def _after_sending(plan: Plan, reasons: list[str], now: datetime) -> None:
    if reasons:
        hold(plan, reasons, now=now)
    else:
        transaction.on_commit(page_cache.bump)


@transaction.atomic
def withdraw_plan(plan: Plan, user: User, *, situation: RoundNow, now: datetime) -> None:
    """The submitter takes a plan back. A draft is gone; a sent plan keeps its number and its history."""
    lock_round(plan.round_id)
    plan = Plan.objects.select_for_update(of=("self",)).select_related("round").get(pk=plan.pk)
    demand(rules.may_withdraw(user, plan, round_now(plan.round, now)))
    if plan.state == State.DRAFT:
        plan.delete()
        transaction.on_commit(partial(forget_photo, plan.image.storage, plan.image.name or ""))
        return
    _set_state(plan, State.WITHDRAWN)
    follow_plans(plan.round_id)
    tell_history(plan, Kind.WITHDRAWN, actor=user, now=now)
    close_gone(plan, actor=user, now=now)
    log(plan, "budget.withdraw", user=user)


@transaction.atomic
def forget_drafts(*, now: datetime) -> int:
    """Deletes drafts of DRAFT_DAYS old, and those of closed accounts, with their photos; how many."""
    old = Q(created_at__lt=now - DRAFT_DAYS) | Q(submitter=None) | Q(submitter__erased_at__isnull=False)
    drafts = list(Plan.objects.select_for_update(of=("self",)).filter(old, state=State.DRAFT))
    for draft in drafts:
        transaction.on_commit(partial(forget_photo, draft.image.storage, draft.image.name or ""))
    Plan.objects.filter(pk__in=[draft.pk for draft in drafts]).delete()
    return len(drafts)


# --- Moderation (conversation.moderation calls these inside the transaction of a decision) --------------


def publish_plan(plan: Plan, *, actor: User, now: datetime) -> None:
    """Shows a held or hidden plan to everybody; a plan that is public already stays as it is."""
    lock_round(plan.round_id)
    published_at = plan.published_at or now
    Plan.objects.filter(pk=plan.pk, state__in=[State.HELD, State.HIDDEN]).update(
        state=State.PUBLISHED, published_at=published_at
    )
    follow_plans(plan.round_id)


def hide_plan(plan: Plan, *, actor: User, reason: str, now: datetime) -> None:
    """Hides a plan. Once the vote is open the plan stays on the ballot: what is there is frozen."""
    lock_round(plan.round_id)
    Plan.objects.filter(pk=plan.pk, state__in=[State.HELD, State.PUBLISHED]).update(state=State.HIDDEN)
    follow_plans(plan.round_id)


# --- Staff: plans that residents did not send themselves ---------------------------------------------------


@transaction.atomic
def add_plan(
    situation: RoundNow,
    actor: User,
    values: dict[str, Any],
    *,
    photo: Photo | None = None,
    request_key: UUID,
    now: datetime,
) -> Plan:
    """Adds a plan that came on paper, or of the municipality itself. The same `request_key` again gives the same plan."""
    lock_round(situation.round.pk)
    if (earlier := Plan.objects.filter(request_key=request_key, round=situation.round).first()) is not None:
        return earlier
    demand(rules.may_add_plan(actor, situation) and rules.cost_fits(values.get("cost"), situation.round))
    origin = {"origin": Plan.Origin.MUNICIPALITY, "request_key": request_key}
    plan = _publish_new(situation.round, {**values, **origin}, now)
    if photo is not None:
        store_photo(plan.image, photo)
        plan.save(update_fields=["image"])
    tell_history(plan, Kind.SUBMITTED, actor=actor, now=now)
    log(plan, "budget.add", user=actor)
    return plan


@transaction.atomic
def correct_plan(plan: Plan, actor: User, values: dict[str, Any], *, reason: str, now: datetime) -> Plan:
    """Corrects title, text, area or place of a plan of the municipality. The public history says so, with the reason."""
    plan = _own_plan_locked(plan, actor, now)
    for name, value in values.items():
        setattr(plan, name, value)
    plan.save(update_fields=list(values))
    return _after_correction(plan, actor, Kind.CHANGED, "budget.correct", reason, now)


@transaction.atomic
def take_away(plan: Plan, actor: User, *, reason: str, now: datetime) -> Plan:
    """Takes a plan of the municipality off the site; it keeps its number and its history."""
    plan = _own_plan_locked(plan, actor, now)
    _set_state(plan, State.WITHDRAWN)
    return _after_correction(plan, actor, Kind.WITHDRAWN, "budget.take_away", reason, now)


def _own_plan_locked(plan: Plan, actor: User, now: datetime) -> Plan:
    lock_round(plan.round_id)
    plan = Plan.objects.select_for_update(of=("self",)).select_related("round").get(pk=plan.pk)
    demand(rules.may_correct_plan(actor, plan, round_now(plan.round, now)))
    return plan


def _after_correction(plan: Plan, actor: User, kind: PlanEvent.Kind, action: str, reason: str, now: datetime) -> Plan:
    follow_plans(plan.round_id)
    tell_history(plan, kind, actor=actor, now=now, text=reason.strip())
    log(plan, action, user=actor, data={"reason": reason.strip()})
    transaction.on_commit(page_cache.bump)
    return plan


@transaction.atomic
def take_over(situation: RoundNow, actor: User, proposal_id: int, *, now: datetime) -> Plan:
    """Makes a plan of an accepted proposal; a proposal is a plan at most once per round."""
    lock_round(situation.round.pk)
    demand(rules.may_add_plan(actor, situation))
    proposal = sources.accepted_proposal(proposal_id)
    if proposal is None:
        raise NotAllowed(refused(_("Only an accepted proposal can become a plan.")))
    demand(rules.is_about(situation.round, proposal.area))
    if Plan.objects.filter(round=situation.round, proposal_id=proposal_id).exists():
        raise NotAllowed(refused(_("This proposal is already a plan in this round.")))
    plan = _publish_new(situation.round, sources.values_of(proposal), now)
    sources.copy_photo(proposal, plan)
    tell_history(plan, Kind.TAKEN_OVER, actor=actor, now=now)
    log(plan, "budget.take_over", user=actor, data={"proposal": proposal_id})
    _tell_submitter(plan, "budget.taken_over", key=f"budget.taken_over:{plan.pk}", round=situation.round.title)
    return plan


def _publish_new(page: BudgetRoundPage, values: dict[str, Any], now: datetime) -> Plan:
    """A plan that is public at once; hold `lock_round`."""
    transaction.on_commit(page_cache.bump)
    return Plan.objects.create(
        round=page,
        reference=next_reference(page.pk),
        state=State.PUBLISHED,
        submitted_at=now,
        published_at=now,
        **values,
    )


# --- Staff: verdict and progress ----------------------------------------------------------------------------------------------


@transaction.atomic
def assess_plan(
    plan: Plan, actor: User, *, verdict: Plan.Verdict, reason: str, cost: int | None, now: datetime
) -> Plan:
    """Says whether a plan is feasible, with the reason and the cost in cents. May be done again until the vote opens."""
    lock_round(plan.round_id)
    plan = Plan.objects.select_for_update(of=("self",)).select_related("round").get(pk=plan.pk)
    demand(rules.may_assess(actor, plan, round_now(plan.round, now)))
    _demand_complete(verdict, reason, cost)
    if verdict == Plan.Verdict.FEASIBLE:
        demand(rules.cost_fits(cost, plan.round))
    plan.verdict, plan.verdict_reason, plan.verdict_by, plan.verdict_at = verdict, reason.strip(), actor, now
    plan.cost = cost
    plan.save(update_fields=["verdict", "verdict_reason", "verdict_by", "verdict_at", "cost"])
    follow_plans(plan.round_id)
    tell_history(plan, Kind(verdict), actor=actor, now=now, text=plan.verdict_reason)
    log(plan, "budget.assess", user=actor, data={"verdict": verdict, "reason": plan.verdict_reason, "cost": cost})
    _tell_submitter(plan, "budget.plan_assessed", key=f"budget.assessed:{plan.pk}:{now.isoformat()}")
    transaction.on_commit(page_cache.bump)
    return plan


def _tell_submitter(plan: Plan, kind: str, *, key: str, **more: Any) -> None:
    """A notice to who brought the plan, when that is a resident with an account."""
    if plan.submitter is None or not plan.submitter.is_active:
        return
    with translation.override(settings.LANGUAGE_CODE):  # the submitter reads it, not who acts now
        url = plan.get_absolute_url()
    payload = {
        "title": plan.title,
        "url": url,
        "verdict": plan.verdict,
        "reason": plan.verdict_reason,
    }
    notify(kind, plan.submitter, key=key, payload={**payload, **more})


def _demand_complete(verdict: Plan.Verdict, reason: str, cost: int | None) -> None:
    if verdict == Plan.Verdict.WAITING:
        raise NotAllowed(refused(_("Choose whether the plan is feasible.")))
    if not reason.strip():
        raise NotAllowed(refused(_("Give the reason of the verdict.")))
    if verdict == Plan.Verdict.FEASIBLE and not cost:
        raise NotAllowed(refused(_("A feasible plan needs a cost.")))


@transaction.atomic
def report_progress(plan: Plan, actor: User, *, progress: Plan.Progress, text: str, now: datetime) -> PlanEvent:
    """Says how far a chosen plan is, in public."""
    plan = Plan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
    demand(rules.may_report_progress(actor, plan))
    if not text.strip():
        raise NotAllowed(refused(_("Say what has been done, or what happens next.")))
    plan.progress = progress
    plan.save(update_fields=["progress"])
    event = tell_history(plan, Kind(progress), actor=actor, now=now, text=text.strip())
    log(plan, "budget.progress", user=actor, data={"progress": progress, "text": event.text})
    _tell_submitter(plan, "budget.plan_progress", key=f"budget.progress:{event.pk}", progress=progress, text=event.text)
    transaction.on_commit(page_cache.bump)
    return event


def _set_state(plan: Plan, state: Plan.State) -> None:
    plan.state = state
    plan.save(update_fields=["state"])
    transaction.on_commit(page_cache.bump)
