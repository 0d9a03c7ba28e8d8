"""What residents bring: one model for every kind, with support, states and the official response."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.models import Page

from conversation.text import writer_name
from pages.uploads import StoredPhoto
from people.models import Resident

SEARCH_CONFIG = "public.dutch_unaccent"


class Theme(models.Model):
    """A theme (thema) of submissions, such as green or traffic."""

    name = models.CharField(_("name"), max_length=60, unique=True)
    slug = models.SlugField(_("name in addresses"), max_length=60, unique=True)

    class Meta:
        verbose_name = _("theme")
        verbose_name_plural = _("themes")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ProposalsPage(Page):
    """Where residents submit and support proposals, below a process."""

    intro = models.TextField(_("introduction"), max_length=1000, blank=True)
    threshold = models.PositiveIntegerField(
        _("support needed"), default=25, validators=[MinValueValidator(1)], help_text=_("For new proposals.")
    )
    minimum_age = models.PositiveSmallIntegerField(_("minimum age"), default=12)
    minimum_proof = models.PositiveSmallIntegerField(
        _("proof of residence needed"),
        choices=Resident.Proof,
        default=Resident.Proof.EMAIL,
        help_text=_("To submit and to support."),
    )
    answer_weeks = models.PositiveSmallIntegerField(
        _("weeks in which the municipality answers"),
        default=8,
        validators=[MinValueValidator(1), MaxValueValidator(52)],
        help_text=_("From the day on which a proposal has enough support. For new terms."),
    )
    moderate_first = models.BooleanField(_("moderate every proposal before publication"), default=False)

    content_panels = [
        *Page.content_panels,
        FieldPanel("intro"),
        FieldPanel("threshold"),
        FieldPanel("answer_weeks"),
        FieldPanel("minimum_age"),
        FieldPanel("minimum_proof"),
        FieldPanel("moderate_first"),
    ]
    parent_page_types = ["process.ProcessPage"]
    subpage_types: list[str] = []
    template = "proposals/proposals_page.html"

    class Meta:
        verbose_name = _("proposals page")
        verbose_name_plural = _("proposals pages")
        constraints = [
            models.CheckConstraint(condition=Q(threshold__gte=1), name="proposals_need_support"),
            models.CheckConstraint(condition=Q(answer_weeks__gte=1, answer_weeks__lte=52), name="answers_have_a_term"),
        ]

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        from proposals.listing import list_context

        return {**super().get_context(request, *args, **kwargs), **list_context(self, request)}


# Submission.PUBLIC_STATES, for indexes.
_IS_PUBLIC = Q(state__in=["collecting", "reached", "assessed", "accepted", "declined", "executed"])


class SubmissionQuerySet(models.QuerySet["Submission"]):
    """What may be read."""

    def public(self) -> "SubmissionQuerySet":
        """What everybody may read, below a published page."""
        return self.filter(state__in=Submission.PUBLIC_STATES, page__live=True)


class Submission(models.Model):
    """Something a resident brings (inzending); the first kind is a proposal (voorstel).

    A draft may be empty, and without a submitter as long as its writer has not logged in; its
    `request_key` is then what the visitor's signed cookie names. `states.py` says how states follow.
    """

    class Kind(models.TextChoices):
        PROPOSAL = "proposal", _("proposal")

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        HELD = "held", _("waiting for moderation")
        COLLECTING = "collecting", _("collecting support")
        REACHED = "reached", _("enough support")
        ASSESSED = "assessed", _("being assessed")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")
        EXECUTED = "executed", _("carried out")
        WITHDRAWN = "withdrawn", _("withdrawn")
        HIDDEN = "hidden", _("hidden")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.PROPOSAL)
    page = models.ForeignKey(ProposalsPage, models.PROTECT, related_name="submissions", verbose_name=_("page"))
    submitter = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="submissions",
        verbose_name=_("submitter"),
    )
    title = models.CharField(_("title"), max_length=100)
    text = models.TextField(_("text"), max_length=5000)
    theme = models.ForeignKey(Theme, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("theme"))
    area = models.ForeignKey(
        "places.Area", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("area")
    )
    location_text = models.CharField(_("place"), max_length=200, blank=True)
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    image = StoredPhoto(_("image"))
    image_alt = models.CharField(_("what the image shows"), max_length=200, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    threshold = models.PositiveIntegerField(_("support needed"), default=25)  # frozen at publication
    support_count = models.PositiveIntegerField(_("support"), default=0)  # kept by the action that adds a row
    comment_count = models.PositiveIntegerField(_("comments"), default=0)  # kept by conversation.threads
    thread = models.OneToOneField("conversation.Thread", models.PROTECT, null=True, blank=True, related_name="+")
    request_key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(_("started at"), default=timezone.now)
    changed_at = models.DateTimeField(_("last changed at"), default=timezone.now)
    submitted_at = models.DateTimeField(_("submitted at"), null=True, blank=True)
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)  # supporters go three months later
    search = models.GeneratedField(
        expression=SearchVector("title", weight="A", config=SEARCH_CONFIG)
        + SearchVector("text", weight="B", config=SEARCH_CONFIG),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = SubmissionQuerySet.as_manager()

    PUBLIC_STATES = [
        State.COLLECTING,
        State.REACHED,
        State.ASSESSED,
        State.ACCEPTED,
        State.DECLINED,
        State.EXECUTED,
    ]

    class Meta:
        verbose_name = _("submission")
        verbose_name_plural = _("submissions")
        indexes = [
            GinIndex(fields=["search"], name="submission_by_text"),
            # For parts of words; see `pages.word_parts`.
            GinIndex(fields=["title", "text"], opclasses=["gin_trgm_ops"] * 2, name="submission_by_word_part"),
            # One index per order of the public list: a page of 20 reads 21 rows, whatever lies behind.
            models.Index(fields=["page", "-published_at", "-id"], condition=_IS_PUBLIC, name="submission_newest"),
            models.Index(
                fields=["page", "-support_count", "-id"], condition=_IS_PUBLIC, name="submission_most_supported"
            ),
            models.Index(
                fields=["page", "-comment_count", "-id"], condition=_IS_PUBLIC, name="submission_most_discussed"
            ),
            models.Index(fields=["area", "state"], name="submission_by_area"),
            models.Index(fields=["changed_at"], condition=Q(state="draft"), name="draft_by_age"),
        ]
        constraints = [
            models.CheckConstraint(
                # Both are asked to be there: a comparison with NULL would pass as unknown.
                condition=Q(latitude=None, longitude=None)
                | Q(latitude__isnull=False, longitude__isnull=False)
                & Q(latitude__gte=-90, latitude__lte=90, longitude__gte=-180, longitude__lte=180),
                name="submission_place_is_on_earth",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "held", "withdrawn", "hidden"]) | Q(published_at__isnull=False),
                name="public_submission_has_publication_time",
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | (Q(submitted_at__isnull=False) & ~Q(title="") & ~Q(text="")),
                name="only_draft_may_be_unfinished",
            ),
            models.CheckConstraint(condition=Q(threshold__gte=1), name="submission_needs_support"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("proposals:detail", args=[self.pk])

    @property
    def submitter_name(self) -> str:
        return writer_name(self.submitter)

    @property
    def is_public(self) -> bool:
        return self.state in self.PUBLIC_STATES


class Endorsement(models.Model):
    """A resident's support for a submission (steunbetuiging), at most one each."""

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="endorsements")
    resident = models.ForeignKey("people.Resident", models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("endorsement")
        verbose_name_plural = _("endorsements")
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "resident"],
                name="one_endorsement_per_resident",
                violation_error_message=_("You already support this."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.submission_id} {self.resident_id}"


