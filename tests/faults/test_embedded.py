"""The embedded servers: crashes, second owners, leftovers, and a sentence for whatever prevents a start."""

import json
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing

import psutil
import psycopg
import pytest
from kombu import Connection

from config.embedded import (
    EmbeddedProblem,
    Postgres,
    Valkey,
    broker_url,
    database_url,
    running_url,
    start_postgres,
    start_valkey,
)
from config.embedded.folder import explained, make_folder
from tests.servers import PROJECT

SERVERS = pytest.mark.parametrize("start", [start_postgres, start_valkey])

# A process that owns both servers and says so; killed with -9 in the tests.
OWNER = """
import sys, time
from config.embedded import start_postgres, start_valkey
servers = start_postgres(sys.argv[1] + "/postgres"), start_valkey(sys.argv[1] + "/valkey")
print(*(server.process.pid for server in servers), flush=True)
time.sleep(600)
"""


@pytest.fixture
def owner(tmp_path):
    """Another process that owns the servers below `tmp_path`, and its servers' process numbers."""
    command = [sys.executable, "-c", OWNER, tmp_path]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=own_environment()) as process:
        process.server_pids = [int(word) for word in process.stdout.readline().split()]
        yield process
        process.kill()


def own_environment(**extra):
    """The environment without the servers of the test run."""
    left_out = ("DATABASE_URL", "BROKER_URL", "CACHE_URL", "PARTICIPATIEMIX_PROFILE", "EMBEDDED_DIR")
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    return kept | {"PYTHONPATH": f"{PROJECT}:{PROJECT / 'site'}"} | extra


def kill(server):
    server.process.kill()
    server.process.wait()


def write_row(url, number):
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS votes (number int)")
        connection.execute("INSERT INTO votes VALUES (%s)", [number])


def read_rows(url):
    with psycopg.connect(url) as connection:
        return [number for (number,) in connection.execute("SELECT number FROM votes ORDER BY number")]


def put(url, text):
    with Connection(url) as connection, closing(connection.SimpleQueue("votes")) as queue:
        queue.put({"text": text})


def take(url):
    with Connection(url) as connection, closing(connection.SimpleQueue("votes")) as queue:
        message = queue.get(timeout=10)
        message.ack()
        return message.payload["text"]


# --- Crashes --------------------------------------------------------------------------------------------


def test_killed_postgres_keeps_what_was_committed(tmp_path):
    with start_postgres(tmp_path) as server:
        write_row(server.url, 1)
        kill(server)
        server.launch()
        write_row(server.url, 2)
        assert read_rows(server.url) == [1, 2]


def test_killed_postgres_comes_back_at_the_same_address(tmp_path):
    with start_postgres(tmp_path) as server:
        before = server.url
        kill(server)
        server.launch()
        assert server.url == before == running_url(tmp_path)


def test_killed_valkey_keeps_its_queue(tmp_path):
    # Kills the mutant "appendonly no": the queue is then empty after the kill.
    with start_valkey(tmp_path) as server:
        put(server.url, "count this")
        kill(server)
        server.launch()
        assert take(server.url) == "count this"


def test_killed_owner_loses_nothing(tmp_path, owner):
    write_row(database_url(tmp_path), 1)
    put(broker_url(tmp_path), "count this")
    owner.kill()
    owner.wait()
    with start_postgres(tmp_path / "postgres") as postgres, start_valkey(tmp_path / "valkey") as valkey:
        assert read_rows(postgres.url) == [1]
        assert take(valkey.url) == "count this"


def test_killed_owner_leaves_no_server(owner):
    # Kills the mutant that starts servers without the parent-death signal.
    servers = [psutil.Process(pid) for pid in owner.server_pids]
    owner.kill()
    owner.wait()
    _gone, alive = psutil.wait_procs(servers, timeout=20)
    assert alive == []


def test_data_stays_between_runs(tmp_path):
    for number in (1, 2):
        with start_postgres(tmp_path) as server:
            write_row(server.url, number)
    with start_postgres(tmp_path) as server:
        assert read_rows(server.url) == [1, 2]


# --- One owner --------------------------------------------------------------------------------------------


@SERVERS
def test_second_start_is_refused_with_the_owner_named(tmp_path, start):
    with start(tmp_path), pytest.raises(EmbeddedProblem) as problem:
        start(tmp_path)
    words = " ".join(psutil.Process().cmdline())[:80]
    assert (
        str(problem.value)
        == f"{tmp_path} is already in use by process {os.getpid()} ({words}): stop that process first."
    )


