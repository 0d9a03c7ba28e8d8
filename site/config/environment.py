"""What the environment may say, read once and checked before Django starts.

Every setting that differs between a laptop, a test run and a municipality's server is an
environment variable; `docs/reference/settings.md` lists them.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

PROFILES = ("demo", "test", "production")
INSTRUMENTS = ("proposals", "referendum", "budget", "panels")

# Production needs each of these; the sentence is what an administrator reads.
REQUIRED_IN_PRODUCTION = {
    "SECRET_KEY": "SECRET_KEY is missing: set a random text of at least 50 characters.",
    "ALLOWED_HOSTS": "ALLOWED_HOSTS is missing: name the site's hosts, separated by commas.",
    "BASE_URL": "BASE_URL is missing: give the site's address, such as https://doemee.example.nl.",
    "DATABASE_URL": "DATABASE_URL is missing: give the PostgreSQL server, such as postgresql://user:password@host/name.",
    "BROKER_URL": "BROKER_URL is missing: give the Redis or Valkey server, such as redis://host:6379/0.",
    "EMAIL_URL": "EMAIL_URL is missing: give the mail server, such as smtp+tls://user:password@host:587.",
    "DEFAULT_FROM_EMAIL": "DEFAULT_FROM_EMAIL is missing: give the sender's address of the site's mail.",
}


class EnvironmentProblem(Exception):
    """The environment cannot be used; the text has one sentence per problem."""


@dataclass(frozen=True)
class Environment:
    """The checked environment. `value(name, default)` reads one variable, empty counts as absent."""

    variables: Mapping[str, str]

    def value(self, name: str, default: str = "") -> str:
        return self.variables.get(name, "").strip() or default

    def names(self, name: str, default: tuple[str, ...] = ()) -> list[str]:
        """A comma-separated list."""
        text = self.value(name)
        return [part.strip() for part in text.split(",") if part.strip()] if text else list(default)

    def number(self, name: str, default: int) -> int:
        text = self.value(name, str(default))
        if not text.isdigit():
            raise EnvironmentProblem(f"{name} must be a whole number, not “{text}”.")
        return int(text)

    @property
    def profile(self) -> str:
        return self.value("PARTICIPATIEMIX_PROFILE", "demo")

    @property
    def is_production(self) -> bool:
        return self.profile == "production"

    def problems(self) -> list[str]:
        """One sentence for everything that makes a start impossible or unsafe."""
        if self.profile not in PROFILES:
            return [f"PARTICIPATIEMIX_PROFILE must be one of {', '.join(PROFILES)}, not “{self.profile}”."]
        found = _unknown_instruments(self)
        if self.is_production:
            found += [sentence for name, sentence in REQUIRED_IN_PRODUCTION.items() if not self.value(name)]
            found += _weak_values(self)
        return found


def _unknown_instruments(env: Environment) -> list[str]:
    unknown = set(env.names("PARTICIPATIEMIX_INSTRUMENTS", INSTRUMENTS)) - set(INSTRUMENTS)
    return [f"PARTICIPATIEMIX_INSTRUMENTS names an unknown instrument: {name}." for name in sorted(unknown)]


def _weak_values(env: Environment) -> list[str]:
    found = []
    if env.value("SECRET_KEY") and len(env.value("SECRET_KEY")) < 50:
        found.append("SECRET_KEY is too short: use at least 50 characters.")
    if "*" in env.names("ALLOWED_HOSTS"):
        found.append("ALLOWED_HOSTS may not be “*”: name the site's hosts.")
    if env.value("BASE_URL") and not env.value("BASE_URL").startswith("https://"):
        found.append("BASE_URL must begin with https:// in production.")
    return found


def read_environment(variables: Mapping[str, str] | None = None) -> Environment:
    """The environment of this process, or `EnvironmentProblem` with every sentence at once."""
    env = Environment(os.environ if variables is None else variables)
    if problems := env.problems():
        raise EnvironmentProblem("\n".join(problems))
    return env


def parse_database_url(url: str) -> dict[str, Any]:
    """Django's DATABASES entry for `postgresql://user:password@host:port/name?option=value`."""
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres"):
        raise EnvironmentProblem(
            "DATABASE_URL must begin with postgresql:// (only PostgreSQL can hold the ballot box)."
        )
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "participatiemix",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", unquote(parts.hostname or "")),
        "PORT": options.pop("port", str(parts.port or "")),
        "OPTIONS": options,
    }


def parse_email_url(url: str) -> dict[str, Any]:
    """Django's EMAIL_* settings for `smtp[+tls|+ssl]://user:password@host:port`."""
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtp+tls", "smtp+ssl"):
        raise EnvironmentProblem("EMAIL_URL must begin with smtp://, smtp+tls:// or smtp+ssl://.")
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname or "localhost",
        "EMAIL_PORT": parts.port or 25,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        "EMAIL_USE_SSL": parts.scheme == "smtp+ssl",
        "EMAIL_TIMEOUT": 20,
    }
