"""`manage.py import_budget FILE.pb`: a complete closed round from a Pabulib file, for staff to publish."""

import sys
from pathlib import Path
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from kombu.exceptions import OperationalError

from ballots.counting import RULES, TIE_RULES, SettingsError
from ballots.formats.pabulib import PabulibError
from ballots.tasks import count_closed_vote
from budget.imports import Imported, ImportRefused, Wishes, import_budget

SETTINGS = ("rule", "increment", "increment_cents", "start", "completion", "utility", "min_votes", "when_full", "tie")


class Command(BaseCommand):
    """Imports one file, or nothing. Exit status 1 and one sentence on standard error when something is wrong."""

    help = "Makes a complete closed budget round from a Pabulib file (.pb): plans, vote and every ballot. A worker counts it."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where it goes, and the counting rule with the names of `manage.py count`; what is left out is read from the file."""
        parser.add_argument("file", metavar="FILE.pb", type=Path)
        parser.add_argument(
            "--process", type=int, metavar="ID", help="the process to put the round in (default: a new one)"
        )
        parser.add_argument("--title", default="", help="title of the round (default: the file's description)")
        parser.add_argument("--again", action="store_true", help="import a file that was imported before")
        rules = (key for key, rule in RULES.items() if rule.needs_budget)
        parser.add_argument("--rule", metavar="|".join(rules), help="default: what the file says")
        parser.add_argument("--increment", metavar="none|until_exhaustive|until_overspend")
        parser.add_argument("--increment-cents", type=int, metavar="N")
        parser.add_argument("--start", metavar="exact|whole")
        parser.add_argument("--completion", metavar="none|greedy")
        parser.add_argument("--utility", metavar="cost|cardinality")
        parser.add_argument("--min-votes", type=int, metavar="N")
        parser.add_argument("--when-full", metavar="skip|stop")
        parser.add_argument("--tie", metavar="|".join(TIE_RULES))

    def handle(self, *args: Any, **options: Any) -> None:
        imported = self._import(options)
        for warning in imported.warnings:
            self.stderr.write(f"Note: {warning}.")
        self.stdout.write(
            f"Imported “{imported.round.title}”: {imported.plans} plans, {imported.ballots} ballots. "
            f"Round {imported.round.pk}, vote {imported.vote.pk}."
        )
        self._ask_for_count(imported)

    def _import(self, options: dict[str, Any]) -> Imported:
        file: Path = options["file"]
        counting = {name: options[name] for name in SETTINGS if options[name] is not None}
        wishes = Wishes(options["process"], options["title"], counting, options["again"])
        try:
            return import_budget(file, wishes, now=timezone.now(), watch=self._watch)
        except (PabulibError, ImportRefused) as error:
            raise CommandError(f"{file}: {error}") from error
        except SettingsError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from error

    def _watch(self, line: str) -> None:
        self.stderr.write(line)

    def _ask_for_count(self, imported: Imported) -> None:
        """Without a broker the count waits for the sweep of `ballots.tasks.close_due_votes`."""
        try:
            count_closed_vote.delay(str(imported.vote.pk))
        except OperationalError:
            self.stderr.write("The broker cannot be reached: the count begins when it can.")

    def run_from_argv(self, argv: list[str]) -> None:
        """Only the sentence, where Django would print the kind of error before it."""
        try:
            parser = self.create_parser(argv[0], argv[1])
            options = vars(parser.parse_args(argv[2:]))
            self.execute(*options.pop("args", ()), **options)
        except CommandError as error:
            self._fail(str(error))

    def _fail(self, sentence: str) -> NoReturn:
        self.stderr.write(sentence)
        sys.exit(1)
