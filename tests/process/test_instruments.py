"""The registry of instruments."""

import pytest

from process import instruments
from process.instruments import InstrumentType


@pytest.fixture
def registry(monkeypatch):
    monkeypatch.setattr(instruments, "_instruments", {})
    return instruments


def test_register_twice_is_an_error(registry):
    registry.register(InstrumentType("proposals", "Proposals", {"proposals.submit": "Submit"}))
    with pytest.raises(ValueError, match="registered twice"):
        registry.register(InstrumentType("proposals", "Other", {}))


def test_register_verb_of_somebody_else_is_an_error(registry):
    with pytest.raises(ValueError, match="must begin with"):
        registry.register(InstrumentType("budget", "Budget", {"proposals.submit": "Submit"}))


def test_verb_label_of_instrument_left_out_is_its_name(registry):
    assert registry.verb_label("proposals.submit") == "proposals.submit"
