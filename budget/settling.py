"""After publication: plans get their outcome, and everybody whose plan it was or who supported it is told why.

Each step may run again after a crash, and does nothing that was done: the round's row says what was set, the key of a notice who was told.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import translation
from wagtail.log_actions import log

from ballots.models import Vote
from budget import sources
from budget.locks import lock_round
from budget.models import Plan, PlanEvent, RoundVote
from budget.outcome import Outcome, Row, outcome_of
from notices.actions import notify_all
from pages import page_cache

BATCH = 50


@transaction.atomic
def settle(round_id: int, *, now: datetime) -> bool:
    """Gives every plan on the ballot its outcome; True when this call did it."""
    lock_round(round_id)
    link = RoundVote.objects.select_related("vote", "round").get(round=round_id)
    if link.settled_at or link.vote.state != Vote.State.PUBLISHED:
        return False
    outcome = outcome_of(link.round)
    assert outcome is not None
    rows = [row for row in outcome.rows if row.plan]
    _write_outcomes(rows, now)
    RoundVote.objects.filter(pk=link.pk).update(settled_at=now)
    log(link.round, "budget.settle", data={"winners": outcome.result["winners"], "digest": outcome.digest})
    transaction.on_commit(page_cache.bump)
    return True


def _write_outcomes(rows: list[Row], now: datetime) -> None:
    events = []
    for won, outcome, kind in ((True, "won", PlanEvent.Kind.WON), (False, "lost", PlanEvent.Kind.LOST)):
        plans = [row.plan.pk for row in rows if row.plan and row.won == won]
        Plan.objects.filter(pk__in=plans).update(outcome=outcome)
        events += [PlanEvent(plan_id=plan, kind=kind, at=now) for plan in plans]
    PlanEvent.objects.bulk_create(events)


@transaction.atomic
def unsettle(vote: Vote, *, now: datetime) -> None:
    """The vote was annulled: its plans have no outcome any more. What was carried out stays in their history."""
    link = RoundVote.objects.filter(vote=vote).first()
    if link is None:
        return
    lock_round(link.round_id)
    Plan.objects.filter(round=link.round_id).exclude(outcome="").update(outcome="", progress=Plan.Progress.NONE)
    RoundVote.objects.filter(pk=link.pk).update(settled_at=None, told_at=None)
    transaction.on_commit(page_cache.bump)


def tell_outcomes(round_id: int, after: int) -> int | None:
    """Tells submitters and supporters of the next plans after id `after`; the id to go on from, None when all are told.

    One transaction per plan, so that a crash loses nothing and repeats little.
    """
    link = RoundVote.objects.select_related("round", "vote").get(round=round_id)
    if not link.settled_at or link.told_at:
        return None
    outcome = outcome_of(link.round)
    if outcome is None:
        return None
    rows = sorted((row.plan.pk, row) for row in outcome.rows if row.plan and row.plan.pk > after)
    for _pk, row in rows[:BATCH]:
        _tell(row, outcome)
    return rows[BATCH - 1][0] if len(rows) > BATCH else None


@transaction.atomic
def _tell(row: Row, outcome: Outcome) -> None:
    plan = row.plan
    assert plan is not None
    payload = outcome_payload(row, outcome)

    def key(user: Any) -> str:
        # One key for both kinds: who submitted a plan and supported its proposal hears it once.
        return f"budget.outcome:{outcome.vote.pk}:{plan.pk}:{user.pk}"

    if plan.submitter_id and plan.submitter and plan.submitter.is_active:
        notify_all("budget.plan_outcome", [plan.submitter], key=key, payload=payload)
    supporters = sources.supporters_of(plan).iterator(chunk_size=1000)
    notify_all("budget.supported_plan_outcome", supporters, key=key, payload=payload)


def outcome_payload(row: Row, outcome: Outcome) -> dict[str, Any]:
    """What the mail says, with the reasons in every language of the site."""
    return {
        "title": row.option.title,
        "url": row.url or outcome.url,
        "won": row.won,
        "votes": row.votes,
        "round": outcome.round.title,
        "why": {language: list(_reasons(row, outcome, language)) for language, _name in settings.LANGUAGES},
    }


def _reasons(row: Row, outcome: Outcome, language: str) -> Iterator[str]:
    with translation.override(language):
        yield from outcome.why_of(row.option.reference)


def finish_telling(round_id: int, *, now: datetime) -> None:
    RoundVote.objects.filter(round=round_id, settled_at__isnull=False, told_at=None).update(told_at=now)


def unfinished() -> Iterable[RoundVote]:
    """Rounds whose result is public and whose plans or people do not know it yet."""
    return RoundVote.objects.filter(vote__state=Vote.State.PUBLISHED, told_at=None)
