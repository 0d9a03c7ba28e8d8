"""Forms with accessible defaults: the one pattern of every form on the site.

A template renders them with `{% error_summary form %}` and `{% form_fields form %}` (or `{% field form.name %}`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Model
from django.forms.utils import ErrorDict
from django.utils import formats, timezone
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class CheckRow:
    """One line of a check page: what was asked and what the visitor filled in."""

    name: str
    label: str
    value: str


class PlainFormMixin:
    """What `PlainForm` and `PlainModelForm` share.

    - The browser's own pop-ups stay away (`use_required_attribute`): our error summary says it in words.
    - `autofocus_field` names the field that takes focus, for "Change" on a check page.
    - `display_<field>(value)` may say how a check page shows a value.
    """

    use_required_attribute = False
    autofocus_field: str = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():  # type: ignore[attr-defined]
            _say_what_is_missing(self[name], field)  # type: ignore[index]
            _say_how_long(self[name], field)  # type: ignore[index]

    def without_complaints(self) -> "PlainFormMixin":
        """Shows what was typed, not yet what is wrong with it."""
        self._errors = ErrorDict()
        self.cleaned_data: dict[str, Any] = {}
        return self

    def check_rows(self) -> list[CheckRow]:
        """Every visible field of a valid form with its value in words."""
        return [
            CheckRow(bound.name, str(bound.label), self._shown(bound))
            for bound in self.visible_fields()  # type: ignore[attr-defined]
        ]

    def _shown(self, bound: forms.BoundField) -> str:
        value = self.cleaned_data.get(bound.name)
        own = getattr(self, f"display_{bound.name}", None)
        return str(own(value)) if own else in_words(value, bound.field)

    def raw_pairs(self) -> Iterator[tuple[str, str]]:
        """Name and text of every submitted value of this form, as typed; files cannot be carried."""
        names = [self.add_prefix(name) for name in self.fields]  # type: ignore[attr-defined]
        for key in self.data:  # type: ignore[attr-defined]
            if any(key == name or key.startswith(f"{name}_") for name in names):
                yield from ((key, value) for value in self.data.getlist(key))  # type: ignore[attr-defined]


def _say_what_is_missing(bound: forms.BoundField, field: forms.Field) -> None:
    """Names the field in what is said when it is empty. A message of the form's own stays."""
    if field.error_messages.get("required") == forms.Field.default_error_messages["required"]:
        field.error_messages["required"] = missing(bound)


def _say_how_long(bound: forms.BoundField, field: forms.Field) -> None:
    """“Ensure this value has at least 5 characters” is about no field; the numbers are filled in where it fails."""
    if not isinstance(field, forms.CharField):
        return
    known = {"label": str(bound.label).replace("%", "%%"), "limit": "%(limit_value)s", "length": "%(show_value)s"}
    too_short = _("“%(label)s” is too short. Write at least %(limit)s characters. You wrote %(length)s.")
    too_long = _("“%(label)s” is too long. Write at most %(limit)s characters. You wrote %(length)s.")
    field.error_messages.setdefault("min_length", too_short % known)
    field.error_messages.setdefault("max_length", too_long % known)


def errors_of(bound: forms.BoundField) -> list[str]:
    """What is wrong with a field, as it stands beside it.

    Forms of the packages below this one, and allauth's, are no `PlainForm`: what they say of an empty field becomes our sentence.
    """
    nameless = str(forms.Field.default_error_messages["required"])
    return [missing(bound) if str(text) == nameless else str(text) for text in bound.errors]


def error_lines(bound: forms.BoundField) -> list[str]:
    """The same for the summary above the form, where each line must name its field."""
    if isinstance(bound.form, PlainFormMixin):
        return errors_of(bound)
    return [text if text == missing(bound) else f"{bound.label}: {text}" for text in errors_of(bound)]


def missing(bound: forms.BoundField) -> str:
    """“This field is required” five times says nothing: this names the field."""
    return _missing(bound.field.widget) % {"label": bound.label}


def _missing(widget: forms.Widget) -> str:
    if isinstance(widget, forms.CheckboxInput):
        return _("Tick the box at “%(label)s”.")
    if isinstance(widget, forms.FileInput):
        return _("Choose a file at “%(label)s”.")
    if isinstance(widget, (forms.Select, forms.RadioSelect, forms.CheckboxSelectMultiple)):
        return _("Choose an answer at “%(label)s”.")
    return _("Fill in “%(label)s”.")


class PlainForm(PlainFormMixin, forms.Form):
    """A form with accessible defaults."""


class PlainModelForm(PlainFormMixin, forms.ModelForm):
    """A model form with accessible defaults."""


def in_words(value: Any, field: forms.Field | None = None) -> str:
    """A cleaned value as a person reads it."""
    if value in (None, "", [], ()):
        return _("Not filled in")
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, datetime):
        return formats.date_format(timezone.localtime(value), "DATETIME_FORMAT")
    if isinstance(value, date):
        return formats.date_format(value, "DATE_FORMAT")
    if isinstance(value, UploadedFile):
        return str(value.name)
    return _chosen(value, field)


def _chosen(value: Any, field: forms.Field | None) -> str:
    """The label of a choice, of several choices, or the value itself."""
    if isinstance(value, (str, int, Model)):
        return _label_of(value, field)
    if hasattr(value, "__iter__"):
        return ", ".join(_label_of(part, field) for part in value) or _("Not filled in")
    return formats.localize(value) if not isinstance(value, str) else value


def _label_of(value: Any, field: forms.Field | None) -> str:
    if isinstance(value, Model) or not isinstance(field, forms.ChoiceField):
        return str(value)
    labels = {str(key): str(label) for key, label in _flat(field.choices)}
    return labels.get(str(value), str(value))


def _flat(choices: Any) -> Iterator[tuple[Any, Any]]:
    """Choices without their groups."""
    for key, label in choices:
        if isinstance(label, (list, tuple)):
            yield from label
        else:
            yield key, label
