#!/usr/bin/env python3
"""Message catalogues without GNU gettext: `tools/messages.py update | merge FILE… | check | compile`.

update   reads every text out of the sources and writes locale/*/LC_MESSAGES/django.po
merge    puts translations of JSON files into the Dutch catalogue: {"id": "tekst", "one|many": ["één", "veel"]}
check    fails when a text has no Dutch, is doubtful, lost a placeholder, is too long to read, or is not used,
         and when a text is hidden from `update`: in an f-string, or under another name for gettext
compile  writes the .mo files that changed (they are not committed); needs no Django
"""

import argparse
import ast
import io
import json
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # Babel is loaded only where it is needed: `compile` with nothing to do stays quick.
    from babel.messages.catalog import Catalog, Message

ROOT = Path(__file__).resolve().parents[1]
LANGUAGES = ("nl", "en")
SOURCES = ("site", "proposals", "referendum", "budget", "panels", "templates")
SKIPPED = {"migrations", "__pycache__", "node_modules"}
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
# What Django's `templatize` leaves of a template: calls among filler.
CALL = re.compile(r"(?<!\w)(_|n?p?gettext)\((?:[^()'\"]|'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\")*\)")
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w*)\}")
SENTENCE_END = re.compile(r"(?<=[.!?:;])\s+|\n+")
MOST_WORDS = 20
# One word for one thing: what a text of ours never says, and what it says instead.
SAY_INSTEAD = {"u heeft": "u hebt", "heeft u": "hebt u", "hooguit": "hoogstens", "ten hoogste": "hoogstens"}
HEADER = "Texts of Participatiemix. Written by tools/messages.py; translations may be edited by hand."


@dataclass(frozen=True)
class Text:
    """A text in the sources: its id (with its plural), its context, where it stands."""

    id: str | tuple[str, str]
    context: str | None
    where: str


def po_path(language: str) -> Path:
    return ROOT / "locale" / language / "LC_MESSAGES" / "django.po"


# --- Reading the sources ----------------------------------------------------------------------------------


def source_files() -> Iterator[Path]:
    for folder in SOURCES:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".py", ".html", ".txt", ".svg") and not SKIPPED & set(path.parts):
                yield path


def texts() -> list[Text]:
    """Every text of every source, in the order of the files."""
    from django.conf import settings

    if not settings.configured:
        settings.configure()
    found = []
    for path in source_files():
        read = texts_of_python if path.suffix == ".py" else texts_of_template
        found += list(read(path))
    return found


def texts_of_python(path: Path) -> Iterator[Text]:
    from babel.messages.extract import extract

    where = str(path.relative_to(ROOT))
    with path.open("rb") as source:
        for _line, message, _comments, context in extract(
            "python", source, keywords=KEYWORDS, options={"encoding": "utf-8"}
        ):
            yield Text(_plain_id(message), context, where)


def texts_of_template(path: Path) -> Iterator[Text]:
    """`templatize` turns the tags of a template into calls of gettext; those are read as Python."""
    from django.utils.translation.template import templatize

    where = str(path.relative_to(ROOT))
    for call in CALL.finditer(templatize(path.read_text(encoding="utf-8"), origin=where)):
        tree = ast.parse(call.group(0), mode="eval").body
        if not isinstance(tree, ast.Call):
            continue
        words = [part.value for part in tree.args if isinstance(part, ast.Constant) and isinstance(part.value, str)]
        name = call.group(1)
        context = words.pop(0) if "p" in name and name != "_" else None
        if words:
            yield Text((words[0], words[1]) if name.startswith("n") else words[0], context, where)


def _plain_id(message: object) -> str | tuple[str, str]:
    if isinstance(message, str):
        return message
    words = [part for part in message if isinstance(part, str)]  # type: ignore[attr-defined]
    return (words[0], words[1]) if len(words) > 1 else words[0]


# --- Catalogues ---------------------------------------------------------------------------------------------


