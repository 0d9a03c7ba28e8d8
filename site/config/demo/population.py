"""The people of the demonstration: four log-ins with a password, and residents who have none."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.models import Group

from config.demo.texts import text_of
from people.models import Resident, User
from people.roles import ADMINISTRATOR, AUDITOR, CLERK, MODERATOR, PROCESS_MANAGER
from places.models import Address


@dataclass(frozen=True)
class LogIn:
    """One of the accounts printed after the start."""

    email: str
    name: str
    label: str
    roles: tuple[str, ...] = ()


LOG_INS = (
    LogIn("anna@waterveen.example", "Anna", "inwoner"),
    LogIn("dirk@waterveen.example", "Dirk", "moderator en procesbegeleider", (MODERATOR, PROCESS_MANAGER)),
    LogIn("griffie@waterveen.example", "Griffie Waterveen", "griffie", (CLERK,)),
    LogIn(
        "beheer@waterveen.example", "Beheer Waterveen", "beheerder", (ADMINISTRATOR, PROCESS_MANAGER, CLERK, MODERATOR)
    ),
    LogIn("rekenkamer@waterveen.example", "Rekenkamer", "controleur (leest alles)", (AUDITOR,)),
)


def make_log_ins(now: datetime) -> str:
    """The five named accounts; returns the password they share, new for each demonstration."""
    password = "-".join(secrets.choice(text_of("people")["words"]) for _ in range(4))
    for log_in in LOG_INS:
        user = User.objects.create_user(log_in.email, password, display_name=log_in.name)
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        for role in log_in.roles:
            user.groups.add(Group.objects.get(name=role))
        if log_in.roles:
            TOTP.activate(user, generate_totp_secret())
            RecoveryCodes.activate(user)
    _settle(User.objects.get(email="anna@waterveen.example"), now)
    return password


def _settle(user: User, now: datetime) -> Resident:
    address = Address.objects.select_related("neighbourhood").get(street="Oeverpad", number=7)
    return Resident.objects.update_or_create(
        user=user,
        defaults={
            "address": address,
            "neighbourhood": address.neighbourhood,
            "birth_date": date(1984, 3, 14),
            "proof": Resident.Proof.LETTER,
            "proved_at": now - timedelta(days=200),
        },
    )[0]


def make_residents(count: int, now: datetime, random: Random) -> list[Resident]:
    """Residents spread over all addresses, aged 14 to 90, most of them with a letter code entered."""
    users = User.objects.bulk_create(_unnamed_user(number, random, now) for number in range(count))
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in users
    )
    addresses = list(Address.objects.select_related("neighbourhood").order_by("id"))
    Resident.objects.filter(user__in=users).delete()
    return Resident.objects.bulk_create(_resident(user, random.choice(addresses), random, now) for user in users)


def _unnamed_user(number: int, random: Random, now: datetime) -> User:
    names = text_of("people")
    name = f"{random.choice(names['first'])} {random.choice(names['initials'])}"
    joined = now - timedelta(days=random.randint(30, 700))
    return User(email=f"inwoner{number}@waterveen.example", display_name=name, password="!", date_joined=joined)


def _resident(user: User, address: Address, random: Random, now: datetime) -> Resident:
    proof = Resident.Proof.LETTER if random.random() < 0.85 else Resident.Proof.EMAIL
    return Resident(
        user=user,
        address=address,
        neighbourhood=address.neighbourhood,
        birth_date=now.date() - timedelta(days=random.randint(14 * 366, 90 * 365)),
        proof=proof,
        proved_at=user.date_joined,
    )
