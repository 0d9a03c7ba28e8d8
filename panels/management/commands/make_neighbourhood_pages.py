"""`manage.py make_neighbourhood_pages`: a page for every neighbourhood that has none."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from panels.actions import NoHomePage, make_missing_pages


class Command(BaseCommand):
    help = "Makes a page for every neighbourhood that has none. Run it again after new areas were loaded."

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override(settings.LANGUAGE_CODE):
            try:
                made = make_missing_pages()
            except NoHomePage:
                raise CommandError("The site has no home page yet: make one in the admin first.") from None
        if options["verbosity"]:
            self.stdout.write(f"{len(made)} neighbourhood pages made.")
