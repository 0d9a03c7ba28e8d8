"""Accounts in Wagtail's admin."""

from wagtail.users.apps import WagtailUsersAppConfig


class WagtailUsersConfig(WagtailUsersAppConfig):
    """Wagtail's user app with our own account screen."""

    user_viewset = "people.viewsets.AccountViewSet"
