"""`manage.py start_site "Gemeente Waterveen"`: the first pages of a new municipality."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from pages.first_pages import SiteExists, make_first_pages


class Command(BaseCommand):
    help = (
        "Makes the first pages: home, processes, news, accessibility and privacy. Read and change the texts afterwards."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("organisation", help="The name of the municipality, as visitors read it.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            home = make_first_pages(options["organisation"], today=timezone.localdate())
        except SiteExists:
            raise CommandError("There is a home page already. Nothing was changed.") from None
        self.stdout.write(f"Made “{home.title}” with its first pages.")
