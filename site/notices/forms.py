"""Which mails somebody wants."""

from typing import Any

from django import forms

from notices import kinds
from notices.preferences import set_wanted, unwanted_kinds
from people.models import User


class PreferencesForm(forms.Form):
    """A checkbox for each kind of notice that can be switched off."""

    use_required_attribute = False

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        self.user = user
        self.unwanted = unwanted_kinds(user)
        for kind in optional_kinds():
            initial = kind.key not in self.unwanted
            self.fields[kind.key] = forms.BooleanField(label=str(kind.label), required=False, initial=initial)

    def save(self) -> None:
        """Writes what changed."""
        for key, wanted in self.cleaned_data.items():
            if wanted == (key in self.unwanted):
                set_wanted(self.user.pk, key, wanted=wanted)


def optional_kinds() -> list[kinds.NoticeKind]:
    return [kind for kind in kinds.all_kinds() if not kind.mandatory]


def mandatory_kinds() -> list[kinds.NoticeKind]:
    return [kind for kind in kinds.all_kinds() if kind.mandatory]
