"""/healthz and /readyz."""

from django.test import Client

from config import health


def test_healthz_answers_without_database(client):
    response = client.get("/healthz", headers={"host": "any.host.example"})
    assert (response.status_code, response.content) == (200, b"ok")


def test_readyz_names_every_check(db):
    response = Client().get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"database": "ok", "broker": "ok", "migrations": "ok"}


def test_readyz_says_what_is_away(db, settings):
    settings.BROKER_URL = "redis://127.0.0.1:1/0"
    response = Client().get("/readyz")
    assert response.status_code == 503
    assert response.json() == {"database": "ok", "broker": "ConnectionError", "migrations": "ok"}


def test_readyz_says_when_migrations_wait(db):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'budget'")
    assert health.readiness().status_code == 503
