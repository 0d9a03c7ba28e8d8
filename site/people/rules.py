"""Who may take part: age, place and proof of residence, each with its reason."""

from datetime import date

from django.utils.translation import gettext as _

from people.models import Resident
from people.verdict import ALLOWED, Verdict, refused
from places.models import Area
from places.queries import lies_within

# Where each proof is given; at the counter one has to go.
REMEDIES: dict[int, str] = {Resident.Proof.EMAIL: "account_email", Resident.Proof.LETTER: "letter_code"}


def age_on(birth_date: date, day: date) -> int:
    """Whole years of age on a day."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def is_old_enough(resident: Resident, minimum_age: int, on: date) -> Verdict:
    if not minimum_age:
        return ALLOWED
    if resident.birth_date is None:
        return refused(_("Tell us your date of birth first."), remedy="account_details")
    if age_on(resident.birth_date, on) < minimum_age:
        return refused(_("You can take part from the age of %(age)s.") % {"age": minimum_age})
    return ALLOWED


def lives_in(resident: Resident, area: Area | None) -> Verdict:
    if area is None:
        return ALLOWED
    if resident.neighbourhood is None:
        return refused(_("Tell us first where you live."), remedy="account_home")
    if not lies_within(resident.neighbourhood, area):
        return refused(_("This is for people who live in %(area)s.") % {"area": area})
    return ALLOWED


def has_proof(resident: Resident, minimum_proof: int) -> Verdict:
    if resident.proof >= minimum_proof:
        return ALLOWED
    sentences = {
        Resident.Proof.EMAIL: _("Confirm your e-mail address first."),
        Resident.Proof.LETTER: _("Enter the code from the letter first."),
        Resident.Proof.COUNTER: _("Show at the counter first where you live."),
    }
    return refused(sentences[Resident.Proof(minimum_proof)], remedy=REMEDIES.get(minimum_proof, ""))


def may_take_part(
    resident: Resident | None, *, area: Area | None, minimum_age: int, minimum_proof: int, on: date
) -> Verdict:
    """The first reason why somebody cannot take part, or allowed."""
    if resident is None:
        return refused(_("Tell us first where you live."), remedy="account_home")
    for verdict in (
        is_old_enough(resident, minimum_age, on),
        lives_in(resident, area),
        has_proof(resident, minimum_proof),
    ):
        if not verdict:
            return verdict
    return ALLOWED
