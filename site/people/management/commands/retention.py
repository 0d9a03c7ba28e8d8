"""`manage.py retention [--dry-run]`: what is kept, how long, and what goes now."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from people import retention
from people.privacy import PersonalData, declarations


class Command(BaseCommand):
    help = "Deletes or empties personal data whose period is over; --dry-run only counts it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        found = retention.due(timezone.now()) if options["dry_run"] else retention.apply(timezone.now())
        rows = {line.declaration.model: line.rows for line in found}
        for declared in declarations():
            self.stdout.write(_line(declared, rows.get(declared.model)))
        self.stdout.write(f"{sum(rows.values())} rows {'would go' if options['dry_run'] else 'went'}.")


def _line(declared: PersonalData, rows: int | None) -> str:
    period = (
        f"{declared.keep.days} days after {declared.since}, then {declared.then}"
        if declared.keep
        else "with the account"
    )
    count = "" if rows is None else f": {rows}"
    return f"{declared.model} ({declared.data_class}; {', '.join(declared.fields)}) {period}{count}"
