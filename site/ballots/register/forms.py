"""What staff fill in about the register: a file, a person whom it misses, a register number."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from ballots.register.extract import LONGEST, Person, read_person


class ExtractForm(forms.Form):
    """The file with the extract."""

    file = forms.FileField(
        label=gettext_lazy("CSV file"), widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}), allow_empty_file=True
    )


class PersonForm(forms.Form):
    """Somebody whom the extract misses; checked as a line of the extract is."""

    number = forms.CharField(label=gettext_lazy("Register number"), max_length=20)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=LONGEST["name"])
    birth_date = forms.CharField(
        label=gettext_lazy("Date of birth"), max_length=10, help_text=gettext_lazy("Such as 31-12-1985.")
    )
    street = forms.CharField(label=gettext_lazy("Street"), max_length=LONGEST["street"], required=False)
    house_number = forms.CharField(label=gettext_lazy("House number"), max_length=5, required=False)
    addition = forms.CharField(label=gettext_lazy("Addition"), max_length=LONGEST["addition"], required=False)
    postcode = forms.CharField(label=gettext_lazy("Postcode"), max_length=7, required=False)
    city = forms.CharField(label=gettext_lazy("City"), max_length=LONGEST["city"], required=False)
    secret = forms.ChoiceField(
        label=gettext_lazy("Secret address"),
        choices=[("", "–"), ("nee", gettext_lazy("No")), ("ja", gettext_lazy("Yes: no letter goes there"))],
    )

    person: Person | None = None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors:
            wrong: list[str] = []
            self.person = read_person(data, wrong)
            for sentence in wrong:
                self.add_error(None, sentence)
        return data


class NumberForm(forms.Form):
    """Somebody in the extract, by their register number."""

    number = forms.CharField(
        label=gettext_lazy("Register number"), max_length=30, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
