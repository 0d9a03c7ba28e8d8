"""Servers that come with the project: PostgreSQL and Valkey, run from folders below `var/`.

They serve where `DATABASE_URL` and `BROKER_URL` are not set: the demonstration, the tests, a
command typed by hand. Each folder has one owner at a time (`folder.claim`), keeps its data, and
recovers by itself after a kill -9. Nothing here imports Django: settings read addresses from this
package before Django exists.
"""

from config.embedded.folder import EmbeddedProblem
from config.embedded.for_command import servers_for_command
from config.embedded.postgres import Postgres, database_url, start_postgres
from config.embedded.server import EmbeddedServer, running_url
from config.embedded.valkey import Valkey, broker_url, start_valkey

__all__ = [
    "EmbeddedProblem",
    "EmbeddedServer",
    "Postgres",
    "Valkey",
    "broker_url",
    "database_url",
    "running_url",
    "servers_for_command",
    "start_postgres",
    "start_valkey",
]
