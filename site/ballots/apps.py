from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BallotsConfig(AppConfig):
    """The ballot box: roll, ballots, receipts, counting."""

    name = "ballots"
    verbose_name = _("Ballots")

    def ready(self) -> None:
        from ballots import registrations

        registrations.register()
