"""What voters fill in beside the ballot: a code."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ballots.codes import read_code
from pages.forms import PlainForm


class VotingCodeForm(PlainForm):
    """A voting code. What is no code gets the same answer as a code that is not right, so nothing is checked here."""

    code = forms.CharField(
        label=gettext_lazy("Your voting code"),
        help_text=gettext_lazy(
            "It stands on your voting card, in three groups of four. Capitals and dashes do not matter."
        ),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}),
        error_messages={"required": gettext_lazy("Fill in your voting code.")},
    )


class CodeForm(PlainForm):
    """A voting receipt code, however it was typed."""

    code = forms.CharField(
        label=gettext_lazy("Your voting receipt code"),
        help_text=gettext_lazy("It has 24 letters and figures, in groups of four. Capitals and dashes do not matter."),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}),
        error_messages={"required": gettext_lazy("Fill in your voting receipt code.")},
    )

    def clean_code(self) -> str:
        code = read_code(self.cleaned_data["code"])
        if code is None:
            raise forms.ValidationError(_("This is no voting receipt code. Check that you typed all 24 characters."))
        return code
