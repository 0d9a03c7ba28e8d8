"""Servers for one command typed by hand, such as `manage.py shell` while nothing else runs."""

import contextlib
import fcntl
import os
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from config.embedded.folder import EmbeddedProblem, explained, make_folder
from config.embedded.postgres import start_postgres
from config.embedded.server import HOST, LOG_FILE, EmbeddedServer, running_url
from config.embedded.valkey import start_valkey

# Commands that touch neither database nor broker; no server is started for these.
WITHOUT_SERVERS = {
    *("", "help", "version", "--help", "--version", "-h", "check", "collectstatic", "compilemessages", "makemessages"),
    *("diffsettings", "findstatic", "makemigrations", "optimizemigration", "count"),
}

Starter = Callable[[Path], EmbeddedServer]

# (variable that names a server of your own, folder below var/, how to start ours)
SERVERS: tuple[tuple[str, str, Starter], ...] = (
    ("DATABASE_URL", "postgres", start_postgres),
    ("BROKER_URL", "valkey", start_valkey),
)


LEASE_FILE = "commands.lock"
PROJECT = Path(__file__).resolve().parents[3]


def embedded_dir(environment: Mapping[str, str] = os.environ) -> Path:
    """The folder of the embedded servers: `EMBEDDED_DIR`, or `var/` in the project."""
    return Path(environment.get("EMBEDDED_DIR", "").strip() or PROJECT / "var").absolute()


def missing_servers(environment: Mapping[str, str] = os.environ) -> list[tuple[str, Starter]]:
    """The servers for which the environment names none of your own: (folder below var/, how to start it)."""
    return [(folder, start) for name, folder, start in SERVERS if not environment.get(name, "").strip()]


@contextlib.contextmanager
def servers_for_command(words: Sequence[str], *, environment: Mapping[str, str] = os.environ) -> Iterator[None]:
    """Makes sure that the embedded servers run while `manage.py <words>` does, unless it needs none.

    Uses the servers that run already, else starts them and stops them afterwards. Enter it before
    settings are imported: they read the servers' addresses.
    """
    missing = missing_servers(environment)
    if not missing or not _needs_servers(words, environment):
        yield
        return
    with contextlib.ExitStack() as stack:
        try:
            _provide(missing, embedded_dir(environment), stack)
        except EmbeddedProblem as problem:
            sys.exit(str(problem))
        yield


def _needs_servers(words: Sequence[str], environment: Mapping[str, str]) -> bool:
    command = words[1] if len(words) > 1 else ""
    wants_help = bool({"-h", "--help"} & set(words))
    return (
        not wants_help and command not in WITHOUT_SERVERS and environment.get("PARTICIPATIEMIX_PROFILE") != "production"
    )


def _provide(missing: Sequence[tuple[str, Starter]], var: Path, stack: contextlib.ExitStack) -> None:
    make_folder(var)
    lease = stack.enter_context(_lease(var))
    for folder, start in missing:
        if not _is_running(var / folder):
            stack.enter_context(start(var / folder))
    # Undone in reverse: first wait for other commands, then stop what we started, then let go.
    stack.callback(_wait_for_others, lease)


@contextlib.contextmanager
def _lease(var: Path) -> Iterator[int]:
    """A shared lock that says: a command uses the servers below `var`."""
    with explained(var):
        lease = os.open(var / LEASE_FILE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lease, fcntl.LOCK_SH)
        yield lease
    finally:
        os.close(lease)


def _is_running(folder: Path) -> bool:
    """Whether a server runs there; waits for one that is just starting."""
    for _ in range(200):
        url = running_url(folder)
        if url is None:
            return False
        if _answers(url):
            return True
        time.sleep(0.1)
    raise EmbeddedProblem(f"The server in {folder} does not answer: see {folder / LOG_FILE}.")


def _answers(url: str) -> bool:
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname or HOST, parts.port or 0), timeout=1).close()
    except OSError:
        return False
    return True


def _wait_for_others(lease: int) -> None:
    try:
        fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("Waiting for other commands that use this command's database…", file=sys.stderr)
        fcntl.flock(lease, fcntl.LOCK_EX)
