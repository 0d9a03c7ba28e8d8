"""Child processes that cannot outlive us."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def end_with_parent(signum: int, *, parent: int | None = None) -> None:
    """Asks the kernel to send us `signum` when our parent dies, however it dies (Linux only).

    `parent` is the process we believe to be our parent; when it died before we could ask, we end.
    """
    if _libc is None:
        return
    _libc.prctl(_PR_SET_PDEATHSIG, signum, 0, 0, 0)
    if parent is not None and os.getppid() != parent:
        os._exit(1)


def _before_exec(signum: int) -> Callable[[], None]:
    parent = os.getpid()
    return lambda: end_with_parent(signum, parent=parent)


def spawn(
    command: Sequence[str | Path],
    *,
    log: IO[bytes],
    on_parent_death: signal.Signals,
    environment: Mapping[str, str],
    cwd: Path,
    user: int | None = None,
    group: int | None = None,
    keep: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Starts a child in a session of its own, so that Ctrl-C reaches us alone and we end it in order.

    Call it from the main thread: the kernel counts the death of the calling *thread*.
    """
    identity: dict[str, Any] = {"user": user, "group": group, "extra_groups": []} if user is not None else {}
    return subprocess.Popen(
        [str(word) for word in command],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        env=dict(environment),
        cwd=cwd,
        start_new_session=True,
        pass_fds=tuple(keep),
        preexec_fn=_before_exec(on_parent_death),
        **identity,
    )


def end(process: subprocess.Popen[bytes], *signals: signal.Signals, patience: float) -> None:
    """Sends each signal in turn, `patience` seconds apart, until the process ends; the last resort is SIGKILL to its session."""
    for signum in signals:
        if process.poll() is not None:
            break
        process.send_signal(signum)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            continue
    kill_session(process)
    process.wait()


def kill_session(process: subprocess.Popen[bytes]) -> None:
    """Ends at once whatever is left of the process and the children in its session."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
