"""A start with a bad environment fails with one sentence for each problem."""

import os
import re
import subprocess
import sys

import pytest

from config.environment import (
    ADDRESSES,
    NUMBERS,
    REQUIRED_IN_PRODUCTION,
    SWITCHES,
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
        ("SECRET_KEY", "ab" * 30, "SECRET_KEY is too plain: use a random text."),
        (
            "BASE_URL",
            "https://anders.example.nl",
            "BASE_URL names a host that is not in ALLOWED_HOSTS: links in mail would not work.",
        ),
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


@pytest.mark.parametrize("hosts", ["doemee.example.nl", "x.nl,Doemee.Example.NL", ".example.nl"])
def test_host_of_the_address_may_be_allowed_in_every_way_that_django_knows(hosts):
    assert read_environment({**PRODUCTION, "ALLOWED_HOSTS": hosts}).is_production


UNREADABLE = [
    ("PORT", "abc", "PORT must be a whole number, not “abc”."),
    ("BALLOTS_APPEAL_DAYS", "-1", "BALLOTS_APPEAL_DAYS must be a whole number, not “-1”."),
    ("TRUSTED_PROXY_COUNT", "²", "TRUSTED_PROXY_COUNT must be a whole number, not “²”."),
    ("SSL_REDIRECT", "false", "SSL_REDIRECT must be on or off, not “false”."),
    ("TRUST_FORWARDED_PROTO", "yes", "TRUST_FORWARDED_PROTO must be on or off, not “yes”."),
    ("LOG_LEVEL", "loud", "LOG_LEVEL must be one of DEBUG, INFO, WARNING, ERROR, CRITICAL, not “LOUD”."),
    (
        "DATABASE_URL",
        "sqlite:///site.db",
        "DATABASE_URL must begin with postgresql:// or postgres:// (only PostgreSQL can hold the ballot box).",
    ),
    ("DATABASE_URL", "postgresql://u:geheim@h:p/site", "DATABASE_URL is not an address: look at its host and port."),
    ("BROKER_URL", "amqp://h", "BROKER_URL must begin with redis:// or rediss://."),
    ("CACHE_URL", "memcached", "CACHE_URL must begin with redis://, rediss:// or unix://."),
    ("EMAIL_URL", "http://h", "EMAIL_URL must begin with smtp://, smtp+tls:// or smtp+ssl://."),
    ("EMAIL_URL", "smtp://[h", "EMAIL_URL is not an address: look at its host and port."),
    ("EMAIL_URL", "smtp://", "EMAIL_URL names no host."),
    ("DEFAULT_FROM_EMAIL", "Doe mee", "DEFAULT_FROM_EMAIL must be an e-mail address, not “Doe mee”."),
    (
        "ALLOWED_HOSTS",
        "https://doemee.example.nl",
        "ALLOWED_HOSTS takes host names only, such as doemee.example.nl, not “https://doemee.example.nl”.",
    ),
]


@pytest.mark.parametrize(("name", "value", "sentence"), UNREADABLE)
def test_value_that_no_profile_can_read_is_one_sentence(name, value, sentence):
    for variables in ({"PARTICIPATIEMIX_PROFILE": "demo"}, {"PARTICIPATIEMIX_PROFILE": "test"}):
        with pytest.raises(EnvironmentProblem) as problem:
            read_environment({**variables, name: value})
        assert str(problem.value) == sentence


def test_unreadable_values_are_said_together_by_a_start():
    """Mutant: let settings read a number or an address outside `read_environment`, and a traceback comes."""
    wrong = {"PORT": "abc", "DATABASE_URL": "postgresql://u:geheim@h:p/site", "LOG_LEVEL": "loud"}
    done = run_manage("check", **{**PRODUCTION, **wrong})
    sentences = [sentence for name, value, sentence in UNREADABLE if wrong.get(name) == value]
    assert (done.returncode, done.stderr.splitlines()) == (1, ["The site cannot start.", *_in_order(sentences)])


def _in_order(sentences: list[str]) -> list[str]:
    """Numbers first, then addresses, then the rest."""
    order = ("PORT", "DATABASE_URL", "LOG_LEVEL")
    return sorted(sentences, key=lambda sentence: order.index(sentence.split()[0]))


def test_small_letters_are_a_log_level_too():
    assert read_environment({"LOG_LEVEL": "info"}).log_level == "INFO"


def test_every_variable_that_settings_read_is_in_the_reference():
    text = (PROJECT / "docs" / "reference" / "settings.md").read_text()
    sources = [(PROJECT / "site" / "config" / name).read_text() for name in ("settings.py", "environment.py")]
    read = {name for source in sources for name in re.findall(r'\.(?:value|names)\(\s*"(\w+)"', source)}
    assert read > {"ALLOWED_HOSTS", "MEDIA_ROOT", "DEFAULT_FROM_EMAIL"}
    assert {name for name in (*read, *NUMBERS, *SWITCHES, *ADDRESSES) if f"`{name}`" not in text} == set()


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


def test_older_keys_come_from_the_environment():
    """Letter codes and voting codes are looked up under them (`people.letters.codes.digests`)."""
    old = ["a" * 30 + "bcdef" * 6, "old" * 20]
    words = (
        "shell",
        "--no-imports",
        "-v",
        "0",
        "-c",
        "from django.conf import settings; print(settings.SECRET_KEY_FALLBACKS)",
    )
    done = run_manage(*words, **PRODUCTION, SECRET_KEY_FALLBACKS=",".join(old))
    assert (done.stdout.strip(), done.stderr) == (repr(old), "")
