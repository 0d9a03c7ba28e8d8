"""Delivery: what is due goes once in effect, failures wait longer each time, and one bad line stops nobody."""

import threading
from datetime import timedelta
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPServerDisconnected

import psycopg
import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from notices import delivery
from notices.actions import notify_all
from notices.models import NoticePreference, OutboxLine
from notices.preferences import set_wanted
from tests.factories.notices import make_line
from tests.factories.people import make_user

STATE = OutboxLine.State


def files(folder):
    return sorted(path.name for path in folder.iterdir())


# --- The folder -------------------------------------------------------------------------------------


def test_due_line_becomes_one_file_named_by_the_line(anna, folder):
    line = make_line(anna)
    assert delivery.deliver_due() == 1
    line.refresh_from_db()
    assert files(folder) == [f"{line.pk}.eml"]
    assert (line.state, line.attempts, line.sent_at is not None) == (STATE.SENT, 1, True)


def test_delivered_line_is_not_delivered_again(anna, folder):
    make_line(anna)
    assert (delivery.deliver_due(), delivery.deliver_due()) == (1, 0)


def test_line_for_later_waits(anna, folder):
    now = timezone.now()
    line = make_line(anna)
    OutboxLine.objects.update(try_at=now + timedelta(hours=1))
    assert delivery.deliver_due(clock=lambda: now) == 0
    assert delivery.deliver_due(clock=lambda: now + timedelta(hours=1)) == 1
    assert files(folder) == [f"{line.pk}.eml"]


def test_worker_that_dies_before_commit_leaves_line_and_repeats_without_harm(anna, folder, monkeypatch):
    """Mutant: a file named by the time instead of by the line gives two files."""
    line = make_line(anna)

    def die(*args, **options):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(delivery, "_mark", die)
        with pytest.raises(KeyboardInterrupt), transaction.atomic():
            delivery._deliver_batch(delivery.get_connection(), timezone.now())
    assert files(folder) == [f"{line.pk}.eml"]
    assert OutboxLine.objects.get().state == STATE.WAITING
    delivery.deliver_due()
    assert files(folder) == [f"{line.pk}.eml"]
    assert OutboxLine.objects.get().state == STATE.SENT


def test_line_without_texts_waits_longer_and_stops_nobody(anna, bram, folder):
    make_line(anna, kind="trial", key="bad")
    OutboxLine.objects.update(kind="gone")
    good = make_line(bram, key="good")
    now = timezone.now() + timedelta(seconds=1)
    delivery.deliver_due(clock=lambda: now)
    bad = OutboxLine.objects.get(key="bad")
    assert files(folder) == [f"{good.pk}.eml"]
    assert (bad.state, bad.attempts, bad.problem, bad.try_at) == (
        STATE.WAITING,
        1,
        "UnknownKind",
        now + delivery.PAUSES[0],
    )


def test_line_fails_after_last_try(anna, folder):
    line = make_line(anna)
    OutboxLine.objects.update(kind="gone")
    now = timezone.now()
    for _attempt in range(len(delivery.PAUSES) + 1):
        now += timedelta(days=1)
        delivery.deliver_due(clock=lambda now=now: now)
    line.refresh_from_db()
    assert (line.state, line.attempts, line.problem) == (STATE.FAILED, len(delivery.PAUSES) + 1, "UnknownKind")


def test_folder_that_cannot_be_made_costs_no_try(anna, folder):
    folder.write_text("a file in the way")
    make_line(anna)
    assert delivery.deliver_due() == 0
    assert OutboxLine.objects.get().attempts == 0


def test_full_disk_costs_no_try(anna, folder, monkeypatch):
    make_line(anna)
    monkeypatch.setattr("notices.demo_mail._write", lambda *args: (_ for _ in ()).throw(OSError(28, "No space left")))
    assert delivery.deliver_due() == 0
    assert (OutboxLine.objects.get().state, OutboxLine.objects.get().attempts) == (STATE.WAITING, 0)


