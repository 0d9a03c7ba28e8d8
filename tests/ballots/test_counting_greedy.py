"""Greedy by votes and by votes per euro: order, room, minimum, and what would have changed it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballots.counting import count, make_instance
from tests.ballots.ballot_cases import options_costing, vote, votes

FIVE = ([400, 500, 100, 300, 50], 600, ["abcd"] * 5 + ["abc"] * 2 + ["ab", "a", "e"])


def greedy(**chosen):
    return {"rule": "greedy", "tie": "declared_order", **chosen}


def test_most_votes_first_and_what_does_not_fit_is_skipped():
    result = count(vote(*FIVE), greedy())

    assert result.winners == ("a", "c", "e")
    assert [(each.cost, each.votes, each.remaining) for each in result.rounds] == [
        (400, 9, 200),
        (100, 7, 100),
        (50, 1, 50),
    ]
    assert (result.cost, result.shares) == (550, None)


def test_count_stops_at_the_first_that_does_not_fit():
    result = count(vote(*FIVE), greedy(when_full="stop"))

    assert result.winners == ("a",)
    assert [each.reason for each in result.explanations] == ["elected", "did_not_fit", *["count_stopped"] * 3]


def test_minimum_of_votes_keeps_out():
    result = count(vote(*FIVE), greedy(min_votes=6))

    assert result.winners == ("a", "c")
    assert [each.reason for each in result.explanations][3:] == ["below_minimum", "below_minimum"]


def test_option_without_votes_never_wins():
    """Kills: filling the last money with something nobody asked for."""
    result = count(vote([10, 10], 100, ["a"]), greedy(min_votes=0))

    assert result.winners == ("a",)
    assert (result.explanations[1].reason, result.explanations[1].votes_short) == ("no_votes", 1)


def test_points_are_added_up():
    result = count(vote([100, 100], 100, [{"a": 1}, {"a": 1}, {"b": 3}]), greedy())

    assert result.winners == ("b",)
    assert [(each.votes, each.supporters) for each in result.explanations] == [(2, 2), (3, 1)]


def test_votes_per_euro_puts_the_cheap_first():
    case = vote([500, 200, 0], 600, ["ab"] * 4 + ["a", "c"])

    result = count(case, greedy(rule="greedy-per-euro"))

    assert result.winners == ("c", "b")
    assert (result.explanations[0].votes, result.explanations[0].votes_short) == (5, 6)


def test_option_dearer_than_the_budget_can_never_win():
    result = count(vote([700, 100], 600, ["a", "a", "b"]), greedy())

    assert (result.explanations[0].reason, result.explanations[0].votes_short) == ("exceeds_budget", None)


# --- Ties ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tie", "winner", "by"),
    [
        ("declared_order", "a", "declared_order"),
        ("lowest_cost", "b", "lowest_cost"),
        ("most_votes,lowest_cost", "b", "lowest_cost"),
    ],
)
def test_tie_is_broken_by_the_named_rule(tie, winner, by):
    result = count(vote([300, 200], 300, ["a", "b"]), greedy(tie=tie))

    assert result.winners == (winner,)
    assert [(each.options[0], each.first, each.by, each.decisive) for each in result.ties] == [
        (winner, winner, by, True)
    ]


def test_lot_follows_the_seed_and_not_the_order():
    case = vote([300, 300], 300, ["a", "b"])
    turned = make_instance(options_costing(300, 300)[::-1], 300, ["b", "a"])

    winners = {seed: count(case, greedy(tie="lot"), seed=seed * 16).winners for seed in "0123456789"}

    assert set(winners.values()) == {("a",), ("b",)}
    assert all(count(turned, greedy(tie="lot"), seed=seed * 16).winners == won for seed, won in winners.items())
    assert count(case, greedy(tie="lot"), seed="A" * 16).settings["seed"] == "a" * 16


def test_tie_that_everybody_survives_is_not_decisive():
    result = count(vote([100, 100, 50], 250, ["abc"]), greedy())

    assert [(each.options, each.decisive) for each in result.ties] == [(("a", "b", "c"), False)]


def test_tie_of_three_of_which_two_fit_is_decisive():
    result = count(vote([100, 100, 100], 250, ["abc"]), greedy())

    assert [(each.round, each.decisive) for each in result.ties] == [(1, True)]


@pytest.mark.parametrize(("when_full", "decisive"), [("skip", False), ("stop", True)])
def test_tie_with_an_option_that_can_never_fit_decides_only_when_it_stops_the_count(when_full, decisive):
    result = count(vote([100, 500], 250, ["ab"]), greedy(when_full=when_full))

    assert [each.decisive for each in result.ties] == [decisive]


def test_lot_decides_where_the_named_rule_does_not():
    """Kills: falling back on the order of the options."""
    case = vote([300, 300], 300, ["a", "b"])

    results = [count(case, greedy(tie="lowest_cost"), seed=seed * 16) for seed in "0123456789"]

    assert {result.ties[0].by for result in results} == {"lot"}
    assert {result.winners for result in results} == {("a",), ("b",)}


def test_tie_when_nothing_fits_is_no_tie():
    assert count(vote([300, 100, 100], 350, ["a", "abc"]), greedy()).ties == ()


@settings(deadline=None, max_examples=150)
@given(votes(), st.sampled_from(["skip", "stop"]))
def test_undecisive_tie_elects_the_same_in_any_order(case, when_full):
    """Kills: calling a tie harmless that is not."""
    costs, budget, ballots = case
    result = count(vote(costs, budget, ballots), greedy(when_full=when_full))
    if any(each.decisive for each in result.ties):
        return
    turned = make_instance(options_costing(*costs)[::-1], budget, ballots)

    assert set(count(turned, greedy(when_full=when_full)).winners) == set(result.winners)


# --- What would have changed it -----------------------------------------------------------------------


def with_last(costs, budget, ballots, option):
    """The vote with `option` declared last, so that it loses every tie."""
    options = sorted(options_costing(*costs), key=lambda each: each.id == option)
    return make_instance(options, budget, ballots)


RULES = st.sampled_from([greedy(), greedy(when_full="stop"), greedy(min_votes=3), greedy(rule="greedy-per-euro")])


@settings(deadline=None, max_examples=200)
@given(votes(), RULES)
def test_votes_short_is_exactly_what_was_missing(case, rule):
    """Kills: one vote too many or too few. The votes come from new voters who choose nothing else."""
    costs, budget, ballots = case
    for option in count(vote(costs, budget, ballots), rule).explanations:
        if option.votes_short is None:
            continue
        more = [{option.option: 1}] * option.votes_short
        assert option.option in count(with_last(costs, budget, ballots + more, option.option), rule).winners
        assert option.option not in count(with_last(costs, budget, ballots + more[1:], option.option), rule).winners


@settings(deadline=None, max_examples=200)
@given(votes(), RULES)
def test_votes_to_spare_is_exactly_what_could_be_missed(case, rule):
    costs, budget, ballots = case
    for option in count(vote(costs, budget, ballots), rule).explanations:
        if option.votes_to_spare is None or count_of(ballots, option.option) != option.supporters:
            continue
        if option.votes_to_spare:
            fewer = without(ballots, option.option, option.votes_to_spare)
            assert option.option in count(with_last(costs, budget, fewer, option.option), rule).winners
        missing = without(ballots, option.option, option.votes_to_spare + 1)
        assert option.option not in count(with_last(costs, budget, missing, option.option), rule).winners


def count_of(ballots, option):
    """The points of an option."""
    return sum(ballot.get(option, 0) for ballot in ballots)


def without(ballots, option, times):
    """The ballots with the option taken off the first `times` that name it."""
    changed = []
    for ballot in ballots:
        taken = option in ballot and times > 0
        times -= taken
        changed.append({name: points for name, points in ballot.items() if name != option} if taken else ballot)
    return changed


@settings(deadline=None, max_examples=200)
@given(votes(), RULES)
def test_cheaper_by_would_have_elected_it(case, rule):
    costs, budget, ballots = case
    for option in count(vote(costs, budget, ballots), rule).explanations:
        if option.cheaper_by is not None:
            place = ord(option.option) - ord("a")
            cheaper = [*costs[:place], costs[place] - option.cheaper_by, *costs[place + 1 :]]
            assert option.option in count(vote(cheaper, budget, ballots), rule).winners
