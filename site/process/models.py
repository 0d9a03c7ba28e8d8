"""Participation processes (trajecten) and their phases."""

from typing import Any

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Deferrable, Exists, F, Func, Max, Min, OuterRef, Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.models.pages import PageManager, PageQuerySet
from wagtail.search import index

from pages.blocks import BodyBlock
from process.fields import VerbsField
from process.panels import PhasesPanel
from process.periods import first_overlap, overlap_message


class ProcessQuerySet(PageQuerySet):
    """Processes with their first and last day; a process runs from the one to the other, breaks included."""

    def with_days(self) -> "ProcessQuerySet":
        return self.annotate(first_day=Min("phases__starts_on"), last_day=Max("phases__ends_on"))

    def running(self, on: Any) -> "ProcessQuerySet":
        return self.with_days().filter(first_day__lte=on, last_day__gte=on).order_by("last_day", "pk")

    def asking(self, on: Any) -> "ProcessQuerySet":
        """Those in a phase that asks something of residents, rather than only informs them."""
        return self.with_asks(on).filter(asks=True)

    def with_asks(self, on: Any) -> "ProcessQuerySet":
        """With `asks`: whether the phase of that day asks something of residents."""
        now = Phase.objects.filter(process=OuterRef("pk"), starts_on__lte=on, ends_on__gte=on)
        return self.annotate(asks=Exists(now.exclude(citizen_rung=Phase.CitizenRung.INFORM)))

    def coming(self, on: Any) -> "ProcessQuerySet":
        """Those that begin later; without phases yet a process is coming too."""
        return self.with_days().filter(Q(first_day__gt=on) | Q(first_day=None)).order_by("first_day", "pk")

    def finished(self, on: Any) -> "ProcessQuerySet":
        return self.with_days().filter(last_day__lt=on).order_by("-last_day", "-pk")

    def visible(self) -> "ProcessQuerySet":
        """What anybody may see, with what a list shows; without the long texts."""
        return self.live().public().select_related("area").prefetch_related("phases").defer_streamfields()


class ProcessPage(Page):
    """A participation process (traject): what is asked, of whom, when, and what is done with it."""

    intro = models.TextField(_("introduction"), max_length=500)
    body = StreamField(BodyBlock(), verbose_name=_("text"), blank=True)
    area = models.ForeignKey(
        "places.Area",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("area"),
        help_text=_("Leave empty for the whole municipality."),
    )
    image = models.ForeignKey(
        "wagtailimages.Image", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("image")
    )
    image_alt = models.CharField(
        _("what the image shows"),
        max_length=200,
        blank=True,
        help_text=_("For people who cannot see the image. Leave empty when it only decorates."),
    )

    objects = PageManager.from_queryset(ProcessQuerySet)()

    content_panels = [
        *Page.content_panels,
        FieldPanel("intro"),
        FieldPanel("area"),
        PhasesPanel("phases", heading=_("Phases"), label=_("Phase")),
        MultiFieldPanel([FieldPanel("image"), FieldPanel("image_alt")], heading=_("Image")),
        FieldPanel("body"),
    ]
    search_fields = [*Page.search_fields, index.SearchField("intro"), index.SearchField("body")]
    parent_page_types = ["process.ProcessIndexPage"]

    class Meta:
        verbose_name = _("participation process")
        verbose_name_plural = _("participation processes")

    def clean(self) -> None:
        """The database refuses overlapping phases at the commit; here the refusal is a sentence."""
        super().clean()
        if overlap := first_overlap(self.phases.all()):
            raise ValidationError(overlap_message(*overlap), code="phases_overlap")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        from process.showing import show

        context = super().get_context(request, *args, **kwargs)
        return {**context, "process": show(self, on=timezone.localdate())}


class ProcessIndexPage(Page):
    """The list of all participation processes: running, coming, finished."""

    PER_PAGE = 12

    intro = models.TextField(_("introduction"), max_length=500, blank=True)

    content_panels = [*Page.content_panels, FieldPanel("intro")]
    search_fields = [*Page.search_fields, index.SearchField("intro")]
    parent_page_types = ["pages.HomePage", "pages.ContentPage"]
    subpage_types = ["process.ProcessPage"]

    class Meta:
        verbose_name = _("list of participation processes")
        verbose_name_plural = _("lists of participation processes")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        from process.listing import list_processes

        listing = list_processes(self, request.GET, on=timezone.localdate())
        return {**super().get_context(request, *args, **kwargs), **listing}


