"""The public history of a plan."""

from datetime import datetime

from budget.models import Plan, PlanEvent
from people.models import User


def tell_history(plan: Plan, kind: PlanEvent.Kind, *, actor: User | None, now: datetime, text: str = "") -> PlanEvent:
    """Adds a step to the public history of a plan."""
    return PlanEvent.objects.create(plan=plan, kind=kind, actor=actor, at=now, text=text)
