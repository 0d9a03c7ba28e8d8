"""Statements of casting a ballot: the server reads and plans each once per connection, which nearly halves its work for a cast.

Django's own cursors send a text with the values in it, new every time. `prepare_threshold` in the settings of the database says from
which time on a statement is kept.
"""

from collections.abc import Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from psycopg import Cursor


def first_row(statement: str, parameters: Sequence[Any]) -> tuple[Any, ...] | None:
    """The first row of what the statement gives; None when it gives none. Errors are those of Django."""
    database = connections[DEFAULT_DB_ALIAS]
    database.ensure_connection()
    raw: Any = Cursor(database.connection)
    with database.make_debug_cursor(raw) if database.queries_logged else database.make_cursor(raw) as cursor:
        cursor.execute(statement, parameters)
        row: tuple[Any, ...] | None = cursor.fetchone()
        return row
