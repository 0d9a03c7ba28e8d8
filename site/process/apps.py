from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProcessConfig(AppConfig):
    """Participation processes and their phases."""

    name = "process"
    verbose_name = _("Process")

    def ready(self) -> None:
        from process import registrations

        registrations.register()
