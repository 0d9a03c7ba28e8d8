"""Keeps a few programs running: starts them, starts them again when they end, stops them in order.

Nothing outlives the supervisor: every child asks the kernel to be ended when its parent dies
(`config.embedded.processes`). It knows no Django, so it is small and starts at once.
"""

import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from config.embedded.processes import end, spawn

LOG_LIMIT = 10 * 2**20
HEALTHY_SECONDS = 60.0
LONGEST_WAIT = 30.0


class Runner(Protocol):
    """Something that runs: one of our programs, or an embedded server."""

    @property
    def name(self) -> str: ...
    def launch(self) -> None: ...
    def is_alive(self) -> bool: ...
    def stop(self) -> None: ...


@dataclass
class Program:
    """One program with its log. `stop_signals` are tried in turn, `patience` seconds apart, before SIGKILL."""

    name: str
    command: Sequence[str | Path]
    log: Path
    cwd: Path
    environment: Mapping[str, str]
    stop_signals: tuple[signal.Signals, ...] = (signal.SIGTERM,)
    patience: float = 8.0
    # What the kernel sends it when the supervisor dies.
    on_parent_death: signal.Signals = signal.SIGTERM
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def launch(self) -> None:
        """Starts the program; call it from the main thread."""
        shorten(self.log)
        with self.log.open("ab") as log:
            self.process = spawn(
                self.command,
                log=log,
                on_parent_death=self.on_parent_death,
                environment=self.environment,
                cwd=self.cwd,
            )

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def ask_to_stop(self) -> None:
        """Tells the program to finish, without waiting for it."""
        if self.process is not None and self.is_alive():
            self.process.send_signal(self.stop_signals[0])

    def stop(self) -> None:
        """Ends the program and its children; does nothing when it never ran."""
        if self.process is not None:
            end(self.process, *self.stop_signals, patience=self.patience)


def shorten(log: Path) -> None:
    """Starts a new log when the old one is large; one old one is kept."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_name(f"{log.name}.1"))


@dataclass
class Tended:
    """A runner and its history: how often it ended early, and when to try again."""

    runner: Runner
    started_at: float
    failures: int = 0
    retry_at: float | None = None

    def tend(self, now: float) -> str | None:
        """Starts the runner again when it ended and its wait is over. Returns a sentence when it is news."""
        if self.runner.is_alive():
            return None
        if self.retry_at is None:
            return self._schedule(now)
        if now >= self.retry_at:
            self.runner.launch()
            self.started_at, self.retry_at = now, None
        return None

    def _schedule(self, now: float) -> str:
        if now - self.started_at > HEALTHY_SECONDS:
            self.failures = 0
        delay = min(2.0**self.failures - 1, LONGEST_WAIT)
        self.failures += 1
        self.retry_at = now + delay
        return f"{self.runner.name} ended and starts again" + (f" in {delay:.0f} s." if delay else ".")


class Supervisor:
    """Two groups of runners: servers, and the programs that need them and so stop first."""

    def __init__(self, report: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        self.report = report
        self.clock = clock
        self.servers: list[Runner] = []
        self.programs: list[Program] = []
        self.tended: list[Tended] = []

    def add_server(self, server: Runner) -> None:
        """Takes over a server that runs already."""
        self.servers.append(server)
        self.tended.append(Tended(server, self.clock()))

    def add_program(self, program: Program) -> None:
        """Takes over a program and launches it."""
        self.programs.append(program)
        self.tended.append(Tended(program, self.clock()))
        program.launch()

    def tend(self) -> None:
        """One look at every runner. Something that cannot start now is tried again later, not given up."""
        for one in self.tended:
            try:
                news = one.tend(self.clock())
            except Exception as problem:  # a full disk or a taken port may pass
                one.started_at, one.retry_at = self.clock(), None
                news = f"{one.runner.name} cannot start: {problem}"
            if news:
                self.report(news)

    def stop(self) -> None:
        """Stops the programs, which finish what they do side by side, and then the servers."""
        for program in self.programs:
            program.ask_to_stop()
        for runner in (*self.programs, *reversed(self.servers)):
            runner.stop()
