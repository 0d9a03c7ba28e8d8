"""`manage.py load_register VOTE FILE.csv`: the extract of the municipal register for a draft vote."""

from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ballots.models import Vote
from ballots.register.loading import ExtractRefused, load_register
from people.verdict import NotAllowed


class Command(BaseCommand):
    help = "Loads the extract of the register for a draft vote, in place of an earlier one. Nothing of a refused file is stored."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("vote", type=UUID, help="id of the vote, as in its address")
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        vote = Vote.objects.filter(pk=options["vote"]).first()
        if vote is None:
            raise CommandError("There is no such vote.")
        try:
            with options["file"].open("rb") as source:
                loaded = load_register(vote, source, actor=None)
        except ExtractRefused as problem:
            raise CommandError(f"{problem}\n{problem.count} problems. Nothing was loaded.") from problem
        except (NotAllowed, OSError) as problem:
            raise CommandError(f"{problem}\nNothing was loaded.") from problem
        self.stdout.write(f"{loaded.persons} persons loaded, {loaded.secret} of them with a secret address.")
