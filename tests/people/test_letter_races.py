"""Two people at the same moment, in real transactions: a code is used once, an export is made once, tries are counted."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from people.letters import actions
from people.letters.actions import NothingToExport, export_next, redeem
from people.models import LetterCode, LetterCodeAttempt, Resident
from people.verdict import NotAllowed
from tests.factories.letters import make_letters
from tests.factories.people import make_user
from tests.factories.places import make_municipality

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls):
    """Runs calls in threads of their own, released together; their results or exceptions, in order."""
    start, results = threading.Barrier(len(calls)), [None] * len(calls)

    def run(number, call):
        start.wait()
        try:
            results[number] = call()
        except (NotAllowed, NothingToExport) as refused:
            results[number] = refused
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


def wait_for_waiting(count):
    """Until so many sessions of this database wait for a lock."""
    for _tick in range(500):
        with connection.cursor() as cursor:
            # Inside a transaction the view would stay as it was at its first reading.
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0] >= count:
                return
        time.sleep(0.02)
    raise AssertionError("nobody waits")


@pytest.fixture
def world():
    clerk = make_user("Griffie", roles=("clerk",))
    places = make_municipality()
    batch, codes = make_letters(places.harbour, clerk)
    return clerk, places, batch, codes


def test_one_code_for_two_people_proves_one(world):
    """Mutant: update by primary key only in `_claim`.

    The failpoint: the code's row is locked while both read it as unused; then both want to write.
    """
    _clerk, _places, batch, codes = world
    people, now, results = [make_user(name) for name in ("Eva", "Dirk")], timezone.now(), []
    with transaction.atomic():
        list(LetterCode.objects.select_for_update().filter(batch=batch))
        both = threading.Thread(
            target=lambda: results.extend(at_once(*[lambda user=user: redeem(user, codes[0], now) for user in people]))
        )
        both.start()
        wait_for_waiting(2)
    both.join(30)
    assert sorted(type(one).__name__ for one in results) == ["NotAllowed", "Resident"]
    assert Resident.objects.filter(proof=2).count() == 1


def test_twelve_tries_at_once_count_as_ten(world):
    """Mutant: leave the lock on the account out of `_count_try`."""
    eva, now = make_user("Eva"), timezone.now()
    results = at_once(*[lambda: redeem(eva, "BBBBCCCCDDDD", now) for _try in range(12)])
    assert len(results) == 12
    assert LetterCodeAttempt.objects.filter(user=eva).count() == 10


def test_two_exports_at_once_give_each_letter_once(world):
    """Mutant: leave `select_for_update` out of `export_next`."""
    clerk, places, _batch, _codes = world
    now = timezone.now()
    batch = actions.make_batch(
        places.municipality, codes_per_address=5, expires_at=now + timedelta(days=9), text="", actor=clerk, now=now
    )
    results = at_once(*[lambda: export_next(batch, actor=clerk, now=now) for _clerk in range(2)])
    letters = [letter for one in results if isinstance(one, list) for letter in one]
    assert len(letters) == 15
    assert sum(isinstance(one, NothingToExport) for one in results) == 1
    assert batch.codes.exclude(code_hash=None).count() == 15


def test_try_is_counted_although_the_code_fails(world):
    eva = make_user("Eva")
    with pytest.raises(NotAllowed):
        redeem(eva, "BBBBCCCCDDDD", timezone.now())
    assert LetterCodeAttempt.objects.count() == 1
    assert not transaction.get_connection().in_atomic_block
