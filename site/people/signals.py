"""What happens when allauth or Django says that an account changed."""

from typing import Any

from allauth.account.signals import email_confirmed
from django.contrib.auth.models import Group
from django.db.models.signals import m2m_changed
from django.utils import timezone
from wagtail.log_actions import log

from people import actions
from people.models import User
from people.roles import STAFF_ROLES


def connect() -> None:
    """Called once, when the app is ready."""
    email_confirmed.connect(_email_confirmed, dispatch_uid="people.email_confirmed")
    m2m_changed.connect(_roles_changed, sender=User.groups.through, dispatch_uid="people.roles_changed")


def _email_confirmed(sender: Any, email_address: Any, **kwargs: Any) -> None:
    actions.confirm_email(email_address.user, timezone.now())


def _roles_changed(sender: Any, instance: Any, action: str, pk_set: set[int] | None, **kwargs: Any) -> None:
    """Every way in which a role is given or taken leaves a line in the log; the admin's log context names the actor."""
    if action not in ("post_add", "post_remove"):
        return
    pairs = (
        [(user, instance) for user in User.objects.filter(pk__in=pk_set or ())]
        if isinstance(instance, Group)
        else [(instance, group) for group in Group.objects.filter(pk__in=pk_set or ())]
    )
    verb = "people.give_role" if action == "post_add" else "people.take_role"
    for user, group in pairs:
        user.__dict__.pop("_staff_roles", None)
        if group.name in STAFF_ROLES:
            log(user, verb, data={"role": group.name})
