"""Compiles every template of ours: an unknown tag, a missing load or an unclosed block is an error here.

python tools/templates.py
"""

import os
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PROJECT), str(PROJECT / "site")]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("PARTICIPATIEMIX_PROFILE", "test")


def own_templates() -> list[Path]:
    """Every template file, the texts of mails too."""
    folders = [PROJECT / "templates", *PROJECT.glob("site/*/templates"), *PROJECT.glob("*/templates")]
    return sorted({path for folder in folders for path in folder.rglob("*") if path.is_file()})


def problems() -> list[str]:
    """One line for every template that does not compile."""
    from django.template import TemplateSyntaxError, engines

    found = []
    for path in own_templates():
        try:
            engines["django"].from_string(path.read_text())
        except (TemplateSyntaxError, UnicodeDecodeError) as problem:
            found.append(f"{path.relative_to(PROJECT)}: {problem}")
    return found


def main() -> None:
    import django

    django.setup()
    found = problems()
    print("\n".join(found) or f"{len(own_templates())} templates compile.")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
