from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NoticesConfig(AppConfig):
    """Outbox, preferences, e-mail."""

    name = "notices"
    verbose_name = _("Notices")

    def ready(self) -> None:
        from people.roles import ADMINISTRATOR, CLERK, PROCESS_MANAGER, grant

        for role in (ADMINISTRATOR, CLERK, PROCESS_MANAGER):
            grant(role, "notices.view_outboxline", "notices.retry_outboxline")
