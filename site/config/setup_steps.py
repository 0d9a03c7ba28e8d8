"""What must be done before the site can serve: once at first, again only when its ingredients change.

A step's *mark* describes its ingredients. A mark about the database is kept in the database itself,
so a new, restored or emptied database is noticed; a mark about files is kept beside them.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from sysconfig import get_path
from typing import Any

import psycopg
from psycopg import sql

PROJECT = Path(__file__).resolve().parents[2]
PACKAGES = (PROJECT / "site", PROJECT)


@dataclass(frozen=True)
class Step:
    """`words` follow the Python interpreter; `mark()` changes when the step must be done again."""

    name: str
    title: str
    words: tuple[str, ...]
    mark: Callable[[], str]
    in_database: bool = False
    # A step whose program is not part of this site is left out.
    is_there: Callable[[], bool] = lambda: True


def steps(static_root: Path) -> list[Step]:
    """Every step, in order."""
    return [
        Step(
            "messages",
            "Compiling the Dutch texts",
            ("tools/messages.py", "compile"),
            _messages_mark,
            is_there=_has_messages,
        ),
        Step("static", "Collecting styles and scripts", _manage("collectstatic"), lambda: _static_mark(static_root)),
        Step("migrate", "Preparing the database", _manage("migrate"), _migrations_mark, in_database=True),
        Step(
            "demo", "Loading the demo municipality", _manage("load_demo"), _once, in_database=True, is_there=_has_demo
        ),
    ]


def _manage(command: str) -> tuple[str, ...]:
    options = {"collectstatic": ("--clear",), "migrate": ()}.get(command)
    return ("manage.py", command) if options is None else ("manage.py", command, "--no-input", *options)


def _has_messages() -> bool:
    return (PROJECT / "tools" / "messages.py").exists()


def _has_demo() -> bool:
    return any(path for folder in PACKAGES for path in folder.glob("*/management/commands/load_demo.py"))


# --- Marks ----------------------------------------------------------------------------------------------


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _once() -> str:
    return "done"


def _stamps(paths: Iterable[Path]) -> Iterator[str]:
    """Name, size and time of each file: enough to see a change without reading it."""
    for path in sorted(paths):
        status = path.stat()
        yield f"{path} {status.st_size} {status.st_mtime_ns}"


def _installed() -> list[str]:
    """The installed packages with their versions, from the names of their folders."""
    return sorted(path.name for path in Path(get_path("purelib")).glob("*.dist-info"))


def _messages_mark() -> str:
    compiled = [str(path.exists()) for path in sorted(PROJECT.glob("locale/*/LC_MESSAGES/*.mo"))]
    return _digest([*_stamps(PROJECT.glob("locale/**/*.po")), *compiled])


def _static_mark(static_root: Path) -> str:
    own = [path for path in (PROJECT / "static").rglob("*") if path.is_file()]
    ready = str((static_root / "staticfiles.json").exists())
    return _digest([ready, *_stamps([*own, PROJECT / "package-lock.json"]), *_installed()])


def _migrations_mark() -> str:
    files = (path for folder in PACKAGES for path in folder.glob("*/migrations/*.py"))
    return _digest([*(f"{path} {path.read_text()}" for path in sorted(files)), *_installed()])


# --- Memory of what was done ------------------------------------------------------------------------------


def _marks(text: str) -> dict[str, Any]:
    """The marks in a text that may be anybody's."""
    try:
        marks = json.loads(text)
    except ValueError:
        return {}
    return marks if isinstance(marks, dict) else {}


class FileMemory:
    """Marks in a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def recall(self) -> dict[str, Any]:
        try:
            return _marks(self.path.read_text())
        except OSError:
            return {}

    def remember(self, name: str, mark: str) -> None:
        self.path.write_text(json.dumps(self.recall() | {name: mark}))


class DatabaseMemory:
    """Marks in the comment on the database; that of the migrations holds while the same ones are applied."""

    def __init__(self, url: str) -> None:
        self.url = url

    def recall(self) -> dict[str, Any]:
        with psycopg.connect(self.url) as connection:
            marks = self._comment(connection)
            if marks.get("applied") != self._applied(connection):
                marks.pop("migrate", None)
            return marks

    def remember(self, name: str, mark: str) -> None:
        with psycopg.connect(self.url) as connection:
            marks = self._comment(connection) | {name: mark, "applied": self._applied(connection)}
            comment = sql.SQL("COMMENT ON DATABASE {} IS {}").format(
                sql.Identifier(connection.info.dbname), sql.Literal(json.dumps(marks))
            )
            connection.execute(comment)

    @staticmethod
    def _comment(connection: psycopg.Connection) -> dict[str, Any]:
        query = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
        row = connection.execute(query).fetchone()
        return _marks(row[0] or "") if row else {}

    @staticmethod
    def _applied(connection: psycopg.Connection) -> str:
        if not (row := connection.execute("SELECT to_regclass('django_migrations')").fetchone()) or row[0] is None:
            return ""
        rows = connection.execute("SELECT app, name FROM django_migrations ORDER BY app, name").fetchall()
        return _digest(f"{app}.{name}" for app, name in rows)
