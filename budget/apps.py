"""Participatory budgets (burgerbegroting)."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BudgetConfig(AppConfig):
    """Participatory budgets (burgerbegroting)."""

    name = "budget"
    verbose_name = _("Budget")

    def ready(self) -> None:
        from budget import receivers, registrations

        registrations.register()
        receivers.connect()