# --- Preferences and people who left -----------------------------------------------------------------


def test_unwanted_kind_is_skipped_and_mandatory_kind_is_not(anna, bram, folder):
    set_wanted(anna.user.pk, "trial", wanted=False)
    # A kind can become mandatory after somebody switched it off.
    NoticePreference.objects.create(user=anna.user, kind="duty", wanted=False)
    unwanted, duty, other = make_line(anna, key="a"), make_line(anna, kind="duty", key="b"), make_line(bram, key="c")
    delivery.deliver_due()
    assert files(folder) == sorted([f"{duty.pk}.eml", f"{other.pk}.eml"])
    unwanted.refresh_from_db()
    assert (unwanted.state, unwanted.sent_at) == (STATE.SKIPPED, None)


def test_inactive_account_gets_nothing(anna, folder):
    make_line(anna, kind="duty")
    anna.user.is_active = False
    anna.user.save()
    delivery.deliver_due()
    assert (files(folder), OutboxLine.objects.get().state) == ([], STATE.SKIPPED)


# --- A mail server -----------------------------------------------------------------------------------


class Server(EmailBackend):
    """Django's mailbox in memory, which does what `answer` says first."""

    answer = None

    def send_messages(self, messages):
        if Server.answer:
            Server.answer(self, messages)
        return super().send_messages(messages)


@pytest.fixture
def server(settings, monkeypatch):
    settings.EMAIL_BACKEND = f"{__name__}.Server"
    monkeypatch.setattr(delivery, "get_connection", Server)
    monkeypatch.setattr(Server, "answer", None)
    return Server


def answer_with(problem):
    def answer(_self, _messages):
        raise problem

    return answer


def test_mail_server_gets_each_line_once(anna, bram, server):
    make_line(anna, key="a")
    make_line(bram, key="b")
    assert (delivery.deliver_due(), delivery.deliver_due()) == (2, 0)
    assert sorted(message.to[0] for message in mail.outbox) == ["anna@example.nl", "bram@example.nl"]


def test_line_is_marked_before_its_mail_goes(anna, server, monkeypatch):
    """Mutant: marking after sending; then a worker killed in between sends the mail twice."""
    line = make_line(anna)
    seen = []
    monkeypatch.setattr(
        Server, "answer", lambda _self, _messages: seen.append(OutboxLine.objects.get(pk=line.pk).state)
    )
    delivery.deliver_due()
    assert seen == [STATE.SENDING]


def test_refusal_of_mail_server_is_tried_again_later(anna, server, monkeypatch):
    line = make_line(anna)
    refusal = SMTPRecipientsRefused({"anna@example.nl": (450, b"anna@example.nl is busy")})
    monkeypatch.setattr(Server, "answer", answer_with(refusal))
    now = timezone.now() + timedelta(seconds=1)
    delivery.deliver_due(clock=lambda: now)
    line.refresh_from_db()
    assert (line.state, line.attempts, line.problem) == (STATE.WAITING, 1, "SMTPRecipientsRefused 450")
    monkeypatch.setattr(Server, "answer", None)
    assert delivery.deliver_due(clock=lambda: now) == 0
    assert delivery.deliver_due(clock=lambda: now + delivery.PAUSES[0]) == 1
    assert len(mail.outbox) == 1


def test_lost_connection_is_for_a_person_to_decide(anna, bram, server, monkeypatch):
    """The server may have taken the mail before the line went dead: sending again by itself could make it two."""
    make_line(anna, key="a")
    make_line(bram, key="b")
    monkeypatch.setattr(Server, "answer", answer_with(SMTPServerDisconnected("gone")))
    delivery.deliver_due()
    states = dict(OutboxLine.objects.values_list("key", "state"))
    assert states == {"a": STATE.FAILED, "b": STATE.WAITING}
    assert OutboxLine.objects.get(key="a").problem.startswith(delivery.INTERRUPTED)


