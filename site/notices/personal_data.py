"""Personal data in notices: to whom, and what they want."""

from django.utils.functional import Promise

from notices import kinds
from people.privacy import YEAR, After, DataClass, PersonalData, declare


def _kind(key: str) -> str | Promise:
    return kinds.kind(key).label if kinds.is_known(key) else key


declare(
    PersonalData(
        "notices.OutboxLine",
        fields=("recipient",),
        data_class=DataClass.MAIL,
        owner="recipient",
        keep=YEAR,
        since="created_at",
        on_erasure=After.DELETE,
        export=("kind", "created_at", "sent_at"),
        says={"kind": _kind},
    ),
    PersonalData(
        "notices.NoticePreference",
        fields=("user",),
        data_class=DataClass.ACCOUNT,
        owner="user",
        on_erasure=After.DELETE,
        export=("kind", "wanted"),
        says={"kind": _kind},
    ),
)
