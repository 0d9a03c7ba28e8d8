"""The catalogue tool: it finds every text, and its check finds what is wrong."""

import json
import subprocess
import sys
import time
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import django
import pytest
from babel.messages.catalog import Message
from babel.messages.mofile import read_mo
from django.conf import settings
from django.utils.translation import trans_real

TOOL = settings.BASE_DIR / "tools" / "messages.py"


@pytest.fixture
def tool(tmp_path, monkeypatch):
    """The tool, on a small project of its own."""
    spec = spec_from_file_location("messages_tool", TOOL)
    module = module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "messages_tool", module)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    (tmp_path / "site").mkdir()
    (tmp_path / "templates").mkdir()
    (tmp_path / "site" / "views.py").write_text(
        'first = _("Vote now")\nsecond = ngettext("%(n)s vote", "%(n)s votes", n)\nthird = gettext_lazy("Hello %(name)s")\n'
    )
    (tmp_path / "templates" / "page.html").write_text(
        '{% load i18n %}{% translate "Read (more)" %} {% empty_state _("It\'s empty") %}\n'
        "{% blocktranslate trimmed count counter=n %}\n  {{ counter }} plan\n{% plural %}\n  {{ counter }} plans\n{% endblocktranslate %}"
    )
    return module


def ids(module) -> list:
    return [message.id for message in module.read_catalog("nl") if message.id]


def test_update_finds_texts_of_python_and_templates(tool):
    tool.update()

    assert ids(tool) == [
        ("%(counter)s plan", "%(counter)s plans"),
        ("%(n)s vote", "%(n)s votes"),
        "Hello %(name)s",
        "It's empty",
        "Read (more)",
        "Vote now",
    ]


def test_update_twice_writes_nothing_new(tool):
    tool.update()
    before = tool.po_path("nl").read_bytes()
    tool.update()

    assert tool.po_path("nl").read_bytes() == before


def merge(tool, tmp_path, translations) -> None:
    path = tmp_path / "slice.json"
    path.write_text(json.dumps(translations))
    tool.merge([path])


COMPLETE = {
    "%(counter)s plan|%(counter)s plans": ["één plan", "%(counter)s plannen"],
    "%(n)s vote|%(n)s votes": ["%(n)s stem", "%(n)s stemmen"],
    "Hello %(name)s": "Dag %(name)s",
    "It's empty": "Het is leeg",
    "Read (more)": "Lees (meer)",
    "Vote now": "Stem nu",
}


def test_complete_catalogue_passes_and_survives_update(tool, tmp_path):
    merge(tool, tmp_path, COMPLETE)
    tool.update()

    assert tool.check() == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"Vote now": ""}, "no translation"),
        ({"Hello %(name)s": "Dag %(naam)s"}, "placeholders"),
        ({"Hello %(name)s": "Dag"}, "placeholders"),
        ({"%(n)s vote|%(n)s votes": ["één stem", "veel stemmen"]}, "placeholders"),
        ({"Vote now": "Stem " + "nu " * 20}, "more than 20 words"),
        ({"Vote now": "U heeft een stem"}, "say “u hebt”"),
        ({"Vote now": "Stem ten hoogste nu"}, "say “hoogstens”"),
    ],
)
def test_check_names_what_is_wrong(tool, tmp_path, capsys, change, words):
    merge(tool, tmp_path, {**COMPLETE, **change})

    assert tool.check() == 1
    assert words in capsys.readouterr().out


def test_check_finds_doubtful_and_unused_and_missing_texts(tool, tmp_path, capsys):
    merge(tool, tmp_path, COMPLETE)
    path = tool.po_path("nl")
    path.write_text(path.read_text().replace('msgid "Vote now"', '#, fuzzy\nmsgid "Vote now"'))
    (tmp_path / "site" / "views.py").write_text('_("Vote now")\n_("Something new")\n')

    assert tool.check() == 1
    said = capsys.readouterr().out
    assert all(
        word in said for word in ("fuzzy", "not used any more (run update): 'Hello %(name)s'", "'Something new'")
    )


def test_check_refuses_a_name_whose_texts_are_not_found(tool, tmp_path, capsys):
    """So “Load a file” stood in English on a Dutch page."""
    merge(tool, tmp_path, COMPLETE)
    (tmp_path / "site" / "late.py").write_text(
        'from django.utils.translation import gettext as _now\nx = _now("Load a file")\n'
    )

    assert tool.check() == 1
    assert "site/late.py: call it _ or gettext, not _now" in capsys.readouterr().out


def test_check_refuses_a_text_inside_another(tool, tmp_path, capsys):
    merge(tool, tmp_path, COMPLETE)
    (tmp_path / "site" / "late.py").write_text("""x = f"{problem} {_('Nothing was loaded.')}"\n""")

    assert tool.check() == 1
    assert "site/late.py: 'Nothing was loaded.' is not found: take it out of the f-string" in capsys.readouterr().out


# What residents and staff see of others: the forms and checks of Django, allauth and Wagtail.
SEEN = ("django/forms", "django/core", "django/contrib/auth", "allauth/account", "allauth/mfa", "allauth/usersessions")
# Shown by nothing here: we say it in our own words (`people.passwords`).
REPLACED = {"This password is too short. It must contain at least %d character."}


@pytest.mark.parametrize("package", SEEN)
def test_texts_of_others_have_dutch(tool, monkeypatch, package):
    packages = Path(django.__file__).parents[1]
    monkeypatch.setattr(tool, "ROOT", packages)
    monkeypatch.setattr(tool, "SOURCES", (package,))
    known = trans_real.translation("nl")._catalog

    missing = {
        text.id if isinstance(text.id, str) else text.id[0] for text in tool.texts() if not _has_dutch(text, known)
    }

    assert missing - REPLACED == set()


def _has_dutch(text, known) -> bool:
    context = f"{text.context}\x04" if text.context else ""
    if isinstance(text.id, str):
        return f"{context}{text.id}" in known
    return (f"{context}{text.id[0]}", 1) in known


def test_merge_says_which_translation_belongs_to_no_text(tool, tmp_path, capsys):
    merge(tool, tmp_path, {"Gone": "Weg"})

    assert "no such text: slice.json: 'Gone'" in capsys.readouterr().out


def test_compiled_catalogue_holds_the_translations_and_english_falls_back(tool, tmp_path):
    merge(tool, tmp_path, COMPLETE)
    tool.compile_changed()

    with tool.po_path("nl").with_suffix(".mo").open("rb") as source:
        assert read_mo(source).get("Vote now").string == "Stem nu"
    assert tool.po_path("en").with_suffix(".mo").exists()


def test_compile_writes_only_what_changed(tool, tmp_path, capsys):
    merge(tool, tmp_path, COMPLETE)
    tool.compile_changed()
    capsys.readouterr()

    tool.compile_changed()

    assert capsys.readouterr().out == ""


def test_compile_without_changes_is_quick():
    subprocess.run([sys.executable, str(TOOL), "compile"], check=True)
    began = time.monotonic()
    subprocess.run([sys.executable, str(TOOL), "compile"], check=True)

    assert time.monotonic() - began < 1


def test_singular_may_leave_the_number_out(tool):
    assert tool.problems_of(Message(("%(n)s plan", "%(n)s plans"), string=("één plan", "%(n)s plannen"))) == []
