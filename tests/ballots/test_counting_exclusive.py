"""Plans that exclude each other: of each group at most one wins, in every budget rule."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballots.counting import SettingsError, count
from ballots.counting.shares.electorate import make_electorate
from ballots.counting.shares.steady import elects_the_same
from tests.ballots.ballot_cases import as_places, first_by, places, vote, votes
from tests.ballots.naive_count import naive_greedy, naive_growing_shares, naive_shares

EXAMPLES = settings(deadline=None, max_examples=100)
RULES = ["greedy", "greedy-per-euro", "equal-shares"]


@st.composite
def exclusive_votes(draw):
    """(costs, budget, ballots, groups of places); an option may be in several groups."""
    costs, budget, ballots = draw(votes())
    sizes = st.lists(st.integers(0, len(costs) - 1), min_size=2, max_size=3, unique=True)
    groups = draw(st.lists(sizes, max_size=3)) if len(costs) > 1 else []
    return costs, budget, ballots, groups


def named(groups):
    return [[chr(ord("a") + place) for place in group] for group in groups]


def outcome(result):
    return {each.option: (each.reason, each.excluded_by) for each in result.explanations}


@pytest.mark.parametrize("rule", RULES)
def test_one_of_a_group_wins_and_the_other_says_who_it_was(rule):
    instance = vote([40, 40, 20], 100, ["ab", "ab", "a", "c"])

    result = count(instance, {"rule": rule, "exclusive": [["a", "b"]]})

    assert result.winners == ("a", "c")
    assert outcome(result)["b"] == ("excluded_by", "a")
    assert result.to_dict()["options"][1]["excluded_by"] == "a"


def test_excluded_plan_does_not_stop_a_count_that_stops_when_full():
    """b fits in no way, but it is excluded before that matters. Kills: treating an excluded plan as one that did not fit."""
    instance = vote([60, 60, 40], 100, ["ab", "ab", "a", "bc", "c"])

    result = count(instance, {"rule": "greedy", "when_full": "stop", "exclusive": ["a,b"], "tie": "declared_order"})

    assert result.winners == ("a", "c")


def test_votes_that_were_short_would_really_have_elected():
    """With the votes named the excluded plan goes first; with one less it does not."""
    instance = vote([40, 40], 100, ["a"] * 5 + ["b"] * 2)
    found = {each.option: each for each in count(instance, {"rule": "greedy", "exclusive": [["a", "b"]]}).explanations}

    assert found["b"].votes_short == 4
    assert found["a"].votes_to_spare == 2
    for more, winners in ((4, ("b",)), (2, ("a",))):
        again = vote([40, 40], 100, ["a"] * 5 + ["b"] * (2 + more))
        assert count(again, {"rule": "greedy", "exclusive": [["a", "b"]]}).winners == winners


def test_level_plans_that_exclude_each_other_are_a_tie_that_decides():
    result = count(vote([40, 40], 100, ["a", "b"]), {"rule": "greedy", "exclusive": [["a", "b"]]})

    assert [(set(tie.options), tie.decisive) for tie in result.ties] == [({"a", "b"}, True)]


def test_completion_keeps_to_the_groups():
    instance = vote([90, 90, 90], 200, ["a"] * 3 + ["b"] * 2 + ["c"])

    result = count(instance, {"rule": "equal-shares", "completion": "greedy", "exclusive": [["a", "b"]]})

    assert set(result.winners) == {"a", "c"}


@EXAMPLES
@given(exclusive_votes(), st.sampled_from(["skip", "stop"]))
def test_greedy_agrees_with_naive_count(case, when_full):
    costs, budget, ballots, groups = case
    instance = vote(costs, budget, ballots)
    expected = naive_greedy(
        costs, budget, as_places(ballots), first_by(instance, "lot"), when_full=when_full, exclusive=groups
    )

    result = count(instance, {"rule": "greedy", "when_full": when_full, "exclusive": named(groups)})

    assert places(result) == expected


@EXAMPLES
@given(exclusive_votes())
def test_shares_agree_with_naive_count(case):
    costs, budget, ballots, groups = case
    instance = vote(costs, budget, ballots)
    share = count(instance, {"rule": "equal-shares"}).shares.first_share
    expected, prices, _money = naive_shares(
        costs, share, as_places(ballots), first_by(instance, "lot"), exclusive=groups
    )

    result = count(instance, {"rule": "equal-shares", "exclusive": named(groups)})

    assert (places(result), [each.rho for each in result.rounds]) == (expected, prices)


@settings(deadline=None, max_examples=60)
@given(exclusive_votes(), st.sampled_from(["exhaustive", "overspend"]), st.integers(1, 300))
def test_growing_shares_agree_with_naive_count(case, until, step):
    costs, budget, ballots, groups = case
    step = max(step, max(costs) // 100)
    instance = vote(costs, budget, ballots)
    expected = naive_growing_shares(
        *(costs, budget, as_places(ballots), first_by(instance, "lot")), until=until, step=step, exclusive=groups
    )

    chosen = {"increment": f"until_{until}", "increment_cents": step, "exclusive": named(groups)}
    result = count(instance, {"rule": "equal-shares", **chosen})

    assert (places(result), result.shares.increments) == expected


@EXAMPLES
@given(exclusive_votes(), st.sampled_from(RULES), st.sampled_from(["none", "greedy"]))
def test_no_two_of_a_group_win(case, rule, completion):
    costs, budget, ballots, groups = case
    chosen = {"rule": rule, "exclusive": named(groups)} | ({"completion": completion} if rule == "equal-shares" else {})

    winners = set(places(count(vote(costs, budget, ballots), chosen)))

    assert all(len(winners & set(group)) <= 1 for group in groups)


def test_leap_passes_over_what_was_excluded():
    """b could win with every share, but a excludes it. Kills: a leap that forgets the groups and never leaps."""
    instance = vote([10, 10], 100, ["a", "a", "b"])
    electorate = make_electorate(instance, [0, 1], utility="cost", exclusive=[["a", "b"]])

    assert elects_the_same(electorate, (0,), 20, 40, sorted)


@pytest.mark.parametrize(
    ("exclusive", "sentence"),
    [
        ([["a"]], "two or more different options"),
        ([["a", "a"]], "two or more different options"),
        ([["a", "z"]], "unknown option 'z'"),
        ([3], "list of groups"),
    ],
)
def test_wrong_group_is_refused(exclusive, sentence):
    with pytest.raises(SettingsError, match=sentence):
        count(vote([1, 1], 2, ["a"]), {"rule": "greedy", "exclusive": exclusive})
