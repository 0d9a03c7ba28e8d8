"""Writing notices: in the caller's transaction, once per key, with a word to the worker that may fail."""

import socket
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from notices import wake
from notices.actions import OutsideTransaction, notify, notify_all
from notices.kinds import UnknownKind
from notices.models import OutboxLine
from tests.brokers import tasks_sent_to
from tests.factories.people import make_user

PAYLOAD = {"title": "A new bench", "url": "/voorstellen/1/"}


def test_notify_writes_one_line(anna):
    assert notify("trial", anna.user, key="a", payload=PAYLOAD) is True
    line = OutboxLine.objects.get()
    assert (line.key, line.kind, line.recipient, line.payload, line.state) == (
        "a",
        "trial",
        anna.user,
        PAYLOAD,
        "waiting",
    )


def test_notify_twice_with_one_key_writes_one_line(anna):
    notify("trial", anna.user, key="a", payload=PAYLOAD)
    assert notify("trial", anna.user, key="a", payload={"title": "Other"}) is False
    assert OutboxLine.objects.get().payload == PAYLOAD


@pytest.mark.django_db(transaction=True)
def test_notify_outside_transaction_is_refused(eva):
    """Mutant: without the check, the line is there although what it tells was never written."""
    with pytest.raises(OutsideTransaction, match="needs a transaction"):
        notify("trial", eva, key="a", payload=PAYLOAD)
    assert OutboxLine.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_notify_goes_with_a_rolled_back_transaction(eva, wakes):
    with transaction.atomic():
        notify("trial", eva, key="a", payload=PAYLOAD)
        transaction.set_rollback(True)
    assert (OutboxLine.objects.count(), wakes) == (0, [])


def test_notify_of_unknown_kind_is_an_error(anna):
    with pytest.raises(UnknownKind):
        notify("nothing", anna.user, key="a", payload={})


@pytest.mark.parametrize(
    "url", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", 5]
)
def test_notify_with_link_elsewhere_is_an_error(anna, url):
    with pytest.raises(ValueError, match="path on this site"):
        notify("trial", anna.user, key="a", payload={"url": url})


def test_notify_all_writes_in_fixed_number_of_statements(db, django_assert_num_queries):
    people = [make_user(f"Person {number}") for number in range(30)]
    with django_assert_num_queries(2):
        assert notify_all("trial", people, key=lambda user: f"e:{user.pk}", payload=PAYLOAD) == 30
    assert notify_all("trial", people, key=lambda user: f"e:{user.pk}", payload=PAYLOAD) == 0


@pytest.mark.django_db(transaction=True)
def test_many_notices_wake_worker_once(eva, wakes):
    with transaction.atomic():
        for number in range(5):
            notify("trial", eva, key=f"a{number}", payload=PAYLOAD)
    assert len(wakes) == 1


@pytest.mark.django_db(transaction=True)
def test_notice_for_later_wakes_nobody(eva, wakes):
    with transaction.atomic():
        notify("trial", eva, key="a", payload=PAYLOAD, due_at=timezone.now() + timedelta(days=1))
    assert wakes == []


@pytest.mark.django_db(transaction=True)
def test_commit_goes_on_while_broker_is_away(eva, monkeypatch, settings):
    """Mutant: without the try in `wake_worker` the caller's page fails after its work was committed."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        monkeypatch.setattr(wake, "_silent_until", 0.0)
        begin = time.monotonic()
        with tasks_sent_to(f"redis://127.0.0.1:{nobody.getsockname()[1]}/0"):
            for number in range(3):
                with transaction.atomic():
                    notify("trial", eva, key=f"a{number}", payload=PAYLOAD)
        assert time.monotonic() - begin < 1
    assert wake._silent_until > time.monotonic() + wake.PAUSE_SECONDS
    assert OutboxLine.objects.count() == 3


def test_notice_of_savepoint_rolled_back_is_gone_and_later_one_stays(anna):
    """The word to the worker is registered again when the savepoint that registered it was rolled back."""
    with transaction.atomic():
        notify("trial", anna.user, key="a", payload=PAYLOAD)
        transaction.set_rollback(True)
    notify("trial", anna.user, key="b", payload=PAYLOAD)
    assert list(OutboxLine.objects.values_list("key", flat=True)) == ["b"]
    assert [entry[1].__name__ for entry in connection.run_on_commit].count("wake_worker") == 1
