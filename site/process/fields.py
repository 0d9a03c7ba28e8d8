"""The field with which an editor says what a phase opens."""

from typing import Any

from django import forms
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from process.instruments import all_instruments, is_known


def verb_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Checkboxes grouped by instrument."""
    return [
        (str(instrument.label), [(verb, str(label)) for verb, label in instrument.verbs.items()])
        for instrument in all_instruments()
        if instrument.verbs
    ]


def check_verb(verb: str) -> None:
    """Validator: a verb is one that an instrument registered."""
    if not is_known(verb):
        raise ValidationError(_("Unknown: %(verb)s."), params={"verb": verb}, code="unknown_verb")


class VerbsField(ArrayField):
    """Names of verbs, edited as checkboxes of what the instruments registered."""

    def __init__(self, **options: Any) -> None:
        options.pop("base_field", None)
        super().__init__(models.CharField(max_length=50, validators=[check_verb]), **options)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        """For migrations it is a plain array: they import nothing of ours."""
        name, _path, args, options = super().deconstruct()
        plain = options | {"base_field": models.CharField(max_length=50)}
        return name, "django.contrib.postgres.fields.ArrayField", list(args), plain

    def formfield(self, **options: Any) -> Any:
        defaults: dict[str, Any] = {"choices": verb_choices, "widget": forms.CheckboxSelectMultiple}
        return models.Field.formfield(self, form_class=forms.MultipleChoiceField, **defaults | options)
