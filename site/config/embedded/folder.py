"""The folder of one embedded server: made, claimed by one owner, with a small state file.

The claim is an advisory lock (flock) on `owner.lock`. The server process inherits the open file, so
the folder stays claimed until the owner *and* every process of its server are gone; the kernel
drops the claim by itself when they die, however they die. There is nothing stale to clean up.
"""

import contextlib
import errno
import fcntl
import json
import os
import pwd
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

LOCK_FILE = "owner.lock"
STATE_FILE = "state.json"

# How long a new owner waits for the last processes of a server whose owner was killed.
LEFTOVER_SECONDS = 20.0


class EmbeddedProblem(Exception):
    """An embedded server cannot run; the text is one sentence for the person at the keyboard."""


@contextlib.contextmanager
def explained(folder: Path) -> Iterator[None]:
    """Turns the operating system's refusals on `folder` into one sentence each."""
    try:
        yield
    except OSError as problem:
        raise EmbeddedProblem(_sentence(problem, folder)) from problem


def _sentence(problem: OSError, folder: Path) -> str:
    match problem.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return f"The disk that holds {folder} is full: make room and start again."
        case errno.EROFS:
            return f"The folder {folder} is on a disk that can only be read: set EMBEDDED_DIR to a folder that can be written."
        case errno.EACCES | errno.EPERM:
            return (
                f"The user “{_user_name()}” may not write in {problem.filename or folder}: "
                "start as the user who owns it, or set EMBEDDED_DIR to another folder."
            )
        case errno.ENOTDIR | errno.EEXIST:
            return (
                f"{problem.filename or folder} is a file, but a folder is needed there: move it away and start again."
            )
    return f"The folder {folder} cannot be used ({problem.strerror})."


def _user_name() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def make_folder(folder: Path) -> None:
    """Makes the folder; others may pass through it, because a server started by root runs as another user."""
    with explained(folder):
        folder.mkdir(parents=True, exist_ok=True)


def require_space(folder: Path, *, megabytes: int) -> None:
    """Refuses to start a server that would run into a full disk at its first write."""
    free = shutil.disk_usage(folder).free // 2**20
    if free < megabytes:
        raise EmbeddedProblem(
            f"The disk that holds {folder} is full: {free} MB is free and {megabytes} MB is needed, so make room and start again."
        )


# --- The claim --------------------------------------------------------------------------------------


def claim(folder: Path) -> int:
    """Claims the folder and returns the descriptor that holds the claim.

    Raises `EmbeddedProblem` when a living process owns the folder. When the owner is dead and its
    server is still going down, waits for it.
    """
    with explained(folder):
        descriptor = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(descriptor, folder)
        os.truncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _lock(descriptor: int, folder: Path) -> None:
    deadline = time.monotonic() + LEFTOVER_SECONDS
    # A reader holds the lock for an instant (`is_claimed`), so one refusal says nothing yet.
    attempts = 0
    while not _try_lock(descriptor, fcntl.LOCK_EX):
        attempts += 1
        owner = _owner(descriptor)
        if attempts > 5 and owner:
            raise EmbeddedProblem(f"{folder} is already in use by {owner}: stop that process first.")
        if time.monotonic() > deadline:
            raise EmbeddedProblem(f"{folder} is still in use by a server whose owner is gone: {_leftovers(folder)}.")
        time.sleep(0.05)


def _try_lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _owner(descriptor: int) -> str | None:
    """“process 12 (python manage.py shell)” when the claim's owner lives, else None."""
    text = os.pread(descriptor, 32, 0).decode()
    if not text.isdigit():
        return None
    try:
        words = psutil.Process(int(text)).cmdline()
    except psutil.NoSuchProcess:
        return None
    return f"process {text} ({' '.join(words)[:80]})"


def _leftovers(folder: Path) -> str:
    pid = read_state(folder).get("pid")
    return f"end process {pid} and start again" if pid else "end it and start again"


def is_claimed(folder: Path) -> bool:
    """Whether an owner or its server lives."""
    try:
        descriptor = os.open(folder / LOCK_FILE, os.O_RDONLY)
    except OSError:
        return False
    try:
        return not _try_lock(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


# --- The state ----------------------------------------------------------------------------------------


def read_state(folder: Path) -> dict[str, Any]:
    """What the last owner wrote: address, port, password, process; empty when there is nothing to read."""
    try:
        state = json.loads((folder / STATE_FILE).read_text())
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}


def write_state(folder: Path, state: dict[str, Any]) -> None:
    """Replaces the state in one step; only the owner may read it, for it holds a password."""
    fresh = folder / f"{STATE_FILE}.new"
    with explained(folder):
        fresh.unlink(missing_ok=True)
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps(state))
        fresh.replace(folder / STATE_FILE)