def empty_catalog(language: str) -> "Catalog":
    from babel.messages.catalog import Catalog

    # No dates and no names: the file changes only when a text changes.
    return Catalog(locale=language, header_comment=f"# {HEADER}", project="Participatiemix", version="1", fuzzy=False)


def read_catalog(language: str) -> "Catalog":
    from babel.messages.pofile import read_po

    path = po_path(language)
    if not path.exists():
        return empty_catalog(language)
    with path.open("rb") as source:
        return read_po(source, locale=language)


def write_catalog(language: str, catalog: "Catalog") -> bool:
    """Writes the file when it differs; true when it did."""
    from babel.messages.pofile import write_po

    target = io.BytesIO()
    write_po(target, catalog, width=110, sort_output=True, ignore_obsolete=True, include_lineno=False, omit_header=True)
    header = (
        f'# {HEADER}\nmsgid ""\nmsgstr ""\n"Language: {language}\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    )
    header += '"Content-Transfer-Encoding: 8bit\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
    body, path = header.encode() + target.getvalue(), po_path(language)
    if path.exists() and path.read_bytes() == body:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    return True


def update() -> int:
    found = texts()
    for language in LANGUAGES:
        old, new = read_catalog(language), empty_catalog(language)
        for text in found:
            new.add(text.id, context=text.context, locations=[(text.where, 0)])
        kept = 0
        for message in new:
            before = old.get(message.id, context=message.context) if message.id else None
            if before is not None and _same_shape(message, before):
                message.string = before.string
                message.flags |= before.flags & {"fuzzy"}
                kept += _translated(before)
        changed = write_catalog(language, new)
        print(f"{language}: {len(new)} texts, {kept} with a translation{'' if changed else ', unchanged'}")
    return 0


def _same_shape(message: "Message", before: "Message") -> bool:
    return isinstance(message.id, str) == isinstance(before.string, str)


def merge(paths: list[Path]) -> int:
    """Later files win; says which translations belong to no text."""
    update()
    catalog = read_catalog("nl")
    unused: list[str] = []
    clashes: list[str] = []
    seen: dict[str, str | list[str]] = {}
    for path in paths:
        for key, value in json.loads(path.read_text(encoding="utf-8")).items():
            if key in seen and seen[key] != value:
                clashes.append(f"{path.name}: {key!r} was {seen[key]!r}, is now {value!r}")
            seen[key] = value
            message = catalog.get(tuple(key.split("|", 1)) if isinstance(value, list) else key)
            if message is None or isinstance(message.id, str) == isinstance(value, list):
                unused.append(f"{path.name}: {key!r}")
                continue
            message.string = tuple(value) if isinstance(value, list) else value
            message.flags.discard("fuzzy")
    write_catalog("nl", catalog)
    for line in [f"clash: {text}" for text in clashes] + [f"no such text: {text}" for text in unused]:
        print(line)
    missing = sum(not _translated(message) for message in catalog if message.id)
    print(f"merged {len(seen) - len(unused)} translations; {missing} texts have none yet")
    return 0


# --- Checks -----------------------------------------------------------------------------------------------------


def check() -> int:
    wanted = {(text.id if isinstance(text.id, str) else text.id[0], text.context): text for text in texts()}
    problems = []
    for language in LANGUAGES:
        catalog = {(_key(message), message.context): message for message in read_catalog(language) if message.id}
        problems += [
            f"{language}: not in the catalogue (run update): {text.id!r} in {text.where}"
            for key, text in wanted.items()
            if key not in catalog
        ]
        problems += [f"{language}: not used any more (run update): {key[0]!r}" for key in catalog if key not in wanted]
        if language == "nl":
            problems += [line for message in catalog.values() for line in problems_of(message)]
    problems += overlooked(wanted.values())
    for line in problems:
        print(line)
    print(f"{len(wanted)} texts, {len(problems)} problems")
    return 1 if problems else 0


def overlooked(found: Iterable[Text]) -> list[str]:
    """What stays English because `texts` does not see it: gettext under a name of its own, and texts inside an f-string."""
    known = {text.id if isinstance(text.id, str) else text.id[0] for text in found}
    problems = []
    for path in source_files():
        if path.suffix == ".py":
            where = path.relative_to(ROOT)
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                problems += [f"{where}: {reason}" for reason in (*_strange_names(node), *_unseen_text(node, known))]
    return problems


def _strange_names(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
        for one in node.names:
            if one.asname and one.asname not in KEYWORDS:
                yield f"call it _ or {one.name}, not {one.asname}: its texts are not found"


def _unseen_text(node: ast.AST, known: set[str]) -> Iterator[str]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KEYWORDS:
        words = [part.value for part in node.args if isinstance(part, ast.Constant) and isinstance(part.value, str)]
        if words and not known & set(words):
            yield f"{words[0]!r} is not found: take it out of the f-string"


def problems_of(message: "Message") -> list[str]:
    """What is wrong with one Dutch translation."""
    if not _translated(message):
        return [
            f"nl: no translation: {_key(message)!r} ({', '.join(sorted({where for where, _line in message.locations}))})"
        ]
    found = [f"nl: doubtful (fuzzy): {_key(message)!r}"] if message.fuzzy else []
    found += [f"nl: other placeholders than in the text: {_key(message)!r}"] if not _same_placeholders(message) else []
    found += [f"nl: say “{better}”: {_key(message)!r}" for better in _better_words(message)]
    return found + [f"nl: a sentence of more than {MOST_WORDS} words: {part!r}" for part in _long_sentences(message)]


def _key(message: "Message") -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _forms(value: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, (tuple, list)) else (value or "",)


def _translated(message: "Message") -> bool:
    return bool(message.string) and all(_forms(message.string))


def _placeholders(text: str) -> set[str]:
    return {name or f"{{{braces}}}" for name, braces in PLACEHOLDER.findall(text)}


def _same_placeholders(message: "Message") -> bool:
    """The same in the last form; the singular may say "één" where the text has a number."""
    ids, strings = _forms(message.id), _forms(message.string)
    if _placeholders(ids[-1]) != _placeholders(strings[-1]):
        return False
    return _placeholders(strings[0]) <= _placeholders(ids[0]) | _placeholders(ids[-1])


def _better_words(message: "Message") -> list[str]:
    said = " ".join(_forms(message.string)).lower()
    return [better for word, better in SAY_INSTEAD.items() if re.search(rf"\b{word}\b", said)]


def _long_sentences(message: "Message") -> list[str]:
    parts = [part for form in _forms(message.string) for part in SENTENCE_END.split(form)]
    return [part for part in parts if len(part.split()) > MOST_WORDS]


# --- Compiling -------------------------------------------------------------------------------------------------------


def compile_changed() -> int:
    for language in LANGUAGES:
        source = po_path(language)
        target = source.with_suffix(".mo")
        if not source.exists() or (target.exists() and target.stat().st_mtime >= source.stat().st_mtime):
            continue
        from babel.messages.mofile import write_mo

        buffer = io.BytesIO()
        write_mo(buffer, read_catalog(language))
        # In one step: a running site never reads half a file.
        fresh = target.with_suffix(".mo.new")
        fresh.write_bytes(buffer.getvalue())
        fresh.replace(target)
        print(f"compiled {target.relative_to(ROOT)}")
    return 0


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("update", "check", "compile"):
        commands.add_parser(name)
    commands.add_parser("merge").add_argument("fragment", nargs="+", type=Path)
    options = parser.parse_args(arguments)
    if options.command == "merge":
        return merge(options.fragment)
    return {"update": update, "check": check, "compile": compile_changed}[options.command]()


if __name__ == "__main__":
    sys.exit(main())
