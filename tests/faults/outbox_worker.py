"""The real Celery worker or beat, with the kinds and texts of the tests: `python outbox_worker.py worker|beat`."""

import sys
from pathlib import Path

import django
from django.conf import settings

PROJECT = Path(__file__).resolve().parents[2]
SWEEP_SECONDS = 0.5


def main(role: str) -> None:
    sys.path[:0] = [str(PROJECT), str(PROJECT / "site")]
    from config.celery import app

    django.setup()
    from tests.factories import notices

    notices.register_trial_kinds()
    settings.TEMPLATES[0]["DIRS"].insert(0, notices.TEMPLATES)
    app.conf.beat_schedule = {"sweep": {"task": "notices.tasks.deliver_outbox", "schedule": SWEEP_SECONDS}}
    app.conf.beat_max_loop_interval = SWEEP_SECONDS
    options = {"worker": ["--concurrency=2", "--without-gossip", "--without-mingle"], "beat": []}
    app.start([role, "--loglevel=WARNING", *options[role]])


if __name__ == "__main__":
    main(sys.argv[1])
