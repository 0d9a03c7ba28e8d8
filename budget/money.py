"""Euros as people write them, cents as the database keeps them."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminPageForm

# "1.250,50", "1250,5", "1 250", "€ 1.250,-"; a dot before one or two last digits is a decimal point as well.
AMOUNT = re.compile(r"^(?P<whole>\d{1,3}(?:[. ]\d{3})+|\d+)(?:(?:,|\.)(?P<part>\d{1,2}|-{1,2}))?$", re.ASCII)
LARGEST_CENTS = 10**14


def cents_from(text: str) -> int | None:
    """The amount in cents that somebody wrote, or None when it is no amount of money."""
    found = AMOUNT.match(" ".join(text.replace("€", " ").replace("\xa0", " ").split()))
    if not found:
        return None
    whole = re.sub(r"[. ]", "", found["whole"])
    part = (found["part"] or "").replace("-", "").ljust(2, "0")
    return int(whole) * 100 + int(part)


def euros_from(cents: int) -> str:
    """How the amount stands in a form field: without a sign, cents only where there are any."""
    whole, part = divmod(cents, 100)
    return f"{whole},{part:02d}" if part else str(whole)


class EuroField(forms.CharField):
    """An amount in euros; its cleaned value is in whole cents, or None when left empty."""

    default_error_messages = {
        "invalid": _("Enter an amount in euros, such as 1250 or 1250,50."),
        "min_value": _("Enter an amount of more than zero."),
        "max_value": _("This amount is too large."),
    }
    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def prepare_value(self, value: Any) -> Any:
        return euros_from(int(value)) if isinstance(value, int | Decimal) else value

    def to_python(self, value: Any) -> Any:
        if isinstance(value, int):
            return value
        text = super().to_python(value)
        if not text:
            return None
        cents = cents_from(text)
        if cents is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return _within_bounds(cents, self.error_messages)

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(initial != self.to_python(data))
        except ValidationError:
            return True


def _within_bounds(cents: int, messages: dict[str, Any]) -> int:
    if cents <= 0:
        raise ValidationError(messages["min_value"], code="min_value")
    if cents >= LARGEST_CENTS:
        raise ValidationError(messages["max_value"], code="max_value")
    return cents


class BudgetRoundForm(WagtailAdminPageForm):
    """The edit form of a round: the pot in euros."""

    pot = EuroField(label=_("Pot (in euros)"))
