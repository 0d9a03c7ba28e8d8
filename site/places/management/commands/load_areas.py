"""`manage.py load_areas FILE.geojson`: municipality, districts and neighbourhoods with their boundaries."""

from argparse import ArgumentTypeError
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from places.loading import LoadRefused, Report, load_areas
from places.models import Area


def day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as problem:
        raise ArgumentTypeError("write the date as 2024-01-01") from problem


class Command(BaseCommand):
    help = "Loads areas from a GeoJSON file (WGS 84). A refused file changes nothing; loading again updates."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--date", type=day, help="reference date of the figures, such as 2024-01-01 (default: today)"
        )
        parser.add_argument("--source", default="", help="where the figures come from (default: the file's name)")
        parser.add_argument(
            "--municipality", default="", help="name of the municipality, when the file does not have it"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = load_areas(
                options["file"],
                on=options["date"] or timezone.localdate(),
                source=options["source"],
                municipality=options["municipality"],
            )
        except (LoadRefused, OSError) as problem:
            raise CommandError(" ".join([str(problem), _("Nothing was loaded.")])) from problem
        for line in _lines(report):
            self.stdout.write(line)


def _lines(report: Report) -> Iterator[str]:
    kinds = ", ".join(f"{count} × {Area.Kind(kind).label.lower()}" for kind, count in sorted(report.kinds.items()))
    values = {"created": report.created, "updated": report.updated, "kinds": kinds}
    yield _("%(created)s areas made, %(updated)s updated (%(kinds)s).") % values
    if report.skipped_water:
        yield _("%(count)s features were water and skipped.") % {"count": report.skipped_water}
    if not report.has_name:
        sentence = _("%(code)s was not in the file and was made; --municipality gives it a name.")
        yield sentence % {"code": report.made_municipality}
