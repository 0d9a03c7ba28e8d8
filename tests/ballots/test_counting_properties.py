"""Whatever the votes: the same as a naive count, never over budget, and blind to order and names."""

import random
from fractions import Fraction

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ballots.counting import count, make_instance
from ballots.counting.shares.electorate import make_electorate
from ballots.counting.shares.single import count_once
from ballots.counting.shares.steady import elects_the_same
from ballots.counting.ties import TieBreaker
from tests.ballots.ballot_cases import as_places, first_by, options_costing, places, share_of, vote, votes
from tests.ballots.naive_count import naive_greedy, naive_growing_shares, naive_shares

TIE_RULES = st.sampled_from(["lot", "lowest_cost", "most_votes", "declared_order"])
UTILITIES = st.sampled_from(["cost", "cardinality"])
MINIMA = st.sampled_from([0, 2, 3])
EXAMPLES = settings(deadline=None, max_examples=120)
FEWER_EXAMPLES = settings(deadline=None, max_examples=60)


@EXAMPLES
@given(votes(), TIE_RULES, UTILITIES, MINIMA)
def test_shares_agree_with_naive_count(case, tie, utility, min_votes):
    costs, budget, ballots = case
    instance = vote(costs, budget, ballots)
    expected, prices, money = naive_shares(
        costs,
        share_of(budget, ballots),
        as_places(ballots),
        first_by(instance, tie),
        utility=utility,
        min_votes=min_votes,
    )

    result = count(instance, {"rule": "equal-shares", "utility": utility, "min_votes": min_votes, "tie": tie})

    assert places(result) == expected
    assert [each.rho for each in result.rounds] == prices
    for place, option in enumerate(result.explanations):
        if option.money_left is not None:
            assert option.money_left == sum(
                money[voter] for voter, ballot in enumerate(as_places(ballots)) if place in ballot
            )


