"""The database clock in the hands of a test: what `clock_timestamp()` says, and nothing else."""

from contextlib import contextmanager
from datetime import datetime

from django.db import connection


@contextmanager
def database_clock(moment: datetime):
    """Within, the database's clock stands at `moment` for this connection: a function of the same name is found first."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA IF NOT EXISTS test_clock")
        cursor.execute(
            "CREATE OR REPLACE FUNCTION test_clock.clock_timestamp() RETURNS timestamptz LANGUAGE sql STABLE AS "
            f"$$ SELECT '{moment.isoformat()}'::timestamptz $$"
        )
        cursor.execute("SET search_path = test_clock, pg_catalog, public")
        try:
            yield
        finally:
            cursor.execute("RESET search_path")
