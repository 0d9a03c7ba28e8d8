"""Where the tasks of the test process itself go."""

from collections.abc import Iterator
from contextlib import contextmanager

from kombu import pools

from config.celery import app


@contextmanager
def tasks_sent_to(url: str) -> Iterator[None]:
    """Tasks of this process go to another broker, and nothing of that broker is left afterwards."""
    kept = app.conf.broker_write_url
    app.conf.broker_write_url = url
    _forget_pools()
    try:
        yield
    finally:
        app.conf.broker_write_url = kept
        _forget_pools()


def _forget_pools() -> None:
    """Kombu keeps its pools by address, and a closed one would meet the next test that uses the same address."""
    pools.reset()
    app._pool = app.amqp._producer_pool = None