@SERVERS
def test_second_start_leaves_the_first_alone(tmp_path, start):
    with start(tmp_path) as server:
        with pytest.raises(EmbeddedProblem):
            start(tmp_path)
        assert server.is_alive()
        assert running_url(tmp_path) == server.url


def test_start_is_refused_while_another_process_owns_the_folder(tmp_path, owner):
    with pytest.raises(EmbeddedProblem, match=f"is already in use by process {owner.pid} "):
        start_postgres(tmp_path / "postgres")


def _try_to_start(folder, barrier, outcomes):
    barrier.wait()
    try:
        with start_valkey(folder):
            time.sleep(1.5)
        outcomes.put("started")
    except EmbeddedProblem:
        outcomes.put("refused")


def test_of_many_starters_one_wins(tmp_path):
    # Kills the mutant without the lock: several then "win" on one folder.
    context = multiprocessing.get_context("fork")
    barrier, outcomes = context.Barrier(4), context.Queue()
    starters = [context.Process(target=_try_to_start, args=(tmp_path, barrier, outcomes)) for _ in range(4)]
    for starter in starters:
        starter.start()
    assert sorted(outcomes.get(timeout=60) for _ in starters) == ["refused", "refused", "refused", "started"]
    for starter in starters:
        starter.join()


# --- What an earlier run may have left ----------------------------------------------------------------------


@SERVERS
def test_lock_of_a_dead_owner_does_not_matter(tmp_path, start):
    (tmp_path / "owner.lock").write_text("999999999")
    with start(tmp_path) as server:
        assert server.is_alive()


def test_postmaster_file_with_a_number_now_somebody_elses_does_not_matter(tmp_path):
    with start_postgres(tmp_path) as server:
        lines = (server.data / "postmaster.pid").read_text().splitlines()
    (tmp_path / "data" / "postmaster.pid").write_text("\n".join([str(os.getpid()), *lines[1:]]))
    with start_postgres(tmp_path) as server:
        assert server.is_alive()


def test_first_start_that_was_killed_halfway_begins_again(tmp_path):
    (tmp_path / "data.new" / "base").mkdir(parents=True)
    (tmp_path / "data.new" / "PG_VERSION").write_text("18\n")
    with start_postgres(tmp_path) as server:
        write_row(server.url, 1)


def test_lost_state_file_keeps_the_data(tmp_path):
    with start_postgres(tmp_path) as server:
        write_row(server.url, 1)
    (tmp_path / "state.json").unlink()
    with start_postgres(tmp_path) as server:
        assert read_rows(server.url) == [1]


def test_broken_state_file_keeps_the_data(tmp_path):
    with start_postgres(tmp_path) as server:
        write_row(server.url, 1)
    (tmp_path / "state.json").write_text('{"port": 54')
    with start_postgres(tmp_path) as server:
        assert read_rows(server.url) == [1]


def test_cut_off_queue_file_is_read_as_far_as_it_goes(tmp_path):
    with start_valkey(tmp_path) as server:
        put(server.url, "count this")
    (log,) = tmp_path.glob("data/appendonlydir/*.incr.aof")
    with log.open("ab") as file:
        file.write(b"*3\r\n$5\r\nLPUSH\r\n$5\r\nvo")
    with start_valkey(tmp_path) as server:
        assert take(server.url) == "count this"


def test_stop_twice_does_no_harm(tmp_path):
    server = start_valkey(tmp_path)
    server.stop()
    server.stop()
    assert running_url(tmp_path) is None


# --- A sentence for whatever prevents a start -----------------------------------------------------------------


@pytest.mark.parametrize(("server", "name"), [(Postgres, "PostgreSQL"), (Valkey, "Valkey")])
def test_taken_port_is_said(tmp_path, server, name):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(EmbeddedProblem) as problem:
            server(tmp_path, port=port).start()
    expected = f"{name} cannot start: port {port} is taken by another process, so stop that or choose another port."
    assert str(problem.value) == expected


def test_port_of_last_time_taken_meanwhile_is_replaced(tmp_path):
    with start_valkey(tmp_path) as server:
        port = server.port
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        with start_valkey(tmp_path) as server:
            assert server.port != port
            put(server.url, "still here")


def test_full_disk_is_said_before_anything_starts(tmp_path):
    class Hungry(Valkey):
        megabytes = 10**12

    with pytest.raises(EmbeddedProblem) as problem:
        Hungry(tmp_path).start()
    assert str(problem.value).startswith(f"The disk that holds {tmp_path} is full: ")
    assert running_url(tmp_path) is None


