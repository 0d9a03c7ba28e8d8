from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OpenDataConfig(AppConfig):
    """Open data of every instrument."""

    name = "opendata"
    verbose_name = _("Open data")
