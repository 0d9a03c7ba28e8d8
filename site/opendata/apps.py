from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from pages import menu


class OpenDataConfig(AppConfig):
    """Open data of every instrument."""

    name = "opendata"
    verbose_name = _("Open data")

    def ready(self) -> None:
        menu.register_in_footer("opendata", label=_("Open data"), url_name="opendata:index")
