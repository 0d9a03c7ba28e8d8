"""Fixtures every test may ask for; registered in `tests/conftest.py`."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.factories.people import make_resident, make_user, record_log_in
from tests.factories.places import make_municipality


@pytest.fixture
def places(db):
    """The municipality Waterveen; see `make_municipality` for its parts."""
    return make_municipality()


@pytest.fixture
def anna(places):
    """Anna (resident) lives in Havenbuurt, in Wijk Oost, proved with a letter code."""
    return make_resident("Anna", places.harbour)


@pytest.fixture
def bram(places):
    """Bram (resident) lives elsewhere: in Heidebuurt, in Wijk West."""
    return make_resident("Bram", places.heath)


@pytest.fixture
def chaima(places):
    """Chaima (resident) lives in Havenbuurt and is eleven years old."""
    return make_resident("Chaima", places.harbour, birth_date=(timezone.localdate() - timedelta(days=11 * 366)))


@pytest.fixture
def dirk(db):
    """Dirk (account) is an officer: process manager and moderator."""
    return make_user("Dirk", roles=("process manager", "moderator"))


@pytest.fixture
def eva(db):
    """Eva (account) is a councillor: an account without a staff role."""
    return make_user("Eva")


@pytest.fixture
def clerk(db):
    return make_user("Griffie", roles=("clerk",))


@pytest.fixture
def administrator(db):
    return make_user("Beheer", roles=("administrator",))


@pytest.fixture
def auditor(db):
    return make_user("Rekenkamer", roles=("auditor",))


@pytest.fixture
def client_for(db):
    """A browser where a user or resident is logged in, without the log-in form: `client_for(anna)`.

    Who has a second factor has used it, as `people.middleware` demands of staff; `second_factor=False`
    leaves it out. `recent=True` also passes `people.reauthentication.require_recent`.
    """

    def log_in(person=None, *, second_factor=True, recent=False) -> Client:
        client = Client()
        if person is not None:
            user = getattr(person, "user", person)
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
            record_log_in(client, user, second_factor=second_factor, recent=recent)
        return client

    return log_in
