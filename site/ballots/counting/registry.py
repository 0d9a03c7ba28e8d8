"""The rules by name. A Vote stores {"rule": "equal-shares", "increment": "until_overspend", …}; `count` does the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ballots.counting.greedy import ByVotes, ByVotesPerEuro, Measure, count_greedy
from ballots.counting.instance import Instance
from ballots.counting.result import CountResult
from ballots.counting.settings import GreedySettings, RuleSettings, SettingsError, SharesSettings
from ballots.counting.shares.increments import Progress
from ballots.counting.shares.rule import count_shares
from ballots.counting.ties import TieBreaker

Run = Callable[[Instance, Any, TieBreaker, Progress], CountResult]


@dataclass(frozen=True, slots=True)
class Rule:
    """A counting rule: the settings it knows, and the function that counts."""

    key: str
    settings: type[RuleSettings]
    run: Run


class Registry(dict[str, Rule]):
    """Rules by key; a double key is an error, so that no rule silently replaces another."""

    def register(self, rule: Rule) -> None:
        """Add a rule; ValueError when its key is taken."""
        if rule.key in self:
            raise ValueError(f"a counting rule {rule.key!r} is registered already")
        self[rule.key] = rule


RULES = Registry()


def count(
    instance: Instance, settings: Mapping[str, Any], *, seed: str | None = None, progress: Progress | None = None
) -> CountResult:
    """Count the instance by the rule and settings given as plain values.

    `settings["rule"]` is a key of RULES, the rest are its settings (`settings.py`); what is left out has its default.
    `seed` (hexadecimal) is for the lot; without it the lot is drawn from the ballots themselves. `progress(done, total, text)` is
    called now and then, with total 0 while it is unknown. Raises SettingsError.
    """
    rule, parsed = parse_settings(settings)
    breaker = TieBreaker(instance, parsed.tie, seed)
    return rule.run(instance, parsed, breaker, progress or _silent)


def parse_settings(settings: Mapping[str, Any]) -> tuple[Rule, RuleSettings]:
    """The rule and its checked settings; a SettingsError says in a sentence what is wrong."""
    key = settings.get("rule")
    if not isinstance(key, str) or key not in RULES:
        raise SettingsError(f"rule must be one of {', '.join(RULES)}, not {key!r}")
    rule = RULES[key]
    return rule, rule.settings.parse({name: value for name, value in settings.items() if name != "rule"})


def _silent(done: int, total: int, text: str) -> None:
    """Nobody watches."""


def _greedy(key: str, measure: Measure) -> Rule:
    return Rule(
        key,
        GreedySettings,
        lambda instance, settings, breaker, _progress: count_greedy(instance, settings, breaker, measure, key),
    )


RULES.register(_greedy("greedy", ByVotes()))
RULES.register(_greedy("greedy-per-euro", ByVotesPerEuro()))
RULES.register(Rule("equal-shares", SharesSettings, count_shares))
