"""Personal data in budgets: plans stay as long as the round, by a former resident when the account is closed."""

from people.privacy import After, DataClass, PersonalData, declare

declare(
    PersonalData(
        "budget.Plan",
        # `reference` is the plan's number, not a person's; `verdict_by` is staff.
        fields=("submitter", "verdict_by", "reference"),
        data_class=DataClass.CONTRIBUTION,
        owner="submitter",
        on_erasure=After.KEEP,
        export=("title", "text", "cost", "location_text", "image_alt", "state", "created_at", "submitted_at"),
    ),
    PersonalData(
        "budget.PlanEvent",
        fields=("actor",),
        data_class=DataClass.CONTRIBUTION,
        owner="actor",
        on_erasure=After.KEEP,
        export=("kind", "text", "at"),
    ),
)
