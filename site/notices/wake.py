"""A word to the worker that there is something to deliver. Only a help: beat looks every few seconds anyway."""

import logging
import time

from django.db import connection, transaction

log = logging.getLogger(__name__)

# One word is enough for all that was written in this time; what comes just after it waits for beat.
PAUSE_SECONDS = 1.0
# After a refusal the broker is left alone for a while, so that no visitor waits for it.
REST_SECONDS = 30.0
# Kombu's own patience is four seconds and longer; a visitor has none.
IMPATIENT = {"max_retries": 0}

_silent_until = 0.0


def wake_worker_on_commit() -> None:
    """Wakes the worker once after this transaction, however many notices it wrote."""
    if not any(entry[1] is wake_worker for entry in connection.run_on_commit):
        transaction.on_commit(wake_worker, robust=True)


def wake_worker() -> None:
    """Asks for a delivery now. Never raises: without a broker, mail is late and nothing else."""
    global _silent_until  # noqa: PLW0603 (one per process)
    now = time.monotonic()
    if now < _silent_until:
        return
    _silent_until = now + PAUSE_SECONDS
    try:
        _ask()
    except Exception as problem:
        _silent_until = time.monotonic() + REST_SECONDS
        log.warning("The worker could not be woken: %s", type(problem).__name__)


def _ask() -> None:
    from notices.tasks import deliver_outbox

    options = deliver_outbox.app.conf.broker_transport_options | IMPATIENT
    with deliver_outbox.app.connection_for_write(transport_options=options) as broker:
        deliver_outbox.apply_async(connection=broker, retry=False)
