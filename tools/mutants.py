"""Sees the safety tests fail: takes one guard away at a time, in a copy of the project, and runs the tests that guard it.

    python tools/mutants.py [--only TEXT] [--jobs 2]    run the mutants (those whose name holds TEXT)
    python tools/mutants.py --check                     only whether every mutant can still be made; quick, part of `make lint`

`tests/mutants.toml` has the list. A mutant is a replaced piece of a file, or SQL on the database of every test. It is killed when each of
its tests has a failure (an error before or after the test does not count). Ends with 1 when one lives.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
LIST = PROJECT / "tests" / "mutants.toml"
LINKED = (".venv", "node_modules")
LEFT_OUT = shutil.ignore_patterns(*LINKED, ".git", "var")
PATIENCE = 600
FAILED = re.compile(r"^FAILED (\S+)", re.MULTILINE)

# Goes into the copy of a mutant with SQL: a test's database is made anew all the time.
PLUGIN = """
def pytest_configure(config):
    from django.db import connection
    from tests.databases import OwnDatabase

    make = OwnDatabase.make

    def make_mutated(self):
        make(self)
        with connection.cursor() as cursor:
            cursor.execute(SQL)
        connection.close()

    OwnDatabase.make = make_mutated
"""


@dataclass(frozen=True)
class Mutant:
    """A guard that is taken away: `old` in `file` becomes `new`, or `sql` is executed. `tests` must each fail."""

    name: str
    tests: list[str]
    file: str = ""
    old: str = ""
    new: str = ""
    sql: str = ""

    def why_not(self) -> str | None:
        """Why this mutant cannot be made of the code as it is now."""
        if missing := [test for test in self.tests if not _is_there(test)]:
            return f"there is no test {missing[0]}"
        if self.sql:
            return None
        found = (PROJECT / self.file).read_text().count(self.old) if (PROJECT / self.file).is_file() else 0
        return None if found == 1 else f"its piece of {self.file} stands there {found} times"

    def make(self, folder: Path) -> list[str]:
        """Changes the copy in `folder`; returns what pytest needs to know."""
        if self.sql:
            (folder / "mutant_plugin.py").write_text(f"SQL = {self.sql!r}\n{PLUGIN}")
            return ["-p", "mutant_plugin"]
        path = folder / self.file
        path.write_text(path.read_text().replace(self.old, self.new))
        return []


def _is_there(test: str) -> bool:
    path, _colons, name = test.partition("::")
    file = PROJECT / path
    return file.is_file() and f"def {name.partition('[')[0]}(" in file.read_text()


def read_list() -> list[Mutant]:
    """Every mutant, in the order of the list."""
    return [Mutant(**entry) for entry in tomllib.loads(LIST.read_text())["mutant"]]


def main() -> None:
    parser = argparse.ArgumentParser(description="See the safety tests fail without their guards.")
    parser.add_argument("--only", default="", metavar="TEXT")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    mutants = [mutant for mutant in read_list() if options.only in mutant.name]
    if problems := [f"{mutant.name}: {why}" for mutant in mutants if (why := mutant.why_not())]:
        sys.exit("\n".join(problems))
    if not options.check:
        sys.exit(run(mutants, options.jobs))


def run(mutants: list[Mutant], jobs: int) -> int:
    """1 when a mutant lives, or when the tests fail without one."""
    began = time.monotonic()
    tests = sorted({test for mutant in mutants for test in mutant.tests})
    if failures := failing(tests):
        print("These tests fail without any mutant:", *sorted(failures), sep="\n  ")
        return 1
    print(f"{len(tests)} tests pass; now without one guard at a time:", flush=True)
    with ThreadPoolExecutor(jobs) as pool:
        living = [mutant for mutant, lives in zip(mutants, pool.map(tell, mutants), strict=True) if lives]
    print(f"{len(mutants)} mutants, {len(mutants) - len(living)} killed, in {time.monotonic() - began:.0f} s")
    return 1 if living else 0


def tell(mutant: Mutant) -> bool:
    """Whether the mutant lives; says so."""
    failures = failing(mutant.tests, mutant)
    quiet = [test for test in mutant.tests if not any(failure.startswith(test) for failure in failures)]
    print(f"LIVES   {mutant.name}: {', '.join(quiet)}" if quiet else f"killed  {mutant.name}", flush=True)
    return bool(quiet)


def failing(tests: list[str], mutant: Mutant | None = None) -> set[str]:
    """Which tests fail in a copy of the project, with or without a mutant."""
    with tempfile.TemporaryDirectory(prefix="mutant-", dir=_room()) as name:
        folder = Path(name) / "project"
        shutil.copytree(PROJECT, folder, ignore=LEFT_OUT, symlinks=True)
        for linked in LINKED:
            (folder / linked).symlink_to(PROJECT / linked)
        words = mutant.make(folder) if mutant else []
        return set(FAILED.findall(_pytest(folder, [*words, *tests])))


def _room() -> Path:
    room = PROJECT / "var" / "mutants"
    room.mkdir(parents=True, exist_ok=True)
    return room


def _pytest(folder: Path, words: list[str]) -> str:
    """What pytest says. Code and tests are those in `folder`; the migrated cluster is the one that is kept."""
    left_out = ("DATABASE_URL", "BROKER_URL", "CACHE_URL", "PARTICIPATIEMIX_PROFILE", "EMBEDDED_DIR", "PYTEST_PLUGINS")
    environment = {name: value for name, value in os.environ.items() if name not in left_out} | {
        "PYTHONPATH": os.pathsep.join([str(folder), str(folder / "site")]),
        "TEST_DIR": str(PROJECT / "var" / "test"),
        "DATA": os.environ.get("DATA", str(PROJECT.parent / "shared" / "data")),
    }
    command = [sys.executable, "-m", "pytest", "-n", "0", "-q", "-rf", "--tb=no", *words]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    if done.returncode > 1:
        sys.exit(f"pytest did not run:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return done.stdout


if __name__ == "__main__":
    main()