class StateChange(models.Model):
    """A step in the public history of a submission. Append-only: a trigger refuses change and removal.

    `extended_to` is not empty where no step was taken but the term for the answer was extended.
    """

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="history")
    state = models.CharField(_("state"), max_length=10, choices=Submission.State)
    reason = models.TextField(_("reason"), blank=True)
    extended_to = models.DateField(_("extended to"), null=True, blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("state change")
        verbose_name_plural = _("history")
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.submission_id} {self.state}"

    @property
    def label(self) -> str:
        """What happened, in a few words with a capital."""
        if self.extended_to:
            words = {"day": date_format(self.extended_to, "j F Y")}
            return gettext("More time for the answer: until %(day)s") % words
        return capfirst(self.get_state_display())


class Announcement(models.Model):
    """Supporters who must still hear of a step (aankondiging): written with the step, done by a task."""

    change = models.OneToOneField(StateChange, models.CASCADE, related_name="announcement")
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)

    class Meta:
        verbose_name = _("announcement")
        verbose_name_plural = _("announcements")
        indexes = [models.Index(fields=["id"], condition=Q(done_at=None), name="announcement_waiting")]

    def __str__(self) -> str:
        return f"{self.change_id}"


class OfficialResponse(models.Model):
    """The municipality's answer to a submission (terugkoppeling)."""

    submission = models.OneToOneField(Submission, models.CASCADE, related_name="response")
    text = models.TextField(_("answer"), max_length=5000)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("author"))
    published_at = models.DateTimeField(_("published at"), default=timezone.now)

    class Meta:
        verbose_name = _("official response")
        verbose_name_plural = _("official responses")

    def __str__(self) -> str:
        return self.text[:50]
