"""Registers moderation in the admin."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import hooks
from wagtail.log_actions import LogFormatter

from conversation.viewsets import ModerationGroup


@hooks.register("register_admin_viewset")
def register_viewset() -> ModerationGroup:
    return ModerationGroup()


@hooks.register("register_log_actions")
def register_log_actions(actions: Any) -> None:
    @actions.register_action("conversation.publish")
    class Publish(LogFormatter):
        label = gettext_lazy("Decide that everybody may read")

        def format_message(self, log_entry: Any) -> str:
            return _("A moderator decided that everybody may read this")

    @actions.register_action("conversation.hide")
    class Hide(LogFormatter):
        label = gettext_lazy("Hide")

        def format_message(self, log_entry: Any) -> str:
            return _("A moderator hid this: %(reason)s") % {"reason": log_entry.data.get("reason", "")}
