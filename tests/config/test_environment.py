"""A start with a bad environment fails with one sentence for each problem."""

import os
import subprocess
import sys

import pytest

from config.environment import (
    REQUIRED_IN_PRODUCTION,
    EnvironmentProblem,
    parse_database_url,
    parse_email_url,
    read_environment,
)
from tests.servers import PROJECT

PRODUCTION = {
    "PARTICIPATIEMIX_PROFILE": "production",
    "SECRET_KEY": "abcdefghij0123456789" * 3,
    "ALLOWED_HOSTS": "doemee.example.nl",
    "BASE_URL": "https://doemee.example.nl",
    "DATABASE_URL": "postgresql://site:secret@127.0.0.1/site",
    "BROKER_URL": "redis://127.0.0.1:6379/0",
    "EMAIL_URL": "smtp+tls://user:secret@127.0.0.1:587",
    "DEFAULT_FROM_EMAIL": "doemee@example.nl",
}


def run_manage(*words: str, **variables: str) -> subprocess.CompletedProcess:
    env = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **variables}
    return subprocess.run(
        [sys.executable, "manage.py", *words], cwd=PROJECT, env=env, capture_output=True, text=True, check=False
    )


def test_production_environment_complete_is_accepted():
    assert read_environment(PRODUCTION).is_production


@pytest.mark.parametrize("name", REQUIRED_IN_PRODUCTION)
@pytest.mark.parametrize("value", [None, "", "  "])
def test_production_without_a_required_variable_is_one_sentence(name, value):
    variables = {key: text for key, text in PRODUCTION.items() if key != name}
    if value is not None:
        variables[name] = value
    with pytest.raises(EnvironmentProblem) as problem:
        read_environment(variables)
    assert str(problem.value) == REQUIRED_IN_PRODUCTION[name]


def test_production_with_nothing_says_everything_at_once():
    with pytest.raises(EnvironmentProblem) as problem:
        read_environment({"PARTICIPATIEMIX_PROFILE": "production"})
    assert str(problem.value).splitlines() == list(REQUIRED_IN_PRODUCTION.values())


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("SECRET_KEY", "short", "SECRET_KEY is too short: use at least 50 characters."),
        ("ALLOWED_HOSTS", "*", "ALLOWED_HOSTS may not be “*”: name the site's hosts."),
        ("BASE_URL", "http://doemee.example.nl", "BASE_URL must begin with https:// in production."),
        (
            "PARTICIPATIEMIX_INSTRUMENTS",
            "budget,lottery",
            "PARTICIPATIEMIX_INSTRUMENTS names an unknown instrument: lottery.",
        ),
    ],
)
def test_production_with_a_weak_value_is_refused(name, value, sentence):
    with pytest.raises(EnvironmentProblem) as problem:
        read_environment({**PRODUCTION, name: value})
    assert str(problem.value) == sentence


def test_unknown_profile_is_refused():
    with pytest.raises(EnvironmentProblem, match="must be one of demo, test, production"):
        read_environment({"PARTICIPATIEMIX_PROFILE": "staging"})


def test_database_url_is_read_with_its_options():
    parsed = parse_database_url("postgresql://anna:p%40ss@db.example:5433/site?sslmode=require")
    assert parsed == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "site",
        "USER": "anna",
        "PASSWORD": "p@ss",
        "HOST": "db.example",
        "PORT": "5433",
        "OPTIONS": {"sslmode": "require"},
    }


def test_database_url_of_another_database_is_refused():
    with pytest.raises(EnvironmentProblem, match="only PostgreSQL"):
        parse_database_url("sqlite:///site.db")


@pytest.mark.parametrize(
    ("scheme", "tls", "ssl"), [("smtp", False, False), ("smtp+tls", True, False), ("smtp+ssl", False, True)]
)
def test_email_url_is_read(scheme, tls, ssl):
    parsed = parse_email_url(f"{scheme}://user:p%3Aw@mail.example:2525")
    assert (parsed["EMAIL_HOST"], parsed["EMAIL_PORT"], parsed["EMAIL_HOST_PASSWORD"]) == ("mail.example", 2525, "p:w")
    assert (parsed["EMAIL_USE_TLS"], parsed["EMAIL_USE_SSL"]) == (tls, ssl)


def test_email_url_of_another_kind_is_refused():
    with pytest.raises(EnvironmentProblem, match="EMAIL_URL must begin with"):
        parse_email_url("http://mail.example")


def test_production_start_without_settings_prints_the_sentences_and_stops():
    done = run_manage("check", PARTICIPATIEMIX_PROFILE="production")
    assert done.returncode == 1
    assert done.stderr.splitlines() == ["The site cannot start.", *REQUIRED_IN_PRODUCTION.values()]


def test_deploy_check_has_no_warnings_in_production():
    done = run_manage("check", "--deploy", "--fail-level", "INFO", **PRODUCTION)
    assert (done.returncode, done.stderr) == (0, "")
    assert "no issues (0 silenced)" in done.stdout
