"""Closing an account: what points at a person goes; what they contributed stays, by a former resident."""

from datetime import datetime

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _
from wagtail.log_actions import log
from wagtail.models import ModelLogEntry

from people.models import Resident, User
from people.privacy import declarations
from people.retention import finish


@transaction.atomic
def erase_account(user: User, *, actor: User, now: datetime) -> None:
    """Empties the account and everything declared as its owner's; nobody can log in to it again.

    Ballots have no link to a person, so there is nothing to erase in them.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    for declared in declarations():
        if declared.owner and declared.model != "people.User":
            finish(declared.on_erasure, declared, declared.rows.filter(**{declared.owner: user}))
    _empty_account(user, now)
    _forget_name_in_log(user)
    log(user, "people.erase_account", user=actor)


def _empty_account(user: User, now: datetime) -> None:
    with translation.override(settings.LANGUAGE_CODE):
        user.display_name = _("Former resident")
    user.email = f"former-{user.pk}@erased.invalid"
    user.password = make_password(None)
    user.is_active = user.is_superuser = False
    user.erased_at, user.last_login = now, None
    user.save()
    user.groups.clear()
    user.user_permissions.clear()


def _forget_name_in_log(user: User) -> None:
    """The log stays as it is; only the name that Wagtail copied into each line goes."""
    of_user = Q(content_type=ContentType.objects.get_for_model(User), object_id=str(user.pk))
    residents = [str(pk) for pk in Resident.objects.filter(user=user).values_list("pk", flat=True)]
    of_resident = Q(content_type=ContentType.objects.get_for_model(Resident), object_id__in=residents)
    ModelLogEntry.objects.filter(of_user | of_resident).update(label=user.display_name)
