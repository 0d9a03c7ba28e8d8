"""Amounts as people write them."""

import pytest
from django.core.exceptions import ValidationError

from budget.money import EuroField, cents_from, euros_from


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("1250", 125000),
        ("1.250", 125000),
        ("1 250", 125000),
        ("1250,5", 125050),
        ("1.250,50", 125050),
        ("€ 1.250,-", 125000),
        ("€1250,--", 125000),
        ("12.50", 1250),
        ("0,05", 5),
        ("1.250.000", 125000000),
        (" 7 ", 700),
    ],
)
def test_cents_from_amount_as_people_write_it(text, cents):
    assert cents_from(text) == cents


@pytest.mark.parametrize(
    "text", ["", "abc", "1,250.50", "1.25.0", "-5", "1e5", "12,345", "½", "1.2500", "5 5", "=1+1", "٣"]
)
def test_cents_from_anything_else_is_no_amount(text):
    assert cents_from(text) is None


@pytest.mark.parametrize("cents", [1, 5, 100, 125000, 125050, 10**13])
def test_amount_in_form_is_read_back(cents):
    assert cents_from(euros_from(cents)) == cents


@pytest.mark.parametrize(("text", "code"), [("0", "min_value"), ("nul", "invalid"), ("9" * 15, "max_value")])
def test_euro_field_refuses(text, code):
    with pytest.raises(ValidationError) as refusal:
        EuroField().clean(text)
    assert refusal.value.code == code


def test_euro_field_left_empty_is_none_when_not_required():
    assert EuroField(required=False).clean("") is None
