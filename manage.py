#!/usr/bin/env python3
"""Command line of the municipality's site: `python manage.py help`."""

import os
import sys
from pathlib import Path

# `site/` is a source folder, not a package (Python's own `site` comes first): it goes on the path.
sys.path.insert(0, str(Path(__file__).resolve().parent / "site"))


def main() -> None:
    if sys.argv[1:2] == ["count"]:
        from ballots.count_alone import count_alone

        # A file is counted without the site and its settings: anyone can do it, at once.
        return count_alone(sys.argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from config.embedded import servers_for_command

    # Where no server of your own is named, the embedded ones run for as long as the command does.
    with servers_for_command(sys.argv):
        from django.core.management import execute_from_command_line

        try:
            execute_from_command_line(sys.argv)
        finally:
            _let_go_of_the_database()
    return None


def _let_go_of_the_database() -> None:
    """Before the embedded server stops: else the pool complains that its connections broke."""
    from django.apps import apps

    if apps.ready:
        from config.apps import close_database_pools

        close_database_pools()


if __name__ == "__main__":
    main()
