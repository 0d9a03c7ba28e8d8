"""gunicorn's settings: `gunicorn --config python:config.gunicorn config.wsgi:application`."""

import sys

from config.environment import EnvironmentProblem, read_environment
from config.logs import gunicorn_logging

try:
    logconfig_dict = gunicorn_logging(read_environment())
except EnvironmentProblem as problem:
    sys.exit(f"The site cannot start.\n{problem}")

workers = 2
# Browsers open connections ahead of need; with threads such an idle one keeps nobody waiting.
worker_class = "gthread"
threads = 2
control_socket_disable = True
