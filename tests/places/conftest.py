"""What the tests about places share."""

import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def english():
    """Sentences are compared in English, whatever language the page of the last one spoke."""
    with translation.override("en"):
        yield
