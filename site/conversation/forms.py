"""Forms for comments, reports and decisions."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from conversation.models import ModerationCase
from conversation.text import PlainTextField
from pages.forms import PlainForm

Decision = ModerationCase.Decision


class CommentForm(PlainForm):
    """A comment. `request_key` is made with the empty form: a double click is one comment."""

    text = PlainTextField(label=_("Your comment"), max_length=2000, widget=forms.Textarea(attrs={"rows": 5}))
    is_official = forms.BooleanField(label=_("On behalf of the municipality"), required=False)
    request_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, may_be_official: bool = False, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"request_key": uuid.uuid4()})
        super().__init__(*args, **kwargs)
        if not may_be_official:
            del self.fields["is_official"]


class FlagForm(PlainForm):
    """A report to the moderators."""

    reason = PlainTextField(
        label=_("What is wrong with it?"),
        max_length=500,
        help_text=_("Only the moderators read this."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class DecisionForm(forms.Form):
    """A moderator's decision."""

    decision = forms.ChoiceField(
        label=_("Decision"),
        choices=[(Decision.PUBLISH, _("Everybody may read this")), (Decision.HIDE, _("Hide this"))],
        widget=forms.RadioSelect,
    )
    reason = PlainTextField(
        label=_("Reason"),
        max_length=1000,
        required=False,
        help_text=_("The writer reads this reason. Needed when you hide something."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("decision") == Decision.HIDE and not data.get("reason"):
            self.add_error("reason", _("Give the reason for hiding this."))
        return data
