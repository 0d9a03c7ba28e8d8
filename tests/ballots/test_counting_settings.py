"""Settings, registry and the form of a result."""

import hashlib
import json
from fractions import Fraction

import pytest

from ballots.counting import (
    RULES,
    InstanceError,
    Option,
    Registry,
    SettingsError,
    count,
    group_ballots,
    make_instance,
    parse_settings,
)
from ballots.counting.result import decimal
from tests.ballots.ballot_cases import vote


def test_rules_are_known_by_key():
    assert {key: (rule.ballots, rule.needs_budget) for key, rule in RULES.items()} == {
        **dict.fromkeys(["greedy", "greedy-per-euro", "equal-shares"], ("marks", True)),
        **dict.fromkeys(["plurality", "approval", "score", "points"], ("marks", False)),
        **dict.fromkeys(["borda", "instant-runoff", "scottish-stv"], ("rankings", False)),
        **dict.fromkeys(["schulze", "ranked-pairs", "copeland"], ("rankings", False)),
    }


def test_double_rule_is_an_error():
    registry = Registry()
    registry.register(RULES["greedy"])

    with pytest.raises(ValueError, match=r"greedy.*already"):
        registry.register(RULES["greedy"])


def test_defaults_are_filled_in_and_printed():
    result = count(vote([1], 1, ["a"]), {"rule": "equal-shares"})

    assert result.settings == {
        "min_votes": 0,
        "exclusive": [],
        "tie": ["lot"],
        "utility": "cost",
        "increment": "none",
        "increment_cents": 100,
        "start": "exact",
        "completion": "none",
        "seed": vote([1], 1, ["a"]).digest,
        "seed_source": "ballots",
    }


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({}, "rule must be one of greedy, greedy-per-euro, equal-shares, plurality, approval"),
        ({"rule": "dowdall"}, "schulze, ranked-pairs, copeland, not 'dowdall'"),
        ({"rule": "plurality", "seats": 0}, "seats must be a whole number of 1 or more"),
        ({"rule": "schulze", "strength": "losing"}, "strength must be one of winning_votes, margins"),
        ({"rule": "borda", "tie": "earlier_stages"}, "tie must be one of lot, most_votes, declared_order"),
        ({"rule": "instant-runoff", "overvote": "split"}, "overvote must be one of stop, skip"),
        ({"rule": ["greedy"]}, "rule must be one of"),
        ({"rule": "greedy", "increment": "none"}, "no setting 'increment'"),
        ({"rule": "equal-shares", "when_full": "stop"}, "no setting 'when_full'"),
        (
            {"rule": "equal-shares", "increment": "add1"},
            "increment must be one of none, until_exhaustive, until_overspend",
        ),
        ({"rule": "equal-shares", "utility": None}, "utility must be one of"),
        ({"rule": "equal-shares", "start": "low"}, "start must be one of"),
        ({"rule": "equal-shares", "completion": "lot"}, "completion must be one of"),
        ({"rule": "equal-shares", "increment_cents": 0}, "increment_cents must be a whole number of 1 or more"),
        ({"rule": "greedy", "min_votes": -1}, "min_votes must be a whole number of 0 or more, not -1"),
        ({"rule": "greedy", "min_votes": "3"}, "min_votes must be a whole number"),
        ({"rule": "greedy", "min_votes": True}, "min_votes must be a whole number"),
        ({"rule": "greedy", "when_full": "go on"}, "when_full must be one of skip, stop"),
        ({"rule": "greedy", "tie": "id"}, "tie must be one of lot, lowest_cost, most_votes, declared_order, not 'id'"),
        ({"rule": "greedy", "tie": []}, "tie must name a rule"),
        ({"rule": "greedy", "tie": 3}, "tie must be a name or a list of names"),
    ],
)
def test_wrong_setting_is_refused_with_a_sentence(settings, sentence):
    with pytest.raises(SettingsError) as refused:
        parse_settings(settings)

    assert sentence in str(refused.value)


def test_tie_rules_may_be_a_list_or_a_text():
    for tie in ("most_votes, lot", ["most_votes", "lot"], ("most_votes", "lot")):
        assert parse_settings({"rule": "greedy", "tie": tie})[1].tie == ("most_votes", "lot")


@pytest.mark.parametrize("seed", ["", "abc", "not hexadecimal!", "0x" + "a" * 16])
def test_seed_that_is_no_seed_is_refused(seed):
    with pytest.raises(SettingsError, match="hexadecimal"):
        count(vote([1], 1, ["a"]), {"rule": "greedy"}, seed=seed)


# --- Instances ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: make_instance([Option("a", 1), Option("a", 2)], 1, []), "a is there twice"),
        (lambda: make_instance([Option("a", 1)], 1, [["b"]]), "unknown option b"),
        (lambda: make_instance([Option("a", 1)], 1, [["a", "a"]]), "an option twice"),
        (lambda: make_instance([Option("a", 1)], -1, []), "budget is negative"),
        (lambda: make_instance([Option("a", 1)], 1, [{"a": 0}]), "whole numbers of one or more"),
        (lambda: make_instance([Option("a", 1)], 1, [{"a": 2**53}]), "too large to add up exactly"),
        (lambda: Option("a", -1), "a has a negative cost"),
        (lambda: group_ballots({((0, 1),): 0}), "whole numbers of one or more"),
    ],
)
def test_contradiction_is_refused(make, sentence):
    with pytest.raises(InstanceError, match=sentence):
        make()


