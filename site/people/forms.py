"""Forms about accounts and proof of residence."""

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from people.models import Resident, User
from places.forms import AreaChoiceField, PostcodeField, number_field
from places.models import Address, Area
from places.queries import address_at


class PlainForm(forms.Form):
    """The browser's own pop-ups stay away: the error summary says it in words."""

    use_required_attribute = False


def plain_name(text: str) -> str:
    """A display name on one line, without invisible characters that could pass for another name."""
    return " ".join("".join(character for character in text if character.isprintable()).split())


class DisplayNameField(forms.CharField):
    """A name that others see; plain text on one line."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_("Display name"), max_length=60, **kwargs)
        self.widget.attrs["autocomplete"] = "nickname"

    def to_python(self, value: Any) -> str:
        return plain_name(super().to_python(value) or "")


class SignupDetailsForm(PlainForm):
    """What sign-up asks besides e-mail address and password (`settings.ACCOUNT_SIGNUP_FORM_CLASS`)."""

    display_name = DisplayNameField()

    def signup(self, request: HttpRequest, user: User) -> None:
        """Called by allauth once the account exists."""
        user.display_name = self.cleaned_data["display_name"]
        user.save(update_fields=["display_name"])


class BirthDateField(forms.DateField):
    """A date of birth in the past, at most 120 years ago."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(attrs={"autocomplete": "bday", "inputmode": "numeric"}, format="%d-%m-%Y")
        super().__init__(
            label=_("Date of birth"),
            widget=widget,
            input_formats=["%d-%m-%Y", "%d/%m/%Y", "%d.%m.%Y", "%Y-%m-%d"],
            help_text=_("For example 23-5-1984. We use it only to see whether you are old enough."),
            error_messages={"invalid": _("Write the date like this: 23-5-1984.")},
            **kwargs,
        )

    def clean(self, value: Any) -> date | None:
        day = super().clean(value)
        today = timezone.localdate()
        if day and not today.replace(year=today.year - 120, day=min(today.day, 28)) <= day < today:
            raise forms.ValidationError(_("Fill in your own date of birth."))
        return day


class DetailsForm(PlainForm):
    """Name, language and date of birth."""

    display_name = DisplayNameField(help_text=_("Others see this name beside what you write."))
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    birth_date = BirthDateField(required=False)


class HomeForm(PlainForm):
    """Where somebody lives: an address, or else only the neighbourhood. A district is too big to live in.

    After cleaning: `address` (`Address` or None) and `neighbourhood` (`Area`).
    """

    postcode = PostcodeField(required=False)
    number = number_field(required=False)
    addition = forms.CharField(label=_("Addition"), max_length=10, required=False)
    neighbourhood = AreaChoiceField(
        label=_("Neighbourhood"),
        empty_label=_("Choose a neighbourhood"),
        required=False,
        help_text=_("Choose this when we do not know your address."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["neighbourhood"]
        field.queryset = field.queryset.filter(kind=Area.Kind.NEIGHBOURHOOD)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.errors:
            return data
        if data["postcode"] or data["number"]:
            self._find_address(data)
        elif data["neighbourhood"] is None:
            self.add_error("postcode", _("Fill in your address, or choose your neighbourhood."))
        return data

    def _find_address(self, data: dict[str, Any]) -> None:
        if not (data["postcode"] and data["number"]):
            missing = "number" if data["postcode"] else "postcode"
            self.add_error(missing, _("Fill in both the postcode and the house number."))
            return
        address = address_at(data["postcode"], data["number"], data["addition"])
        if address is None and data["neighbourhood"] is None:
            self.add_error("postcode", _("We do not know this address. Check it, or choose your neighbourhood."))
        elif address is not None:
            data.update(address=address, neighbourhood=address.neighbourhood)

    @property
    def address(self) -> Address | None:
        return self.cleaned_data.get("address")


class LetterCodeForm(PlainForm):
    """The code from a letter."""

    code = forms.CharField(
        label=_("Code from the letter"),
        max_length=40,
        help_text=_("Twelve letters and digits. Spaces and dashes do not matter."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )


class EraseForm(PlainForm):
    """The last question before an account goes."""

    sure = forms.BooleanField(label=_("Yes, close my account. I know that this cannot be undone."))


def initial_details(user: User, resident: Resident | None) -> dict[str, Any]:
    return {
        "display_name": user.display_name,
        "language": user.language,
        "birth_date": resident.birth_date if resident else None,
    }
