"""What the two embedded servers share: claim the folder, launch, wait until ready, stop, launch again."""

import os
import pwd
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

from config.embedded.account import hand_over, let_pass, server_account
from config.embedded.folder import (
    EmbeddedProblem,
    claim,
    explained,
    is_claimed,
    make_folder,
    read_state,
    require_space,
    write_state,
)
from config.embedded.processes import end, spawn

HOST = "127.0.0.1"
LOG_FILE = "server.log"
LOG_LIMIT = 10 * 2**20

# Crash recovery after a kill -9 under load may take a while; a healthy start takes a fraction of a second.
READY_SECONDS = 120.0


class PortTaken(Exception):
    """Another process listens on the port."""


def free_port() -> int:
    """A port of this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def port_is_free(port: int, host: str = HOST) -> bool:
    """Whether a server could listen there now; a port that only lingers after a stop counts as free."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


class EmbeddedServer(ABC):
    """One server on one folder.

    `port`: None keeps the port of the last time, or takes a free one. `durable=False` is for tests:
    nothing is forced to the disk.
    """

    name: ClassVar[str]
    stop_signals: ClassVar[tuple[signal.Signals, ...]]
    megabytes: ClassVar[int]

    def __init__(self, folder: Path | str, *, port: int | None = None, durable: bool = True) -> None:
        self.folder = Path(folder).absolute()
        self.data = self.folder / "data"
        self.wanted_port = port
        self.durable = durable
        self.port = 0
        self.password = ""
        self.has_new_password = False
        self.process: subprocess.Popen[bytes] | None = None
        self._claim: int | None = None
        self._account: pwd.struct_passwd | None = None

    # What differs between the servers

    @property
    @abstractmethod
    def binary(self) -> Path:
        """The server's program."""

    @property
    @abstractmethod
    def url(self) -> str:
        """The address for programs."""

    @abstractmethod
    def command(self) -> Sequence[str | Path]:
        """The words that start the server in the foreground."""

    @abstractmethod
    def prepare(self) -> None:
        """Makes the data folder where there is none yet."""

    @abstractmethod
    def is_ready(self) -> bool:
        """Whether the server answers now."""

    def greet(self) -> None:  # noqa: B027  (most servers need no greeting)
        """What is done once after each first answer."""

    # The life of a server

    def start(self) -> Self:
        """Claims the folder and starts the server; raises `EmbeddedProblem` with one sentence."""
        make_folder(self.folder)
        self._claim = claim(self.folder)
        try:
            self._set_up()
            self.launch()
        except BaseException:
            self.stop()
            raise
        return self

    def _set_up(self) -> None:
        require_space(self.folder, megabytes=self.megabytes)
        state = read_state(self.folder)
        self.password = state.get("password", "")
        if not self.password:
            self.password = os.urandom(20).hex()
            self.has_new_password = True
        self.port = self.wanted_port or state.get("port") or 0
        self._account = server_account(self.data)
        if self._account:
            let_pass(self._account, self.binary, self.data)
        with explained(self.folder):
            self.prepare()
            self._shorten_log()
            # Before the first launch: a start that is killed must not forget the password it gave the data.
            write_state(self.folder, state | {"password": self.password})

    def launch(self) -> None:
        """Starts the server on the folder we hold; after a crash, the same port is tried first."""
        for _ in range(5):
            self.port = self._choose_port()
            try:
                self._launch_once()
            except PortTaken:
                self.port = 0
            else:
                break
        else:
            raise EmbeddedProblem(f"{self.name} found no free port on this machine.")
        self._record()
        self.greet()

    def _choose_port(self) -> int:
        if self.port and port_is_free(self.port):
            return self.port
        if self.wanted_port:
            raise EmbeddedProblem(
                f"{self.name} cannot start: port {self.wanted_port} is taken by another process, so stop that or choose another port."
            )
        return free_port()

    def _launch_once(self) -> None:
        with explained(self.folder), (self.folder / LOG_FILE).open("ab") as log:
            start = log.tell()
            self.process = spawn(
                self.command(),
                log=log,
                on_parent_death=self.stop_signals[0],
                environment={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
                cwd=self.folder,
                keep=() if self._claim is None else (self._claim,),
                **self.identity,
            )
        self._wait_until_ready(start)

    @property
    def identity(self) -> dict[str, Any]:
        """The user and group of the server's processes; empty for our own."""
        return {"user": self._account.pw_uid, "group": self._account.pw_gid} if self._account else {}

    def _wait_until_ready(self, log_start: int) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not self.is_ready():
            if not self.is_alive():
                self.explain_failure(self._log_since(log_start))
            if time.monotonic() > deadline:
                raise EmbeddedProblem(
                    f"{self.name} did not become ready in {READY_SECONDS:.0f} seconds: see {self.folder / LOG_FILE}."
                )
            time.sleep(0.02)

    def explain_failure(self, log: str) -> None:
        """Raises what a server's last words mean."""
        if "Address already in use" in log:
            raise PortTaken
        if "No space left on device" in log:
            raise EmbeddedProblem(f"The disk that holds {self.folder} is full: make room and start again.")
        if "Permission denied" in log:
            raise EmbeddedProblem(
                f"{self.name} may not use its files in {self.folder}: they belong to another user, so start as that user or give them back."
            )
        words = [line.strip() for line in log.splitlines() if line.strip()]
        last = words[-1] if words else "it said nothing"
        raise EmbeddedProblem(f"{self.name} did not start ({last}): see {self.folder / LOG_FILE}.")

    def _log_since(self, start: int) -> str:
        with (self.folder / LOG_FILE).open("rb") as log:
            log.seek(start)
            return log.read().decode(errors="replace")

    def _shorten_log(self) -> None:
        log = self.folder / LOG_FILE
        if log.exists() and log.stat().st_size > LOG_LIMIT:
            log.replace(log.with_suffix(".log.1"))

    def _record(self) -> None:
        pid = self.process.pid if self.process else None
        write_state(self.folder, {"url": self.url, "port": self.port, "password": self.password, "pid": pid})

    def is_alive(self) -> bool:
        """Whether the server's main process runs."""
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """Stops the server in order and gives up the folder; stopping twice does no harm."""
        if self.process is not None:
            end(self.process, *self.stop_signals, patience=10)
        if self._claim is not None:
            os.close(self._claim)
            self._claim = None

    def __enter__(self) -> Self:
        return self if self._claim is not None else self.start()

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def own(self, *paths: Path) -> None:
        """Gives new files to the server's account, where it has one of its own."""
        if self._account:
            for path in paths:
                hand_over(path, self._account)


def running_url(folder: Path | str) -> str | None:
    """The address of the server that runs from `folder`, or None."""
    folder = Path(folder)
    return read_state(folder).get("url", f"tcp://{HOST}:1") if is_claimed(folder) else None