def test_equal_ballots_are_kept_once():
    instance = vote([1, 1], 1, ["ab", "ba", "a", "", "", "ab"])

    assert list(instance.profile.marks()) == [(2, ()), (1, ((0, 1),)), (3, ((0, 1), (1, 1)))]
    assert (instance.voters, instance.votes, instance.supporters) == (6, [4, 3], [4, 3])


def test_digest_is_of_what_decides_and_of_nothing_else():
    options = [Option("a", 1, "name"), Option("b", 2)]
    digest = make_instance(options, 5, ["ab", "b"]).digest

    text = (
        b'budget 5\noption "a" 1\noption "b" 2\nballot 1 0:1 1:1\nballot 1 1:1\n'  # as in docs/explanation/counting.md
    )
    assert digest == make_instance([Option("b", 2), Option("a", 1, "other")], 5, ["b", "ba"]).digest
    assert digest == hashlib.sha256(text).hexdigest()
    others = [
        make_instance(options, 6, ["ab", "b"]),
        make_instance([Option("a", 2), Option("b", 2)], 5, ["ab", "b"]),
        make_instance(options, 5, ["ab", "a"]),
        make_instance(options, 5, ["ab", "b", ""]),
        make_instance(options, 5, [{"a": 1, "b": 2}, "b"]),
    ]
    assert digest not in {other.digest for other in others}


def test_vote_without_money_has_no_line_about_it_in_its_digest():
    instance = make_instance([Option("a"), Option("b")], None, ["a"])

    assert instance.digest == hashlib.sha256(b'option "a" 0\noption "b" 0\nballot 1 0:1\n').hexdigest()


@pytest.mark.parametrize("rule", ["greedy", "greedy-per-euro", "equal-shares"])
def test_budget_rule_without_a_budget_is_refused(rule):
    """Kills: taking no budget for a budget of nothing, which elects what is free."""
    with pytest.raises(SettingsError, match="divides a budget, and this vote has none"):
        count(make_instance([Option("a")], None, ["a"]), {"rule": rule})


# --- Results ------------------------------------------------------------------------------------------


def test_result_is_plain_and_complete():
    """The whole form of a result: who reads it, reads this."""
    case = make_instance(
        [Option("park", 700), Option("pond", 600), Option("path", 600)], 2_000, [["park"], ["park"], ["pond", "path"]]
    )

    result = count(case, {"rule": "equal-shares", "completion": "greedy", "tie": "declared_order"}, seed="ab" * 8)

    assert json.loads(result.to_bytes()) == {
        "rule": "equal-shares",
        "settings": {
            "min_votes": 0,
            "exclusive": [],
            "tie": ["declared_order"],
            "utility": "cost",
            "increment": "none",
            "increment_cents": 100,
            "start": "exact",
            "completion": "greedy",
            "seed": "abababababababab",
            "seed_source": "given",
        },
        "voters": 3,
        "budget_cents": 2000,
        "winners": ["park", "pond", "path"],
        "cost_cents": 1900,
        "rounds": [
            {
                "round": 1,
                "stage": "shares",
                "option": "park",
                "cost_cents": 700,
                "votes": 2,
                "remaining_cents": 1300,
                "rho": "0.500000000000000",
                "payment_cents": "350.0000",
                "payers_in_full": 2,
                "payers_with_less": 0,
            },
            {
                "round": 2,
                "stage": "shares",
                "option": "pond",
                "cost_cents": 600,
                "votes": 1,
                "remaining_cents": 700,
                "rho": "1.000000000000000",
                "payment_cents": "600.0000",
                "payers_in_full": 1,
                "payers_with_less": 0,
            },
            {
                "round": 3,
                "stage": "completion",
                "option": "path",
                "cost_cents": 600,
                "votes": 1,
                "remaining_cents": 100,
            },
        ],
        "options": [
            {
                "option": "park",
                "cost_cents": 700,
                "votes": 2,
                "supporters": 2,
                "won": True,
                "reason": "elected",
                "round": 1,
            },
            {
                "option": "pond",
                "cost_cents": 600,
                "votes": 1,
                "supporters": 1,
                "won": True,
                "reason": "elected",
                "round": 2,
            },
            {
                "option": "path",
                "cost_cents": 600,
                "votes": 1,
                "supporters": 1,
                "won": True,
                "reason": "elected_in_completion",
                "round": 3,
                "remaining_cents": 700,
                "money_left_cents": "66.6667",
                "money_short_cents": "533.3333",
            },
        ],
        "ties": [
            {
                "round": 2,
                "stage": "shares",
                "options": ["pond", "path"],
                "first": "pond",
                "by": "declared_order",
                "decisive": None,
            }
        ],
        "shares": {
            "first_share_cents": "666.6667",
            "last_share_cents": "666.6667",
            "increments": 0,
            "ended": "once",
            "refused": [],
            "refused_cost_cents": None,
            "other_ties": False,
        },
    }


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (Fraction(1, 3), 4, "0.3333"),
        (Fraction(2, 3), 4, "0.6667"),
        (Fraction(5), 2, "5.00"),
        (Fraction(1, 8), 2, "0.13"),
        (Fraction(-1, 3), 2, "-0.33"),
        (Fraction(10**30 + 1, 3), 1, "333333333333333333333333333333.7"),
        (None, 2, None),
    ],
)
def test_decimals_are_exact(value, places, text):
    assert decimal(value, places) == text
