"""In production every line of every process is a JSON object."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.config.test_environment import PRODUCTION, run_manage
from tests.servers import PROJECT

PRODUCTION = {**PRODUCTION, "PYTHONPATH": os.pathsep.join([str(PROJECT), str(PROJECT / "site")])}
SHELL = ("shell", "--no-imports", "-v", "0", "-c")


def lines_of(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines() if line]


def test_line_is_an_object_with_its_level_name_and_fields():
    code = "import logging; logging.getLogger('ballots').warning('Vote closed', extra={'vote': 7})"
    (line,) = lines_of(run_manage(*SHELL, code, **PRODUCTION).stderr)
    assert line.pop("timestamp").startswith("20")
    assert line == {"levelname": "WARNING", "name": "ballots", "message": "Vote closed", "vote": 7}


def test_demonstration_writes_lines_for_people():
    code = "import logging; logging.getLogger('ballots').warning('Vote closed')"
    done = run_manage(*SHELL, code, PARTICIPATIEMIX_PROFILE="test")
    assert done.stderr.rstrip().endswith("WARNING ballots: Vote closed")


def test_celery_writes_as_the_site_does():
    """Mutant: leave the receiver out of `config.celery`: Celery then writes “[… INFO/MainProcess] …”."""
    code = "import logging; from config.celery import app; app.log.setup(loglevel='INFO'); logging.getLogger('celery.worker').info('ready')"
    lines = lines_of(run_manage(*SHELL, code, **PRODUCTION).stderr)
    assert [(line["name"], line["message"]) for line in lines] == [("celery.worker", "ready")]


@pytest.fixture
def start_gunicorn():
    started = []

    def start(**variables) -> subprocess.Popen:
        words = ["--config", "python:config.gunicorn", "wsgiref.simple_server:demo_app", "--bind", "127.0.0.1:0"]
        env = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **PRODUCTION, **variables}
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", *words], cwd=PROJECT, env=env, stderr=subprocess.PIPE, text=True
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def test_gunicorn_writes_as_the_site_does(start_gunicorn):
    """Mutant: leave `logconfig_dict` out: “[…] [INFO] Starting gunicorn” is no JSON."""
    process = start_gunicorn()
    first = [json.loads(process.stderr.readline()) for _line in range(3)]
    process.send_signal(signal.SIGTERM)
    rest = lines_of(process.communicate(timeout=30)[1])
    assert {line["name"] for line in first + rest} == {"gunicorn.error"}
    assert first[0]["message"].startswith("Starting gunicorn")


def test_gunicorn_does_not_start_with_a_bad_environment(start_gunicorn):
    process, began = start_gunicorn(LOG_LEVEL="loud"), time.monotonic()
    _output, errors = process.communicate(timeout=30)
    assert process.returncode != 0
    assert "LOG_LEVEL must be one of" in errors
    assert "Traceback" not in errors
    assert time.monotonic() - began < 20
