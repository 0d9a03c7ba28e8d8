"""Verbs about letters: make a batch, export it once, replace letters, enter a code."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.log_actions import log

from people.actions import prove_by_letter
from people.letters.codes import digest, digests, new_code, plain_code
from people.letters.files import Letter
from people.models import LetterBatch, LetterCode, LetterCodeAttempt, Resident, User
from people.verdict import ALLOWED, NotAllowed, Verdict, demand, refused
from places.models import Address, Area
from places.queries import within

# One export holds at most this many letters: 3 seconds and 600 MB, so that a request stays short.
PER_FILE = 2_000
TRIES, HOUR = 10, timedelta(hours=1)


class NothingToExport(Exception):
    """Every letter of the batch was exported before."""


# --- Staff ------------------------------------------------------------------------------------------


@transaction.atomic
def make_batch(
    area: Area, *, codes_per_address: int, expires_at: datetime, text: str, actor: User, now: datetime
) -> LetterBatch:
    """A batch with a row for every letter to every address of the area; codes come at export."""
    batch = LetterBatch.objects.create(
        area=area,
        codes_per_address=codes_per_address,
        expires_at=expires_at,
        text=text,
        created_by=actor,
        created_at=now,
    )
    add_letters(batch)
    log(batch, "wagtail.create", user=actor, data={"area": area.code})
    return batch


def add_letters(batch: LetterBatch) -> None:
    """Writes the rows of a new batch."""
    addresses = Address.objects.filter(neighbourhood__in=within(batch.area)).order_by("postcode", "number", "addition")
    rows = (
        LetterCode(batch=batch, address_id=pk, number=number)
        for pk in addresses.values_list("pk", flat=True).iterator(chunk_size=2_000)
        for number in range(1, batch.codes_per_address + 1)
    )
    LetterCode.objects.bulk_create(rows, batch_size=2_000)


@transaction.atomic
def export_next(batch: LetterBatch, *, actor: User, now: datetime, limit: int = PER_FILE) -> list[Letter]:
    """Makes the codes of the next letters and returns them, once: only their hashes stay behind.

    Call it in the transaction that also writes the file, so that a fault leaves nothing exported.
    Earlier codes for the same addresses, of this and of other batches, are void from now on.
    """
    batch = LetterBatch.objects.select_for_update().get(pk=batch.pk)
    waiting = list(_waiting(batch).select_related("address__neighbourhood__parent__parent")[:limit])
    if not waiting:
        raise NothingToExport
    _void_earlier(batch, waiting, now)
    letters = [_letter(row, new_code(), now) for row in waiting]
    LetterCode.objects.bulk_update(waiting, ["code_hash", "exported_at"], batch_size=500)
    if not _waiting(batch).exists():
        LetterBatch.objects.filter(pk=batch.pk).update(exported_at=now)
    log(batch, "people.export_letters", user=actor, data={"letters": len(letters)})
    return letters


def _waiting(batch: LetterBatch) -> QuerySet[LetterCode]:
    return batch.codes.filter(code_hash=None, voided_at=None).order_by("pk")


def _void_earlier(batch: LetterBatch, waiting: list[LetterCode], now: datetime) -> None:
    addresses = {row.address_id for row in waiting}
    earlier = LetterCode.objects.filter(address__in=addresses, redeemed_at=None, voided_at=None).exclude(batch=batch)
    earlier.update(voided_at=now)


def _letter(row: LetterCode, code: str, now: datetime) -> Letter:
    row.code_hash, row.exported_at = digest(code), now
    return Letter(lines=address_lines(row.address), code=code)


def address_lines(address: Address) -> tuple[str, str]:
    """The lines below “To the residents of”: street and number, postcode and city."""
    top = address.neighbourhood
    while top.parent is not None:
        top = top.parent
    return str(address), f"{address.postcode[:4]} {address.postcode[4:]}  {(address.city or top.name).upper()}"


def sender() -> str:
    """Who sends letters."""
    top = Area.objects.filter(kind=Area.Kind.MUNICIPALITY).order_by("pk").first()
    return _("Municipality of %(name)s") % {"name": top} if top else str(settings.SITE_NAME)


@transaction.atomic
def reissue(batch: LetterBatch, *, address: Address | None, actor: User, now: datetime) -> int:
    """Voids the unused codes of an address, or of the whole batch, and makes new letters wait; how many."""
    batch = LetterBatch.objects.select_for_update().get(pk=batch.pk)
    open_codes = batch.codes.filter(Q(address=address) if address else Q(), redeemed_at=None, voided_at=None)
    old = list(open_codes.exclude(code_hash=None).select_for_update().values_list("pk", "address_id", "number"))
    if not old:
        raise NotAllowed(refused(_("There is no unused letter to replace.")))
    LetterCode.objects.filter(pk__in=[pk for pk, _address, _number in old]).update(voided_at=now)
    rows = [LetterCode(batch=batch, address_id=address_id, number=number) for _pk, address_id, number in old]
    LetterCode.objects.bulk_create(rows, batch_size=2_000)
    LetterBatch.objects.filter(pk=batch.pk).update(exported_at=None)
    log(batch, "people.reissue_letters", user=actor, data={"letters": len(rows), "address": address and address.pk})
    return len(rows)


# --- Residents --------------------------------------------------------------------------------------


def redeem(user: User, text: str, now: datetime) -> Resident:
    """Enters a code. Every refusal of a code has the same sentence, whatever is wrong with it.

    The try is counted and committed before the code is looked at, so no error and no race gives a free one.
    """
    demand(may_redeem(user))
    tries_left = _count_try(user, now)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        demand(may_redeem(user))
        code = _claim(user, plain_code(text), now)
        if code is not None:
            return prove_by_letter(user, code.address, now)
    raise NotAllowed(refused(_not_usable(tries_left)))


def may_redeem(user: User) -> Verdict:
    proved = Resident.objects.filter(user=user, proof__gte=Resident.Proof.LETTER).exists()
    return refused(_("You have proved already where you live.")) if proved else ALLOWED


@transaction.atomic
def _count_try(user: User, now: datetime) -> int:
    """Writes down a try and says how many are left; the lock on the account makes simultaneous tries wait."""
    User.objects.select_for_update().get(pk=user.pk)
    recent = LetterCodeAttempt.objects.filter(user=user, at__gt=now - HOUR).count()
    if recent >= TRIES:
        raise NotAllowed(refused(_("You tried ten times this hour. Try again in an hour.")))
    LetterCodeAttempt.objects.create(user=user, at=now)
    return TRIES - recent - 1


def _claim(user: User, plain: str, now: datetime) -> LetterCode | None:
    """Compare and swap: of two people who enter the same code, one gets it."""
    codes = LetterCode.objects.select_related("batch", "address__neighbourhood")
    code = codes.filter(code_hash__in=digests(plain)).first()
    if code is None or code.batch.expires_at <= now:
        return None
    unused = LetterCode.objects.filter(pk=code.pk, redeemed_at=None, voided_at=None)
    return code if unused.update(redeemed_at=now, redeemed_by=user) == 1 else None


def _not_usable(tries_left: int) -> str:
    left = ngettext(
        "You can try %(count)s more time this hour.", "You can try %(count)s more times this hour.", tries_left
    )
    sentence = _(
        "We cannot use this code. Compare it with your letter. A code works once, until the date in the letter."
    )
    return f"{sentence} {left % {'count': tries_left}}"
