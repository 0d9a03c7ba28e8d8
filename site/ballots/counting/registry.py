"""The rules by name. A Vote stores {"rule": "equal-shares", "increment": "until_overspend", …}; `count` does the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ballots.counting.choice import ChoiceResult
from ballots.counting.greedy import ByVotes, ByVotesPerEuro, Measure, count_greedy
from ballots.counting.instance import Instance
from ballots.counting.ranked.ballots import RankedInstance, everything_ranked, first_preferences
from ballots.counting.ranked.borda import count_borda
from ballots.counting.ranked.condorcet import count_copeland, count_ranked_pairs, count_schulze
from ballots.counting.ranked.runoff import count_runoff
from ballots.counting.ranked.scottish import count_scottish
from ballots.counting.result import CountResult
from ballots.counting.settings import (
    BordaSettings,
    CopelandSettings,
    CountSettings,
    GreedySettings,
    PointSettings,
    RuleSettings,
    RunoffSettings,
    ScoreSettings,
    ScottishSettings,
    SettingsError,
    SharesSettings,
    StrengthSettings,
    VoteSettings,
)
from ballots.counting.shares.increments import Progress
from ballots.counting.shares.rule import count_shares
from ballots.counting.ties import TieBreaker
from ballots.counting.votes import count_approval, count_plurality, count_points, count_score

Run = Callable[[Any, Any, TieBreaker, Progress], CountResult]
Kind = Literal["marks", "rankings"]


@dataclass(frozen=True, slots=True)
class Rule:
    """A counting rule: the settings it knows, and the function that counts.

    `ballots`: whether it counts marks (an Instance) or rankings (a RankedInstance). `needs_budget`: whether options have a price and a
    budget is divided; the other rules give seats. `from_rankings`: what rankings mean for a rule that counts marks, where they
    mean anything.
    """

    key: str
    settings: type[CountSettings]
    run: Run
    ballots: Kind
    needs_budget: bool = False
    from_rankings: Callable[[RankedInstance], Instance] | None = None


class Registry(dict[str, Rule]):
    """Rules by key; a double key is an error, so that no rule silently replaces another."""

    def register(self, rule: Rule) -> None:
        """Add a rule; ValueError when its key is taken."""
        if rule.key in self:
            raise ValueError(f"a counting rule {rule.key!r} is registered already")
        self[rule.key] = rule


RULES = Registry()


def count(
    instance: Instance | RankedInstance,
    settings: Mapping[str, Any],
    *,
    seed: str | None = None,
    progress: Progress | None = None,
) -> CountResult:
    """Count the instance by the rule and settings given as plain values.

    `settings["rule"]` is a key of RULES, the rest are its settings (`settings.py`); what is left out has its default.
    `seed` (hexadecimal) is for the lot; without it the lot is drawn from the ballots themselves. `progress(done, total, text)` is
    called now and then, with total 0 while it is unknown. Raises SettingsError, and InstanceError when the ballots hold what the rule
    cannot count.
    """
    rule, parsed = parse_settings(settings)
    fitting = _fitting(rule, parsed, instance)
    breaker = TieBreaker(fitting, parsed.tie, seed)
    return rule.run(fitting, parsed, breaker, progress or _silent)


def _fitting(rule: Rule, settings: CountSettings, instance: Instance | RankedInstance) -> Instance | RankedInstance:
    """The instance as the rule counts it; a SettingsError when the rule does not fit the ballots."""
    if isinstance(instance, Instance):
        if rule.ballots == "rankings":
            raise SettingsError(f"{rule.key} counts rankings, and these ballots have no order")
        _demand_budget(rule, settings, instance)
        return instance
    if rule.ballots == "rankings":
        return instance
    if rule.from_rankings is None:
        raise SettingsError(f"{rule.key} does not count rankings, and these ballots are rankings")
    return rule.from_rankings(instance)


def _demand_budget(rule: Rule, settings: CountSettings, instance: Instance) -> None:
    if rule.needs_budget and instance.budget is None:
        raise SettingsError(f"{rule.key} divides a budget, and this vote has none")
    for group in settings.exclusive if isinstance(settings, RuleSettings) else ():
        for option in group:
            if option not in instance.position:
                raise SettingsError(f"exclusive names the unknown option {option!r}")


def parse_settings(settings: Mapping[str, Any]) -> tuple[Rule, CountSettings]:
    """The rule and its checked settings; a SettingsError says in a sentence what is wrong."""
    key = settings.get("rule")
    if not isinstance(key, str) or key not in RULES:
        raise SettingsError(f"rule must be one of {', '.join(RULES)}, not {key!r}")
    rule = RULES[key]
    return rule, rule.settings.parse({name: value for name, value in settings.items() if name != "rule"})


def _silent(done: int, total: int, text: str) -> None:
    """Nobody watches."""


def _greedy(key: str, measure: Measure) -> Rule:
    def run(instance: Instance, settings: Any, breaker: TieBreaker, progress: Progress) -> CountResult:
        return count_greedy(instance, settings, breaker, measure, key)

    return Rule(key, GreedySettings, run, "marks", needs_budget=True)


def _quick(run: Callable[[Any, Any, TieBreaker], ChoiceResult]) -> Run:
    """A count that is over before anybody could watch."""
    return lambda instance, settings, breaker, _progress: run(instance, settings, breaker)


RULES.register(_greedy("greedy", ByVotes()))
RULES.register(_greedy("greedy-per-euro", ByVotesPerEuro()))
RULES.register(Rule("equal-shares", SharesSettings, count_shares, "marks", needs_budget=True))
RULES.register(
    Rule("plurality", VoteSettings, _quick(count_plurality), "marks", from_rankings=first_preferences),
)
RULES.register(Rule("approval", VoteSettings, _quick(count_approval), "marks", from_rankings=everything_ranked))
RULES.register(Rule("score", ScoreSettings, _quick(count_score), "marks"))
RULES.register(Rule("points", PointSettings, _quick(count_points), "marks"))
RULES.register(Rule("borda", BordaSettings, _quick(count_borda), "rankings"))
RULES.register(Rule("instant-runoff", RunoffSettings, _quick(count_runoff), "rankings"))
RULES.register(Rule("scottish-stv", ScottishSettings, _quick(count_scottish), "rankings"))
RULES.register(Rule("schulze", StrengthSettings, _quick(count_schulze), "rankings"))
RULES.register(Rule("ranked-pairs", StrengthSettings, _quick(count_ranked_pairs), "rankings"))
RULES.register(Rule("copeland", CopelandSettings, _quick(count_copeland), "rankings"))
