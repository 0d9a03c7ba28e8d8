"""Participatory budgets: rounds with a pot, plans with a feasibility verdict, and the public history of each plan."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.models import Page
from wagtail.search import index

from ballots.models import Vote
from budget.money import BudgetRoundForm
from conversation.text import writer_name
from pages.uploads import ResidentFiles, upload_name
from people.models import Resident


class BudgetRoundPage(Page):
    """A round of the participatory budget (burgerbegroting): one pot, its plans and one vote.

    A pot for one area, or for the whole municipality; a process with a pot for each area has a round for each.
    """

    intro = models.TextField(_("introduction"), max_length=1000, blank=True)
    pot = models.PositiveBigIntegerField(_("pot"))
    area = models.ForeignKey(
        "places.Area",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("area"),
        help_text=_("Leave empty for the whole municipality."),
    )
    minimum_age = models.PositiveSmallIntegerField(_("minimum age to submit a plan"), default=12)
    minimum_proof = models.PositiveSmallIntegerField(
        _("proof of residence needed to submit a plan"), choices=Resident.Proof, default=Resident.Proof.EMAIL
    )
    moderate_first = models.BooleanField(_("moderate every plan before publication"), default=False)

    content_panels = [
        *Page.content_panels,
        FieldPanel("intro"),
        FieldPanel("pot"),
        FieldPanel("area"),
        FieldPanel("minimum_age"),
        FieldPanel("minimum_proof"),
        FieldPanel("moderate_first"),
    ]
    base_form_class = BudgetRoundForm
    search_fields = [*Page.search_fields, index.SearchField("intro")]
    parent_page_types = ["process.ProcessPage"]
    subpage_types: list[str] = []

    class Meta:
        verbose_name = _("budget round")
        verbose_name_plural = _("budget rounds")
        constraints = [
            models.CheckConstraint(
                condition=Q(pot__gt=0),
                name="pot_is_positive",
                violation_error_message=_("The pot must be more than zero."),
            )
        ]

    @property
    def vote(self) -> Vote | None:
        """The vote about this round's plans, when it has been made."""
        link = RoundVote.objects.filter(round_id=self.pk).select_related("vote").first()
        return link.vote if link else None

    def clean(self) -> None:
        """The pot is part of the rules that an opened vote has frozen."""
        super().clean()
        vote = self.vote if self.pk else None
        if vote is not None and vote.state != Vote.State.DRAFT and self._differs_from_stored("pot", "area_id"):
            raise ValidationError(_("The vote has been opened, so the pot and the area stay as they are."))

    def _differs_from_stored(self, *names: str) -> bool:
        stored = type(self).objects.filter(pk=self.pk).values(*names).first()
        return stored is not None and any(stored[name] != getattr(self, name) for name in names)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """What `templates/budget/budget_round_page.html` shows; see `budget.queries.overview`."""
        from budget.queries import overview

        return {**super().get_context(request, *args, **kwargs), **overview(self, request.user)}


