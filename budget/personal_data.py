"""Personal data in budgets: plans stay as long as the round, by a former resident when the account is closed."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from budget.models import Plan, PlanEvent
from people.privacy import After, DataClass, PersonalData, declare


def _own_url(plan: Plan) -> str:
    return reverse("budget:edit" if plan.state == Plan.State.DRAFT else "budget:plan", args=[plan.pk])


def _event_url(event: PlanEvent) -> str:
    return reverse("budget:plan", args=[event.plan_id])


declare(
    PersonalData(
        "budget.Plan",
        # `reference` is the plan's number, not a person's; `verdict_by` is staff.
        fields=("submitter", "verdict_by", "reference"),
        data_class=DataClass.CONTRIBUTION,
        owner="submitter",
        on_erasure=After.KEEP,
        export=(
            "round__title",
            "title",
            "text",
            "cost",
            "area__name",
            "location_text",
            "latitude",
            "longitude",
            "image_alt",
            "state",
            "created_at",
            "submitted_at",
        ),
        files=("image",),
        url=_own_url,
        headings={"latitude": _("latitude"), "longitude": _("longitude")},
    ),
    PersonalData(
        "budget.PlanEvent",
        fields=("actor",),
        data_class=DataClass.CONTRIBUTION,
        owner="actor",
        on_erasure=After.KEEP,
        export=("plan__title", "kind", "text", "at"),
        url=_event_url,
    ),
)
