"""`make demo` on a machine that lacks something says so in one sentence."""

import os
import shutil
import subprocess
import sys

import pytest

from tests.servers import PROJECT

PROGRAM = """#!/bin/sh
case "$*" in *"-m venv"*) exit 1;; *) exec {python} "$@";; esac
"""


@pytest.fixture
def clone(tmp_path):
    """The files `make` needs before anything is installed."""
    for name in ("Makefile", "package.json", "package-lock.json", ".npmrc"):
        shutil.copy(PROJECT / name, tmp_path)
    shutil.copytree(PROJECT / "requirements", tmp_path / "requirements")
    return tmp_path


def make(folder, *words, **extra):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "PIP_FIND_LINKS"))}
    outcome = subprocess.run(
        ["make", *words], cwd=folder, env=kept | extra, capture_output=True, text=True, timeout=300, check=False
    )
    assert outcome.returncode != 0
    return outcome.stdout.splitlines()


@pytest.mark.parametrize(
    ("python", "sentence"),
    [
        ("", "Python 3.11 or later is needed and was not found: install it, or name it with PYTHON=/path/to/python."),
        ("/nothing/here", "/nothing/here cannot be used: Python 3.11 or later is needed."),
        ("false", "false cannot be used: Python 3.11 or later is needed."),
    ],
)
def test_unusable_python_is_said(clone, python, sentence):
    assert make(clone, "demo", f"PYTHON={python}") == [sentence]


def test_missing_venv_module_is_said(clone):
    program = clone / "python-without-venv"
    program.write_text(PROGRAM.format(python=sys.executable))
    program.chmod(0o755)
    said = make(clone, "demo", f"PYTHON={program}")
    assert said[-1] == "Python's venv module does not work here: install it (on Debian: apt-get install python3-venv)."
    assert not (clone / ".venv").exists()


def test_package_that_cannot_be_had_is_said(clone):
    said = make(clone, "demo", f"PYTHON={sys.executable}", PIP_NO_INDEX="1", PIP_CONFIG_FILE=os.devnull)
    assert said[-1] == "A package cannot be had (see above): check the network, the disk and the package index."
    assert not (clone / ".venv" / ".run").exists()
