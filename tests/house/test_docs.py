"""The documents say what is there: links, names of buttons, commands."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands
from django.utils.translation import trans_real

from tests.servers import PROJECT

DOCUMENTS = [PROJECT / "README.md", *sorted((PROJECT / "docs").rglob("*.md"))]
# `*Menu → Page → Button*`, as people see them in Dutch.
WAYS = re.compile(r"\*{1,2}([^*\n]*→[^*\n]*)\*{1,2}")
LINKS = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")
OWN_PACKAGES = (
    "ballots",
    "budget",
    "config",
    "pages",
    "panels",
    "people",
    "places",
    "process",
    "proposals",
    "referendum",
)


def named(path: Path) -> str:
    return str(path.relative_to(PROJECT))


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_links_of_a_document_lead_somewhere(document):
    links = LINKS.findall(document.read_text(encoding="utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


def ways() -> list[tuple[str, str]]:
    found = [(named(path), way) for path in DOCUMENTS for way in WAYS.findall(path.read_text(encoding="utf-8"))]
    assert len(found) >= 6
    return found


@pytest.mark.parametrize(("document", "way"), ways())
def test_way_through_the_site_has_the_words_of_the_site(document, way):
    """“Brieven → Nieuwe brievenronde” stood there, and no button was called that."""
    catalogue = trans_real.translation("nl")._catalog._catalogs
    shown = {str(text).lower() for one in catalogue for text in one.values()}
    english = {text.lower() for one in catalogue for text in one if isinstance(text, str)}
    steps = [step.strip(" .").lower() for step in way.split("→")]
    assert [step for step in steps if step not in shown | english] == [], document


def test_every_command_of_our_own_is_in_the_reference():
    own = {name for name, package in get_commands().items() if package.split(".")[0] in OWN_PACKAGES}
    text = (PROJECT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    assert {name for name in own if f"`{name}" not in text} == set()


def test_readme_is_one_screen_with_a_picture():
    text = (PROJECT / "README.md").read_text(encoding="utf-8")
    (picture,) = re.findall(r"!\[[^\]]{10,}\]\(([^)]+)\)", text)
    assert (PROJECT / picture).stat().st_size > 20_000
    assert len(text.splitlines()) <= 60
    assert ("make demo" in text, "make test" in text) == (True, True)
