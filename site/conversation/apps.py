"""Comments and moderation."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConversationConfig(AppConfig):
    """Comments and moderation."""

    name = "conversation"
    verbose_name = _("Conversation")

    def ready(self) -> None:
        from conversation import registrations

        registrations.register()
