"""What residents bring: proposals (voorstellen)."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProposalsConfig(AppConfig):
    """What residents bring: proposals (voorstellen)."""

    name = "proposals"
    verbose_name = _("Proposals")

    def ready(self) -> None:
        from proposals import registrations

        registrations.register()
