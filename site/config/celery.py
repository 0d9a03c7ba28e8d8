"""The Celery application; settings stand in `config.settings` under `CELERY_`."""

import os
from logging.config import dictConfig
from typing import Any

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("participatiemix")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def log_as_the_site_does(**kwargs: Any) -> None:
    """Without a receiver Celery puts its own handlers beside ours, and a line is no JSON any more."""
    from django.conf import settings

    dictConfig(settings.LOGGING)
