"""`manage.py count FILE`: count a file of ballots and say why, without a database."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ballots.choice_report import choice_report
from ballots.count_report import report
from ballots.counting import (
    RULES,
    BudgetResult,
    ChoiceResult,
    CountResult,
    Instance,
    InstanceError,
    RankedInstance,
    SettingsError,
    count,
    parse_settings,
)
from ballots.counting.settings import STAGE_TIE_RULES, TIE_RULES, SeatSettings
from ballots.counting.ties import checked_seed
from ballots.formats.files import READERS, Meta, read_ballots
from ballots.formats.pabulib import PabulibMeta
from ballots.formats.rankings import RankedMeta
from ballots.formats.text import FormatError

Ballots = Instance | RankedInstance

# What each setting may be; a number where the values are whole numbers.
SETTINGS: Mapping[str, str] = {
    "increment": "none|until_exhaustive|until_overspend",
    "increment_cents": "",
    "start": "exact|whole",
    "completion": "none|greedy",
    "utility": "cost|cardinality",
    "min_votes": "",
    "when_full": "skip|stop",
    "seats": "",
    "highest": "",
    "per_ballot": "",
    "convention": "average|zero|from_n|modified",
    "strength": "winning_votes|margins",
    "draw": "half|nothing|full",
    "overvote": "stop|skip",
    "skipped_rank": "skip|stop|stop_at_two",
    "finish": "majority|two_left",
    "tie": "|".join(dict.fromkeys([*TIE_RULES, *STAGE_TIE_RULES])),
}

RULE_HELP = gettext_lazy("without one a file of this site counts as it was counted, another budget with equal-shares")


class Command(BaseCommand):
    """Counts a file. Exit status 1 and one sentence on standard error when something is wrong with it or with the options."""

    help = "Count a file of ballots: winners in order, rounds and reasons. Needs no database."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        """The settings of the rules; which rule knows which is checked with their values."""
        parser.add_argument("file", metavar="FILE", help=", ".join(READERS))
        parser.add_argument("--rule", metavar="|".join(RULES), help=str(RULE_HELP))
        for name, values in SETTINGS.items():
            option = f"--{name.replace('_', '-')}"
            parser.add_argument(option, metavar=values or "N", type=str if values else int)
        parser.add_argument("--exclusive", action="append", metavar="ID,ID", help=_("of these at most one may win"))
        parser.add_argument("--seed", metavar="HEX", help=_("for the lot; by default it is made from the ballots"))
        parser.add_argument("--json", action="store_true", help=_("one JSON object on standard output"))
        parser.add_argument(
            "--lang", choices=["nl", "en"], help=_("the language of the text; by default that of the site")
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Check the options before the file is read: a typing error should not cost a minute."""
        try:
            meta, instance, result = _counted(options)
        except (SettingsError, InstanceError) as error:
            raise CommandError(str(error)) from error
        except FormatError as error:
            raise CommandError(f"{options['file']}: {error}") from error
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from error
        if options["json"]:
            self.stdout.write(json.dumps(as_object(result, meta), ensure_ascii=False))
        else:
            with translation.override(options["lang"] or translation.get_language()):
                self.stdout.write("\n".join(_lines(result, instance, meta)))

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


# --- Counting -------------------------------------------------------------------------------------------


def _counted(options: Mapping[str, Any]) -> tuple[Meta, Ballots, CountResult]:
    path, seed = Path(options["file"]), options["seed"]
    asked = {name: options[name] for name in ["rule", *SETTINGS, "exclusive"] if options[name] is not None}
    _check(asked, path)
    if seed is not None:
        seed = checked_seed(seed)
    meta, instance = read_ballots(path)
    settings = _with_seats_of(meta, _settings(asked, meta))
    return meta, instance, count(instance, settings, seed=seed or _seed_of(meta))


def _check(asked: Mapping[str, Any], path: Path) -> None:
    """Before the file is read. Without a rule only the file can say what fits, and only a budget may say so."""
    if "rule" in asked:
        parse_settings(asked)
    elif path.suffix.lower() in READERS and path.suffix.lower() != ".pb":
        raise SettingsError(
            f"rankings can be counted in many ways: name one with --rule, such as {', '.join(_ranked())}"
        )


def _settings(asked: Mapping[str, Any], meta: Meta) -> dict[str, Any]:
    """What was asked for. Without a rule a file of ours counts as it was counted, any other with equal shares."""
    own = meta.counting if isinstance(meta, PabulibMeta) and "rule" not in asked else {}
    return {"rule": "equal-shares", **own, **asked}


def _seed_of(meta: Meta) -> str | None:
    seed = meta.seed if isinstance(meta, PabulibMeta) else None
    return checked_seed(seed) if seed else None


def _ranked() -> list[str]:
    return [key for key, rule in RULES.items() if rule.ballots == "rankings"]


def _with_seats_of(meta: Meta, settings: dict[str, Any]) -> dict[str, Any]:
    """A file may say how many are elected; what is asked for goes before, and a rule never gets more than it can fill."""
    known = RULES[settings["rule"]].settings
    if "seats" in settings or not isinstance(meta, RankedMeta) or not meta.seats or not issubclass(known, SeatSettings):
        return settings
    return settings | {"seats": min(meta.seats, known.MOST_SEATS or meta.seats)}


# --- Output ---------------------------------------------------------------------------------------------


def _lines(result: CountResult, instance: Ballots, meta: Meta) -> list[str]:
    if isinstance(result, BudgetResult) and isinstance(meta, PabulibMeta):
        return report(result, instance, meta)
    assert isinstance(result, ChoiceResult)
    return choice_report(result, instance, meta)


def as_object(result: CountResult, meta: Meta) -> Mapping[str, Any]:
    """The result, and what the file says besides: amounts beside cents, what was odd in it, who withdrew."""
    own = {"rule": result.rule, "winners": list(result.winners)}
    return {**own, **_of_file(result, meta), **result.to_dict(), "warnings": list(meta.warnings)}


def _of_file(result: CountResult, meta: Meta) -> Mapping[str, Any]:
    if isinstance(meta, RankedMeta):
        return {"title": meta.title, "withdrawn": list(meta.withdrawn)}
    if isinstance(result, BudgetResult):
        return {"cost": _amount(result.cost), "budget": _amount(result.budget), "currency": meta.currency}
    return {}


def _amount(cents: int) -> int | float:
    return cents / 100 if cents % 100 else cents // 100