class Phase(models.Model):
    """A phase (fase) of a process: what residents can do then, and how far their influence reaches.

    `starts_on` and `ends_on` are both included. `opens` names verbs of instruments, such as
    `proposals.submit`; the registry in `process.instruments` knows them.
    """

    class CitizenRung(models.TextChoices):
        INFORM = "inform", _("inform")
        CONSULT = "consult", _("consult")
        ADVISE = "advise", _("advise")
        COPRODUCE = "coproduce", _("co-produce")
        CODECIDE = "codecide", _("decide together")

    class GovernmentRung(models.TextChoices):
        REGULATE = "regulate", _("regulate")
        DIRECT = "direct", _("direct")
        STIMULATE = "stimulate", _("stimulate")
        FACILITATE = "facilitate", _("facilitate")
        LET_GO = "let_go", _("let go")

    process = ParentalKey(ProcessPage, on_delete=models.CASCADE, related_name="phases")
    title = models.CharField(_("title"), max_length=100)
    goal = models.TextField(_("goal"), max_length=500)
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    citizen_rung = models.CharField(_("role of residents"), max_length=10, choices=CitizenRung)
    government_rung = models.CharField(_("role of the municipality"), max_length=10, choices=GovernmentRung, blank=True)
    audience = models.CharField(_("for whom"), max_length=200)
    influence = models.TextField(_("influence promised"), max_length=500)
    opens = VerbsField(verbose_name=_("what residents can do"), default=list, blank=True)
    outcome = models.TextField(
        _("what was decided"),
        max_length=2000,
        blank=True,
        help_text=_("Fill this in when the phase is over: what was decided, why, and what residents see of it."),
    )

    panels = [
        FieldPanel("title"),
        FieldPanel("goal"),
        FieldRowPanel([FieldPanel("starts_on"), FieldPanel("ends_on")]),
        FieldPanel("audience"),
        FieldPanel("influence"),
        FieldRowPanel([FieldPanel("citizen_rung"), FieldPanel("government_rung")]),
        FieldPanel("opens"),
        FieldPanel("outcome"),
    ]

    class Meta:
        verbose_name = _("phase")
        verbose_name_plural = _("phases")
        ordering = ["starts_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="phase_ends_after_start",
                violation_error_message=_("The last day of a phase cannot be before its first day."),
            ),
            models.CheckConstraint(
                condition=Q(citizen_rung__in=["", "inform", "consult", "advise", "coproduce", "codecide"])
                & Q(government_rung__in=["", "regulate", "direct", "stimulate", "facilitate", "let_go"]),
                name="phase_rungs_are_known",
            ),
            # Deferred to the commit: an editor may shift two phases in one save.
            ExclusionConstraint(
                name="phases_do_not_overlap",
                expressions=[
                    (
                        Func(
                            F("starts_on"),
                            F("ends_on"),
                            RangeBoundary(inclusive_lower=True, inclusive_upper=True),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                    ("process", RangeOperators.EQUAL),
                ],
                deferrable=Deferrable.DEFERRED,
                violation_error_message=_("Phases of a process cannot overlap."),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Clock(models.Model):
    """A term that runs for the municipality (termijn): until when it must do something with what somebody brought.

    The subject is any model registered in `process.clocks`; of each kind one runs per subject at a time. The term is as it was promised:
    a trigger keeps start and length, and lets `due_on` move once, with a reason. `ended_on` is empty as long as it runs.
    """

    class Unit(models.TextChoices):
        WORKING_DAYS = "working_days", _("working days")
        DAYS = "days", _("days")
        WEEKS = "weeks", _("weeks")
        MONTHS = "months", _("months")

    subject_type = models.ForeignKey(ContentType, models.PROTECT, related_name="+", verbose_name=_("kind"))
    subject_id = models.PositiveBigIntegerField()
    subject = GenericForeignKey("subject_type", "subject_id")
    kind = models.CharField(_("term"), max_length=40)
    title = models.CharField(_("what it is about"), max_length=150)
    started_on = models.DateField(_("started on"))
    number = models.PositiveSmallIntegerField(_("length"))
    unit = models.CharField(_("unit"), max_length=12, choices=Unit)
    due_on = models.DateField(_("last day"))
    extended_from = models.DateField(_("last day before it was extended"), null=True, blank=True)
    extension_reason = models.TextField(_("reason of the extension"), max_length=1000, blank=True)
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    escalated_at = models.DateTimeField(_("clerk told at"), null=True, blank=True)

    class Meta:
        verbose_name = _("term")
        verbose_name_plural = _("terms")
        ordering = ["due_on", "id"]
        indexes = [
            models.Index(fields=["due_on", "id"], condition=Q(ended_on=None), name="running_clock_by_due_day"),
            models.Index(fields=["subject_type", "subject_id"], name="clock_by_subject"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject_type", "subject_id"],
                condition=Q(ended_on=None),
                name="one_clock_runs_per_subject",
            ),
            models.CheckConstraint(condition=Q(number__gte=1, due_on__gt=F("started_on")), name="clock_has_a_term"),
            models.CheckConstraint(
                condition=Q(extended_from=None, extension_reason="")
                | (Q(extended_from__isnull=False, due_on__gt=F("extended_from")) & ~Q(extension_reason="")),
                name="extension_of_a_clock_has_a_reason",
                violation_error_message=_("Say why the term is extended."),
            ),
        ]

    def __str__(self) -> str:
        return self.title
