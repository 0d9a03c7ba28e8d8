"""`/healthz` says this process answers; `/readyz` says it can serve: database, broker, migrations.

Both are answered before any other middleware, so that a load balancer needs no host name, no
https and no session.
"""

from collections.abc import Callable

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from redis import Redis


def check_database() -> None:
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute("SELECT 1")


def check_broker() -> None:
    with Redis.from_url(settings.BROKER_URL, socket_connect_timeout=1, socket_timeout=1) as client:
        client.ping()


def check_migrations() -> None:
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise RuntimeError("migrations are waiting")


CHECKS: dict[str, Callable[[], None]] = {
    "database": check_database,
    "broker": check_broker,
    "migrations": check_migrations,
}


def _outcome(check: Callable[[], None]) -> str:
    try:
        check()
    except Exception as problem:  # whatever is wrong, the answer must come
        return type(problem).__name__
    return "ok"


def readiness() -> JsonResponse:
    """200 when every check is ok, else 503; the body names each check and the kind of failure."""
    outcomes = {name: _outcome(check) for name, check in CHECKS.items()}
    ready = set(outcomes.values()) == {"ok"}
    return JsonResponse(outcomes, status=200 if ready else 503)


class HealthMiddleware:
    """Answers the two health addresses."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path == "/healthz":
            return HttpResponse("ok", content_type="text/plain")
        if request.path == "/readyz":
            return readiness()
        return self.get_response(request)
