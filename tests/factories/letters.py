"""Batches of letters, with the codes that a real printer's file would hold."""

from datetime import timedelta

from django.utils import timezone

from people.letters.actions import export_next, make_batch
from people.letters.codes import plain_code


def make_letters(area, actor, *, codes_per_address=1, days=60, now=None):
    """A batch for an area, exported: the batch and its plain codes, in order of address."""
    now = now or timezone.now()
    batch = make_batch(
        area, codes_per_address=codes_per_address, expires_at=now + timedelta(days=days), text="", actor=actor, now=now
    )
    return batch, [plain_code(letter.code) for letter in export_next(batch, actor=actor, now=now)]
