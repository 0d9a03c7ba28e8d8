"""What is in the box of a vote: who may vote, the ballots, the sealed result."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class RollEntry(models.Model):
    """Somebody's place on the electoral roll (kiezersregister): who may vote, and whether they did.

    `voter_key` = HMAC-SHA-256(pepper of the vote, person reference). No account, no time.
    `told`: the mail "a ballot was cast in your name" is in the outbox. `electorate`: number of the group, in a vote with groups.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    vote = models.ForeignKey("ballots.Vote", models.CASCADE, related_name="roll", db_index=False)
    voter_key = models.BinaryField(max_length=32)
    has_cast = models.BooleanField(default=False)
    told = models.BooleanField(default=False)
    electorate = models.PositiveSmallIntegerField(null=True, editable=False)

    class Meta:
        verbose_name = _("roll entry")
        verbose_name_plural = _("electoral roll")
        constraints = [
            models.UniqueConstraint(fields=["vote", "voter_key"], name="one_roll_entry_per_voter"),
            models.CheckConstraint(
                condition=Q(told=False) | Q(has_cast=True), name="only_voters_are_told_that_they_voted"
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Ballot(models.Model):
    """A ballot (stembiljet). It has no link to a person: no account, time, address or session.

    `tag` = SHA-256(vote id, voting receipt code): only who has the code finds the ballot (NULL for an imported ballot).
    `tracker` is the public name derived from the code (in a poll that is not secret it is random). `payload` is canonical JSON,
    `leaf` its hash (`ballots.box`).
    `batch` is the number of the checkpoint its leaf is in; NULL while it waits for one. `electorate` is the number of the voter's group, in
    a vote with groups; no leaf and no file has it. Shredding empties `tag` and `electorate`.
    """

    class Channel(models.TextChoices):
        WEB = "web", _("website")
        PAPER = "paper", _("paper")
        COUNTER = "counter", _("counter")
        IMPORT = "import", _("imported file")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    vote = models.ForeignKey("ballots.Vote", models.PROTECT, related_name="ballots", db_index=False)
    tag = models.BinaryField(max_length=32, null=True)
    tracker = models.CharField(max_length=20)
    version = models.PositiveSmallIntegerField(default=1)
    nonce = models.BinaryField(max_length=16)
    payload = models.TextField()
    leaf = models.BinaryField(max_length=32)
    channel = models.CharField(max_length=7, choices=Channel, default=Channel.WEB)
    batch = models.PositiveIntegerField(null=True, editable=False)
    electorate = models.PositiveSmallIntegerField(null=True, editable=False)

    class Meta:
        verbose_name = _("ballot")
        verbose_name_plural = _("ballots")
        constraints = [
            models.UniqueConstraint(fields=["vote", "tag"], name="one_ballot_per_receipt_code"),
            models.UniqueConstraint(fields=["vote", "tracker"], name="one_ballot_per_tracker"),
        ]

    def __str__(self) -> str:
        return self.tracker


class Seal(models.Model):
    """The sealed result (uitslag) of a vote: at most one, because the vote is its key.

    `result` is the canonical JSON of the count; `digest` its SHA-256. Counting again gives the same bytes.
    `seed` (hex) is what lots were drawn from: the SHA-256 over the sorted leaves. `roll` is 0 for imported ballots.
    `blank` are the ballots without any answer, `blank_answers` the number per question (reference → number); `invalid` and
    `invalid_answers` likewise. `channels`: how many ballots came by each channel.
    """

    vote = models.OneToOneField("ballots.Vote", models.PROTECT, primary_key=True, related_name="seal")
    result = models.TextField()
    digest = models.BinaryField(max_length=32)
    seed = models.CharField(max_length=64)
    ballots = models.PositiveIntegerField()
    blank = models.PositiveIntegerField()
    blank_answers = models.JSONField(default=dict)
    invalid = models.PositiveIntegerField(default=0)
    invalid_answers = models.JSONField(default=dict)
    channels = models.JSONField(default=dict)
    roll = models.PositiveIntegerField()
    sealed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("sealed result")
        verbose_name_plural = _("sealed results")

    def __str__(self) -> str:
        return str(self.vote)
