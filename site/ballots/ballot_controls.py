"""The rows of a ballot and their controls."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from ballots.frozen import FrozenOption

SELECTED = mark_safe(" selected")


@dataclass(frozen=True)
class Row:
    """An option with its control; the choice "blank" has no option."""

    option: FrozenOption | None
    control: Any
    id: str
    label: str
    errors: tuple[str, ...] = ()
    # What choosing it adds to the sum of the question, for the page's script; None where a number is filled in.
    weight: int | None = None


class NumberSelect(forms.Select):
    """The browser's list of numbers. Django's own templates take a second for a ranking of 85 options; this takes a twentieth."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        chosen = "" if value is None else str(value)
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            ((number, SELECTED if str(number) == chosen else "", text) for number, text in self.choices),
        )
        own = flatatt(self.build_attrs(self.attrs, attrs))
        return format_html('<select name="{}"{}>{}</select>', name, own, options)
