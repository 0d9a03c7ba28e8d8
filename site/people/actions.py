"""What people, or staff for them, change about themselves."""

from datetime import date, datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from people.models import Resident, User
from people.verdict import NotAllowed, refused
from places.models import Address, Area

Proof = Resident.Proof


def confirm_email(user: User, now: datetime) -> Resident:
    """The e-mail address is theirs: makes the resident, or lifts proof of residence from none to e-mail."""
    resident, _created = Resident.objects.get_or_create(user=user)
    unproved = Resident.objects.filter(pk=resident.pk, proof=Proof.NONE)
    if unproved.update(proof=Proof.EMAIL, proved_at=now):
        resident.refresh_from_db()
    return resident


@transaction.atomic
def change_details(user: User, *, display_name: str, language: str, birth_date: date | None) -> None:
    """Name and language; the date of birth too, until residence is proved (then the counter changes it)."""
    user.display_name, user.language = display_name, language
    user.save(update_fields=["display_name", "language"])
    resident = _locked(user)
    if birth_date == resident.birth_date:
        return
    if resident.birth_date and resident.proof >= Proof.LETTER:
        raise NotAllowed(refused(_("Your date of birth is fixed. Ask the municipality to change it.")))
    resident.birth_date = birth_date
    resident.save(update_fields=["birth_date"])


@transaction.atomic
def move_house(user: User, *, address: Address | None, neighbourhood: Area, now: datetime) -> Resident:
    """A new home: proof of residence starts again at the e-mail address."""
    resident = _locked(user)
    if (resident.address, resident.neighbourhood) == (address, neighbourhood):
        return resident
    resident.address, resident.neighbourhood = address, neighbourhood
    confirmed = EmailAddress.objects.filter(user=user, verified=True).exists()
    resident.proof = Proof.EMAIL if confirmed else Proof.NONE
    resident.proved_at = now if confirmed else None
    resident.save(update_fields=["address", "neighbourhood", "proof", "proved_at"])
    return resident


@transaction.atomic
def prove_at_counter(
    user: User, *, address: Address | None, neighbourhood: Area, birth_date: date | None, actor: User, now: datetime
) -> Resident:
    """Somebody showed at the counter where they live, and how old they are."""
    resident = _locked(user)
    resident.address, resident.neighbourhood = address, neighbourhood
    resident.birth_date = birth_date or resident.birth_date
    resident.proof, resident.proved_at = Proof.COUNTER, now
    resident.save(update_fields=["address", "neighbourhood", "birth_date", "proof", "proved_at"])
    log(resident, "people.prove_at_counter", user=actor, data={"neighbourhood": neighbourhood.code})
    return resident


def prove_by_letter(user: User, address: Address, now: datetime) -> Resident:
    """A code from the letter to this address was entered. Call it inside a transaction."""
    resident = _locked(user)
    resident.address, resident.neighbourhood = address, address.neighbourhood
    resident.proof, resident.proved_at = Proof.LETTER, now
    resident.save(update_fields=["address", "neighbourhood", "proof", "proved_at"])
    return resident


def _locked(user: Any) -> Resident:
    Resident.objects.get_or_create(user=user)
    return Resident.objects.select_for_update(of=("self",)).select_related("neighbourhood", "address").get(user=user)
