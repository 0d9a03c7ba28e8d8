"""Forms of staff in the admin: a vote that is not about a round of plans, its options, the reason of an annulment."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.widgets import AdminDateTimeInput

from ballots.counting import SettingsError, parse_settings
from ballots.drafting import write_only_question, write_options
from ballots.models import Option, Question, Vote
from ballots.rule_words import RULE_NAMES
from people.models import Resident
from places.forms import AreaChoiceField

OPTION_ROWS = 5
OPTION_FIELDS = ("title", "text", "cost", "url")


class EurosField(forms.DecimalField):
    """An amount typed in euros; its cleaned value is in whole cents."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=14, decimal_places=2, validators=[MinValueValidator(0)], **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return Decimal(value).scaleb(-2) if isinstance(value, int) else value

    def clean(self, value: Any) -> int | None:
        euros = super().clean(value)
        return None if euros is None else int(euros * 100)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


class PercentField(forms.DecimalField):
    """Percents as people write them, kept in hundredths of a percent."""

    def __init__(self, **kwargs: Any) -> None:
        limits = [MinValueValidator(0), MaxValueValidator(100)]
        super().__init__(max_digits=5, decimal_places=2, validators=limits, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return Decimal(value).scaleb(-2) if isinstance(value, int) else value

    def clean(self, value: Any) -> int:
        return int((super().clean(value) or Decimal(0)) * 100)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


def check_threshold(form: forms.Form | forms.ModelForm, data: dict[str, Any]) -> None:
    """A minimum has its share, and without a minimum there is none."""
    if data.get("threshold_kind") == Vote.Threshold.NONE:
        data["threshold_share"] = 0
    elif not data.get("threshold_share") and "threshold_share" not in form.errors:
        form.add_error("threshold_share", _("Give the share for this minimum."))


class CountingForm(forms.Form):
    """The counting rule as separate questions; `counting` has them as `ballots.counting` reads them."""

    rule = forms.ChoiceField(label=gettext_lazy("Counting rule"), choices=list(RULE_NAMES.items()))
    min_votes = forms.IntegerField(label=gettext_lazy("Votes needed to win"), min_value=0, initial=0)
    when_full = forms.ChoiceField(
        label=gettext_lazy("An option that does not fit"),
        help_text=gettext_lazy("Only for “most votes first”."),
        choices=[("skip", gettext_lazy("is skipped")), ("stop", gettext_lazy("ends the count"))],
    )
    increment = forms.ChoiceField(
        label=gettext_lazy("Money that is left"),
        help_text=gettext_lazy("Only for “equal shares”."),
        choices=[
            ("until_overspend", gettext_lazy("makes the shares grow, until the next step would cost too much")),
            ("until_exhaustive", gettext_lazy("makes the shares grow, until nothing else fits")),
            ("none", gettext_lazy("stays, we count once")),
        ],
    )
    completion = forms.ChoiceField(
        label=gettext_lazy("What is left after that"),
        help_text=gettext_lazy("Only for “equal shares”."),
        choices=[("none", gettext_lazy("stays")), ("greedy", gettext_lazy("goes to the most votes that fit"))],
    )
    tie = forms.ChoiceField(
        label=gettext_lazy("Equal options"),
        choices=[
            ("lot", gettext_lazy("a lot decides, drawn from all ballots")),
            ("lowest_cost", gettext_lazy("the cheapest one goes first, then a lot decides")),
            ("most_votes", gettext_lazy("the one with the most votes goes first, then a lot decides")),
            ("declared_order", gettext_lazy("the one higher on the ballot goes first")),
        ],
    )

    def counting(self) -> dict[str, Any]:
        """The settings of the chosen rule; what belongs to another rule is left out."""
        data = self.cleaned_data
        only = {"equal-shares": ("increment", "completion")}.get(data["rule"], ("when_full",))
        return {
            "rule": data["rule"],
            "min_votes": data["min_votes"],
            "tie": [data["tie"]],
            **{key: data[key] for key in only},
        }


def counting_initial(counting: dict[str, Any]) -> dict[str, Any]:
    """The questions of `CountingForm` answered by stored settings."""
    tie = counting.get("tie")
    return {**counting, **({"tie": tie[0]} if isinstance(tie, list) and tie else {})}


class VoteForm(CountingForm, forms.ModelForm):
    """A draft of a vote with one question."""

    question = forms.CharField(label=gettext_lazy("Question"), max_length=300)
    form = forms.ChoiceField(label=gettext_lazy("Ballot form"), choices=Question.Form.choices)
    max_options = forms.IntegerField(
        label=gettext_lazy("Maximum number of options"), min_value=1, max_value=1000, required=False
    )
    max_sum = EurosField(label=gettext_lazy("Maximum sum in euros"), required=False)
    budget = EurosField(label=gettext_lazy("What the winners may cost together, in euros"))
    threshold_share = PercentField(
        label=gettext_lazy("Share of the people on the list, in percent"),
        help_text=gettext_lazy("Only with a minimum."),
        required=False,
    )
    area = AreaChoiceField(
        label=gettext_lazy("For whom"), required=False, empty_label=gettext_lazy("Whole municipality")
    )
    minimum_proof = forms.TypedChoiceField(
        label=gettext_lazy("Proof of residence needed"),
        choices=Resident.Proof.choices,
        coerce=int,
        initial=Resident.Proof.LETTER,
    )

    class Meta:
        model = Vote
        fields = [
            "title",
            "text",
            "url",
            "opens_at",
            "closes_at",
            "area",
            "minimum_age",
            "minimum_proof",
            "change_policy",
            "publication_threshold",
            "commitment",
            "threshold_kind",
            "threshold_share",
        ]
        widgets = {
            "opens_at": AdminDateTimeInput,
            "closes_at": AdminDateTimeInput,
            "text": forms.Textarea(attrs={"rows": 3}),
            "commitment": forms.Textarea(attrs={"rows": 4}),
        }

    def __init__(self, data: Any = None, *, instance: Vote) -> None:
        self.question_row = instance.questions.first() if instance.pk else None
        super().__init__(data, instance=instance, initial=_initial(self.question_row))

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        needed = {"knapsack": "max_sum", "approval": "max_options"}.get(data.get("form", ""))
        if needed and not data.get(needed) and needed not in self.errors:
            self.add_error(needed, _("This form of ballot needs a maximum."))
        check_threshold(self, data)
        if not self.errors:
            self._check_counting()
        return data

    def _check_counting(self) -> None:
        try:
            parse_settings(self.counting())
        except SettingsError as problem:
            self.add_error("rule", str(problem))

    def question_fields(self) -> dict[str, Any]:
        """What belongs to the question."""
        data = self.cleaned_data
        names = ("form", "max_options", "max_sum", "budget")
        return {"title": data["question"], "counting": self.counting(), **{name: data[name] for name in names}}


def _initial(question: Question | None) -> dict[str, Any]:
    if question is None:
        return {}
    names = ("form", "max_options", "max_sum", "budget")
    own = {name: getattr(question, name) for name in names}
    return {**counting_initial(question.counting), **own, "question": question.title}


class OptionForm(forms.ModelForm):
    """An option on the ballot; its number follows from its place in the form."""

    cost = EurosField(label=gettext_lazy("Costs in euros"))

    class Meta:
        model = Option
        fields = OPTION_FIELDS
        widgets = {"text": forms.Textarea(attrs={"rows": 3})}


class OptionFormSet(forms.BaseInlineFormSet):
    """The options of a draft, in order; saving writes them anew with numbers from 1."""

    def filled(self) -> list[Any]:
        return [form for form in self.forms if form.cleaned_data.get("title") and not form.cleaned_data.get("DELETE")]

    def write(self, question: Question) -> None:
        rows = [{name: form.cleaned_data[name] for name in OPTION_FIELDS} for form in self.filled()]
        write_options(question, (Option(reference=str(number), **row) for number, row in enumerate(rows, start=1)))


OptionRows = forms.inlineformset_factory(
    Vote, Option, form=OptionForm, formset=OptionFormSet, extra=OPTION_ROWS, can_delete=True, fk_name="vote"
)


def save_draft(form: VoteForm, options: OptionFormSet) -> Vote:
    """Vote and options together."""
    with transaction.atomic():
        vote = form.save()
        options.write(write_only_question(vote, **form.question_fields()))
    return vote


class AnnulForm(forms.Form):
    """Why a vote is annulled; everybody reads it."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("Everybody reads this on the page of the vote."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
