"""`make demo` as a person meets it: started, interrupted, killed, started twice, refused; and the back-off by itself."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from config.embedded.server import free_port
from config.supervisor import Program, Supervisor, Tended
from tests.servers import PROJECT, run_folder

UP = "Stop with Ctrl-C"
GONE_SECONDS = 30


def environment(folder, port, **extra):
    """A shell without the servers of the test run."""
    left_out = ("DATABASE_URL", "BROKER_URL", "CACHE_URL", "PARTICIPATIEMIX_PROFILE", "MAKELEVEL", "HOST", "DATA")
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    paths = {"PYTHONPATH": f"{PROJECT}:{PROJECT / 'site'}", "EMBEDDED_DIR": str(folder), "PORT": str(port)}
    return kept | paths | extra


def words_of(process):
    """Its command line; empty when it is gone meanwhile."""
    with contextlib.suppress(psutil.Error):
        return process.cmdline()
    return []


@dataclass
class Demo:
    """A running demonstration: its process, its address and the file with what it says."""

    process: subprocess.Popen
    port: int
    output: Path

    @property
    def said(self):
        return self.output.read_text()

    def wait_until_up(self):
        while UP not in self.said:
            assert self.process.poll() is None, self.said
            time.sleep(0.1)

    def get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
            return answer.status

    def family(self):
        return [psutil.Process(self.process.pid), *psutil.Process(self.process.pid).children(recursive=True)]

    def child(self, *words):
        """The first process below us whose command line holds all the words."""
        return next((process for process in self.family()[1:] if set(words) <= set(words_of(process))), None)

    def server(self, name):
        return next(process for process in self.family() if process.name().startswith(name))


def launch(folder, port=None, *, command=(sys.executable, "-m", "config.run_demo"), **extra):
    folder.mkdir(exist_ok=True)
    port, output = port or free_port(), folder / "said.txt"
    with output.open("w") as said:
        process = subprocess.Popen(
            command,
            cwd=PROJECT,
            env=environment(folder, port, **extra),
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
    return Demo(process, port, output)


@pytest.fixture(scope="module")
def prepared():
    """A folder where the demonstration ran once: database migrated, municipality loaded."""
    folder = run_folder() / "demo"
    first = launch(folder)
    first.wait_until_up()
    first.process.send_signal(signal.SIGINT)
    assert first.process.wait(GONE_SECONDS) == 0
    return folder, first.said


@contextlib.contextmanager
def started(folder):
    running = launch(folder)
    try:
        running.wait_until_up()
        yield running
    finally:
        with contextlib.suppress(ProcessLookupError):
            running.process.kill()
        running.process.wait()


@pytest.fixture
def demo(prepared):
    """A demonstration of one's own, for tests that end it; these come first in this file."""
    with started(prepared[0]) as running:
        yield running


@pytest.fixture(scope="module")
def lasting(prepared):
    """A demonstration shared by the tests it survives; it keeps the prepared folder to the end."""
    with started(prepared[0]) as running:
        yield running


def outcome(folder, port=None, **extra):
    """What a start says that cannot succeed, and its exit status."""
    refused = launch(folder, port, **extra)
    status = refused.process.wait(120)
    return refused.said, status


def everybody_gone(family):
    _gone, alive = psutil.wait_procs(family, timeout=GONE_SECONDS)
    return [words for process in alive if (words := words_of(process))]


