from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    """Accounts, roles, proof of residence, privacy."""

    name = "people"
    verbose_name = _("People")

    def ready(self) -> None:
        from allauth.mfa.signals import authenticator_added

        from people import grants, roles, second_factor, signals

        autodiscover_modules("personal_data")
        grants.register()
        signals.connect()
        post_migrate.connect(roles.sync_roles, dispatch_uid="people.roles")
        authenticator_added.connect(second_factor.remember_first_use, dispatch_uid="people.second_factor")
