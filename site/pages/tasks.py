"""Celery tasks."""

from celery import shared_task
from django.core.management import call_command


@shared_task
def publish_scheduled_pages() -> None:
    """Publishes and takes down pages at the moment their editor chose; Wagtail itself has no clock."""
    call_command("publish_scheduled")