def eventually(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(Exception):
            if condition():
                return True
        time.sleep(0.2)
    return False


# --- Up and down --------------------------------------------------------------------------------------------


def test_first_run_prepares_everything_and_gives_one_address(prepared):
    _folder, said = prepared
    assert said.count("http://") == 1
    assert "Preparing the database …" in said


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_asked_to_stop_leaves_no_process(demo, signum):
    family = demo.family()
    assert len(family) >= 8
    demo.process.send_signal(signum)
    assert demo.process.wait(GONE_SECONDS) == 0
    assert everybody_gone(family) == []


def test_interrupt_while_preparing_leaves_no_process(tmp_path):
    demo = launch(tmp_path)
    assert eventually(lambda: "…" in demo.said)
    assert eventually(lambda: len(demo.family()) > 2)
    family = demo.family()
    demo.process.send_signal(signal.SIGINT)
    assert demo.process.wait(GONE_SECONDS) == 0
    assert everybody_gone(family) == []
    assert demo.said.endswith("Stopped. The data is kept.\n")


def test_killed_supervisor_leaves_no_process(demo):
    # Kills the mutant that starts children without the parent-death signal.
    family = demo.family()
    demo.process.kill()
    demo.process.wait()
    assert everybody_gone(family) == []


def test_interrupt_of_make_alone_stops_everything(prepared):
    # make would wait for ever for a child that was never told.
    folder, _said = prepared
    makefile = folder / "Makefile"
    makefile.write_text("demo:\n\t@$(PY) -m config.run_demo\n")
    demo = launch(folder, command=["make", "-f", makefile, "demo", f"PY={sys.executable}"])
    demo.wait_until_up()
    family = demo.family()
    demo.process.send_signal(signal.SIGINT)
    demo.process.wait(GONE_SECONDS)
    assert everybody_gone(family) == []


# --- While it runs ----------------------------------------------------------------------------------------------


def test_second_run_prepares_nothing_and_serves(lasting):
    assert "…" not in lasting.said
    assert lasting.get("/") == 200
    assert lasting.get("/readyz") == 200


def test_killed_web_worker_is_replaced(lasting):
    web = lasting.child("gunicorn")
    victim = web.children()[0]
    victim.kill()
    assert eventually(lambda: len(web.children()) == 2 and victim not in web.children())
    assert lasting.get("/") == 200


def test_killed_web_server_starts_again(lasting):
    victim = lasting.child("gunicorn")
    victim.kill()
    assert eventually(lambda: lasting.child("gunicorn") not in (None, victim) and lasting.get("/readyz") == 200)


def test_killed_task_worker_starts_again(lasting):
    assert eventually(lambda: lasting.child("celery", "worker").children())
    victim = lasting.child("celery", "worker")
    pool = victim.children()
    victim.kill()
    assert everybody_gone(pool) == []
    assert eventually(lambda: lasting.child("celery", "worker") not in (None, victim))


def test_clock_runs_once_after_the_worker_was_killed(lasting):
    # Kills the mutant `worker -B`: the forked clock outlives its worker, and every tick comes twice.
    assert eventually(lambda: lasting.child("celery", "worker").children())
    lasting.child("celery", "worker").kill()
    assert eventually(lambda: lasting.child("celery", "worker"))
    assert len([process for process in lasting.family() if "beat" in words_of(process)]) == 1


@pytest.mark.parametrize("name", ["postgres", "valkey"])
def test_killed_server_starts_again(lasting, name):
    victim = lasting.server(name)
    victim.kill()
    assert eventually(lambda: lasting.get("/readyz") == 200)
    assert victim not in lasting.family()


# --- A sentence for whatever prevents a start -------------------------------------------------------------------


def test_taken_port_is_said(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said, status = outcome(tmp_path, port)
    expected = f"Port {port} is taken by another process: stop that, or choose another port with `PORT={port + 1} make demo`.\n"
    assert (said, status) == (expected, 1)


@pytest.mark.parametrize("port", ["eighty", "0", "70000"])
def test_port_that_is_none_is_said(tmp_path, port):
    assert outcome(tmp_path, port) == (f"PORT must be a number from 1 to 65535, not “{port}”.\n", 1)


def test_second_demo_on_the_same_folder_is_refused(lasting, tmp_path):
    folder = lasting.output.parent
    said, status = outcome(tmp_path, EMBEDDED_DIR=str(folder))
    assert said.startswith(f"{folder}/postgres is already in use by process {lasting.process.pid} ")
    assert status == 1
    assert lasting.get("/readyz") == 200


def test_unreachable_database_is_said(tmp_path):
    said, status = outcome(tmp_path, DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing")
    assert said.startswith("The database cannot be used: ")
    assert status == 1


def test_step_that_fails_is_said_with_its_last_words(tmp_path):
    said, status = outcome(tmp_path, PARTICIPATIEMIX_INSTRUMENTS="lottery")
    assert "failed. The last words of " in said
    assert "PARTICIPATIEMIX_INSTRUMENTS names an unknown instrument: lottery." in said
    assert status == 1


def test_failed_start_leaves_no_server(tmp_path):
    outcome(tmp_path, PARTICIPATIEMIX_INSTRUMENTS="lottery")
    text = str(tmp_path)
    assert [process.pid for process in psutil.process_iter() if text in " ".join(words_of(process))] == []


# --- The back-off, with the time in our hands --------------------------------------------------------------------


class Fragile:
    """A runner that never lives long."""

    name = "fragile"

    def __init__(self):
        self.launches = 0
        self.alive = False

    def launch(self):
        self.launches += 1

    def is_alive(self):
        return self.alive

    def stop(self):
        self.alive = False


def launch_times(one, until):
    """The seconds at which `one` launched its runner, looked at every half second."""
    times = []
    for half_seconds in range(until * 2):
        before = one.runner.launches
        one.tend(half_seconds / 2)
        if one.runner.launches > before:
            times.append(half_seconds / 2)
    return times


def test_program_that_keeps_ending_is_tried_ever_less_often():
    assert launch_times(Tended(Fragile(), started_at=0), until=100) == [0.5, 2.0, 5.5, 13.0, 28.5, 59.0, 89.5]


def test_program_that_ran_well_for_a_minute_starts_again_at_once():
    one = Tended(Fragile(), started_at=0, failures=5)
    assert one.tend(61.0) == "fragile ended and starts again."
    one.tend(61.0)
    assert one.runner.launches == 1


def test_program_that_cannot_start_does_not_end_the_others(tmp_path):
    said = []
    supervisor = Supervisor(report=said.append)
    good = Program("good", ["sleep", "60"], tmp_path / "good.log", tmp_path, os.environ)
    bad = Program("bad", ["sleep", "0"], tmp_path / "bad.log", tmp_path, os.environ)
    supervisor.add_program(bad)
    supervisor.add_program(good)
    bad.process.wait()
    bad.command = ["/nothing/here"]
    supervisor.tend()
    supervisor.tend()
    assert said[0] == "bad ended and starts again."
    assert said[1].startswith("bad cannot start: ")
    assert good.is_alive()
    supervisor.stop()
    assert not good.is_alive()


def test_program_that_ignores_the_request_is_ended_with_its_children(tmp_path):
    script = "import signal, subprocess, time; signal.signal(15, signal.SIG_IGN); subprocess.run(['sleep', '60'])"
    stubborn = Program("stubborn", [sys.executable, "-c", script], tmp_path / "log", tmp_path, os.environ, patience=1)
    stubborn.launch()
    assert eventually(lambda: psutil.Process(stubborn.process.pid).children())
    family = [psutil.Process(stubborn.process.pid), *psutil.Process(stubborn.process.pid).children()]
    stubborn.stop()
    assert everybody_gone(family) == []
