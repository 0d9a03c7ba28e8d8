"""The same ballots under other rules, for staff, after publication: a comparison, not a result.

Counted in memory from the box, for one page; nothing is stored. A rule takes over every setting that it has in common with the rule
of the vote.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Any

from ballots.combinations import rules_for
from ballots.counting import RULES, Instance, RankedInstance, Rule, SettingsError, count, parse_settings
from ballots.explaining.figures import Sealed
from ballots.frozen import FrozenOption, FrozenQuestion, FrozenVote
from ballots.models import Question
from ballots.rule_words import RULE_NAMES, how_counted
from ballots.tally import instances_of


@dataclass(frozen=True)
class Outcome:
    """Who would win by a rule, in order of election, and how it counts. `is_same`: the same winners as in the result, in whatever order."""

    name: str
    how_counted: list[str]
    winners: list[FrozenOption]
    is_same: bool


@dataclass(frozen=True)
class Comparison:
    """One question: who won, and who would have won by the other rules that can count its ballots."""

    question: FrozenQuestion
    result: Outcome
    others: list[Outcome]


def compare(vote: FrozenVote, sealed: Sealed) -> list[Comparison]:
    """Every question of a counted vote; `sealed` are the results by question reference. Raises `BoxDamaged`."""
    instances = instances_of(vote)
    return [_compare(each, sealed[each.reference], instances[each.reference]) for each in vote.questions]


def _compare(question: FrozenQuestion, sealed: Sealed, instance: Instance | RankedInstance) -> Comparison:
    outcome = partial(_outcome, question, won=sealed["winners"])
    others = []
    for settings in other_settings(question, seats=max(1, len(sealed["winners"]))):
        found = count(instance, settings, seed=sealed["settings"]["seed"])
        others.append(outcome(settings, winners=list(found.winners)))
    return Comparison(question, outcome(question.counting, winners=sealed["winners"]), others)


def _outcome(question: FrozenQuestion, settings: dict[str, Any], *, winners: list[str], won: list[str]) -> Outcome:
    return Outcome(
        name=str(RULE_NAMES[settings["rule"]]),
        how_counted=how_counted(replace(question, counting=settings)),
        winners=[question.option_by_reference[option] for option in winners],
        is_same=set(winners) == set(won),
    )


# --- Which rules ------------------------------------------------------------------------------------------------


def other_settings(question: FrozenQuestion, *, seats: int) -> Iterator[dict[str, Any]]:
    """The settings of every other rule that fits; `seats` for rules without money, where the vote divided money."""
    own, parsed = parse_settings(question.counting)
    common = {"seats": seats, **parsed.to_dict()}
    for key in _fitting_rules(question):
        if key == own.key:
            continue
        settings = _settings_for(RULES[key], common)
        try:
            parse_settings(settings)
        except SettingsError:
            # Such as more seats than the rule can give.
            continue
        yield settings


def _fitting_rules(question: FrozenQuestion) -> list[str]:
    """The rules of this form of ballot; of orders also first choices alone, because people ask who had most of those."""
    has_money = bool(question.budget) and all(option.cost is not None for option in question.options)
    found = [key for key in rules_for(question.form) if has_money or not RULES[key].needs_budget]
    return [*found, "plurality"] if question.form == Question.Form.RANKING else found


def _settings_for(rule: Rule, common: dict[str, Any]) -> dict[str, Any]:
    """What the rules have in common, and for ties what this rule knows of it."""
    names = {field.name for field in fields(rule.settings)} & common.keys() - {"tie"}
    ties = [tie for tie in common["tie"] if tie in rule.settings.TIES]
    return {"rule": rule.key, **{name: common[name] for name in sorted(names)}, "tie": ties or ["lot"]}
