"""Personal data around referendums: which member of staff wrote down what the council decided."""

from people.privacy import DataClass, PersonalData, declare

declare(
    PersonalData(
        "referendum.CouncilDecision",
        fields=("recorded_by",),
        data_class=DataClass.STAFF_WORK,
        owner="recorded_by",
    ),
)
