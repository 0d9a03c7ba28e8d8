"""Parts of a vote that stand together: who is on its roll beside area, age and proof, and the request that it follows from."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class RollFields(models.Model):
    """As things stood on which day the roll is made, for which streets. Defaults: at opening, all streets of the area.

    `streets` are those of `places.streets.Street.plain`; an empty list is the whole area. `age_day` NULL is the first day of voting.
    """

    class Reference(models.TextChoices):
        OPENING = "opening", _("when the vote is opened by staff")
        DAY_43 = "day_43", _("on the 43rd day before the first day of voting")
        DAY = "day", _("on a day that you choose")

    reference_kind = models.CharField(
        _("the list of voters is made as things stood"),
        max_length=7,
        choices=Reference,
        default=Reference.OPENING,
        help_text=_("Who proves where they live after that day cannot vote."),
    )
    reference_day = models.DateField(_("that day"), null=True, blank=True)
    age_day = models.DateField(
        _("day on which age counts"), null=True, blank=True, help_text=_("Empty: the first day of voting.")
    )
    streets = models.JSONField(_("streets"), default=list, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(reference_kind__in=["opening", "day_43"], reference_day=None)
                | Q(reference_kind="day", reference_day__isnull=False),
                name="reference_day_goes_with_its_kind",
                violation_error_message=_("Give the day of the list of voters, or choose another way to make it."),
            ),
        ]


class RequestFields(models.Model):
    """The request of residents that a vote follows from (verzoek om een referendum), as its page prints it; all empty without one."""

    request_title = models.CharField(_("request that this vote follows from"), max_length=200, blank=True)
    request_url = models.CharField(
        _("page of the request"), max_length=300, blank=True, help_text=_("Begins with / or https://.")
    )
    request_signatures = models.PositiveIntegerField(_("number of valid signatures"), null=True, blank=True)
    request_day = models.DateField(_("day of the request"), null=True, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=~Q(request_title="") | Q(request_url="", request_signatures=None, request_day=None),
                name="request_has_a_title",
                violation_error_message=_("Give the title of the request."),
            ),
            models.CheckConstraint(
                # Browsers read /\\ as //, which leads to another site.
                condition=Q(request_url="") | Q(request_url__regex=r"^(https://|/([^/\\]|$))"),
                name="request_links_safely",
                violation_error_message=_("The address of the request begins with / or https://."),
            ),
        ]


class ChannelFields(models.Model):
    """How people can vote beside the website (docs/decisions/0022-paper-and-counter.md)."""

    on_paper = models.BooleanField(
        _("also on paper"),
        default=False,
        help_text=_("Ballots in envelopes. Two persons enter them after closing, before the count."),
    )
    at_counter = models.BooleanField(
        _("also at the counter"), default=False, help_text=_("On a device of the municipality, where staff can help.")
    )

    class Meta:
        abstract = True
