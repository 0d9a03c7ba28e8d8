"""What the environment may say, read once and checked before Django starts.

Every setting that differs between a laptop, a test run and a municipality's server is an
environment variable; `docs/reference/settings.md` lists them.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from functools import partial
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

PROFILES = ("demo", "test", "production")
INSTRUMENTS = ("proposals", "referendum", "budget", "panels")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")

# Whole numbers, with what holds where the environment says nothing.
NUMBERS = {
    "PORT": 8000,
    "TRUSTED_PROXY_COUNT": 0,
    "BALLOTS_APPEAL_DAYS": 42,
    "BALLOTS_CHECKPOINT_SECONDS": 300,
    "BALLOTS_CELL_MINIMUM": 10,
    "BALLOTS_HELD_BACK": 20,
    "BALLOTS_LEAST_BATCH": 100,
    "BALLOTS_MOST_HELPED": 2,
    "BALLOTS_TEST_DAYS": 14,
    "REFERENDUM_DECISION_WEEKS": 8,
}
# Switches, with what holds where the environment says nothing.
SWITCHES = {"SSL_REDIRECT": True, "TRUST_FORWARDED_PROTO": False}

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

    def number(self, name: str) -> int:
        """One of `NUMBERS`."""
        text = self.value(name, str(NUMBERS[name]))
        if not text.isascii() or not text.isdigit():
            raise EnvironmentProblem(f"{name} must be a whole number, not “{text}”.")
        return int(text)

    def switch(self, name: str) -> bool:
        """One of `SWITCHES`: on or off."""
        text = self.value(name, "on" if SWITCHES[name] else "off").lower()
        if text not in ("on", "off"):
            raise EnvironmentProblem(f"{name} must be on or off, not “{text}”.")
        return text == "on"

    @property
    def log_level(self) -> str:
        level = self.value("LOG_LEVEL", "INFO").upper()
        if level not in LOG_LEVELS:
            raise EnvironmentProblem(f"LOG_LEVEL must be one of {', '.join(LOG_LEVELS)}, not “{level}”.")
        return level

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
        found = [*_unknown_instruments(self), *_unreadable_values(self)]
        if self.is_production:
            found += [sentence for name, sentence in REQUIRED_IN_PRODUCTION.items() if not self.value(name)]
            found += _weak_values(self)
        return found


def _unknown_instruments(env: Environment) -> list[str]:
    unknown = set(env.names("PARTICIPATIEMIX_INSTRUMENTS", INSTRUMENTS)) - set(INSTRUMENTS)
    return [f"PARTICIPATIEMIX_INSTRUMENTS names an unknown instrument: {name}." for name in sorted(unknown)]


def _unreadable_values(env: Environment) -> Iterator[str]:
    """What no profile can work with: each value is read once as settings will read it."""
    readers: list[Callable[[], object]] = [partial(env.number, name) for name in NUMBERS]
    readers += [partial(env.switch, name) for name in SWITCHES]
    readers += [partial(parse, env.value(name)) for name, parse in ADDRESSES.items() if env.value(name)]
    for read in [*readers, lambda: env.log_level]:
        try:
            read()
        except EnvironmentProblem as problem:
            yield str(problem)
    yield from _misread_names(env)


def _misread_names(env: Environment) -> Iterator[str]:
    """Hosts that are addresses, and a sender that is none."""
    for host in env.names("ALLOWED_HOSTS"):
        if host != "[::1]" and set(host) & set("/:"):
            yield f"ALLOWED_HOSTS takes host names only, such as doemee.example.nl, not “{host}”."
    sender = env.value("DEFAULT_FROM_EMAIL")
    if sender and "@" not in parseaddr(sender)[1]:
        yield f"DEFAULT_FROM_EMAIL must be an e-mail address, not “{sender}”."


def _weak_values(env: Environment) -> list[str]:
    found = []
    secret, base, hosts = env.value("SECRET_KEY"), env.value("BASE_URL"), env.names("ALLOWED_HOSTS")
    if secret and len(secret) < 50:
        found.append("SECRET_KEY is too short: use at least 50 characters.")
    elif secret and len(set(secret)) < 5:
        found.append("SECRET_KEY is too plain: use a random text.")
    if "*" in hosts:
        found.append("ALLOWED_HOSTS may not be “*”: name the site's hosts.")
    if base and not base.startswith("https://"):
        found.append("BASE_URL must begin with https:// in production.")
    elif base and hosts and not _is_among(urlsplit(base).hostname or "", hosts):
        found.append("BASE_URL names a host that is not in ALLOWED_HOSTS: links in mail would not work.")
    return found


def _is_among(host: str, allowed: list[str]) -> bool:
    """Whether Django would answer to this host: the name itself, or below a name that begins with a dot."""
    names = [name.lower() for name in allowed]
    return any(name in ("*", host) or (name[:1] == "." and f".{host}".endswith(name)) for name in names)


def read_environment(variables: Mapping[str, str] | None = None) -> Environment:
    """The environment of this process, or `EnvironmentProblem` with every sentence at once."""
    env = Environment(os.environ if variables is None else variables)
    if problems := env.problems():
        raise EnvironmentProblem("\n".join(problems))
    return env


def _split(name: str, url: str, schemes: tuple[str, ...], *, hint: str = "") -> tuple[SplitResult, int | None]:
    """The parts of an address and its port, or `EnvironmentProblem` in which the address, which holds a password, is not shown."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise EnvironmentProblem(f"{name} is not an address: look at its host and port.") from None
    if parts.scheme not in schemes:
        *others, last = [f"{scheme}://" for scheme in schemes]
        wanted = f"{', '.join(others)} or {last}" if others else last
        raise EnvironmentProblem(f"{name} must begin with {wanted}{hint}.")
    return parts, port


def parse_database_url(url: str) -> dict[str, Any]:
    """Django's DATABASES entry for `postgresql://user:password@host:port/name?option=value`."""
    hint = " (only PostgreSQL can hold the ballot box)"
    parts, port = _split("DATABASE_URL", url, ("postgresql", "postgres"), hint=hint)
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "participatiemix",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", unquote(parts.hostname or "")),
        "PORT": options.pop("port", str(port or "")),
        "OPTIONS": options,
    }


def parse_email_url(url: str) -> dict[str, Any]:
    """Django's EMAIL_* settings for `smtp[+tls|+ssl]://user:password@host:port`."""
    parts, port = _split("EMAIL_URL", url, ("smtp", "smtp+tls", "smtp+ssl"))
    if not parts.hostname:
        raise EnvironmentProblem("EMAIL_URL names no host.")
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port or 25,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        "EMAIL_USE_SSL": parts.scheme == "smtp+ssl",
        "EMAIL_TIMEOUT": 20,
    }


# Variables that hold an address: each is read before Django starts.
ADDRESSES: dict[str, Callable[[str], object]] = {
    "DATABASE_URL": parse_database_url,
    "BROKER_URL": lambda url: _split("BROKER_URL", url, ("redis", "rediss")),
    "CACHE_URL": lambda url: _split("CACHE_URL", url, ("redis", "rediss", "unix")),
    "EMAIL_URL": parse_email_url,
}
