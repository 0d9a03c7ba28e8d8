"""Wagtail's page about one's own account, with what means something here.

Wagtail asks first and last name, obligatory, and keeps neither: an account has one name, which its owner
changes at “My account”, beside e-mail address, password and second factor.
"""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.admin.views.account import AccountView, BaseSettingsPanel, NotificationsSettingsPanel
from wagtail.admin.widgets import SwitchInput
from wagtail.users.models import UserProfile

KEPT = ("locale", "theme")


class CommentMailForm(forms.ModelForm):
    """Mail about comments on pages; those about workflows are not there, because there are no workflows."""

    class Meta:
        model = UserProfile
        fields = ["updated_comments_notifications"]
        widgets = {"updated_comments_notifications": SwitchInput()}


class CommentMailPanel(NotificationsSettingsPanel):
    form_class = CommentMailForm


class StaffAccountView(AccountView):
    """Language and look of the admin, and mail about comments."""

    def get_panels(self) -> list[BaseSettingsPanel]:
        panels = [panel for panel in super().get_panels() if panel.name in KEPT]
        # All panels save the same object: with one of its own, the last would undo what the others chose.
        profile = panels[0].profile
        return [*panels, CommentMailPanel(self.request, profile.user, profile)]


def own_account_item(request: HttpRequest) -> dict[str, Any]:
    """Hook `register_account_menu_item`: the way to everything else about an account."""
    return {
        "url": reverse("account"),
        "label": _("My account"),
        "help_text": _("Name, e-mail address, password and second factor"),
    }
