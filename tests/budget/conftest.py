"""Budget tests read English: the Dutch texts are tested as a whole elsewhere."""

import pytest
from django.utils import translation

from tests.factories.budget import make_round


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def budget_round(site_root, places):
    """A round for Wijk Oost in which plans can be submitted."""
    return make_round(site_root, area=places.east)
