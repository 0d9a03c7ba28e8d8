"""A group of voters of a vote."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Electorate(models.Model):
    """A group of voters (kiezersgroep) of a vote, such as residents and entrepreneurs. Frozen once the vote is open.

    Somebody is on the roll once, in the first group, by number, whose conditions they meet. What is empty is as for the whole vote; area
    and streets come on top of those of the vote. `merged_into` is the number of the group that a group with too few people became part of
    at opening (`ballots.electorates.merging`).
    """

    vote = models.ForeignKey("ballots.Vote", models.CASCADE, related_name="electorates", db_index=False)
    number = models.PositiveSmallIntegerField(_("number"))
    reference = models.CharField(_("reference"), max_length=50)
    title = models.CharField(_("name of the group"), max_length=100)
    area = models.ForeignKey(
        "places.Area", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("area")
    )
    streets = models.JSONField(_("streets"), default=list, blank=True)
    minimum_age = models.PositiveSmallIntegerField(_("minimum age"), null=True, blank=True)
    minimum_proof = models.PositiveSmallIntegerField(_("minimum proof of residence"), null=True, blank=True)
    merged_into = models.PositiveSmallIntegerField(null=True, editable=False)

    class Meta:
        verbose_name = _("group of voters")
        verbose_name_plural = _("groups of voters")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["vote", "number"], name="one_electorate_per_number"),
            models.UniqueConstraint(fields=["vote", "reference"], name="one_electorate_per_reference"),
            models.CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=F("number")), name="electorate_is_not_merged_into_itself"
            ),
        ]

    def __str__(self) -> str:
        return self.title
