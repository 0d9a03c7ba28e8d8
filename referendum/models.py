"""Direct votes: the page that informs, which vote it is about, and what the council decided afterwards.

Question, rules, the council's commitment and the threshold stand in the vote (`ballots.models.Vote`) and nowhere else.
"""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.blocks import StreamBlock
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index

from ballots.models import Vote
from pages.blocks import BodyBlock
from places.streets import StreetsRefused, as_typed, read_streets


class DocumentsBlock(StreamBlock):
    """Files to read beside the page."""

    document = DocumentChooserBlock(label=_("Document"))


class ReferendumPage(Page):
    """A direct vote (referendum, preferendum, straatreferendum, themastemming): information, arguments, and the way to the vote."""

    class Kind(models.TextChoices):
        REFERENDUM = "referendum", _("referendum: yes or no")
        PREFERENDUM = "preferendum", _("preferendum: several options")
        STREET = "street", _("street referendum")
        THEMES = "themes", _("theme vote")

    kind = models.CharField(_("kind"), max_length=11, choices=Kind, default=Kind.REFERENDUM)
    intro = models.TextField(_("introduction"), max_length=1000)
    area = models.ForeignKey(
        "places.Area",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("area"),
        help_text=_("Leave empty for the whole municipality."),
    )
    streets = models.TextField(
        _("streets"),
        max_length=5000,
        blank=True,
        help_text=_(
            "For a street referendum: only who lives there can vote. A street per line."
            " Parts are possible: Dorpsstraat 1-25, Dorpsstraat oneven, Dorpsstraat 2-40 even."
        ),
    )
    excluded_subjects = models.TextField(
        _("what this is not about"),
        max_length=2000,
        blank=True,
        help_text=_("Subjects that the ordinance excludes, or that were decided already."),
    )
    committee = models.TextField(
        _("referendum committee"),
        max_length=2000,
        blank=True,
        help_text=_("Who is on it, what it does, and where people can complain."),
    )
    body = StreamField(BodyBlock(), verbose_name=_("information"), blank=True)
    arguments_for = StreamField(BodyBlock(), verbose_name=_("arguments for"), blank=True)
    arguments_against = StreamField(BodyBlock(), verbose_name=_("arguments against"), blank=True)
    documents = StreamField(DocumentsBlock(), verbose_name=_("documents"), blank=True)

    content_panels = [
        *Page.content_panels,
        FieldPanel("kind"),
        FieldPanel("intro"),
        MultiFieldPanel([FieldPanel("area"), FieldPanel("streets")], heading=_("For whom")),
        MultiFieldPanel([FieldPanel("excluded_subjects"), FieldPanel("committee")], heading=_("Frame")),
        FieldPanel("body"),
        FieldPanel("arguments_for"),
        FieldPanel("arguments_against"),
        FieldPanel("documents"),
    ]
    search_fields = [
        *Page.search_fields,
        index.SearchField("intro"),
        index.SearchField("excluded_subjects"),
        index.SearchField("committee"),
        index.SearchField("body"),
        index.SearchField("arguments_for"),
        index.SearchField("arguments_against"),
    ]
    parent_page_types = ["process.ProcessPage"]
    subpage_types: list[str] = []

    class Meta:
        verbose_name = _("referendum")
        verbose_name_plural = _("referendums")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["referendum", "preferendum", "street", "themes"]), name="referendum_kind_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(kind="street") | Q(area__isnull=False, streets__gt=""),
                name="street_referendum_names_its_streets",
                violation_error_message=_("Give the area and the streets of a street referendum."),
            ),
        ]

    @property
    def vote(self) -> Vote | None:
        """The vote that this page is about, with its result when there is one; None while there is no vote."""
        link = ReferendumVote.objects.filter(page_id=self.pk).select_related("vote__seal", "vote__area").first()
        return link.vote if link else None

    @property
    def streets_in_words(self) -> str:
        """The streets on one line, as they were typed."""
        return "; ".join(line.strip() for line in self.streets.splitlines() if line.strip())

    def plain_streets(self) -> list[dict[str, Any]]:
        """The streets as a vote keeps them. Raises `StreetsRefused` when one is not known in the area."""
        return [street.plain for street in read_streets(self.streets, self.area)]

    def clean(self) -> None:
        """An opened vote has frozen its kind, area and streets, and the page says the same; until then streets are known by their names."""
        super().clean()
        vote = self.vote if self.pk else None
        if vote is not None and vote.state not in (Vote.State.DRAFT, Vote.State.ANNULLED):
            if self._differs_from_stored():
                raise ValidationError(_("The vote has been opened, so its kind, area and streets stay as they are."))
            return
        try:
            self.streets = as_typed(read_streets(self.streets, self.area))
        except StreetsRefused as refusal:
            raise ValidationError({"streets": list(refusal.problems)}) from refusal

    def _differs_from_stored(self) -> bool:
        stored = type(self).objects.filter(pk=self.pk).first()
        return stored is not None and any(
            getattr(stored, name) != getattr(self, name) for name in ("kind", "area_id", "streets_in_words")
        )

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """What `templates/referendum/referendum_page.html` shows; see `referendum.showing`."""
        from referendum.showing import show

        return {**super().get_context(request, *args, **kwargs), **show(self)}


class ReferendumVote(models.Model):
    """Which vote a page is about (stemming van een referendum).

    A table of its own, because saving an older version of a Wagtail page writes back every field of the page.
    `told_at`: everybody who voted has a notice of the council's decision in the outbox.
    """

    page = models.OneToOneField(ReferendumPage, models.PROTECT, primary_key=True, related_name="referendum_vote")
    vote = models.OneToOneField(Vote, models.CASCADE, related_name="+")  # only a draft can be deleted
    told_at = models.DateTimeField(_("everybody told at"), null=True, editable=False)

    class Meta:
        verbose_name = _("vote of a referendum")
        verbose_name_plural = _("votes of referendums")

    def __str__(self) -> str:
        return f"{self.page_id} {self.vote_id}"


class CouncilDecision(models.Model):
    """What the council decided after a vote (raadsbesluit).

    Append-only (a trigger holds it): a correction is a new row, the last one counts.
    """

    vote = models.ForeignKey(Vote, models.PROTECT, related_name="+")
    decided_on = models.DateField(_("day of the decision"))
    text = models.TextField(
        _("what the council decided, and why"),
        max_length=5000,
        help_text=_("Say what happens with the outcome. If the council does something else, say why."),
    )
    document_url = models.URLField(
        _("address of the decision"), max_length=500, blank=True, help_text=_("Begins with https://.")
    )
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)

    class Meta:
        verbose_name = _("decision of the council")
        verbose_name_plural = _("decisions of the council")
        ordering = ["-recorded_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(text=""),
                name="council_decision_has_a_text",
                violation_error_message=_("Say what the council decided."),
            ),
            models.CheckConstraint(
                condition=Q(document_url="") | Q(document_url__startswith="https://"),
                name="council_decision_links_safely",
                violation_error_message=_("The address begins with https://."),
            ),
        ]
        indexes = [models.Index(fields=["vote", "-recorded_at"], name="council_decision_by_vote")]

    def __str__(self) -> str:
        return f"{self.vote_id} {self.decided_on}"
