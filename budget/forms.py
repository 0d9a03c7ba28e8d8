"""Forms of residents: a plan, its photo, and the filter of the list."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from budget import rules
from budget.models import BudgetRoundPage, Plan
from budget.money import EuroField
from budget.queries import Choice, areas_with_plans
from conversation.text import PlainLineField, PlainTextField
from pages.forms import PlainForm, PlainFormMixin
from pages.templatetags.components import euro
from pages.uploads import PhotoField
from places.forms import PlaceFormMixin

# The filter has its own, shorter template: nothing in it is required, so it need not say so four times.
SELECT_CSS = "utrecht-select utrecht-select--html-select"
TEXTBOX_CSS = "utrecht-textbox utrecht-textbox--html-input"
VALUES = ("title", "text", "cost", "latitude", "longitude", "area", "location_text")


class PlanForm(PlainFormMixin, PlaceFormMixin):
    """What a resident fills in; `values()` are the fields of a `Plan`."""

    title = PlainLineField(label=_("Name of your plan"), min_length=5, max_length=100)
    text = PlainTextField(
        label=_("What do you want to do, and why?"),
        min_length=20,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    cost = EuroField(
        label=_("What does it cost, do you think?"),
        required=False,
        help_text=_("In euros. A guess is fine. The municipality works out the real cost."),
    )
    field_order = ["title", "text", "cost"]

    def __init__(self, *args: Any, page: BudgetRoundPage, **kwargs: Any) -> None:
        self.round = page
        super().__init__(*args, place_within=page.area, **kwargs)

    def clean_cost(self) -> int | None:
        cost: int | None = self.cleaned_data["cost"]
        verdict = rules.cost_fits(cost, self.round)
        if not verdict:
            raise forms.ValidationError(verdict.reason, code="over_pot")
        return cost

    def values(self) -> dict[str, Any]:
        """The cleaned fields of a plan."""
        return {name: self.cleaned_data[name] for name in VALUES}

    @staticmethod
    def initial_of(plan: Plan) -> dict[str, Any]:
        """A draft as the form shows it."""
        return {name: getattr(plan, name) for name in VALUES}

    def display_cost(self, value: int | None) -> str:
        return euro(value) if value else str(_("Not filled in"))


class PhotoForm(PlainForm):
    """A photo with a draft; both fields empty is fine."""

    photo = PhotoField(label=_("Photo"), required=False, help_text=_("A JPEG, PNG or WEBP image of at most 8 MB."))
    description = PlainLineField(
        label=_("What does the photo show?"),
        required=False,
        max_length=200,
        help_text=_("For people who cannot see the photo."),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("photo") and not data.get("description") and "description" not in self.errors:
            self.add_error("description", _("Say what the photo shows."))
        return data


class PlanFilterForm(PlainForm):
    """The filter of the list; whatever cannot be read counts as empty, because addresses get mangled."""

    q = forms.CharField(label=_("Words"), required=False, max_length=100, strip=True)
    area: Any = forms.ModelChoiceField(None, label=_("Neighbourhood"), required=False, empty_label=_("All"))
    verdict = forms.ChoiceField(label=_("Feasible?"), required=False, choices=[("", _("All")), *Plan.Verdict.choices])
    outcome = forms.ChoiceField(label=_("Chosen?"), required=False, choices=[("", _("All")), *Plan.Outcome.choices[1:]])

    def __init__(self, *args: Any, page: BudgetRoundPage, with_outcome: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["area"].queryset = areas_with_plans(page)  # type: ignore[attr-defined]
        if not with_outcome:
            del self.fields["outcome"]
        for bound in self.visible_fields():
            is_select = isinstance(bound.field.widget, forms.Select)
            bound.field.widget.attrs["class"] = SELECT_CSS if is_select else TEXTBOX_CSS

    def choice(self) -> Choice:
        """What was asked."""
        self.is_valid()
        data = self.cleaned_data
        return Choice(
            words=data.get("q", ""),
            area=data.get("area"),
            verdict=data.get("verdict", ""),
            outcome=data.get("outcome", ""),
        )
