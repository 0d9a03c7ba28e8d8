"""Referendum tests read English: the Dutch texts are tested as a whole elsewhere."""

import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield
