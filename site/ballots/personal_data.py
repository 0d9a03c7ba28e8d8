"""Personal data around the ballot box: only of staff. Roll and ballots name nobody (see docs of the ballot)."""

from people.privacy import DataClass, PersonalData, declare

declare(
    PersonalData(
        "ballots.Vote",
        fields=("opened_by", "published_by", "annulled_by"),
        data_class=DataClass.STAFF_WORK,
        owner="opened_by",
    ),
)
