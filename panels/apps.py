from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PanelsConfig(AppConfig):
    """Neighbourhood platforms and panels."""

    name = "panels"
    verbose_name = _("Panels")
