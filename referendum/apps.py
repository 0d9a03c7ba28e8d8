"""Direct votes: referendum, preferendum, street referendum, theme vote."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReferendumConfig(AppConfig):
    """Direct votes: referendum, preferendum, street referendum, theme vote."""

    name = "referendum"
    verbose_name = _("Referendum")

    def ready(self) -> None:
        from referendum import receivers, registrations

        registrations.register()
        receivers.connect()