@FEWER_EXAMPLES
@given(
    votes(),
    TIE_RULES,
    UTILITIES,
    st.sampled_from(["exhaustive", "overspend"]),
    st.sampled_from(["exact", "whole"]),
    st.integers(1, 300),
)
def test_growing_shares_agree_with_naive_count(case, tie, utility, until, start, step):
    costs, budget, ballots = case
    # The naive count walks through every increment; more than a few hundred take too long.
    step = max(step, max(costs) // 100)
    instance = vote(costs, budget, ballots)
    expected = naive_growing_shares(
        costs, budget, as_places(ballots), first_by(instance, tie), until=until, step=step, utility=utility, start=start
    )

    chosen = {"increment": f"until_{until}", "increment_cents": step, "start": start, "utility": utility, "tie": tie}
    result = count(instance, {"rule": "equal-shares", **chosen})

    assert (places(result), result.shares.increments) == expected
    # What is told about the last share is about the last share, also when increments were leapt over.
    last, prices, _money = naive_shares(
        costs, result.shares.last_share, as_places(ballots), first_by(instance, tie), utility=utility
    )
    assert result.shares.last_share == result.shares.first_share + result.shares.increments * step
    assert (last, prices) == (places(result), [each.rho for each in result.rounds])


@EXAMPLES
@given(votes(), TIE_RULES, MINIMA, st.sampled_from(["skip", "stop"]))
def test_greedy_agrees_with_naive_count(case, tie, min_votes, when_full):
    costs, budget, ballots = case
    instance = vote(costs, budget, ballots)
    expected = naive_greedy(
        costs, budget, as_places(ballots), first_by(instance, tie), min_votes=min_votes, when_full=when_full
    )

    result = count(instance, {"rule": "greedy", "min_votes": min_votes, "tie": tie, "when_full": when_full})

    assert places(result) == expected


RULES = st.sampled_from(
    [
        {"rule": "greedy"},
        {"rule": "greedy-per-euro"},
        {"rule": "greedy", "when_full": "stop"},
        {"rule": "equal-shares"},
        {"rule": "equal-shares", "completion": "greedy"},
        {"rule": "equal-shares", "increment": "until_exhaustive", "completion": "greedy"},
        {"rule": "equal-shares", "increment": "until_overspend", "completion": "greedy", "utility": "cardinality"},
    ]
)


@EXAMPLES
@given(votes(), RULES)
def test_budget_is_never_passed(case, rule):
    costs, budget, ballots = case
    result = count(vote(costs, budget, ballots), rule)

    assert result.cost == sum(costs[place] for place in places(result)) <= budget
    assert len(set(result.winners)) == len(result.winners)
    assert [each.option for each in result.explanations if each.won] == sorted(result.winners)


@EXAMPLES
@given(votes(), RULES, st.randoms(use_true_random=False))
def test_order_of_ballots_changes_nothing(case, rule, chance: random.Random):
    costs, budget, ballots = case
    shuffled = list(ballots)
    chance.shuffle(shuffled)

    assert count(vote(costs, budget, shuffled), rule).to_bytes() == count(vote(costs, budget, ballots), rule).to_bytes()


@EXAMPLES
@given(votes(), RULES)
def test_names_of_options_change_nothing(case, rule):
    costs, budget, ballots = case
    rule = {**rule, "tie": "declared_order"}
    renamed = [{f"other-{option}": points for option, points in ballot.items()} for ballot in ballots]
    options = [type(option)(f"other-{option.id}", option.cost, "a name") for option in options_costing(*costs)]

    result = count(make_instance(options, budget, renamed), rule)

    assert result.winners == tuple(f"other-{option}" for option in count(vote(costs, budget, ballots), rule).winners)


@EXAMPLES
@given(votes(), RULES, st.randoms(use_true_random=False))
def test_order_of_options_matters_only_in_a_tie(case, rule, chance: random.Random):
    costs, budget, ballots = case
    options = options_costing(*costs)
    chance.shuffle(options)
    rule = {**rule, "tie": "declared_order"}
    result = count(vote(costs, budget, ballots), rule)
    assume(not result.ties and not (result.shares and result.shares.other_ties))

    other = count(make_instance(options, budget, ballots), rule)

    assert other.winners == result.winners


@settings(deadline=None, max_examples=300)
@given(votes(least_cost=1), UTILITIES, st.integers(0, 200), st.sampled_from([1, 2, 4, 8, 16, 32, 64]))
def test_leap_is_taken_only_where_every_count_is_the_same(case, utility, low, width):
    """Kills: a leap that forgets an option that becomes cheaper or affordable, or that bounds the purses by the wrong price."""
    costs, budget, ballots = case
    instance = vote(costs, budget, ballots)
    eligible = [place for place, number in enumerate(instance.votes) if number]
    electorate = make_electorate(instance, eligible, utility=utility)
    order = TieBreaker(instance, ["declared_order"], None).order
    # From nothing to twice the dearest option, in hundredths of it: where the outcomes change.
    unit = Fraction(max(costs), 100)
    shares = [unit * low + unit * width * part / 16 for part in range(17)]
    bought = count_once(electorate, shares[0], order).places

    if elects_the_same(electorate, bought, shares[0], shares[-1], order):
        assert {count_once(electorate, share, order).places for share in shares} == {bought}


def test_leap_sees_what_voters_keep_when_an_option_gets_cheaper_for_them():
    """With 1.09 a and c win; with 1.16 the poor pay more of a, so the others keep enough for d. Kills: bounding purses by one price."""
    instance = vote([166, 163, 155, 267], 100, ["cd", "ac", "a", "a", "a", "d", "d"])
    electorate = make_electorate(instance, [0, 2, 3], utility="cardinality")
    order = TieBreaker(instance, ["declared_order"], None).order

    assert [count_once(electorate, Fraction(share), order).places for share in (109, 116)] == [(0, 2), (0, 2, 3)]
    assert not elects_the_same(electorate, (0, 2), Fraction(109), Fraction(117), order)
