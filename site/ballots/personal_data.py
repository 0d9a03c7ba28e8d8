"""Personal data around the ballot box: of staff, of observers of the log, and in the extract of the register.

Roll, voting codes and ballots name nobody (see docs of the ballot). The extract loses its names a day after closing, when no card can be
made any more; what is left goes with the roll (`ballots.actions.forget_roll`).
"""

from django.utils.translation import gettext_lazy as _

from ballots.register.ending import NAMELESS
from people.privacy import DAY, After, DataClass, PersonalData, declare

declare(
    PersonalData(
        "ballots.Vote",
        fields=("agreed_by", "opened_by", "published_by", "annulled_by"),
        data_class=DataClass.STAFF_WORK,
        owner="opened_by",
    ),
    PersonalData("ballots.PaperEntry", fields=("person",), data_class=DataClass.STAFF_WORK, owner="person"),
    PersonalData(
        "ballots.Reconciliation",
        fields=("first_by", "second_by"),
        data_class=DataClass.STAFF_WORK,
        owner="first_by",
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
    PersonalData(
        "ballots.RegisteredVoter",
        fields=NAMELESS,
        data_class=DataClass.RESIDENCE,
        keep=DAY,
        since="vote__closes_at",
        then=After.BLANK,
        blank=NAMELESS,
        name=_("persons in an extract of the municipal register"),
    ),
)
