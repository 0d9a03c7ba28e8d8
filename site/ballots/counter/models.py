"""What the counter keeps: that somebody was helped, with written consent. Nothing of who, and nothing of the ballot."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class Assistance(models.Model):
    """A vote cast with help (hulp bij het stemmen), after written consent. Noted before the ballot, in a transaction of its own.

    `form_number` stands on the paper that the voter signed. `helper_key` = HMAC-SHA-256(pepper of the vote, helper's name and date of
    birth): enough to see that one person helps too many. No voter, no time, no actor. It goes with the roll.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    vote = models.ForeignKey("ballots.Vote", models.CASCADE, related_name="assistances", db_index=False)
    form_number = models.CharField(_("number of the consent form"), max_length=20)
    helper_key = models.BinaryField(max_length=32)

    class Meta:
        verbose_name = _("assisted vote")
        verbose_name_plural = _("assisted votes")
        constraints = [
            models.UniqueConstraint(
                fields=["vote", "form_number"],
                name="one_assistance_per_form",
                violation_error_message=_("This form was used already."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
