"""Ballots on paper, from the opened envelope to the box. Guards: migration `paper`; why so: docs/decisions/0022-paper-and-counter.md."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

LARGEST_BATCH = 100


class PaperBatch(models.Model):
    """A numbered pile of paper ballots (partij), made after closing from opened and mixed envelopes.

    `size` is how many ballots lie in it. Two persons enter it; it is accepted, and its ballots go into the box, when both entered the
    same. `manner`: a line per ballot, or a number per possible answer.
    """

    class Manner(models.TextChoices):
        ROWS = "rows", _("ballot by ballot")
        TALLY = "tally", _("a number for every answer")

    vote = models.ForeignKey("ballots.Vote", models.CASCADE, related_name="paper_batches", db_index=False)
    number = models.PositiveSmallIntegerField(_("number"))
    size = models.PositiveSmallIntegerField(_("number of ballots"))
    manner = models.CharField(_("how it is entered"), max_length=5, choices=Manner, default=Manner.ROWS)
    accepted_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("paper batch")
        verbose_name_plural = _("paper batches")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["vote", "number"], name="one_batch_per_number"),
            models.CheckConstraint(
                condition=Q(manner="tally", size__gte=1) | Q(manner="rows", size__gte=1, size__lte=LARGEST_BATCH),
                name="batch_has_its_size",
                violation_error_message=_("Make a pile of 1 to 100 ballots."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.vote_id} {self.number}"


class PaperEntry(models.Model):
    """What one person entered of a batch (invoer). `lines`: [answers, number of ballots] each, in the order of the form."""

    batch = models.ForeignKey(PaperBatch, models.CASCADE, related_name="entries", db_index=False)
    place = models.PositiveSmallIntegerField()
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    lines = models.JSONField()

    class Meta:
        verbose_name = _("entry of a paper batch")
        verbose_name_plural = _("entries of paper batches")
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "person"],
                name="two_persons_enter_a_batch",
                violation_error_message=_("You entered this batch already. Somebody else enters it too."),
            ),
            models.UniqueConstraint(fields=["batch", "place"], name="two_entries_per_batch"),
            models.CheckConstraint(condition=Q(place__in=[1, 2]), name="entry_is_first_or_second"),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id} {self.place}"


class Reconciliation(models.Model):
    """The end of the work with paper (afsluiting), by two persons: envelopes against ballots. Part of the public record.

    `registered`: envelopes that marked the roll. `ballots`: paper ballots in the box. `shut`: refused envelopes, which stayed shut.
    `opened`: envelopes that lay open on the table, counted by hand. A difference has its reason.
    """

    vote = models.OneToOneField("ballots.Vote", models.CASCADE, primary_key=True, related_name="reconciliation")
    registered = models.PositiveIntegerField()
    ballots = models.PositiveIntegerField()
    opened = models.PositiveIntegerField(_("envelopes that were opened"))
    shut = models.PositiveIntegerField(_("envelopes that stayed shut"))
    reason = models.TextField(_("why the numbers differ"), max_length=2000, blank=True)
    first_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    first_at = models.DateTimeField()
    second_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    second_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("reconciliation of paper")
        verbose_name_plural = _("reconciliations of paper")
        constraints = [
            models.CheckConstraint(
                condition=Q(second_by=None, second_at=None)
                | (Q(second_by__isnull=False, second_at__isnull=False) & ~Q(second_by=F("first_by"))),
                name="two_persons_reconcile_paper",
                violation_error_message=_("Somebody else than the first person confirms this."),
            ),
            models.CheckConstraint(
                condition=Q(ballots__lte=F("registered")), name="no_more_paper_ballots_than_envelopes"
            ),
            models.CheckConstraint(
                condition=Q(ballots=F("registered"), opened=F("registered")) | ~Q(reason=""),
                name="difference_has_its_reason",
                violation_error_message=_("Say why the numbers differ."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.vote_id)

    @property
    def missing(self) -> int:
        """Envelopes without a ballot in the box."""
        return self.registered - self.ballots

    @property
    def is_signed(self) -> bool:
        return self.second_by_id is not None