def test_disk_that_fills_up_while_writing_is_said(tmp_path):
    (tmp_path / "state.json").symlink_to("/dev/full")
    with pytest.raises(EmbeddedProblem) as problem, explained(tmp_path):
        (tmp_path / "state.json").write_text("x")
    assert str(problem.value) == f"The disk that holds {tmp_path} is full: make room and start again."


def test_folder_that_may_not_be_written_is_said(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o555)
    tmp_path.chmod(0o755)
    said = as_ordinary_user(lambda: start_valkey(closed / "valkey"))
    assert said.startswith("The user “")
    assert said.endswith("start as the user who owns it, or set EMBEDDED_DIR to another folder.")


def as_ordinary_user(action):
    """Runs the action in a child without root's rights; returns the problem it met."""
    reader, writer = os.pipe()
    if not (child := os.fork()):
        said = b"nothing"
        try:
            if os.geteuid() == 0:
                os.setgid(65534)
                os.setuid(65534)
            action()
        except BaseException as problem:
            said = str(problem).encode()
        finally:
            os.write(writer, said)
            os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with os.fdopen(reader) as pipe:
        return pipe.read()


def test_file_in_the_way_of_the_folder_is_said(tmp_path):
    (tmp_path / "var").write_text("not a folder")
    with pytest.raises(EmbeddedProblem, match="is a file, but a folder is needed there"):
        make_folder(tmp_path / "var" / "postgres")


def test_closed_folders_above_stay_closed_to_others(tmp_path):
    # As root, PostgreSQL runs as another user, who gets through; nobody else does.
    above = tmp_path / "above"
    above.mkdir(mode=0o700)
    with start_postgres(above / "postgres") as server:
        assert psutil.Process(server.process.pid).uids().effective != 0
        assert above.stat().st_mode & 0o007 == 0


def test_password_is_for_the_owner_alone(tmp_path):
    with start_postgres(tmp_path / "postgres") as postgres, start_valkey(tmp_path / "valkey") as valkey:
        words = [word for server in (postgres, valkey) for word in psutil.Process(server.process.pid).cmdline()]
        assert not any(postgres.password in word or valkey.password in word for word in words)
        for folder in (postgres.folder, valkey.folder):
            assert (folder / "state.json").stat().st_mode & 0o077 == 0
        wrong = postgres.url.replace(postgres.password, "guess")
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(wrong)


# --- Commands typed by hand -----------------------------------------------------------------------------------

USE_BOTH = """
import sys, time
from django.conf import settings
from django.db import connection
from redis import Redis
connection.ensure_connection()
assert Redis.from_url(settings.BROKER_URL).ping()
time.sleep(float({seconds}))
connection.cursor().execute("SELECT 1")
print("served")
"""


def manage(folder, seconds):
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", USE_BOTH.format(seconds=seconds)]
    return subprocess.Popen(
        command,
        cwd=PROJECT,
        env=own_environment(EMBEDDED_DIR=str(folder)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_command_brings_its_own_servers_and_takes_them_away(tmp_path):
    command = manage(tmp_path, seconds=0)
    output, errors = command.communicate(timeout=120)
    assert (output.strip(), command.returncode, errors) == ("served", 0, "")
    assert running_url(tmp_path / "postgres") is None
    assert running_url(tmp_path / "valkey") is None


def test_two_commands_share_servers_until_both_are_done(tmp_path):
    # Kills the mutant that does not wait: the first command then stops the servers under the second.
    first = manage(tmp_path, seconds=2)
    wait_until_claimed(tmp_path / "valkey")
    second = manage(tmp_path, seconds=8)
    outputs = [command.communicate(timeout=120) for command in (first, second)]
    assert [(output.strip(), errors) for output, errors in outputs] == [
        ("served", "Waiting for other commands that use this command's database…\n"),
        ("served", ""),
    ]
    assert running_url(tmp_path / "postgres") is None


def wait_until_claimed(folder):
    deadline = time.monotonic() + 60
    while running_url(folder) is None and time.monotonic() < deadline:
        time.sleep(0.05)


def test_command_uses_the_servers_that_run(tmp_path, owner):
    command = manage(tmp_path, seconds=0)
    output, errors = command.communicate(timeout=120)
    assert (output.strip(), command.returncode) == ("served", 0), errors
    assert owner.poll() is None
    assert running_url(tmp_path / "postgres") == json.loads((tmp_path / "postgres" / "state.json").read_text())["url"]


def test_interrupted_owner_stops_its_servers(tmp_path, owner):
    servers = [psutil.Process(pid) for pid in owner.server_pids]
    owner.send_signal(signal.SIGINT)
    owner.wait()
    _gone, alive = psutil.wait_procs(servers, timeout=20)
    assert alive == []
