"""A vote, its questions and their options: what decides, frozen at opening."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ballots.vote_fields import ChannelFields, RequestFields, RollFields
from pages.uploads import StoredPhoto


class Vote(RollFields, RequestFields, ChannelFields):
    """A vote (stemming) about one or more questions, with one roll and one box.

    Everything that decides the outcome is frozen at opening (a trigger holds it): `rules_hash` is the SHA-256 of it.
    An open vote takes ballots from `opens_at` until just before `closes_at`, by the database clock.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("being prepared")
        OPEN = "open", _("open")
        CLOSED = "closed", _("closed")
        COUNTED = "counted", _("counted")
        PUBLISHED = "published", _("published")
        ANNULLED = "annulled", _("annulled")

    class Threshold(models.TextChoices):
        NONE = "none", _("no minimum")
        TURNOUT = "turnout", _("enough people vote")
        OUTCOME = "outcome", _("enough people vote for the winner")

    class ChangePolicy(models.TextChoices):
        CODE = "code", _("with the voting receipt code, until closing")
        NONE = "none", _("not possible")
        LOGIN = "login", _("by logging in, until closing; only for a poll that is not secret")

    class RollSource(models.TextChoices):
        ACCOUNTS = "accounts", _("accounts on this site")
        REGISTER = "register", _("an extract of the municipal register; people vote with a code from a letter")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    title = models.CharField(_("title"), max_length=200)
    text = models.TextField(_("what it is about"), max_length=1000, blank=True)
    is_test = models.BooleanField(default=False, editable=False)  # a dry run; a trigger keeps it as it was made
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.DRAFT, editable=False)
    opens_at = models.DateTimeField(_("opens at"))
    closes_at = models.DateTimeField(_("closes at"))
    change_policy = models.CharField(
        _("changing a vote"), max_length=5, choices=ChangePolicy, default=ChangePolicy.CODE
    )
    not_secret = models.BooleanField(
        _("poll that is not secret while it runs"),
        default=False,
        help_text=_("Never for a vote about money, and never for a referendum. Everybody reads it before they vote."),
    )
    url = models.CharField(
        _("page about it"), max_length=300, blank=True, help_text=_("Such as the page of the budget round.")
    )
    commitment = models.TextField(
        _("what the council does with the outcome"),
        max_length=2000,
        blank=True,
        help_text=_("Everybody reads this before they vote. It is fixed when the vote opens."),
    )
    threshold_kind = models.CharField(
        _("when the outcome counts"), max_length=7, choices=Threshold, default=Threshold.NONE
    )
    threshold_share = models.PositiveSmallIntegerField(
        _("share of the people on the list"), default=0, help_text=_("In hundredths of a percent.")
    )
    publication_threshold = models.PositiveSmallIntegerField(_("ballots needed to publish single ballots"), default=20)
    area = models.ForeignKey(
        "places.Area", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("area")
    )
    roll_source = models.CharField(
        _("where the list of voters comes from"), max_length=8, choices=RollSource, default=RollSource.ACCOUNTS
    )
    minimum_age = models.PositiveSmallIntegerField(_("minimum age"), default=16)
    minimum_proof = models.PositiveSmallIntegerField(_("minimum proof of residence"), default=2)
    pepper = models.BinaryField(max_length=32, null=True, editable=False)  # of this vote; goes with the roll
    rules_hash = models.BinaryField(max_length=32, null=True, editable=False)
    roll_root = models.BinaryField(max_length=32, null=True, editable=False)  # Merkle root of the keys on the roll
    # The first of the two who open a vote, and the rules as they were then.
    agreed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+")
    agreed_at = models.DateTimeField(null=True, editable=False)
    agreed_hash = models.BinaryField(max_length=32, null=True, editable=False)
    opened_at = models.DateTimeField(null=True, editable=False)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+")
    closed_at = models.DateTimeField(null=True, editable=False)
    published_at = models.DateTimeField(null=True, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    annulled_at = models.DateTimeField(null=True, editable=False)
    annulled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    annulment_reason = models.TextField(_("reason of the annulment"), max_length=2000, blank=True, editable=False)
    voters_told_at = models.DateTimeField(null=True, editable=False)  # the mail about the result is in the outbox
    source = models.CharField(_("source of imported ballots"), max_length=300, blank=True, editable=False)

    class Meta:
        verbose_name = _("vote")
        verbose_name_plural = _("votes")
        ordering = ["-opens_at"]
        constraints = [
            *RollFields.Meta.constraints,
            *RequestFields.Meta.constraints,
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at")),
                name="vote_closes_after_opening",
                violation_error_message=_("A vote closes after it opens."),
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(opened_at__isnull=False, rules_hash__isnull=False),
                name="opened_vote_has_frozen_rules",
            ),
            models.CheckConstraint(
                condition=Q(threshold_kind="none", threshold_share=0)
                | (~Q(threshold_kind="none") & Q(threshold_share__gte=1, threshold_share__lte=10_000)),
                name="threshold_has_its_share",
                violation_error_message=_("Give the share of a minimum, between 0.01 and 100 percent."),
            ),
            models.CheckConstraint(
                condition=Q(change_policy="login", not_secret=True) | (~Q(change_policy="login") & Q(not_secret=False)),
                name="login_changes_only_what_is_not_secret",
                violation_error_message=_(
                    "Changing by logging in and “not secret” go together: choose both, or neither of them."
                ),
            ),
            models.CheckConstraint(
                # An imported vote was opened elsewhere, and a dry run decides nothing.
                condition=Q(state="draft")
                | ~Q(source="")
                | Q(is_test=True)
                | (Q(agreed_by__isnull=False, opened_by__isnull=False) & ~Q(agreed_by=F("opened_by"))),
                name="vote_is_opened_by_two_persons",
                violation_error_message=_("Two persons open a vote."),
            ),
            models.CheckConstraint(
                condition=Q(not_secret=False) | Q(roll_source="accounts") | Q(is_test=True),
                name="votes_by_card_are_secret",
                violation_error_message=_("A vote by card from the register is always secret."),
            ),
            models.CheckConstraint(
                condition=~Q(state="published") | Q(published_at__isnull=False, published_by__isnull=False),
                name="published_vote_names_its_publisher",
            ),
            models.CheckConstraint(
                condition=~Q(state="annulled")
                | (Q(annulled_at__isnull=False, annulled_by__isnull=False) & ~Q(annulment_reason="")),
                name="annulled_vote_says_why",
                violation_error_message=_("Say why the vote is annulled."),
            ),
        ]
        permissions = [
            ("open_vote", "Can open a vote"),
            ("issue_code", "Can give a voting code at the counter"),
            ("guard_vote", "Is the clerk whom the opening of a vote needs"),
            ("publish_vote", "Can see and publish the result of a vote"),
            ("annul_vote", "Can annul a vote"),
            ("enter_paper", "Can register envelopes and enter ballots on paper"),
            ("serve_counter", "Can let somebody vote at the counter"),
        ]

    def __str__(self) -> str:
        return self.title


