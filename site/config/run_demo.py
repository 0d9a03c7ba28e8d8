"""`make demo`: the whole site with one command: servers, database, web, worker and clock.

    python -m config.run_demo

Prints one address and the log-ins, runs until Ctrl-C, keeps its data below `var/`. `DATABASE_URL`
and `BROKER_URL` name servers of your own; `PORT` (8000) and `HOST` (127.0.0.1) say where to listen.
"""

import errno
import os
import signal
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType
from typing import NoReturn

import psycopg

from config.embedded import EmbeddedProblem, database_url
from config.embedded.folder import make_folder, require_space
from config.embedded.for_command import embedded_dir, missing_servers
from config.embedded.processes import end_with_parent, kill_session, spawn
from config.embedded.server import port_is_free
from config.setup_steps import PROJECT, DatabaseMemory, FileMemory, Step, steps
from config.supervisor import Program, Supervisor

READY_SECONDS = 180
LOGINS_FILE = "demo-logins.txt"


class DemoProblem(Exception):
    """The demonstration cannot run; the text says why and what to do."""


class Stopped(BaseException):
    """Somebody asked us to stop."""


class Demo:
    """One run of the demonstration."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = _child_environment(environment)
        self.var = embedded_dir(environment)
        self.logs = self.var / "log"
        self.host = environment.get("HOST", "").strip() or "127.0.0.1"
        self.port = _port(environment)
        self.supervisor = Supervisor(report=say)

    def run(self) -> None:
        """Starts everything, tells where it is, and looks after it until it is stopped."""
        try:
            self.start()
            self.announce()
            self.tend_until_stopped()
        finally:
            _ignore_signals()
            self.supervisor.stop()

    def start(self) -> None:
        self._check_port()
        make_folder(self.logs)
        require_space(self.var, megabytes=200)
        for folder, start in missing_servers(self.environment):
            self.supervisor.add_server(start(self.var / folder))
        self._set_up()
        for program in self._programs():
            self.supervisor.add_program(program)
            if program.name == "web":
                self._wait_until_ready(program)

    def _check_port(self) -> None:
        if not port_is_free(self.port, self.host):
            raise DemoProblem(
                f"Port {self.port} is taken by another process: stop that, or choose another port with `PORT={self.port + 1} make demo`."
            )

    # Steps

    def _set_up(self) -> None:
        url = self.environment.get("DATABASE_URL", "").strip() or database_url(self.var)
        files, database = FileMemory(self.var / "steps.json"), DatabaseMemory(url)
        # A database that cannot be used is better known now than after the other steps.
        database.recall()
        for step in steps(self.var / "static"):
            memory = database if step.in_database else files
            if step.is_there() and memory.recall().get(step.name) != step.mark():
                self._do(step)
                memory.remember(step.name, step.mark())

    def _do(self, step: Step) -> None:
        say(f"{step.title} …")
        log = self.logs / f"{step.name}.log"
        with log.open("wb") as output:
            process = spawn(
                [sys.executable, *step.words],
                log=output,
                on_parent_death=signal.SIGKILL,
                environment=self.environment,
                cwd=PROJECT,
            )
            try:
                failed = process.wait()
            except BaseException:
                kill_session(process)
                raise
        if failed:
            raise DemoProblem(_why(f"{step.title} failed", log))

    # Programs

    def _programs(self) -> list[Program]:
        """Web first: its first page is what people wait for."""
        celery = ["celery", "-A", "config.celery", "--workdir", str(PROJECT)]
        return [
            self._program("web", [*GUNICORN, "--bind", f"{self.host}:{self.port}"]),
            self._program("worker", [*celery, "worker", *WORKER_OPTIONS], kill=True),
            self._program("beat", [*celery, "beat", "--pidfile=", "--loglevel=INFO"]),
        ]

    def _program(self, name: str, words: list[str], *, kill: bool = False) -> Program:
        return Program(
            name=name,
            command=[sys.executable, "-m", *words],
            log=self.logs / f"{name}.log",
            cwd=PROJECT,
            environment=self.environment,
            stop_signals=(signal.SIGTERM, signal.SIGQUIT),
            # Celery would first finish its task, without a broker; a task that is cut off runs again.
            on_parent_death=signal.SIGKILL if kill else signal.SIGTERM,
        )

    def _wait_until_ready(self, web: Program) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not _answers(f"http://{_address(self.host)}:{self.port}/readyz"):
            if not web.is_alive() or time.monotonic() > deadline:
                raise DemoProblem(_why("The web server does not start", web.log))
            time.sleep(0.1)

    # While it runs

    def announce(self) -> None:
        logins = self.var / LOGINS_FILE
        say(f"\nParticipatiemix runs at http://localhost:{self.port}/\n")
        if logins.exists():
            say(logins.read_text().strip() + "\n")
        say(f"Stop with Ctrl-C. The data stays in {self.var}; the logs are in {self.logs}.")

    def tend_until_stopped(self) -> NoReturn:
        interrupted = _interrupted_make()
        while not interrupted():
            self.supervisor.tend()
            time.sleep(0.2)
        raise Stopped


GUNICORN = [
    *("gunicorn", "config.wsgi:application", "--workers", "2", "--preload", "--no-control-socket"),
    # Browsers open connections ahead of need; with threads such an idle one keeps nobody waiting.
    *("--worker-class", "gthread", "--threads", "2", "--timeout", "60", "--graceful-timeout", "5"),
]
WORKER_OPTIONS = ["--concurrency=2", "--without-gossip", "--without-mingle", "--loglevel=INFO"]


def say(text: str) -> None:
    """Tells the person at the keyboard."""
    print(text, flush=True)


def _child_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Ours, with the project on the path and bytecode kept: that halves the start of every process."""
    kept = {name: value for name, value in environment.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPATH": os.pathsep.join([str(PROJECT), str(PROJECT / "site")]), "PYTHONUNBUFFERED": "1"}


def _port(environment: Mapping[str, str]) -> int:
    text = environment.get("PORT", "").strip() or "8000"
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise DemoProblem(f"PORT must be a number from 1 to 65535, not “{text}”.")
    return int(text)


def _address(host: str) -> str:
    """Where to reach a server that listens on `host`."""
    return "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:  # noqa: S310  (our own http address)
            return bool(answer.status == 200)
    except OSError:
        return False


def _why(what: str, log: Path) -> str:
    """A sentence with the last words of a log."""
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    if any("No space left on device" in line for line in lines[-200:]):
        return f"{what}: the disk is full, so make room and start again."
    tail = "\n".join(f"    {line}" for line in lines[-8:])
    return f"{what}. The last words of {log}:\n{tail}"


# --- Signals ------------------------------------------------------------------------------------------------

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _raise_stopped(signum: int, frame: FrameType | None) -> NoReturn:
    raise Stopped


def _ignore_signals() -> None:
    """While we stop, a second Ctrl-C must not leave half of the processes behind."""
    for signum in STOP_SIGNALS:
        signal.signal(signum, signal.SIG_IGN)


def _interrupted_make() -> Callable[[], bool]:
    """Tells whether `make` above us got an interrupt of its own.

    Ctrl-C in a terminal reaches us too; `kill -INT` on make alone does not: make then waits for us,
    for ever. It stops catching the signal while it waits, and that can be seen.
    """
    status, interrupt = Path(f"/proc/{os.getppid()}/status"), 1 << (signal.SIGINT - 1)

    def catches() -> bool:
        lines = status.read_text().splitlines()
        return any(line.startswith("SigCgt:") and int(line.split()[1], 16) & interrupt for line in lines)

    if "MAKELEVEL" not in os.environ or not status.exists() or not catches():
        return lambda: False
    return lambda: not catches()


def main() -> None:
    """Runs the demonstration; whatever prevents it is said in a sentence."""
    if "MAKELEVEL" in os.environ:
        end_with_parent(signal.SIGTERM)
    for signum in STOP_SIGNALS:
        signal.signal(signum, _raise_stopped)
    try:
        Demo(os.environ).run()
    except Stopped:
        say("\nStopped. The data is kept.")
    except (DemoProblem, EmbeddedProblem) as problem:
        sys.exit(str(problem))
    except psycopg.OperationalError as problem:
        sys.exit(f"The database cannot be used: {str(problem).strip()}")
    except OSError as problem:
        if problem.errno != errno.ENOSPC:
            raise
        sys.exit("The disk is full: make room and start again.")


if __name__ == "__main__":
    main()
