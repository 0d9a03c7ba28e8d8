"""Forms about proposals."""

import uuid
from typing import Any

from django import forms
from django.core import signing
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from conversation.text import PlainLineField, PlainTextField, plain_text
from pages.forms import PlainForm, PlainFormMixin
from pages.uploads import PhotoField
from places.forms import PlaceFormMixin
from places.models import Area
from proposals.models import Submission, Theme
from proposals.states import Party, steps_from

PLACE_FIELDS = ("latitude", "longitude", "postcode", "house_number", "house_addition", "area", "location_text")
KEY_SALT = "proposals.form"


class SignedKeyField(forms.CharField):
    """A request key that this site gave out with an empty form; cleaned to a UUID.

    The signature makes it a proof: whoever sends it has had the form, so the draft under this key
    is theirs, also when a second click overtakes the cookie. The key alone stands in addresses.
    """

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> uuid.UUID:  # type: ignore[override]
        try:
            return uuid.UUID(signing.Signer(salt=KEY_SALT).unsign(str(value)))
        except (signing.BadSignature, ValueError):
            return uuid.uuid4()

    def clean(self, value: Any) -> uuid.UUID:
        return self.to_python(value)


def signed_key(key: uuid.UUID) -> str:
    return signing.Signer(salt=KEY_SALT).sign(str(key))


class ProposalForm(PlaceFormMixin, PlainFormMixin, forms.Form):
    """A proposal with its place and image. `unfinished` takes it as far as it is, for a draft."""

    title = PlainLineField(
        label=_("Title"), max_length=100, help_text=_("Say in a few words what you propose."), min_length=5
    )
    text = PlainTextField(
        label=_("Your proposal"),
        max_length=5000,
        help_text=_("What do you want, and why? What does the neighbourhood gain?"),
        widget=forms.Textarea(attrs={"rows": 10}),
    )
    theme = forms.ModelChoiceField(
        label=_("Theme"), queryset=Theme.objects.all(), required=False, empty_label=_("No theme")
    )
    photo = PhotoField(
        label=_("Image"), required=False, help_text=_("JPEG, PNG or WEBP, at most 8 MB. No people who did not agree.")
    )
    without_photo = forms.BooleanField(label=_("Remove the image"), required=False)
    image_alt = PlainLineField(
        label=_("What does the image show?"),
        max_length=200,
        required=False,
        help_text=_("For people who cannot see the image. Needed only with an image."),
    )
    request_key = SignedKeyField()

    field_order = ["title", "text", "theme", *PLACE_FIELDS, "photo", "without_photo", "image_alt", "request_key"]

    def __init__(
        self,
        *args: Any,
        draft: Submission | None = None,
        place_within: Area | None = None,
        unfinished: bool = False,
        **kwargs: Any,
    ) -> None:
        key = draft.request_key if draft else uuid.uuid4()
        initial = {"request_key": signed_key(key), **(_initial(draft) if draft else {})}
        super().__init__(*args, place_within=place_within, initial=initial, **kwargs)
        self.has_photo = bool(draft and draft.image)
        if not self.has_photo:
            del self.fields["without_photo"]
        if unfinished:
            for field in self.fields.values():
                field.required = False
            self.fields["title"].validators = [MaxLengthValidator(100)]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        data["location_text"] = " ".join(plain_text(data.get("location_text") or "").split())
        keeps = self.has_photo and not data.get("without_photo")
        if (data.get("photo") or keeps) and not data.get("image_alt") and self.fields["title"].required:
            self.add_error("image_alt", _("Say what the image shows."))
        return data

    @property
    def draft_data(self) -> dict[str, Any]:
        """What a draft keeps of this form: every field that can be read."""
        names = ("title", "text", "theme", "area", "location_text", "latitude", "longitude", "image_alt")
        return {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}


def _initial(draft: Submission) -> dict[str, Any]:
    names = ("title", "text", "theme", "area", "location_text", "latitude", "longitude", "image_alt")
    return {name: getattr(draft, name) for name in names}


class WithdrawForm(PlainForm):
    """The submitter takes a proposal back."""

    reason = PlainTextField(
        label=_("Why do you withdraw it?"),
        max_length=500,
        help_text=_("Everybody can read this, and supporters get it by e-mail."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class ExtendForm(forms.Form):
    """More time for the answer, with the reason."""

    weeks = forms.IntegerField(label=_("How many weeks more"), min_value=1, max_value=52)
    reason = PlainTextField(
        label=_("Reason"),
        max_length=1000,
        help_text=_("The submitter and the supporters get it by e-mail, and everybody can read it."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class AnswerForm(forms.Form):
    """The municipality moves a proposal on and answers."""

    state = forms.ChoiceField(label=_("New state"), widget=forms.RadioSelect, required=False)
    reason = PlainTextField(
        label=_("Reason"),
        max_length=1000,
        required=False,
        help_text=_("One or two sentences. Everybody reads them in the history."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    answer = PlainTextField(
        label=_("Answer"),
        max_length=5000,
        required=False,
        help_text=_("To the submitter and the supporters, on the page of the proposal."),
        widget=forms.Textarea(attrs={"rows": 8}),
    )

    def __init__(self, *args: Any, submission: Submission, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        steps = steps_from(submission.state, Party.OFFICER)
        labels = [(step.target, str(Submission.State(step.target).label).capitalize()) for step in steps]
        choices = self.fields["state"]
        assert isinstance(choices, forms.ChoiceField)
        choices.choices = [("", _("Keep the state, change only the answer")), *labels]
