"""What people say about something, and what moderators do with it."""

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting

from conversation.text import writer_name


class Thread(models.Model):
    """A conversation (gesprek). Its owner (a submission, a plan) points to it, one to one."""

    is_open = models.BooleanField(_("open for new comments"), default=True)

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")

    def __str__(self) -> str:
        return f"#{self.pk}"


class Comment(models.Model):
    """A comment (reactie) in a conversation."""

    class State(models.TextChoices):
        HELD = "held", _("waiting for moderation")
        PUBLISHED = "published", _("published")
        HIDDEN = "hidden", _("hidden")
        DELETED = "deleted", _("deleted by its writer")

    thread = models.ForeignKey(Thread, models.CASCADE, related_name="comments")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="comments")
    text = models.TextField(_("comment"), max_length=2000)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.PUBLISHED)
    is_official = models.BooleanField(_("on behalf of the municipality"), default=False)
    created_at = models.DateTimeField(_("written at"), default=timezone.now)
    request_key = models.UUIDField(unique=True, editable=False)  # from the form: a double click is one comment

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        indexes = [models.Index(fields=["thread", "created_at", "id"], name="comment_by_thread_and_time")]
        constraints = [
            models.CheckConstraint(condition=~Q(state="deleted") | Q(text=""), name="deleted_comment_has_no_text"),
        ]

    def __str__(self) -> str:
        return self.text[:50]

    def get_absolute_url(self) -> str:
        return reverse("conversation:show", args=[self.pk])

    @property
    def author_name(self) -> str:
        return writer_name(self.author)


class ModerationCase(models.Model):
    """Something a moderator must look at, or has decided on (moderatiezaak).

    The subject is any model registered in `conversation.moderation`; there is at most one open
    case per subject. A decision is never changed: another decision is another case. `title` and
    `author` are kept as they were when the case was opened, so that the queue can be searched.
    """

    class Cause(models.TextChoices):
        HELD = "held", _("held before publication")
        FLAGGED = "flagged", _("reported by a visitor")
        REVIEW = "review", _("taken up by a moderator")

    class Decision(models.TextChoices):
        PUBLISH = "publish", _("published")
        HIDE = "hide", _("hidden")
        GONE = "gone", _("taken back by its writer")

    subject_type = models.ForeignKey(ContentType, models.PROTECT, related_name="+", verbose_name=_("kind"))
    subject_id = models.PositiveBigIntegerField()
    subject = GenericForeignKey("subject_type", "subject_id")
    title = models.CharField(_("what it is about"), max_length=150, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("writer")
    )
    cause = models.CharField(_("cause"), max_length=7, choices=Cause)
    reasons = models.JSONField(_("reasons"), default=list)  # codes of `conversation.holds`
    opened_at = models.DateTimeField(_("since"), default=timezone.now)
    decision = models.CharField(_("decision"), max_length=7, choices=Decision, blank=True)
    decision_reason = models.TextField(_("reason of the decision"), max_length=1000, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)

    class Meta:
        verbose_name = _("moderation case")
        verbose_name_plural = _("moderation cases")
        ordering = ["opened_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["subject_type", "subject_id"], condition=Q(decision=""), name="one_open_case_per_subject"
            ),
            models.CheckConstraint(
                condition=Q(decision="", decided_at=None, decided_by=None)
                | (~Q(decision="") & Q(decided_at__isnull=False, decided_by__isnull=False)),
                name="moderation_decision_names_its_maker",
            ),
            models.CheckConstraint(
                condition=~Q(decision="hide") | ~Q(decision_reason=""),
                name="hiding_has_a_reason",
                violation_error_message=_("Give the reason for hiding this."),
            ),
        ]
        indexes = [
            models.Index(fields=["opened_at", "id"], condition=Q(decision=""), name="open_case_by_age"),
            models.Index(fields=["subject_type", "subject_id"], name="case_by_subject"),
        ]

    def __str__(self) -> str:
        return self.title or f"#{self.pk}"


class Flag(models.Model):
    """A visitor's report (melding) that something does not belong here. It ends with the decision on its case."""

    case = models.ForeignKey(ModerationCase, models.CASCADE, related_name="flags", verbose_name=_("case"))
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="flags", verbose_name=_("reported by")
    )
    reason = models.TextField(_("what is wrong"), max_length=500)
    created_at = models.DateTimeField(_("reported at"), default=timezone.now)

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        ordering = ["created_at", "id"]
        constraints = [
            # A subject has at most one open case, so this is one open flag per person and subject.
            models.UniqueConstraint(
                fields=["case", "reporter"],
                name="one_flag_per_reporter_and_case",
                violation_error_message=_("You reported this already. A moderator will look at it."),
            ),
        ]

    def __str__(self) -> str:
        return self.reason[:50]


class HeldWord(models.Model):
    """A word that holds a contribution until a moderator has seen it (verdacht woord)."""

    word = models.CharField(
        _("word"),
        max_length=60,
        unique=True,
        help_text=_("Capitals and accents make no difference. End with * to match every word that begins so."),
    )
    note = models.CharField(_("why"), max_length=200, blank=True)

    panels = [FieldPanel("word"), FieldPanel("note")]

    class Meta:
        verbose_name = _("word that holds")
        verbose_name_plural = _("words that hold")
        ordering = ["word"]

    def __str__(self) -> str:
        return self.word


@register_setting(icon="warning")
class HoldSettings(BaseSiteSetting):
    """Which contributions wait for a moderator before everybody can read them."""

    first_post = models.BooleanField(_("the first contribution of an account"), default=True)
    links = models.BooleanField(_("links to other sites"), default=True)
    contact = models.BooleanField(_("telephone numbers and e-mail addresses"), default=True)
    words = models.BooleanField(_("words from the list"), default=True)
    shouting = models.BooleanField(_("text in capitals"), default=True)
    burst = models.PositiveSmallIntegerField(
        _("contributions in ten minutes"), default=4, help_text=_("More than this waits. 0 means no limit.")
    )

    panels = [
        MultiFieldPanel(
            [FieldPanel(name) for name in ("first_post", "links", "contact", "words", "shouting", "burst")],
            heading=_("These wait for a moderator"),
        )
    ]

    class Meta:
        verbose_name = _("rules that hold contributions")
