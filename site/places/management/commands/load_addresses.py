"""`manage.py load_addresses FILE.csv`: addresses with their neighbourhood."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from places.address_file import AddressesRefused, load_addresses


class Command(BaseCommand):
    help = "Loads addresses from a CSV file. A refused file changes nothing; loading again updates."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with options["file"].open(encoding="utf-8-sig", newline="") as source:
                report = load_addresses(source)
        except (AddressesRefused, OSError) as problem:
            raise CommandError("\n".join([str(problem), _("Nothing was loaded.")])) from problem
        counts = {"created": report.created, "updated": report.updated}
        self.stdout.write(_("%(created)s addresses made, %(updated)s updated.") % counts)
