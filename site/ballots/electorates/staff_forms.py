"""The form of a group of voters in the admin."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from ballots.models import Electorate
from ballots.staff_forms import StreetsField, check_streets
from people.models import Resident
from places.forms import AreaChoiceField


class GroupForm(forms.ModelForm):
    """Who belongs to a group; what stays empty is as for the whole vote."""

    area = AreaChoiceField(
        label=gettext_lazy("Area"), required=False, empty_label=gettext_lazy("As for the whole vote")
    )
    streets = StreetsField()
    minimum_proof = forms.TypedChoiceField(
        label=gettext_lazy("Proof of residence needed"),
        choices=[("", gettext_lazy("As for the whole vote")), *Resident.Proof.choices],
        coerce=int,
        empty_value=None,
        required=False,
    )

    class Meta:
        model = Electorate
        fields = ["title", "area", "streets", "minimum_age", "minimum_proof"]
        help_texts = {"minimum_age": gettext_lazy("Empty: as for the whole vote.")}

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        check_streets(self, data)
        return data
