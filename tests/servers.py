"""pytest plugin: every test run has its own PostgreSQL and Valkey, ready before settings are read.

`-p tests.servers` (pyproject.toml) imports this before Django. The run's first process starts both
servers on a folder of its own below `var/test/`, so several runs can go on at the same time; the
xdist workers find the addresses in the environment and each use a database and two Redis numbers of
their own. With `DATABASE_URL` (and `BROKER_URL`) set, those servers are used instead.

A cluster with a migrated template database is kept in `var/test/cluster`, so only a run that meets
new migrations has to migrate (see `tests/databases.py`).
"""

import atexit
import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from psycopg import sql

from config.embedded import EmbeddedProblem, Postgres, Valkey
from config.embedded.folder import is_claimed

PROJECT = Path(__file__).resolve().parents[1]
KEPT = Path(os.environ.get("TEST_DIR", PROJECT / "var" / "test"))
CLUSTER = KEPT / "cluster"

# What the first process tells the workers.
RUN, BASE_DATABASE, BASE_BROKER = "TEST_RUN_FOLDER", "TEST_BASE_DATABASE_URL", "TEST_BASE_BROKER_URL"
LONG = {"faults", "journeys"}
# Left by the process that migrated a template, so that the first process keeps the cluster.
TEMPLATE_BUILT = "template-built"


def worker_id() -> str:
    """gw0, gw1 … below xdist, else main."""
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


def run_folder() -> Path:
    """The folder of this test run; it goes when the run ends."""
    return Path(os.environ[RUN])


# --- The first process: start and stop ----------------------------------------------------------------


class _Servers:
    """The servers of this run, for as long as its first process lives."""

    def __init__(self) -> None:
        self.folder = KEPT / f"run-{os.getpid()}"
        self.postgres: Postgres | None = None
        self.valkey: Valkey | None = None

    def start(self) -> None:
        _remove_leftovers()
        self.folder.mkdir(parents=True)
        if not os.environ.get("DATABASE_URL"):
            _copy_cluster(self.folder / "postgres")
            self.postgres = Postgres(self.folder / "postgres", durable=False).start()
        if not os.environ.get("BROKER_URL"):
            self.valkey = Valkey(self.folder / "valkey", durable=False).start()
        os.environ[RUN] = str(self.folder)
        os.environ[BASE_DATABASE] = self.postgres.url if self.postgres else os.environ["DATABASE_URL"]
        os.environ[BASE_BROKER] = self.valkey.url if self.valkey else os.environ["BROKER_URL"]

    def stop(self) -> None:
        if self.valkey:
            self.valkey.stop()
        if self.postgres:
            keep = (self.folder / TEMPLATE_BUILT).exists()
            if keep:
                _drop_test_databases(self.postgres.url_for("postgres"))
            self.postgres.stop()
            if keep:
                _keep_cluster(self.folder / "postgres")
        shutil.rmtree(self.folder, ignore_errors=True)


def _drop_test_databases(url: str) -> None:
    """Leaves only templates in a cluster that is kept."""
    with psycopg.connect(url, autocommit=True) as connection:
        for (name,) in connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'test\\_%'").fetchall():
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _remove_leftovers() -> None:
    """Removes the folders of runs that were killed."""
    for folder in KEPT.glob("run-*"):
        if not any(is_claimed(folder / name) for name in ("postgres", "valkey")) and not _lives(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _lives(folder: Path) -> bool:
    return Path("/proc", folder.name.removeprefix("run-")).exists()


@contextlib.contextmanager
def _cluster_lock(kind: int) -> Iterator[None]:
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / "cluster.lock").open("a") as lock:
        fcntl.flock(lock, kind)
        yield


def _copy_cluster(target: Path) -> None:
    with _cluster_lock(fcntl.LOCK_SH):
        if (CLUSTER / "state.json").exists():
            shutil.copytree(CLUSTER, target, ignore=shutil.ignore_patterns("*.lock", "*.log"))


def _keep_cluster(source: Path) -> None:
    with _cluster_lock(fcntl.LOCK_EX):
        shutil.rmtree(CLUSTER, ignore_errors=True)
        source.rename(CLUSTER)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Puts `tmp_path` in the run's folder: it goes with the run, and other runs leave its rights alone."""
    config.option.basetemp = config.option.basetemp or str(run_folder() / "tmp")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files go to the workers in the order of their tests: with the long ones first, both workers finish together."""
    if worker_id() != "main":
        items.sort(key=lambda item: not LONG & {mark.name for mark in item.iter_markers()})


# --- Each process: its own database and Redis numbers ---------------------------------------------------


def _with_path(url: str, path: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=path))


def _choose_addresses() -> None:
    """Points settings, and every process a test starts, at what belongs to this worker."""
    worker = worker_id()
    # Numbers 0 and 1 are left alone: on a shared Redis they may hold somebody's work.
    number = 1 if worker == "main" else 2 + int(worker.removeprefix("gw"))
    run = run_folder().name.removeprefix("run-")
    os.environ["PARTICIPATIEMIX_PROFILE"] = "test"
    os.environ["DATABASE_URL"] = _with_path(os.environ[BASE_DATABASE], f"/test_{run}_{worker}")
    os.environ["BROKER_URL"] = _with_path(os.environ[BASE_BROKER], f"/{2 * number}")
    os.environ["CACHE_URL"] = _with_path(os.environ[BASE_BROKER], f"/{2 * number + 1}")
    os.environ["EMBEDDED_DIR"] = str(run_folder() / worker)


def _begin() -> None:
    # Bytecode makes the processes that tests start twice as fast to start.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    # Workers import plugins named on the command line too late, those in the environment in time.
    os.environ["PYTEST_PLUGINS"] = "tests.servers"
    if worker_id() == "main":
        servers = _Servers()
        atexit.register(servers.stop)
        try:
            servers.start()
        except EmbeddedProblem as problem:
            raise pytest.UsageError(str(problem)) from problem
    _choose_addresses()


_begin()
