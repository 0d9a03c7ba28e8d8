"""Forms of staff in the admin: a verdict, progress, a plan on paper, the vote."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.widgets import AdminDateTimeInput

from ballots.counting import SettingsError, parse_settings
from ballots.models import Question, Vote
from budget import rules
from budget.ballot import QUESTION_FIELDS, VOTE_FIELDS, question_of
from budget.models import BudgetRoundPage, Plan
from budget.money import EuroField
from budget.rule_texts import COMPLETION_CHOICES, INCREMENT_CHOICES, RULE_CHOICES, TIE_CHOICES, WHEN_FULL_CHOICES
from budget.stages import RoundNow
from conversation.text import PlainLineField, PlainTextField
from pages.uploads import PhotoField
from people.models import Resident
from places.forms import AreaChoiceField
from places.models import Area

# Money is voted about in secret.
CHANGES = [(each.value, each.label) for each in Vote.ChangePolicy if each != Vote.ChangePolicy.LOGIN]


class AssessForm(forms.Form):
    """Whether a plan is feasible, why, and what it costs."""

    verdict = forms.ChoiceField(
        label=gettext_lazy("Can this plan be carried out?"),
        choices=[
            (Plan.Verdict.FEASIBLE, gettext_lazy("Yes, it is feasible")),
            (Plan.Verdict.INFEASIBLE, gettext_lazy("No, it is not feasible")),
        ],
        widget=forms.RadioSelect,
    )
    reason = PlainTextField(
        label=gettext_lazy("Reason"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("Everybody reads this with the plan. The submitter gets it by mail."),
    )
    cost = EuroField(
        label=gettext_lazy("Cost (in euros)"),
        required=False,
        help_text=gettext_lazy("Needed when the plan is feasible. The vote counts with this amount."),
    )

    def __init__(self, *args: Any, page: BudgetRoundPage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.page = page

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("verdict") == Plan.Verdict.FEASIBLE and "cost" not in self.errors:
            self._check_cost(data.get("cost"))
        return data

    def _check_cost(self, cost: int | None) -> None:
        if not cost:
            self.add_error("cost", _("A feasible plan needs a cost."))
        elif not (verdict := rules.cost_fits(cost, self.page)):
            self.add_error("cost", verdict.reason)


class ProgressForm(forms.Form):
    """How far a chosen plan is."""

    progress = forms.ChoiceField(
        label=gettext_lazy("How far is it?"), choices=Plan.Progress.choices, widget=forms.RadioSelect
    )
    text = PlainTextField(
        label=gettext_lazy("What has been done, or what happens next?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Everybody reads this with the plan. The submitter gets it by mail."),
    )


def _area_of(page: BudgetRoundPage, area: Area | None) -> Area | None:
    """The area of a plan, when the pot of the round may pay for it."""
    if not (verdict := rules.is_about(page, area)):
        raise forms.ValidationError(verdict.reason, code="elsewhere")
    return area


class PaperPlanForm(forms.Form):
    """A plan that came on paper or at the counter, or that the municipality itself brings."""

    title = PlainLineField(label=gettext_lazy("Title"), min_length=5, max_length=100)
    text = PlainTextField(label=gettext_lazy("Text"), min_length=20, max_length=5000)
    cost = EuroField(label=gettext_lazy("Cost (in euros)"), required=False)
    area = AreaChoiceField(required=False)
    location_text = PlainLineField(label=gettext_lazy("Place"), required=False, max_length=200)
    photo = PhotoField(
        label=gettext_lazy("Photo"),
        required=False,
        help_text=gettext_lazy("A JPEG, PNG or WEBP image of at most 8 MB."),
    )
    image_alt = PlainLineField(
        label=gettext_lazy("What does the photo show?"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("For people who cannot see the photo."),
    )
    request_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, page: BudgetRoundPage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.page = page

    def clean_cost(self) -> int | None:
        cost: int | None = self.cleaned_data["cost"]
        if not (verdict := rules.cost_fits(cost, self.page)):
            raise forms.ValidationError(verdict.reason, code="over_pot")
        return cost

    def clean_area(self) -> Area | None:
        return _area_of(self.page, self.cleaned_data["area"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not data.get("photo"):
            data["image_alt"] = ""
        elif not data.get("image_alt") and "image_alt" not in self.errors:
            self.add_error("image_alt", _("Say what the photo shows."))
        return data


class CorrectionReasonForm(forms.Form):
    """Why a plan of the municipality goes."""

    reason = PlainLineField(
        label=gettext_lazy("Reason"), max_length=500, help_text=gettext_lazy("It stays in the history of the plan.")
    )


class CorrectPlanForm(CorrectionReasonForm):
    """A plan of the municipality once more; cost and feasibility belong to the verdict."""

    title = PlainLineField(label=gettext_lazy("Title"), min_length=5, max_length=100)
    text = PlainTextField(label=gettext_lazy("Text"), min_length=20, max_length=5000)
    area = AreaChoiceField(required=False)
    location_text = PlainLineField(label=gettext_lazy("Place"), required=False, max_length=200)
    field_order = ["title", "text", "area", "location_text", "reason"]

    def __init__(self, *args: Any, page: BudgetRoundPage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.page = page

    def clean_area(self) -> Area | None:
        return _area_of(self.page, self.cleaned_data["area"])


class VoteForm(forms.Form):
    """The vote of a round: when, who, which ballot, how it is counted. `values()` is what `ballot.make_vote` takes."""

    title = PlainLineField(label=gettext_lazy("Title"), max_length=200)
    question = PlainLineField(label=gettext_lazy("Question on the ballot"), max_length=300)
    opens_at = forms.DateTimeField(label=gettext_lazy("Voting opens"), widget=AdminDateTimeInput)
    closes_at = forms.DateTimeField(label=gettext_lazy("Voting closes"), widget=AdminDateTimeInput)
    minimum_age = forms.IntegerField(label=gettext_lazy("Minimum age"), min_value=0, max_value=120)
    minimum_proof = forms.TypedChoiceField(
        label=gettext_lazy("Proof of residence"), choices=Resident.Proof.choices, coerce=int
    )
    form = forms.ChoiceField(
        label=gettext_lazy("What may a voter choose?"),
        choices=[
            (Question.Form.KNAPSACK, gettext_lazy("Plans that fit in the pot together")),
            (Question.Form.APPROVAL, gettext_lazy("A maximum number of plans")),
        ],
        widget=forms.RadioSelect,
    )
    max_options = forms.IntegerField(
        label=gettext_lazy("Maximum number of plans"), min_value=1, max_value=1000, required=False
    )
    change_policy = forms.ChoiceField(label=gettext_lazy("Changing a vote"), choices=CHANGES, widget=forms.RadioSelect)
    rule = forms.ChoiceField(
        label=gettext_lazy("How are the votes counted?"), choices=RULE_CHOICES, widget=forms.RadioSelect
    )
    min_votes = forms.IntegerField(
        label=gettext_lazy("Votes that a plan needs at least"),
        min_value=0,
        max_value=1_000_000,
        help_text=gettext_lazy("0 when you ask for no minimum."),
    )
    when_full = forms.ChoiceField(
        label=gettext_lazy("Most votes first: what if a plan no longer fits?"),
        choices=WHEN_FULL_CHOICES,
        widget=forms.RadioSelect,
    )
    increment = forms.ChoiceField(
        label=gettext_lazy("Equal shares: what if voters cannot spend all of the pot?"),
        choices=INCREMENT_CHOICES,
        widget=forms.RadioSelect,
    )
    increment_cents = EuroField(
        label=gettext_lazy("Equal shares: how much more at a time (in euros)"),
        help_text=gettext_lazy("One euro is usual."),
    )
    completion = forms.ChoiceField(
        label=gettext_lazy("Equal shares: where does money go that is left after that?"),
        choices=COMPLETION_CHOICES,
        widget=forms.RadioSelect,
    )
    tie = forms.ChoiceField(
        label=gettext_lazy("What if plans are exactly level?"), choices=TIE_CHOICES, widget=forms.RadioSelect
    )
    commitment = forms.CharField(
        label=gettext_lazy("What does the council do with the outcome?"),
        help_text=gettext_lazy("Everybody reads this before they vote. It is fixed when the vote opens."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    publication_threshold = forms.IntegerField(
        label=gettext_lazy("Publish single ballots from this number of ballots"),
        min_value=20,
        max_value=32_000,
        help_text=gettext_lazy("With few ballots people could recognise who voted what."),
    )

    def __init__(self, *args: Any, situation: RoundNow, **kwargs: Any) -> None:
        kwargs["initial"] = {**initial_of(situation), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self.situation = situation

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        self._check_period(data)
        if data.get("form") == Question.Form.APPROVAL and not data.get("max_options"):
            self.add_error("max_options", _("Say how many plans a voter may choose."))
        if not self.errors:
            self._check_counting()
        return data

    def _check_period(self, data: dict[str, Any]) -> None:
        opens_at, closes_at = data.get("opens_at"), data.get("closes_at")
        if opens_at and closes_at and closes_at <= opens_at:
            self.add_error("closes_at", _("A vote closes after it opens."))
        elif closes_at and closes_at <= self.situation.now:
            self.add_error("closes_at", _("This moment has passed. Choose a later one."))

    def _check_counting(self) -> None:
        try:
            parse_settings(self.counting())
        except SettingsError as problem:
            self.add_error("rule", str(problem))

    def counting(self) -> dict[str, Any]:
        """The settings of the chosen rule, and of no other, as `ballots.counting` reads them."""
        data = self.cleaned_data
        settings = {"rule": data["rule"], "min_votes": data["min_votes"], "tie": [data["tie"]]}
        own = ("increment", "increment_cents", "completion") if data["rule"] == "equal-shares" else ("when_full",)
        return settings | {name: data[name] for name in own}

    def values(self) -> dict[str, Any]:
        """The fields of the vote."""
        data = self.cleaned_data
        names = ("title", "question", "opens_at", "closes_at", "minimum_age", "minimum_proof", "form", "change_policy")
        knapsack = data["form"] == Question.Form.KNAPSACK
        return {
            **{name: data[name] for name in (*names, "commitment", "publication_threshold")},
            "max_options": None if knapsack else data["max_options"],
            "max_sum": self.situation.round.pot if knapsack else None,
            "counting": self.counting(),
        }

    def is_outside_phases(self) -> bool:
        """Whether voting would lie outside the phases that promise it."""
        first, last = self.situation.first_day("budget.vote"), self.situation.last_day("budget.vote")
        opens_at, closes_at = self.cleaned_data.get("opens_at"), self.cleaned_data.get("closes_at")
        if not (first and last and opens_at and closes_at):
            return False
        # A vote that closes at midnight closes on the day before.
        last_moment = closes_at - timedelta(seconds=1)
        return timezone.localdate(opens_at) < first or timezone.localdate(last_moment) > last


DEFAULTS = {
    "form": Question.Form.KNAPSACK,
    "max_options": 5,
    "change_policy": Vote.ChangePolicy.CODE,
    "minimum_age": 16,
    "minimum_proof": Resident.Proof.LETTER,
    "publication_threshold": 20,
    "rule": "equal-shares",
    "min_votes": 0,
    "when_full": "skip",
    "increment": "until_overspend",
    "increment_cents": 100,
    "completion": "none",
    "tie": "lot",
}


def initial_of(situation: RoundNow) -> dict[str, Any]:
    """What the form begins with: the vote made before, else the days of the phases and usual choices."""
    vote = situation.vote
    if vote is None or vote.state != Vote.State.DRAFT:
        with translation.override(settings.LANGUAGE_CODE):
            # Voters read these, whatever language staff work in.
            texts = {
                "question": _("Which plans do you choose?"),
                "commitment": _("The plans that win get their money and are carried out."),
            }
        return {**DEFAULTS, "title": situation.round.title, **texts, **_period(situation)}
    made = question_of(vote)
    own = {name: getattr(vote, name) for name in VOTE_FIELDS}
    asked = {name: value for name in QUESTION_FIELDS if (value := getattr(made, name)) is not None}
    counting = {**made.counting, "tie": _first(made.counting.get("tie", "lot"))}
    return {**DEFAULTS, **own, **asked, "question": made.title, **counting}


def _first(tie: Any) -> Any:
    return tie if isinstance(tie, str) else tie[0]


def _period(situation: RoundNow) -> dict[str, datetime]:
    """From nine in the morning of the first day until the end of the last."""
    first, last = situation.first_day("budget.vote"), situation.last_day("budget.vote")
    if not (first and last):
        return {}
    opens, closes = datetime.combine(first, time(9)), datetime.combine(last, time(23, 59))
    return {"opens_at": timezone.make_aware(opens), "closes_at": timezone.make_aware(closes)}
