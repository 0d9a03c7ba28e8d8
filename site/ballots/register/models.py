"""Who stands in the extract of the register of one vote, and the codes with which they vote."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class RegisteredVoter(models.Model):
    """Somebody in the extract of the municipal register of one vote (geregistreerde kiezer).

    `reference` stands for the person on the roll, as `Resident.reference` does for somebody with an account. The register number itself
    is not kept: `number_hash` finds it again at the counter. Name, address and date of birth go when the vote closes. `is_secret`:
    somebody at this address asked the municipality to give it to nobody, so no letter goes there. `is_test`: nobody, in a dry run.
    """

    reference = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    vote = models.ForeignKey("ballots.Vote", models.CASCADE, related_name="register", db_index=False)
    number_hash = models.BinaryField(max_length=32)
    name = models.CharField(_("name"), max_length=200, blank=True)
    street = models.CharField(_("street"), max_length=100, blank=True)
    house_number = models.PositiveIntegerField(_("house number"), null=True, blank=True)
    addition = models.CharField(_("addition"), max_length=10, blank=True)
    postcode = models.CharField(_("postcode"), max_length=6, blank=True)
    city = models.CharField(_("city"), max_length=80, blank=True)
    birth_date = models.DateField(_("date of birth"), null=True, blank=True)
    electorate = models.CharField(_("group of voters"), max_length=50, blank=True)
    is_secret = models.BooleanField(_("secret address"), default=False)
    is_test = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("person in the register extract")
        verbose_name_plural = _("persons in the register extract")
        constraints = [
            models.UniqueConstraint(
                fields=["vote", "number_hash"],
                name="one_registered_voter_per_number",
                violation_error_message=_("This register number is in the extract already."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.reference)


class VotingCode(models.Model):
    """A code to vote with (stemcode), printed on a voting card (stempas). Only its keyed hash is stored.

    At most one code of a person is valid. That somebody voted with it stands on the roll only: here is no trace of use.
    """

    class Way(models.TextChoices):
        LETTER = "letter", _("by letter")
        COUNTER = "counter", _("at the counter")
        TEST = "test", _("for a dry run")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    voter = models.ForeignKey(RegisteredVoter, models.CASCADE, related_name="codes")
    code_hash = models.BinaryField(max_length=32, unique=True)
    way = models.CharField(_("how it was given"), max_length=7, choices=Way)
    issued_at = models.DateTimeField(_("given on"), default=timezone.now)
    voided_at = models.DateTimeField(_("void since"), null=True, blank=True)

    class Meta:
        verbose_name = _("voting code")
        verbose_name_plural = _("voting codes")
        constraints = [
            models.UniqueConstraint(fields=["voter"], condition=Q(voided_at=None), name="one_valid_code_per_voter"),
        ]

    def __str__(self) -> str:
        return str(self.id)
