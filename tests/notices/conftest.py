"""Kinds and their texts for these tests; nothing of the broker is touched."""

import copy

import pytest

from notices import kinds, wake
from tests.factories import notices as factory


@pytest.fixture(autouse=True)
def trial_kinds(monkeypatch, settings):
    monkeypatch.setattr(kinds, "_kinds", dict(kinds._kinds))
    templates = copy.deepcopy(settings.TEMPLATES)
    templates[0]["DIRS"] = [factory.TEMPLATES, *templates[0]["DIRS"]]
    settings.TEMPLATES = templates
    factory.register_trial_kinds()


@pytest.fixture
def folder(settings, tmp_path):
    """Mail goes to this folder, as in the demonstration."""
    settings.EMAIL_BACKEND = "notices.demo_mail.FolderBackend"
    settings.DEMO_MAIL_DIR = tmp_path / "mail"
    return settings.DEMO_MAIL_DIR


@pytest.fixture
def wakes(monkeypatch):
    """Counts the times a worker was called."""
    calls = []
    monkeypatch.setattr("notices.tasks.deliver_outbox.apply_async", lambda **options: calls.append(options))
    monkeypatch.setattr(wake, "_silent_until", 0.0)
    return calls
