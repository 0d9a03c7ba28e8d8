"""`manage.py count FILE.pb`: count a Pabulib file and say why, without a database."""

import json
import sys
from collections.abc import Mapping
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from ballots.count_report import report
from ballots.counting import RULES, TIE_RULES, CountResult, SettingsError, count, parse_settings
from ballots.counting.ties import checked_seed
from ballots.formats.pabulib import PabulibError, PabulibMeta, read_pb

SETTINGS = ("increment", "increment_cents", "start", "completion", "utility", "min_votes", "when_full", "tie")


class Command(BaseCommand):
    """Counts a file. Exit status 1 and one sentence on standard error when something is wrong with it or with the options."""

    help = "Count a Pabulib file (.pb): winners in order, cost, rounds and reasons. Needs no database."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        """The settings of the rules; which rule knows which is checked with their values."""
        parser.add_argument("file", metavar="FILE.pb")
        parser.add_argument("--rule", default="equal-shares", metavar="|".join(RULES))
        parser.add_argument("--increment", metavar="none|until_exhaustive|until_overspend")
        parser.add_argument("--increment-cents", type=int, metavar="N", help=_("one increment, in cents (100)"))
        parser.add_argument("--start", metavar="exact|whole")
        parser.add_argument("--completion", metavar="none|greedy")
        parser.add_argument("--utility", metavar="cost|cardinality")
        parser.add_argument("--min-votes", type=int, metavar="N")
        parser.add_argument("--when-full", metavar="skip|stop")
        parser.add_argument("--tie", metavar="|".join(TIE_RULES), help=_("one or more, with commas between"))
        parser.add_argument("--seed", metavar="HEX", help=_("for the lot; by default it is made from the ballots"))
        parser.add_argument("--json", action="store_true", help=_("one JSON object on standard output"))

    def handle(self, *args: Any, **options: Any) -> None:
        """Check the options before the file is read: a typing error should not cost a minute."""
        settings = {name: options[name] for name in SETTINGS if options[name] is not None}
        try:
            parse_settings({"rule": options["rule"], **settings})
            seed = options["seed"] and checked_seed(options["seed"])
            meta, instance = read_pb(options["file"])
            result = count(instance, {"rule": options["rule"], **settings}, seed=seed)
        except SettingsError as error:
            raise CommandError(str(error)) from error
        except PabulibError as error:
            raise CommandError(f"{options['file']}: {error}") from error
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from error
        if options["json"]:
            self.stdout.write(json.dumps(as_object(result, meta), ensure_ascii=False))
        else:
            self.stdout.write("\n".join(report(result, instance, meta)))

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """A wrong option is refused like everything else: one sentence, status 1."""
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.called_from_command_line = False
        return parser

    def run_from_argv(self, argv: list[str]) -> None:
        """Django prints the kind of error before it and gives wrong options another status."""
        try:
            self._run(argv)
        except CommandError as error:
            self._fail(str(error))

    def _run(self, argv: list[str]) -> None:
        parser = self.create_parser(argv[0], argv[1])
        options = vars(parser.parse_args(argv[2:]))
        self.execute(*options.pop("args", ()), **options)

    def _fail(self, sentence: str) -> NoReturn:
        self.stderr.write(sentence)
        sys.exit(1)


def as_object(result: CountResult, meta: PabulibMeta) -> Mapping[str, Any]:
    """The result with the amounts of the file beside the cents, and what was odd in the file."""
    return {
        "rule": result.rule,
        "winners": list(result.winners),
        "cost": _amount(result.cost),
        "budget": _amount(result.budget),
        "currency": meta.currency,
        **result.to_dict(),
        "warnings": list(meta.warnings),
    }


def _amount(cents: int) -> int | float:
    return cents / 100 if cents % 100 else cents // 100
