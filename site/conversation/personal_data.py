"""Personal data in conversations and moderation."""

from conversation.models import Comment
from people.privacy import YEAR, After, DataClass, PersonalData, declare

declare(
    PersonalData(
        "conversation.Comment",
        fields=("author",),
        data_class=DataClass.CONTRIBUTION,
        owner="author",
        on_erasure=After.KEEP,
        export=("text", "state", "created_at"),
        url=Comment.get_absolute_url,
    ),
    PersonalData(
        "conversation.ModerationCase",
        fields=("author", "decided_by"),
        data_class=DataClass.CONTRIBUTION,
        owner="author",
        # The decision stands; what says about whom it was goes.
        on_erasure=After.BLANK,
        blank=("author", "title"),
        export=("title", "opened_at", "decision", "decision_reason", "decided_at"),
    ),
    PersonalData(
        "conversation.Flag",
        fields=("reporter",),
        data_class=DataClass.CONTRIBUTION,
        owner="reporter",
        keep=YEAR,
        since="created_at",
        on_erasure=After.DELETE,
        export=("reason", "created_at"),
    ),
)