class RoundVote(models.Model):
    """Which vote belongs to which round (stemming van een ronde).

    A table of its own, because saving an older version of a Wagtail page writes back every field of the page.
    `told_at` is set when everybody has been told the outcome; `source_digest` is the SHA-256 (hex) of an imported file.
    """

    round = models.OneToOneField(BudgetRoundPage, models.PROTECT, primary_key=True, related_name="round_vote")
    vote = models.OneToOneField(Vote, models.CASCADE, related_name="+")  # only a draft can be deleted
    settled_at = models.DateTimeField(_("outcome set at"), null=True, editable=False)
    told_at = models.DateTimeField(_("everybody told at"), null=True, editable=False)
    source_digest = models.CharField(max_length=64, blank=True, editable=False, db_index=True)

    class Meta:
        verbose_name = _("vote of a round")
        verbose_name_plural = _("votes of rounds")
        constraints = [
            models.CheckConstraint(
                condition=Q(told_at__isnull=True) | Q(settled_at__isnull=False), name="outcome_is_told_after_it_is_set"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round_id} {self.vote_id}"


class PlanQuerySet(models.QuerySet["Plan"]):
    """Plans, and which of them anybody may see."""

    def public(self) -> "PlanQuerySet":
        return self.filter(state=Plan.State.PUBLISHED)

    def feasible(self) -> "PlanQuerySet":
        return self.public().filter(verdict=Plan.Verdict.FEASIBLE)


class Plan(models.Model):
    """A plan (plan) for a budget round.

    `reference` is its number within the round, given at submission and kept as text: imported files have numbers of their own.
    `cost` in cents: the submitter's estimate until the assessment, then the municipality's figure.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        HELD = "held", _("waiting for moderation")
        PUBLISHED = "published", _("published")
        WITHDRAWN = "withdrawn", _("withdrawn")
        HIDDEN = "hidden", _("hidden")

    class Verdict(models.TextChoices):
        WAITING = "waiting", _("not assessed yet")
        FEASIBLE = "feasible", _("feasible")
        INFEASIBLE = "infeasible", _("not feasible")

    class Outcome(models.TextChoices):
        NONE = "", _("no outcome yet")
        WON = "won", _("chosen")
        LOST = "lost", _("not chosen")

    class Progress(models.TextChoices):
        NONE = "none", _("not started")
        STARTED = "started", _("started")
        DONE = "done", _("done")

    class Origin(models.TextChoices):
        RESIDENT = "resident", _("a resident")
        MUNICIPALITY = "municipality", _("the municipality")
        FILE = "file", _("an imported file")

    round = models.ForeignKey(BudgetRoundPage, models.PROTECT, related_name="plans", verbose_name=_("round"))
    origin = models.CharField(_("brought by"), max_length=12, choices=Origin, default=Origin.RESIDENT, editable=False)
    reference = models.CharField(_("number"), max_length=50, blank=True)
    title = models.CharField(_("title"), max_length=200)
    text = models.TextField(_("text"), max_length=5000, blank=True)
    cost = models.PositiveBigIntegerField(_("cost in cents"), null=True, blank=True)
    area = models.ForeignKey(
        "places.Area", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("area")
    )
    location_text = models.CharField(_("place"), max_length=200, blank=True)
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    image = models.ImageField(_("image"), upload_to=upload_name, storage=ResidentFiles(), max_length=200, blank=True)
    image_alt = models.CharField(_("what the image shows"), max_length=200, blank=True)
    submitter = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="plans",
        verbose_name=_("submitter"),
    )
    # The id of a proposals.Submission. No foreign key: a site may run budgets without proposals.
    proposal_id = models.PositiveBigIntegerField(_("from proposal"), null=True, blank=True, editable=False)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.DRAFT)
    verdict = models.CharField(_("feasibility"), max_length=10, choices=Verdict, default=Verdict.WAITING)
    verdict_reason = models.TextField(_("reason of the verdict"), max_length=2000, blank=True)
    verdict_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    verdict_at = models.DateTimeField(null=True, blank=True, editable=False)
    outcome = models.CharField(_("outcome of the vote"), max_length=4, choices=Outcome, blank=True, default="")
    progress = models.CharField(_("progress"), max_length=7, choices=Progress, default=Progress.NONE)
    request_key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(_("started at"), default=timezone.now)
    submitted_at = models.DateTimeField(_("submitted at"), null=True, blank=True)
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    search = models.GeneratedField(
        expression=SearchVector("title", weight="A", config="public.dutch_unaccent")
        + SearchVector("text", weight="B", config="public.dutch_unaccent"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        ordering = ["round", "reference"]
        indexes = [
            GinIndex(fields=["search"], name="plan_by_text"),
            # For parts of words; see `pages.word_parts`.
            GinIndex(fields=["title", "text"], opclasses=["gin_trgm_ops"] * 2, name="plan_by_word_part"),
            models.Index(fields=["round", "state", "-published_at", "-id"], name="plan_newest"),
            models.Index(fields=["state", "verdict", "submitted_at"], name="plan_waiting"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "reference"],
                condition=~Q(reference=""),
                name="one_plan_per_reference",
                violation_error_message=_("This round already has a plan with this number."),
            ),
            models.UniqueConstraint(
                fields=["round", "proposal_id"],
                condition=Q(proposal_id__isnull=False),
                name="one_plan_per_round_and_proposal",
                violation_error_message=_("This proposal is already a plan in this round."),
            ),
            models.CheckConstraint(
                condition=Q(verdict="waiting") | ~Q(verdict_reason=""),
                name="verdict_has_a_reason",
                violation_error_message=_("Give the reason of the verdict."),
            ),
            models.CheckConstraint(
                condition=~Q(verdict="feasible") | Q(cost__isnull=False, cost__gt=0),
                name="feasible_plan_has_a_cost",
                violation_error_message=_("A feasible plan needs a cost."),
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | (~Q(reference="") & Q(submitted_at__isnull=False)),
                name="submitted_plan_has_a_number",
            ),
            models.CheckConstraint(
                condition=~Q(state="published") | Q(published_at__isnull=False),
                name="published_plan_has_publication_time",
            ),
            models.CheckConstraint(
                condition=Q(outcome="") | Q(verdict="feasible"),
                name="only_feasible_plans_are_voted_on",
                violation_error_message=_("Only a feasible plan can win or lose a vote."),
            ),
            models.CheckConstraint(
                condition=Q(progress="none") | Q(outcome="won"),
                name="only_chosen_plans_are_carried_out",
                violation_error_message=_("Only a plan that was chosen is carried out."),
            ),
            models.CheckConstraint(
                # Without "is not null" half a place would pass: a check that is NULL does not refuse.
                condition=Q(latitude=None, longitude=None)
                | Q(
                    latitude__isnull=False,
                    longitude__isnull=False,
                    latitude__gte=-90,
                    latitude__lte=90,
                    longitude__gte=-180,
                    longitude__lte=180,
                ),
                name="plan_place_is_on_earth",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("budget:plan", args=[self.pk])

    @property
    def photo_url(self) -> str:
        """The address of the photo, "" without one."""
        return reverse("budget:photo", args=[self.pk]) if self.image else ""

    @property
    def small_photo_url(self) -> str:
        """The address of the photo for lists, "" without one."""
        return reverse("budget:small_photo", args=[self.pk]) if self.image else ""

    @property
    def state_in_words(self) -> str:
        """What matters most now: how far it is, whether it was chosen, whether it is feasible."""
        if self.progress != self.Progress.NONE:
            return str(self.get_progress_display())
        return str(self.get_outcome_display() if self.outcome else self.get_verdict_display())

    @property
    def own_state(self) -> str:
        """What its submitter wants to know first: whether others see it, then how far it is."""
        return self.state_in_words if self.state == self.State.PUBLISHED else str(self.get_state_display())

    @property
    def badge_kind(self) -> str:
        """How `state_in_words` is shown: see `status_badge`. What others do not see is never shown as a success."""
        if self.state != self.State.PUBLISHED:
            return "warning" if self.state == self.State.HELD else "neutral"
        if self.outcome == self.Outcome.WON or (not self.outcome and self.verdict == self.Verdict.FEASIBLE):
            return "ok"
        return "info" if not self.outcome and self.verdict == self.Verdict.WAITING else "neutral"

    @property
    def submitter_name(self) -> str:
        """Who brought the plan, "" when the municipality or a file did."""
        return writer_name(self.submitter) if self.origin == self.Origin.RESIDENT else ""


class PlanEvent(models.Model):
    """A step in the public history of a plan (geschiedenis). Append-only: a correction is a new step."""

    class Kind(models.TextChoices):
        SUBMITTED = "submitted", _("submitted")
        TAKEN_OVER = "taken_over", _("taken over from a proposal")
        IMPORTED = "imported", _("imported from a file")
        CHANGED = "changed", _("changed by the municipality")
        FEASIBLE = "feasible", _("assessed: feasible")
        INFEASIBLE = "infeasible", _("assessed: not feasible")
        WITHDRAWN = "withdrawn", _("withdrawn")
        ON_BALLOT = "on_ballot", _("put to the vote")
        WON = "won", _("chosen by the voters")
        LOST = "lost", _("not chosen by the voters")
        NOT_STARTED = "none", _("not started yet")
        STARTED = "started", _("work started")
        DONE = "done", _("work done")

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="history")
    kind = models.CharField(_("what happened"), max_length=10, choices=Kind)
    text = models.TextField(_("explanation"), max_length=2000, blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("step in the history of a plan")
        verbose_name_plural = _("history of plans")
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["plan", "at", "id"], name="plan_event_by_plan")]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.kind}"
