"""Why a plan won or lost: sentences that are true of the count they come from."""

import pytest

from ballots.counting import RULES, TIE_RULES, Option, count, make_instance, parse_settings
from budget.account import account_of
from budget.reasons import _LOST, why
from budget.rule_texts import (
    COMPLETION_CHOICES,
    INCREMENT_CHOICES,
    RULE_CHOICES,
    TIE_CHOICES,
    WHEN_FULL_CHOICES,
    example_of,
    explain_rule,
    rule_name,
)

OPTIONS = [Option("A", 60_00), Option("B", 50_00), Option("C", 40_00), Option("D", 500_00), Option("E", 10_00)]
BALLOTS = [["A", "B", "D"]] * 5 + [["A", "C"]] * 3 + [["B"]] * 2


def explained(**settings):
    result = count(make_instance(OPTIONS, 100_00, BALLOTS), {"rule": "greedy", **settings}).to_dict()
    return {entry["option"]: why(entry, result) for entry in result["options"]}


def test_why_by_most_votes():
    assert explained() == {
        "A": [
            "The plan had enough votes, and there was enough money when it was its turn.",
            "It could not miss a single vote.",
        ],
        "B": [
            "When it was this plan's turn, €40 was left. The plan costs €50.",
            "With 2 votes more it would have been chosen.",
            "It would have been chosen if it had cost €10 less.",
        ],
        "C": [
            "The plan had enough votes, and there was enough money when it was its turn.",
            "It could have missed 2 votes.",
        ],
        "D": [
            "The plan costs €500. That is more than the whole pot of €100.",
            "It would have been chosen if it had cost €460 less.",
        ],
        "E": ["Nobody voted for this plan.", "With 4 votes more it would have been chosen."],
    }


def test_more_votes_said_really_elect():
    """The sentence is a promise: with that many votes more the plan wins, with one less it does not."""
    result = count(make_instance(OPTIONS, 100_00, BALLOTS), {"rule": "greedy"}).to_dict()
    short = {entry["option"]: entry["votes_short"] for entry in result["options"] if entry.get("votes_short")}
    assert short
    for option, votes in short.items():
        for more, wins in ((votes, True), (votes - 1, False)):
            again = count(make_instance(OPTIONS, 100_00, BALLOTS + [[option]] * more), {"rule": "greedy"})
            assert (option in again.winners) is wins, (option, more)


def test_why_below_the_minimum_and_when_the_count_stops():
    said = explained(min_votes=8, when_full="stop")
    assert said["C"][0] == "A plan needed at least 8 votes. This plan had 3 votes."
    stopped = explained(when_full="stop")
    assert stopped["C"][0] == "A plan with more votes did not fit. The rule says that the count then stops."


def test_why_when_plans_exclude_each_other():
    said = explained(exclusive=[["A", "C"]])
    assert said["C"][0] == "Of this plan and plan A only one could win, and that one went first."
    assert said["C"][1] == "With 6 votes more it would have been chosen."


def test_why_by_equal_shares():
    options = [Option("A", 60_00), Option("B", 40_00), Option("C", 40_00)]
    ballots = [["A", "B"]] * 6 + [["C"]] * 4
    result = count(make_instance(options, 100_00, ballots), {"rule": "equal-shares"}).to_dict()
    said = {entry["option"]: why(entry, result) for entry in result["options"]}
    assert said["A"] == ["The voters of this plan paid it together from their own share of the pot."]
    assert said["B"][0] == "The voters of this plan had €0 left together. That is €40 too little."
    assert said["C"] == said["A"]


def test_example_of_equal_shares_is_true():
    """The example on the page, counted: A and C win."""
    options = [Option("A", 600_00), Option("B", 400_00), Option("C", 400_00)]
    ballots = [["A", "B"]] * 6 + [["C"]] * 4
    result = count(make_instance(options, 1000_00, ballots), {"rule": "equal-shares"})
    assert set(result.winners) == {"A", "C"}


def test_example_of_most_votes_is_true():
    options = [Option("A", 6_000_00), Option("B", 5_000_00), Option("C", 4_000_00)]
    ballots = [["A"]] * 50 + [["B"]] * 40 + [["C"]] * 30
    assert count(make_instance(options, 10_000_00, ballots), {"rule": "greedy"}).winners == ("A", "C")


# --- Nothing goes unexplained ----------------------------------------------------------------------------


@pytest.mark.parametrize("rule", [key for key, rule in RULES.items() if rule.needs_budget])
def test_every_rule_has_a_name_an_explanation_and_an_example(rule):
    settings = {"rule": rule}
    assert rule in dict(RULE_CHOICES)
    assert rule_name(settings)
    assert len(explain_rule(settings)) >= 3
    assert len(example_of(settings)) >= 3


@pytest.mark.parametrize("tie", TIE_RULES)
def test_every_tie_rule_is_explained(tie):
    assert tie in dict(TIE_CHOICES)
    assert explain_rule({"rule": "greedy", "tie": tie}) != explain_rule({"rule": "greedy", "tie": []})


def test_every_choice_of_the_form_is_a_setting_of_its_rule():
    for increment, _label in INCREMENT_CHOICES:
        for completion, _label in COMPLETION_CHOICES:
            parse_settings({"rule": "equal-shares", "increment": increment, "completion": completion})
    for when_full, _label in WHEN_FULL_CHOICES:
        parse_settings({"rule": "greedy", "when_full": when_full})


def test_every_reason_of_the_count_has_a_sentence():
    from ballots.results import REASONS

    lost = {"no_votes", "below_minimum", "exceeds_budget", "did_not_fit", "count_stopped"}
    assert set(_LOST) == lost | {"supporters_could_not_pay", "excluded_by"}
    assert set(_LOST) | {"elected", "elected_in_completion"} <= set(REASONS)


class FakeOption:
    def __init__(self, option):
        self.reference, self.title = option.id, f"Plan {option.id}"


@pytest.mark.parametrize("rule", ["greedy", "equal-shares"])
@pytest.mark.parametrize("many", [True, False])
def test_account_follows_the_rounds(rule, many):
    class Outcome:
        result = count(make_instance(OPTIONS, 100_00, BALLOTS), {"rule": rule, "tie": ["lowest_cost"]}).to_dict()
        options = [FakeOption(option) for option in OPTIONS]
        shows_single_ballots = many

    account = account_of(Outcome)
    assert [each.title for each in account.rounds] == [f"Plan {winner}" for winner in Outcome.result["winners"]]
    assert account.has_texts is (many and rule == "equal-shares")
    assert bool(account.course) is (rule == "equal-shares")
