"""Where log lines go and how they look: the same for Django, Celery and gunicorn.

In production every line is a JSON object, for whatever gathers them; elsewhere people read them.
"""

from typing import Any

from config.environment import Environment


def logging_config(env: Environment) -> dict[str, Any]:
    """For `logging.config.dictConfig`."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": "pythonjsonlogger.json.JsonFormatter",
                "format": "{levelname} {name} {message}",
                "style": "{",
                "timestamp": True,
            },
            "plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"},
        },
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": "json" if env.is_production else "plain"}
        },
        "root": {"handlers": ["console"], "level": env.log_level},
        "loggers": {
            "django_tasks": {"level": "WARNING"},
            "django.request": {"level": "ERROR"},
            "django.security.DisallowedHost": {"level": "CRITICAL"},
        },
    }


def gunicorn_logging(env: Environment) -> dict[str, Any]:
    """The same for gunicorn, which brings handlers of its own for its two loggers."""
    config = logging_config(env)
    own = {"handlers": [], "propagate": True}
    config["loggers"] |= {"gunicorn.error": own, "gunicorn.access": own}
    return config
