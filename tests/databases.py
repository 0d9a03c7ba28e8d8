"""The database of a test process: a copy of a migrated template, made in a tenth of a second."""

import hashlib
from pathlib import Path

import psycopg
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from psycopg import sql

from tests import servers

# Settings that migrations read.
NAMED_SETTINGS = ("LANGUAGE_CODE", "WAGTAIL_CONTENT_LANGUAGES", "AUTH_USER_MODEL", "SEARCH_CONFIG", "INSTALLED_APPS")
TEMPLATES_KEPT = 3
_LOCK = 7062110


def template_name() -> str:
    """Names the template after all that shapes it: migration files, ours and installed, signal handlers, its owner."""
    named = [getattr(settings, name, None) for name in NAMED_SETTINGS]
    digest = hashlib.sha256(repr([*named, connection.settings_dict["USER"]]).encode())
    for path in sorted(_shaping_files()):
        digest.update(path.name.encode() + path.read_bytes())
    return f"template_{digest.hexdigest()[:20]}"


def _shaping_files() -> list[Path]:
    found: list[Path] = []
    for app in apps.get_app_configs():
        folder = Path(app.path)
        found += folder.glob("migrations/*.py")
        if folder.is_relative_to(servers.PROJECT) and ".venv" not in folder.parts:
            found += [path for path in folder.glob("*.py") if "post_migrate" in path.read_text()]
    return found


def _admin() -> psycopg.Connection:
    """A connection to the server's own database, from which others are made and dropped."""
    options = connection.get_connection_params() | {"dbname": "postgres"}
    known = {name: options[name] for name in ("dbname", "user", "password", "host", "port") if options.get(name)}
    return psycopg.connect(**known, autocommit=True)


class OwnDatabase:
    """This process's database; its name comes from `DATABASE_URL`, which tests.servers chose."""

    def __init__(self) -> None:
        self.name: str = connection.settings_dict["NAME"]
        with _admin() as admin:
            self.template = _find_or_make_template(admin)
            hasty = admin.execute("SHOW fsync").fetchone() == ("off",)
        # Copying files beats logging every page where nothing is forced to the disk.
        self.strategy = "FILE_COPY" if hasty else "WAL_LOG"

    def make(self) -> None:
        """Makes the database, or puts it back to the freshly migrated state."""
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY {}").format(
            sql.Identifier(self.name), sql.Identifier(self.template), sql.SQL(self.strategy)
        )
        connection.close()
        with _admin() as admin:
            _drop(admin, self.name)
            admin.execute(statement)

    def drop(self) -> None:
        """Removes the database."""
        connection.close()
        with _admin() as admin:
            _drop(admin, self.name)


def _drop(admin: psycopg.Connection, name: str) -> None:
    admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _find_or_make_template(admin: psycopg.Connection) -> str:
    """The template's name. One process migrates; the others wait for its lock and find the template made."""
    admin.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
    name = template_name()
    while not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
        _forget_old_templates(admin)
        _migrate_into(admin, name)
        (servers.run_folder() / servers.TEMPLATE_BUILT).touch()
        # Somebody may have saved a migration meanwhile; then this template is of neither state.
        if (fresh_name := template_name()) != name:
            _drop(admin, name)
            name = fresh_name
    admin.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
    return name


def _migrate_into(admin: psycopg.Connection, name: str) -> None:
    fresh, own = f"new_{name}", connection.settings_dict["NAME"]
    _drop(admin, fresh)
    admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(fresh)))
    connection.close()
    connection.settings_dict["NAME"] = fresh
    try:
        call_command("migrate", verbosity=0, interactive=False)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = own
    admin.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(fresh), sql.Identifier(name)))
    admin.execute(sql.SQL("ALTER DATABASE {} WITH ALLOW_CONNECTIONS false").format(sql.Identifier(name)))


def _forget_old_templates(admin: psycopg.Connection) -> None:
    ours = (
        "SELECT datname FROM pg_database WHERE datname LIKE 'template\\_%' AND pg_get_userbyid(datdba) = current_user"
    )
    for (name,) in admin.execute(f"{ours} ORDER BY oid DESC").fetchall()[TEMPLATES_KEPT - 1 :]:
        _drop(admin, name)
