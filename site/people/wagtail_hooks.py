"""People in Wagtail's admin: letters, the counter, and what the log says."""

from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.log_actions import LogFormatter

from people.admin_views import CounterView
from people.reading import close_for_readers
from people.roles import STAFF_ROLES
from people.staff_account import own_account_item
from people.viewsets import LetterBatchViewSet


@hooks.register("register_admin_viewset")
def register_letters() -> LetterBatchViewSet:
    return LetterBatchViewSet("letterbatch", url_prefix="letters")


@hooks.register("register_admin_urls")
def register_counter() -> list[URLPattern]:
    return [path("counter/", CounterView.as_view(), name="people_counter")]


class CounterMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.has_perm("people.view_resident")


hooks.register("before_edit_page", close_for_readers)
hooks.register("register_account_menu_item", own_account_item)


@hooks.register("register_admin_menu_item")
def register_counter_menu_item() -> MenuItem:
    return CounterMenuItem(_("Counter"), reverse("people_counter"), name="counter", icon_name="user", order=510)


@hooks.register("register_log_actions")
def register_log_actions(actions: Any) -> None:
    actions.register_action(
        "people.prove_at_counter", _("Prove residence at the counter"), _("Residence proved at the counter")
    )
    actions.register_action("people.export_letters", _("Export letters"), _("Letters exported for the printer"))
    actions.register_action("people.reissue_letters", _("Replace letters"), _("Letters made void and replaced"))
    actions.register_action("people.erase_account", _("Close account"), _("Account closed and emptied"))
    actions.register_action("people.remove_second_factor", _("Remove second factor"), _("Second factor removed"))
    for verb, label, message in [
        ("people.give_role", _("Give role"), _("Role given: %(role)s")),
        ("people.take_role", _("Take role away"), _("Role taken away: %(role)s")),
    ]:
        actions.register_action(verb)(_role_formatter(label, message))


def _role_formatter(verb_label: Any, sentence: Any) -> type[LogFormatter]:
    class RoleFormatter(LogFormatter):
        label = verb_label

        def format_message(self, log_entry: Any) -> str:
            role = log_entry.data.get("role", "")
            return str(sentence % {"role": STAFF_ROLES.get(role, role)})

    return RoleFormatter


@hooks.register("construct_main_menu")
def hide_what_is_not_used(request: HttpRequest, items: list[MenuItem]) -> None:
    """Wagtail's own help links lead off this site."""
    items[:] = [item for item in items if item.name != "help"]
