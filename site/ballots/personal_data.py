"""Personal data around the ballot box: of staff, and of observers of the log. Roll and ballots name nobody (see docs of the ballot)."""

from django.utils.translation import gettext_lazy as _

from people.privacy import After, DataClass, PersonalData, declare

declare(
    PersonalData(
        "ballots.Vote",
        fields=("agreed_by", "opened_by", "published_by", "annulled_by"),
        data_class=DataClass.STAFF_WORK,
        owner="opened_by",
    ),
    PersonalData(
        "ballots.Observer",
        fields=("user",),
        data_class=DataClass.CONTRIBUTION,
        owner="user",
        on_erasure=After.DELETE,
        export=("vote_id",),
        headings={"vote_id": _("vote")},
    ),
)
