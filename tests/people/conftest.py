"""What the tests about people share."""

import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def dutch():
    """Each test begins in Dutch, whatever language the page of the last one spoke."""
    with translation.override("nl"):
        yield