def test_server_that_leaves_ends_the_run(anna, bram, server, monkeypatch):
    make_line(anna, key="a")
    make_line(bram, key="b")
    monkeypatch.setattr(Server, "answer", answer_with(SMTPDataError(421, b"closing")))
    delivery.deliver_due()
    assert dict(OutboxLine.objects.values_list("key", "attempts")) == {"a": 1, "b": 0}


def test_server_that_cannot_be_reached_costs_no_try(anna, server, monkeypatch):
    make_line(anna)
    monkeypatch.setattr(Server, "open", lambda _self: (_ for _ in ()).throw(ConnectionRefusedError()))
    assert delivery.deliver_due() == 0
    assert (OutboxLine.objects.get().state, OutboxLine.objects.get().attempts) == (STATE.WAITING, 0)


def test_line_left_by_dead_worker_is_not_sent_again_by_itself(anna, server):
    now = timezone.now()
    line = make_line(anna)
    OutboxLine.objects.update(state=STATE.SENDING, sending_at=now - delivery.DOUBT_AFTER + timedelta(seconds=1))
    delivery.deliver_due(clock=lambda: now)
    assert OutboxLine.objects.get().state == STATE.SENDING
    delivery.deliver_due(clock=lambda: now + timedelta(seconds=2))
    line.refresh_from_db()
    assert (line.state, line.problem, mail.outbox) == (STATE.FAILED, delivery.INTERRUPTED, [])


# --- Claims and volume ---------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_line_held_by_another_worker_is_left_to_it(eva, folder):
    """Mutant: without SKIP LOCKED this waits for the other worker; without FOR UPDATE it sends a second time."""
    make_line(eva, key="a")
    held, release = threading.Event(), threading.Event()

    def other_worker():
        try:
            with transaction.atomic():
                delivery._claim(timezone.now(), 10)
                held.set()
                release.wait(10)
        finally:
            connection.close()

    thread = threading.Thread(target=other_worker)
    thread.start()
    held.wait(10)
    with transaction.atomic():
        mine = delivery._claim(timezone.now(), 10)
    release.set()
    thread.join()
    assert mine == []


@pytest.mark.django_db(transaction=True)
def test_second_run_at_the_same_time_leaves_the_work_to_the_first(eva, folder):
    make_line(eva)
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": None}) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [delivery._RUN_LOCK])
        assert delivery.deliver_due() == 0
        other.execute("SELECT pg_advisory_unlock_all()")
        assert delivery.deliver_due() == 1


def test_batch_costs_the_same_queries_for_one_and_three(places, folder, django_assert_num_queries):
    people = [make_user(f"Person {number}") for number in range(4)]
    for group in (people[:1], people[1:]):
        with transaction.atomic():
            notify_all("trial", group, key=lambda user: f"e:{user.pk}", payload={"title": "A", "url": "/"})
        with django_assert_num_queries(6), transaction.atomic(savepoint=False):
            delivery._deliver_batch(delivery.get_connection(), timezone.now())
    assert len(files(folder)) == 4


def test_run_stops_when_its_time_is_up(anna, folder, monkeypatch):
    make_line(anna, key="a")
    assert delivery.deliver_due(seconds=-1) == 0
    assert OutboxLine.objects.get().state == STATE.WAITING


# --- Behind Python's back --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("state = 'lost'", "notice_state_is_known"),
        ("state = 'sent'", "sent_notice_has_its_time"),
        ("sent_at = now()", "sent_notice_has_its_time"),
        ("state = 'sending'", "notice_being_sent_has_its_time"),
        ("state = 'failed'", "failed_notice_says_why"),
    ],
)
def test_database_refuses_line_that_cannot_be(anna, change, constraint):
    make_line(anna)
    with pytest.raises(IntegrityError) as refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE notices_outboxline SET {change}")
    assert refusal.value.__cause__.diag.constraint_name == constraint
