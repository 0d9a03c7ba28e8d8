"""The outbox under kill -9: nothing is lost and each notice has its effect once.

Own Valkey, own worker and beat processes, the run's own PostgreSQL. What happened is read from the
mails that arrived and from the tables, not from what the workers say.
"""

import os
import random
import signal
import socketserver
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import closing, contextmanager
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path

import pytest
import redis
from django.db import connection, transaction
from django.utils import timezone

from config.embedded import start_valkey
from notices import delivery, kinds, wake
from notices.actions import notify
from notices.models import OutboxLine
from tests.brokers import tasks_sent_to
from tests.factories.notices import register_trial_kinds
from tests.factories.people import make_user

PROJECT = Path(__file__).resolve().parents[2]
STATE = OutboxLine.State
PATIENCE = 90.0

pytestmark = pytest.mark.django_db(transaction=True)


class Process:
    """A worker or beat in a process group of its own, so that kill -9 leaves no child at work."""

    def __init__(self, role: str, environment: dict[str, str]) -> None:
        self.role, self.environment = role, environment
        self.start()

    def start(self) -> None:
        command = [sys.executable, str(PROJECT / "tests" / "faults" / "outbox_worker.py"), self.role]
        folder = Path(self.environment["EMBEDDED_DIR"])
        with (folder / f"{self.role}.log").open("ab") as log:
            self.process = subprocess.Popen(
                command, env=self.environment, cwd=folder, start_new_session=True, stdout=log, stderr=log
            )

    def kill(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def valkey(tmp_path_factory):
    with start_valkey(tmp_path_factory.mktemp("valkey")) as server:
        yield server


@pytest.fixture
def outbox(monkeypatch, valkey, tmp_path):
    """This process writes notices and wakes workers through the own Valkey."""
    monkeypatch.setattr(kinds, "_kinds", dict(kinds._kinds))
    register_trial_kinds()
    monkeypatch.setattr(wake, "_silent_until", 0.0)
    with tasks_sent_to(valkey.url):
        yield tmp_path / "mail"


@contextmanager
def processes(tmp_path, valkey, **more):
    """A worker and a beat on the own Valkey; they send as the demonstration does, unless told otherwise."""
    environment = os.environ | {
        "PARTICIPATIEMIX_PROFILE": "demo",
        "PYTHONPATH": f"{PROJECT}{os.pathsep}{PROJECT / 'site'}",
        "BROKER_URL": valkey.url,
        "CACHE_URL": valkey.url.replace("/0", "/1"),
        "EMBEDDED_DIR": str(tmp_path),
        **more,
    }
    environment.pop("PYTEST_PLUGINS", None)
    running = [Process(role, environment) for role in ("worker", "beat")]
    try:
        yield running
    finally:
        for process in running:
            process.kill()


def wait_until(condition, seconds=PATIENCE, pause=0.1):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"still waiting after {seconds} seconds: {states()}"
        time.sleep(pause)


def states():
    return Counter(OutboxLine.objects.values_list("state", flat=True))


def mails_ahead(outbox):
    """Mails written whose lines are not marked yet: a batch is under way, or was when its worker died."""
    return len(list(outbox.glob("*.eml"))) - OutboxLine.objects.filter(state=STATE.SENT).count()


def kill_valkey(valkey):
    valkey.process.send_signal(signal.SIGKILL)
    valkey.process.wait()


class Writer(threading.Thread):
    """Writes lines without pause, one transaction each, as residents' acts would; counts what was committed."""

    def __init__(self, recipient, valkey):
        super().__init__()
        self.recipient, self.valkey = recipient, valkey
        self.written = 0
        self.stop = threading.Event()

    def run(self):
        with closing(connection):
            while not self.stop.is_set():
                with transaction.atomic():
                    notify("trial", self.recipient, key=f"line-{self.written}", payload={"title": "A", "url": "/"})
                    transaction.on_commit(self.only_on_commit)
                self.written += 1
                time.sleep(0.002)

    def only_on_commit(self):
        """The mutant: no line in the outbox, only a message to the broker after the commit."""
        try:
            with redis.Redis.from_url(self.valkey.url, socket_timeout=1) as client:
                client.rpush("mutant", self.written)
        except redis.RedisError:
            pass


def test_nothing_is_lost_and_each_notice_is_one_mail_under_kill(outbox, valkey, tmp_path):
    """Worker and Valkey die five times each while lines are written.

    Mutants: only `on_commit` (counted beside it) loses what was written while Valkey was away; a file
    not named by its line gives a second mail for what a killed worker had sent but not committed.
    """
    chance = random.Random(2026)
    writer = Writer(make_user("Eva"), valkey)
    midway = 0
    with processes(tmp_path, valkey) as (worker, _beat):
        writer.start()
        wait_until(lambda: outbox.exists() and any(outbox.iterdir()))
        for _round in range(5):
            time.sleep(chance.uniform(0.2, 1.0))
            wait_until(lambda: mails_ahead(outbox) > 0, pause=0.001)
            worker.kill()
            midway += mails_ahead(outbox) > 0
            kill_valkey(valkey)
            worker.start()
            time.sleep(chance.uniform(0.2, 1.0))
            valkey.launch()
            before = OutboxLine.objects.filter(state=STATE.SENT).count()
            wait_until(lambda before=before: OutboxLine.objects.filter(state=STATE.SENT).count() > before)
        writer.stop.set()
        writer.join()
        wait_until(lambda: not OutboxLine.objects.filter(state=STATE.WAITING).exists())

    mails = [path.stem for path in outbox.glob("*.eml")]
    lines = [str(pk) for pk in OutboxLine.objects.values_list("pk", flat=True)]
    assert len(lines) == writer.written
    assert sorted(mails) == sorted(lines)
    assert states() == {STATE.SENT: writer.written}
    with redis.Redis.from_url(valkey.url) as client:
        arrived = client.llen("mutant")
    print(
        f"\n{writer.written} lines, {len(mails)} mails; kills amid a batch: {midway}; the mutant lost {writer.written - arrived}"
    )
    assert arrived < writer.written
    assert midway >= 1, "no kill fell amid a batch, so nothing was tried"


# --- A real mail server --------------------------------------------------------------------------------


class MailSession(socketserver.StreamRequestHandler):
    """As much SMTP as a sender needs. The mail counts as arrived before the sender hears so, some time later."""

    def handle(self):
        self.say("220 ready")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"DATA":
                self.say("354 go on")
                text = b"".join(iter(self.rfile.readline, b".\r\n"))
                self.server.arrived.append(message_from_bytes(text)["Message-ID"].strip())
                time.sleep(self.server.slowness)
            self.say("221 bye" if word == b"QUIT" else "250 ok")

    def say(self, text):
        self.wfile.write(f"{text}\r\n".encode())


@pytest.fixture
def mail_server():
    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        slowness = 0.05

        def handle_error(self, request, client_address):
            """Killed senders leave in the middle."""

    with Server(("127.0.0.1", 0), MailSession) as server:
        server.arrived = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


LINES, KILLS = 100, 3


def test_mail_server_never_gets_a_mail_twice_under_kill(outbox, valkey, tmp_path, mail_server):
    """A worker killed after the server took the mail and before it was marked: in doubt, not sent again.

    Mutant: when `_claim` also takes `SENDING` lines, mails arrive twice.
    """
    eva = make_user("Eva")
    with transaction.atomic():
        for number in range(LINES):
            notify("trial", eva, key=f"line-{number}", payload={"title": "A", "url": "/"})
    address = f"smtp://127.0.0.1:{mail_server.server_address[1]}"
    with processes(tmp_path, valkey, EMAIL_URL=address) as (worker, _beat):
        for _round in range(KILLS):
            before = len(mail_server.arrived)
            wait_until(lambda before=before: len(mail_server.arrived) > before + 5)
            worker.kill()
            worker.start()
        wait_until(lambda: not OutboxLine.objects.filter(state=STATE.WAITING).exists())
        wait_until(lambda: states()[STATE.SENDING] <= KILLS)
        time.sleep(1)

    assert max(Counter(mail_server.arrived).values()) == 1
    doubtful = delivery.settle_interrupted(now=timezone.now() + delivery.DOUBT_AFTER + timedelta(seconds=1))
    print(f"\n{LINES} lines, {len(mail_server.arrived)} mails, {doubtful} in doubt after {KILLS} kills")
    assert 1 <= doubtful <= KILLS
    assert states() == {STATE.SENT: LINES - doubtful, STATE.FAILED: doubtful}
    sent = {f"<{pk}@localhost>" for pk in OutboxLine.objects.filter(state=STATE.SENT).values_list("pk", flat=True)}
    assert sent <= set(mail_server.arrived)
