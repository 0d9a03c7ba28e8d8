"""Personal data in notices: to whom, and what they want."""

from people.privacy import YEAR, After, DataClass, PersonalData, declare

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
    ),
    PersonalData(
        "notices.NoticePreference",
        fields=("user",),
        data_class=DataClass.ACCOUNT,
        owner="user",
        on_erasure=After.DELETE,
        export=("kind", "wanted"),
    ),
)
