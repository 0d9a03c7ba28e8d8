"""Forms of staff in the admin: a vote that is not about a round of plans, the reason of an annulment."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.widgets import AdminDateInput, AdminDateTimeInput

from ballots.models import Vote
from people.models import Resident
from places.forms import AreaChoiceField
from places.streets import Street, StreetsRefused, as_typed, read_streets

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


class StreetsField(forms.CharField):
    """Streets as people write them; the form that knows the area reads them with `check_streets`."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", gettext_lazy("Streets"))
        kwargs.setdefault(
            "help_text",
            gettext_lazy(
                "Empty: everybody in the area. Else a street per line."
                " Parts are possible: Dorpsstraat 1-25, Dorpsstraat oneven, Dorpsstraat 2-40 even."
            ),
        )
        super().__init__(required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 4}), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return as_typed(map(Street.read, value)) if isinstance(value, list) else value


def check_streets(form: forms.Form | forms.ModelForm, data: dict[str, Any]) -> None:
    """Turns the text into streets of the area, or says which are none."""
    if {"streets", "area"} & set(form.errors):
        return
    try:
        data["streets"] = [street.plain for street in read_streets(data["streets"], data["area"])]
    except StreetsRefused as refusal:
        form.add_error("streets", list(refusal.problems))


def check_reference(form: forms.Form | forms.ModelForm, data: dict[str, Any]) -> None:
    """A day belongs to a list of a chosen day only."""
    if data.get("reference_kind") != Vote.Reference.DAY:
        data["reference_day"] = None
    elif not data.get("reference_day") and "reference_day" not in form.errors:
        form.add_error("reference_day", _("Give the day whose list of voters it is."))


class VoteForm(forms.ModelForm):
    """A draft of a vote; its questions have pages of their own (`ballots.question_forms`)."""

    threshold_share = PercentField(
        label=gettext_lazy("Share of the people on the list, in percent"),
        help_text=gettext_lazy("Only with a minimum."),
        required=False,
    )
    area = AreaChoiceField(
        label=gettext_lazy("For whom"), required=False, empty_label=gettext_lazy("Whole municipality")
    )
    roll_source = forms.ChoiceField(
        label=gettext_lazy("Where the list of voters comes from"),
        choices=Vote.RollSource.choices,
        required=False,
        help_text=gettext_lazy("From the register: load an extract afterwards. Proof of residence is not asked then."),
    )
    streets = StreetsField()
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
            "roll_source",
            "area",
            "streets",
            "minimum_age",
            "age_day",
            "minimum_proof",
            "reference_kind",
            "reference_day",
            "on_paper",
            "at_counter",
            "change_policy",
            "not_secret",
            "publication_threshold",
            "commitment",
            "threshold_kind",
            "threshold_share",
            "request_title",
            "request_url",
            "request_signatures",
            "request_day",
        ]
        widgets = {
            **dict.fromkeys(("age_day", "reference_day", "request_day"), AdminDateInput),
            "opens_at": AdminDateTimeInput,
            "closes_at": AdminDateTimeInput,
            "text": forms.Textarea(attrs={"rows": 3}),
            "commitment": forms.Textarea(attrs={"rows": 4}),
        }

    def clean_roll_source(self) -> str:
        return str(self.cleaned_data["roll_source"] or self.instance.roll_source)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        check_threshold(self, data)
        check_streets(self, data)
        check_reference(self, data)
        return data


class AnnulForm(forms.Form):
    """Why a vote is annulled; everybody reads it."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("Everybody reads this on the page of the vote."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
