"""Every rule without a budget, in sentences: for every setting that decides, another one."""

import pytest
from django.utils import translation

from ballots.choice_words import CHOICE_RULE_NAMES, choice_sentences
from ballots.counting import RULES, parse_settings

CHOICES = {
    "convention": ["average", "zero", "from_n", "modified"],
    "strength": ["winning_votes", "margins"],
    "draw": ["half", "nothing", "full"],
    "overvote": ["stop", "skip"],
    "skipped_rank": ["skip", "stop", "stop_at_two"],
    "highest": [0, 5],
    "per_ballot": [0, 10],
    "min_votes": [0, 3],
}


def sentences(**settings):
    rule, parsed = parse_settings(settings)
    with translation.override("en"):
        return choice_sentences(rule.key, parsed.to_dict())


def test_every_rule_without_budget_has_a_name():
    assert set(CHOICE_RULE_NAMES) == {key for key, rule in RULES.items() if not rule.needs_budget}


@pytest.mark.parametrize("rule", CHOICE_RULE_NAMES)
def test_every_setting_changes_what_is_said(rule):
    """Kills: a setting that decides and is not told."""
    known = RULES[rule].settings.parse({}).to_dict()
    for name, values in CHOICES.items():
        if name in known:
            assert len({tuple(sentences(rule=rule, **{name: value})) for value in values}) == len(values), name


@pytest.mark.parametrize("rule", CHOICE_RULE_NAMES)
def test_every_tie_rule_is_told(rule):
    ties = RULES[rule].settings.TIES
    assert len({sentences(rule=rule, tie=tie)[-1] for tie in ties}) == len(ties)


def test_seats_are_told():
    assert sentences(rule="approval", seats=3)[0] == "3 options win."
