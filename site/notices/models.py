"""What people are told: outbox lines, their delivery, preferences."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class OutboxLine(models.Model):
    """A notice to be sent (bericht), written in the transaction of what happened.

    `key` makes writing idempotent: the same event to the same person is one line. `payload` holds
    only what the mail's text needs (title, address of the page), never a vote. `SENDING` is the mark
    set before a mail goes to a mail server; `docs/decisions/0004-outbox.md` tells why.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        SKIPPED = "skipped", _("not wanted by mail")
        FAILED = "failed", _("failed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(_("kind"), max_length=50)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("recipient")
    )
    payload = models.JSONField(_("payload"), default=dict)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    created_at = models.DateTimeField(_("written at"), default=timezone.now)
    due_at = models.DateTimeField(_("due at"), default=timezone.now)
    try_at = models.DateTimeField(_("next try at"), default=timezone.now)  # due_at, and later after a failure
    sending_at = models.DateTimeField(_("being sent since"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    problem = models.CharField(_("problem"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        permissions = [("retry_outboxline", _("Can send a failed notice again"))]
        indexes = [
            models.Index(fields=["try_at"], condition=Q(state="waiting"), name="outbox_waiting_by_time"),
            models.Index(fields=["sending_at"], condition=Q(state="sending"), name="outbox_being_sent"),
            models.Index(fields=["-created_at"], condition=Q(state="failed"), name="outbox_failed"),
            models.Index(fields=["recipient", "-due_at"], name="outbox_of_a_person"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "sending", "sent", "skipped", "failed"]),
                name="notice_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | (~Q(state="sent") & Q(sent_at=None)),
                name="sent_notice_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(state="sending", sending_at__isnull=False) | ~Q(state="sending"),
                name="notice_being_sent_has_its_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="failed") | ~Q(problem=""),
                name="failed_notice_says_why",
            ),
        ]

    def __str__(self) -> str:
        """No key and no name: this stands in the log that staff read."""
        return f"{self.kind} {self.created_at:%Y-%m-%d}"


class NoticePreference(models.Model):
    """Whether somebody wants a kind of notice by mail (afmelding). No row means: yes."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notice_preferences")
    kind = models.CharField(_("kind"), max_length=50)
    wanted = models.BooleanField(_("wanted"), default=True)

    class Meta:
        verbose_name = _("notice preference")
        verbose_name_plural = _("notice preferences")
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="one_preference_per_kind")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind}"
