import atexit

from django.apps import AppConfig


def close_database_pools() -> None:
    """Ends the pools' threads while Python can still do so; left to its own end it waits seconds for them."""
    from django.db.backends.postgresql.base import DatabaseWrapper

    for pool in DatabaseWrapper._connection_pools.values():  # type: ignore[attr-defined]  # unknown to its stubs
        pool.close()


class ConfigConfig(AppConfig):
    """The top of the house."""

    name = "config"

    def ready(self) -> None:
        from config import (
            assets,  # noqa: F401  (registers its system check)
            celery,  # noqa: F401  (web and commands hand their tasks to this application)
            staff_cards,  # noqa: F401  (registers its card)
        )

        atexit.register(close_database_pools)
