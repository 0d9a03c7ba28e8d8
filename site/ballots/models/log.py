"""The public log of a vote, what became of its box, and who watches."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Checkpoint(models.Model):
    """A line of the public log of a vote (controlepunt). Append-only; `ballots.chain` says what the bytes are.

    Number 0 is written at opening, about rules and roll; `leaves` is then the size of the roll. Every later one fixes a batch of
    ballots, in no order. `hour` is rounded down: a closer time would help to guess who is in a batch.
    """

    vote = models.ForeignKey("ballots.Vote", models.PROTECT, related_name="checkpoints", db_index=False)
    seq = models.PositiveIntegerField()
    leaves = models.PositiveIntegerField()
    root = models.BinaryField(max_length=32)
    previous = models.BinaryField(max_length=32)
    head = models.BinaryField(max_length=32)
    hour = models.DateTimeField()

    class Meta:
        verbose_name = _("checkpoint")
        verbose_name_plural = _("checkpoints")
        ordering = ["seq"]
        constraints = [models.UniqueConstraint(fields=["vote", "seq"], name="one_checkpoint_per_number")]

    def __str__(self) -> str:
        return f"{self.vote_id} {self.seq}"

    @property
    def head_hex(self) -> str:
        return bytes(self.head).hex()

    @property
    def next_hour(self) -> datetime:
        """The end of the hour in which it was written."""
        return self.hour + timedelta(hours=1)


class Superseded(models.Model):
    """The leaf of an earlier version of a ballot (vervangen blad), which a checkpoint had fixed already. Append-only.

    A trigger writes it when the ballot becomes its next version. It holds no choices and does not say whose it is.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    vote = models.ForeignKey("ballots.Vote", models.PROTECT, related_name="superseded", db_index=False)
    batch = models.PositiveIntegerField()
    leaf = models.BinaryField(max_length=32)

    class Meta:
        verbose_name = _("superseded leaf")
        verbose_name_plural = _("superseded leaves")
        constraints = [models.UniqueConstraint(fields=["vote", "leaf"], name="one_superseded_line_per_leaf")]

    def __str__(self) -> str:
        return bytes(self.leaf).hex()


class Shredding(models.Model):
    """That the box of a vote was shredded (versnipperd): no trace is left that ties a ballot to a person.

    `rewritten_at`: roll and ballots were written again in random order, without tags; `transaction` did it. `cleaned_at`: the old
    versions of those rows are gone from the files of the database too.
    """

    vote = models.OneToOneField("ballots.Vote", models.PROTECT, primary_key=True, related_name="shredding")
    rewritten_at = models.DateTimeField()
    transaction = models.PositiveBigIntegerField()
    cleaned_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("shredding")
        verbose_name_plural = _("shreddings")

    def __str__(self) -> str:
        return str(self.vote)


class Observer(models.Model):
    """Somebody who gets every head of the log of a vote by mail (waarnemer), by own choice or entered by staff."""

    vote = models.ForeignKey("ballots.Vote", models.CASCADE, related_name="observers", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("observer")
        verbose_name_plural = _("observers")
        constraints = [models.UniqueConstraint(fields=["vote", "user"], name="one_observer_per_account")]

    def __str__(self) -> str:
        return f"{self.vote_id} {self.user_id}"
