"""The shape of the house (DESIGN.md): the folder `site`, directions, optional instruments, what is never committed."""

import os
import subprocess
import sys
from itertools import combinations

import pytest
from django.apps import apps
from django.db.models import Model

from tests.servers import PROJECT

INSTRUMENTS = ("proposals", "referendum", "budget", "panels")
MIDDLE = ("process", "ballots", "conversation", "notices", "pages", "opendata")
FLOOR = ("people", "places")
# The one exception: an accepted proposal can become a plan in a budget.
EXCEPTIONS = {("budget", "proposals")}

# Who a package may point at with a relation, besides itself and third parties (pyproject.toml has the imports).
MAY_POINT_AT = {
    "places": set(),
    "people": {"places"},
    "notices": set(FLOOR),
    "pages": {*FLOOR, "notices"},
    "process": {*FLOOR, "notices", "pages"},
    "conversation": {*FLOOR, "notices", "pages"},
    "ballots": {*FLOOR, "notices", "pages"},
    "opendata": {*FLOOR, *MIDDLE},
    **{name: {*FLOOR, *MIDDLE} for name in INSTRUMENTS},
}


def committed() -> list[str]:
    """Every file in the repository, as git knows it, and new files that are not ignored."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True).stdout.splitlines()
    return [name for name in names if (PROJECT / name).is_file()]


def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words],
        cwd=PROJECT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


# --- site/ is a folder --------------------------------------------------------------------------------------


def test_site_is_a_folder_not_a_package():
    assert not (PROJECT / "site" / "__init__.py").exists()


def test_site_module_is_still_pythons_own():
    outcome = run("-c", "import site; print(site.__file__)", PYTHONPATH=f"{PROJECT}:{PROJECT / 'site'}")
    assert outcome.stdout.strip().endswith("/site.py"), outcome.stderr
    assert str(PROJECT) not in outcome.stdout


# --- Directions ---------------------------------------------------------------------------------------------


def relations() -> list[tuple[type[Model], type[Model], str]]:
    """Every foreign key, one-to-one and many-to-many between two models, from its declaring side."""
    found = []
    for model in apps.get_models(include_auto_created=True):
        for field in (*model._meta.get_fields(), *model._meta.private_fields):
            related = getattr(field, "related_model", None)
            if related and isinstance(related, type) and not field.auto_created:
                found.append((model, related, field.name))
    return found


def relation_problems(pairs) -> list[str]:
    """A sentence for each relation between packages that DESIGN.md does not allow."""
    return [
        f"{source.__name__}.{name} in {source._meta.app_label} points at {target._meta.app_label}"
        for source, target, name in pairs
        if is_forbidden(source._meta.app_label, target._meta.app_label)
    ]


def is_forbidden(source: str, target: str) -> bool:
    if source == target or source not in MAY_POINT_AT or target not in MAY_POINT_AT:
        return False
    return target not in MAY_POINT_AT[source] and (source, target) not in EXCEPTIONS


def test_relations_keep_the_directions():
    assert relation_problems(relations()) == []


def test_every_package_of_ours_is_in_the_table():
    ours = {
        config.label
        for config in apps.get_app_configs()
        if config.path.startswith(str(PROJECT)) and ".venv" not in config.path
    }
    assert ours - {"config"} == set(MAY_POINT_AT)


@pytest.mark.parametrize(
    ("source", "target", "forbidden"),
    [
        ("proposals", "budget", True),
        ("budget", "proposals", False),
        ("budget", "referendum", True),
        ("people", "proposals", True),
        ("places", "people", True),
        ("people", "places", False),
        ("notices", "ballots", True),
        ("conversation", "ballots", True),
        ("panels", "process", False),
        ("budget", "wagtailcore", False),
    ],
)
def test_forbidden_relation_is_recognised(source, target, forbidden):
    # Something that could be wrong: without this the walk above might approve of anything.
    assert is_forbidden(source, target) == forbidden


def test_walk_sees_relations_of_every_kind():
    seen = {(source._meta.label_lower, name) for source, _target, name in relations()}
    assert {("people.resident", "user"), ("people.resident", "neighbourhood"), ("people.user", "groups")} <= seen


# --- Instruments can be left out ------------------------------------------------------------------------------

VISIT = """
import django
django.setup()
from django.core.management import call_command
from django.test import Client
from django.urls import get_resolver
call_command("check", fail_level="ERROR")
print(Client(headers={"host": "localhost"}).get("/").status_code)
"""


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("left_out", INSTRUMENTS)
def test_site_starts_without_one_instrument(left_out):
    present = ",".join(name for name in INSTRUMENTS if name != left_out)
    outcome = run(
        "-c",
        VISIT,
        PARTICIPATIEMIX_INSTRUMENTS=present,
        DJANGO_SETTINGS_MODULE="config.settings",
        PYTHONPATH=f"{PROJECT}:{PROJECT / 'site'}",
    )
    assert (outcome.stdout.strip().splitlines()[-1:], outcome.returncode) == (["200"], 0), outcome.stderr[-3000:]


# --- What is never committed ----------------------------------------------------------------------------------

FORBIDDEN_NAMES = {"utils.py", "helpers.py", "services.py", "misc.py"}
# Written in pieces, so that this file does not find itself.
REGISTRY_HOSTS = [
    "registry.npm" + "js.org",
    "files.python" + "hosted.org",
    "pypi" + ".org/simple",
    "registry.yarn" + "pkg.com",
]
RESOLVED = '"resolved": ' + '"http'
THIRD_PARTY_FOLDERS = {"node_modules", "vendor", "bower_components", "site-packages", ".venv"}
TEXT = {".py", ".txt", ".toml", ".json", ".cfg", ".ini", ".yml", ".yaml", ".html", ".md", ".css", ".js", ".sh", ""}


def readable() -> list[str]:
    return [name for name in committed() if (PROJECT / name).suffix in TEXT]


def test_no_module_has_a_name_that_says_nothing():
    assert [name for name in committed() if name.rsplit("/", 1)[-1] in FORBIDDEN_NAMES] == []


@pytest.mark.parametrize("text", [*REGISTRY_HOSTS, RESOLVED])
def test_no_file_names_a_package_registry(text):
    assert [name for name in readable() if text in (PROJECT / name).read_text(errors="replace")] == []


def test_no_third_party_code_is_committed():
    inside = [name for name in committed() if THIRD_PARTY_FOLDERS & set(name.split("/")[:-1])]
    minified = [name for name in committed() if name.endswith((".min.js", ".min.css", ".woff2", ".woff", ".map"))]
    assert inside + minified == []


def test_no_real_data_is_committed():
    assert [
        name for name in committed() if name.endswith((".pb", ".soi", ".blt")) and not name.startswith("tests/")
    ] == []


def test_requirements_are_hashed():
    for name in ("run.txt", "dev.txt", "node.txt"):
        lines = (PROJECT / "requirements" / name).read_text().replace("\\\n", " ").splitlines()
        pinned = [line for line in lines if line.strip() and not line.startswith("#")]
        assert pinned
        assert [line for line in pinned if "==" not in line or "--hash=sha256:" not in line] == []


def test_packages_say_in_one_place_what_they_are():
    # A package without a docstring is a folder of files; each says what it is for.
    packages = [PROJECT / "site" / name for name in (*FLOOR, *MIDDLE, "config")] + [
        PROJECT / name for name in INSTRUMENTS
    ]
    assert [path.name for path in packages if not (path / "__init__.py").read_text().startswith('"""')] == []


def test_table_holds_the_layers_apart():
    # The table itself: no two instruments may point at each other but for the exception, nobody points upward.
    for one, other in combinations(INSTRUMENTS, 2):
        assert other not in MAY_POINT_AT[one]
        assert one not in MAY_POINT_AT[other]
    for low in (*FLOOR, *MIDDLE):
        assert not set(INSTRUMENTS) & MAY_POINT_AT[low]
