"""Forms of staff in the admin: the vote of a referendum, the decision of the council."""

from datetime import datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.widgets import AdminDateInput, AdminDateTimeInput

from ballots.models import Vote
from referendum import rules
from referendum.models import CouncilDecision


class NewVoteForm(forms.ModelForm):
    """A new draft: its name and when it is open. Everything else stands on the pages of the vote."""

    class Meta:
        model = Vote
        fields = ["title", "opens_at", "closes_at"]
        widgets = {"opens_at": AdminDateTimeInput, "closes_at": AdminDateTimeInput}


class ChooseVoteForm(forms.Form):
    """A draft that is there already."""

    vote = forms.ModelChoiceField(
        Vote.objects.none(), label=gettext_lazy("Vote"), empty_label=gettext_lazy("Choose a vote")
    )

    def __init__(self, *args: Any, votes: QuerySet[Vote], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["vote"].queryset = votes  # type: ignore[attr-defined]


class DecisionForm(forms.ModelForm):
    """What the council decided; everybody reads it."""

    document_url = forms.URLField(
        label=CouncilDecision._meta.get_field("document_url").verbose_name,
        help_text=gettext_lazy("Begins with https://."),
        max_length=500,
        required=False,
        assume_scheme="https",
    )

    class Meta:
        model = CouncilDecision
        fields = ["decided_on", "text", "document_url"]
        widgets = {"decided_on": AdminDateInput, "text": forms.Textarea(attrs={"rows": 8})}

    def __init__(self, *args: Any, vote: Vote | None, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.vote, self.now = vote, now

    def clean_decided_on(self) -> Any:
        day = self.cleaned_data["decided_on"]
        verdict = rules.is_day_of_decision(self.vote, day, self.now) if self.vote else None
        if verdict is not None and not verdict:
            raise forms.ValidationError(verdict.reason)
        return day

    def clean_document_url(self) -> str:
        url: str = self.cleaned_data["document_url"]
        if url and not url.startswith("https://"):
            raise forms.ValidationError(_("The address begins with https://."))
        return url
