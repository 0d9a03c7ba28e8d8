"""Accounts, residents and staff."""

import time
from datetime import date

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.internal.flows.login import _AUTHENTICATION_METHODS_USER_SESSION_KEY
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.models import Group
from django.utils import timezone

from people.models import Resident, User

PASSWORD = "een heel lang wachtwoord"


def make_user(name: str, *, roles: tuple[str, ...] = (), second_factor: bool | None = None, **fields) -> User:
    """An account with a verified e-mail address; staff get a second factor unless told otherwise."""
    email = fields.pop("email", f"{name.lower().replace(' ', '.')}@example.nl")
    user = User.objects.create_user(email, PASSWORD, display_name=name, **fields)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    for role in roles:
        user.groups.add(Group.objects.get_or_create(name=role)[0])
    if bool(roles) if second_factor is None else second_factor:
        TOTP.activate(user, generate_totp_secret())
        assert Authenticator.objects.filter(user=user).exists()
    return user


def make_resident(
    name: str, neighbourhood=None, *, birth_date=date(1985, 5, 5), proof=Resident.Proof.LETTER, **fields
) -> Resident:
    user = fields.pop("user", None) or make_user(name)
    proved_at = timezone.now() if proof else None
    resident, _created = Resident.objects.update_or_create(
        user=user,
        defaults={
            "neighbourhood": neighbourhood,
            "birth_date": birth_date,
            "proof": proof,
            "proved_at": proved_at,
            **fields,
        },
    )
    return resident


def record_log_in(client, user: User, *, second_factor: bool = True, recent: bool = False) -> None:
    """Writes in the session of a logged-in test client what allauth writes at log-in."""
    again = {"reauthenticated": True} if recent else {}
    records = [{"method": "password", "at": time.time(), "email": user.email, **again}]
    factor = Authenticator.objects.filter(user=user).first() if second_factor else None
    if factor:
        records.append({"method": "mfa", "at": time.time(), "id": factor.pk, "type": factor.type, **again})
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = records
    session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(user.pk)
    session.save()