class Question(models.Model):
    """A question (vraag) on the ballot, with its form, its options and its own count. Frozen once the vote is open.

    `counting` holds the settings of the rule as `ballots.counting` reads them; `budget` is what the winners may cost together, empty for
    a question without money. Which limit belongs to which form: `max_options` to approval, `max_sum` to knapsack, `lowest` and `highest` to
    score, `points` to points. `complete`: a ranking names every option, points are all given. Amounts in cents.
    """

    class Form(models.TextChoices):
        YES_NO = "yes_no", _("yes or no")
        CHOICE = "choice", _("choose one option")
        APPROVAL = "approval", _("choose a number of options")
        RANKING = "ranking", _("put options in order")
        SCORE = "score", _("give every option a score")
        POINTS = "points", _("divide points over the options")
        KNAPSACK = "knapsack", _("choose options within an amount")

    class Order(models.TextChoices):
        FIXED = "fixed", _("the same for everybody")
        RANDOM = "random", _("another order for every voter, by lot")

    vote = models.ForeignKey(Vote, models.CASCADE, related_name="questions", db_index=False)
    number = models.PositiveSmallIntegerField(_("number on the ballot"))
    reference = models.CharField(_("reference"), max_length=50)
    title = models.CharField(_("question"), max_length=300)
    text = models.TextField(_("explanation"), blank=True)
    form = models.CharField(_("ballot form"), max_length=10, choices=Form, default=Form.APPROVAL)
    max_options = models.PositiveSmallIntegerField(_("maximum number of options"), null=True, blank=True)
    max_sum = models.PositiveBigIntegerField(_("maximum sum in cents"), null=True, blank=True)
    lowest = models.PositiveSmallIntegerField(_("lowest score"), null=True, blank=True)
    highest = models.PositiveSmallIntegerField(_("highest score"), null=True, blank=True)
    points = models.PositiveSmallIntegerField(_("points to divide"), null=True, blank=True)
    complete = models.BooleanField(_("the whole ballot must be filled in"), default=False)
    option_order = models.CharField(_("order of the options"), max_length=6, choices=Order, default=Order.FIXED)
    argument_length = models.PositiveSmallIntegerField(
        _("characters for supporters and opponents each"), null=True, blank=True
    )
    counting = models.JSONField(_("counting rule"), default=dict)
    budget = models.PositiveBigIntegerField(
        _("budget in cents"), null=True, blank=True, help_text=_("What the chosen options may cost together.")
    )

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["vote", "number"], name="one_question_per_number"),
            models.UniqueConstraint(fields=["vote", "reference"], name="one_question_per_reference"),
            models.CheckConstraint(
                # NULL >= 1 is neither true nor false, and a check passes unless it is false.
                condition=Q(form__in=["yes_no", "choice", "ranking"])
                | Q(form="approval", max_options__isnull=False, max_options__gte=1)
                | Q(form="knapsack", max_sum__isnull=False, max_sum__gte=1)
                | Q(form="score", lowest__isnull=False, highest__isnull=False, highest__gt=F("lowest"))
                | Q(form="points", points__isnull=False, points__gte=1),
                name="ballot_form_has_its_limit",
                violation_error_message=_("Give the limits of this form of ballot."),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Option(models.Model):
    """An option (keuze) of a question. Number and reference are unique in the whole vote. Frozen once the vote is open."""

    vote = models.ForeignKey(
        Vote, models.CASCADE, related_name="options", db_index=False
    )  # the constraints below are indexes; a foreign key of both columns holds the question to the same vote
    question = models.ForeignKey(Question, models.CASCADE, related_name="options")
    number = models.PositiveSmallIntegerField(_("number on the ballot"))
    reference = models.CharField(_("reference"), max_length=50, help_text=_("Such as the number of the plan."))
    title = models.CharField(_("title"), max_length=200)
    text = models.TextField(_("text"), blank=True)
    cost = models.PositiveBigIntegerField(_("cost in cents"), null=True, blank=True)
    url = models.CharField(_("page about it"), max_length=300, blank=True)
    image = StoredPhoto(_("image"))
    image_alt = models.CharField(_("what the image shows"), max_length=200, blank=True)
    argument_for = models.TextField(_("what supporters say"), blank=True)
    argument_against = models.TextField(_("what opponents say"), blank=True)

    class Meta:
        verbose_name = _("option")
        verbose_name_plural = _("options")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["vote", "number"], name="one_option_per_number"),
            models.UniqueConstraint(fields=["vote", "reference"], name="one_option_per_reference"),
        ]

    def __str__(self) -> str:
        return self.title
