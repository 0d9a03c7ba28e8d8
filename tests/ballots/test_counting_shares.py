"""The Method of Equal Shares: published examples, exactness, growing shares, completion, and the reasons."""

import subprocess
import sys
from fractions import Fraction

import pytest
from hypothesis import given, settings

from ballots.counting import Instance, Option, count, group_ballots
from ballots.counting.shares import electorate
from tests.ballots.ballot_cases import places, vote, votes

SEED = "5eed" * 4


def shares(**chosen):
    return {"rule": "equal-shares", **chosen}


# --- Published examples -------------------------------------------------------------------------------

# Lackner and Skowron, "Multi-Winner Voting with Approval Preferences" (Springer 2023), the running example of the book and its example 11:
# twelve voters, four seats. A seat costs 24 euro here, so that the shares of the book (1/3, 5/24 of a seat) are whole amounts.
LACKNER_SKOWRON = ["ab"] * 3 + ["ac"] * 3 + ["ad"] * 2 + ["bcf", "e", "f", "g"]


@pytest.mark.parametrize("utility", ["cost", "cardinality"])
def test_lackner_skowron_example_elects_only_a(utility):
    result = count(vote([2400] * 7, 4 * 2400, LACKNER_SKOWRON), shares(utility=utility))

    assert result.winners == ("a",)
    assert result.shares.last_share == Fraction(2400, 3)
    assert result.rounds[0].payment == Fraction(2400, 8)
    assert (result.rounds[0].payers_in_full, result.rounds[0].payers_with_less) == (8, 0)
    left_behind_b = 3 * Fraction(5 * 2400, 24) + Fraction(2400, 3)
    assert result.explanations[1].money_left == left_behind_b
    assert result.explanations[1].money_short == 2400 - left_behind_b


# The second approval example of the tests of pabutools (Rey and others), as numbers: costs 1, 0.9, 2, 1.09, budget 4.
PABUTOOLS = ([100, 90, 200, 109], 400, ["a", "bcd", "bcd", "c"])


@pytest.mark.parametrize(
    ("utility", "increment", "expected"),
    [
        ("cardinality", "none", {"a", "b", "d"}),
        ("cost", "none", {"a", "c"}),
        ("cardinality", "until_exhaustive", {"a", "b", "d"}),
        ("cost", "until_exhaustive", {"a", "b", "c"}),
    ],
)
def test_pabutools_example_elects_the_same(utility, increment, expected):
    result = count(vote(*PABUTOOLS), shares(utility=utility, increment=increment, increment_cents=10))

    assert set(result.winners) == expected


def test_minority_gets_its_part():
    """The reason for the rule: six of ten like a, b and c, four like d. Greedy gives the six everything."""
    case = vote([3_000] * 4, 9_000, ["abc"] * 6 + ["d"] * 4)

    assert set(count(case, {"rule": "greedy"}).winners) == {"a", "b", "c"}
    assert "d" in count(case, shares()).winners


# --- Exactness ----------------------------------------------------------------------------------------


def test_prices_that_floats_cannot_tell_apart_are_told_apart():
    """rho of a and b differ by one part in 10^19. Kills: deciding in floats, which would call it a tie and put a first."""
    many, fewer = 10**7, 10**7 - 1
    cost_b = 10**5 * fewer - 1
    cost_a = (cost_b * many + 1) // fewer
    assert cost_a * fewer - cost_b * many == 1
    assert cost_a / many == cost_b / fewer  # in floats they are level
    ballots = {((0, 1),): many, ((1, 1),): fewer}
    instance = Instance((Option("a", cost_a), Option("b", cost_b)), 2 * (cost_a + cost_b), group_ballots(ballots))

    result = count(instance, shares(utility="cardinality", tie="declared_order"))

    assert result.winners[0] == "b"
    assert result.ties == ()


def test_rival_that_floats_overlook_is_looked_at_again():
    """Ten billion purses that are nearly empty, and one voter who pays the rest of b: in floats its price comes out too low by more
    than the difference with c. Kills: comparing exactly only what floats brought near.
    """
    crowd = 10_000_009_486
    costs = {"a": 4_482_574_252_166_152, "b": 5_517_435_234_691_560, "c": 6_003_978}
    ballots = {((0, 1), (1, 1)): crowd, ((1, 1),): 1, ((2, 1),): 7}
    options = tuple(Option(name, cost) for name, cost in costs.items())
    instance = Instance(options, (crowd + 8) * 10**6, group_ballots(ballots))

    result = count(instance, shares(utility="cardinality"))

    assert result.winners == ("a", "c", "b")
    assert (result.rounds[1].rho, result.rounds[2].rho) == (Fraction(costs["c"], 7), 857_712)


def test_purse_that_lacks_one_cent_in_ten_billion_euros_is_poor():
    """After a, the first voter has one cent less than half of b: he gives all, the other the rest. Kills: believing floats that near."""
    share = 10**15
    left = share - 4 * 10**14
    instance = vote([share - left, 2 * left + 2], 2 * share, ["ab", "b"])

    result = count(instance, shares(utility="cardinality"))

    assert result.rounds[1].payment == left + 2
    assert (result.rounds[1].payers_in_full, result.rounds[1].payers_with_less) == (1, 1)


def test_voter_who_paid_his_last_cent_in_full_is_no_payer_afterwards():
    """The first voter pays exactly his share for a. Kills: leaving his purse open, and counting him among those who gave their last."""
    result = count(vote([200, 100], 300, ["ab", "a", "b"]), shares(tie="declared_order"))

    assert [(each.option, each.payers_in_full, each.payers_with_less) for each in result.rounds] == [
        ("a", 2, 0),
        ("b", 1, 0),
    ]


def test_exact_tie_is_seen_after_payments_that_are_not_round():
    """Thirds and sevenths were paid before; the two last options are level to the last digit."""
    ballots = ["abc"] * 3 + ["abd"] * 3 + ["a"]
    case = vote([700, 300, 100, 100], 3_500, ballots)

    result = count(case, shares(utility="cardinality", tie="declared_order"))

    tie = result.ties[-1]
    assert (tie.options, tie.first, tie.by) == (("c", "d"), "c", "declared_order")


def test_supporters_with_exactly_enough_can_pay():
    """Three voters with a third of a cent more or less each: together they have the price to the last digit."""
    case = vote([100], 100, ["a"] * 3)

    result = count(case, shares())

    assert result.winners == ("a",)
    assert result.rounds[0].payment == Fraction(100, 3)


def test_supporters_with_a_fraction_of_a_cent_too_little_cannot_pay():
    case = vote([101, 1], 102, ["a", "a", "b"])

    result = count(case, shares())

    assert result.winners == ("b",)
    assert result.explanations[0].money_short == 33


def test_points_share_the_price_in_proportion():
    """One voter gives a three points, the other one: they pay three to one."""
    result = count(vote([400], 800, [{"a": 3}, {"a": 1}]), shares(utility="cardinality"))

    assert result.rounds[0].payment == 100
    assert (result.rounds[0].votes, result.explanations[0].supporters) == (4, 2)


@settings(deadline=None, max_examples=50)
@given(votes())
def test_sums_without_threads_are_the_same(case):
    """Long sums are cut in pieces; a short piece must not change what is elected."""
    costs, budget, ballots = case
    expected = count(
        vote(costs, budget, ballots), shares(increment="until_exhaustive", increment_cents=5_000)
    ).to_bytes()
    whole = electorate.LONGEST_SUM
    try:
        electorate.LONGEST_SUM = 2
        assert (
            count(vote(costs, budget, ballots), shares(increment="until_exhaustive", increment_cents=5_000)).to_bytes()
            == expected
        )
    finally:
        electorate.LONGEST_SUM = whole


def test_more_rounds_than_columns_kept_at_first():
    """Seventy winners: the table of payments grows while counting."""
    options = tuple(Option(f"p{place}", 10 + place) for place in range(70))
    everything = tuple((place, 1) for place in range(70))
    instance = Instance(options, sum(option.cost for option in options), group_ballots({everything: 3}))

    result = count(instance, shares(utility="cardinality"))

    assert result.winners == tuple(option.id for option in options)
    assert result.rounds[-1].remaining == 0


# --- Free options, nobody, nothing --------------------------------------------------------------------


def test_free_option_with_a_vote_wins_first():
    result = count(vote([50, 0, 0], 100, ["ab", "ab"]), shares())

    assert result.winners == ("b", "a")
    assert result.explanations[2].reason == "no_votes"


def test_no_ballots_elect_nothing():
    result = count(vote([50, 0], 100, []), shares(increment="until_overspend", completion="greedy"))

    assert (result.winners, result.voters, result.shares.ended) == ((), 0, "all_elected")


def test_blank_ballots_keep_their_share():
    """A blank ballot is a voter who spends nothing: the share of the others does not grow."""
    assert count(vote([100], 100, ["a"]), shares()).winners == ("a",)
    assert count(vote([100], 100, ["a", ""]), shares()).winners == ()


# --- Growing shares -----------------------------------------------------------------------------------

# Two groups: a suits the first and b both. After the first exhaustive outcome the shares can still grow.
GROWING = ([600, 450, 300], 1_000, ["a", "a", "b", "c"])


def test_once_leaves_what_supporters_cannot_spend():
    result = count(vote(*GROWING), shares())

    assert (result.winners, result.cost, result.shares.ended) == ((), 0, "once")


def test_growth_stops_when_nothing_fits_or_goes_on_until_too_much():
    """Kills: taking `until_overspend` for `until_exhaustive`, the difference that decides Wieliczka."""
    by_order = {"increment_cents": 1, "tie": "declared_order"}
    exhaustive = count(vote(*GROWING), shares(increment="until_exhaustive", **by_order))
    overspend = count(vote(*GROWING), shares(increment="until_overspend", **by_order))

    assert (exhaustive.winners, exhaustive.shares.increments, exhaustive.shares.ended) == (("a", "c"), 50, "exhaustive")
    assert (overspend.winners, overspend.shares.increments, overspend.shares.ended) == (("a", "c"), 199, "overspend")
    assert (overspend.shares.refused, overspend.shares.refused_cost) == (("a", "b", "c"), 1_350)


def test_growth_ends_when_everything_is_elected():
    result = count(vote([100, 200], 5_000, ["a"] * 60 + ["b"]), shares(increment="until_overspend", increment_cents=1))

    assert (set(result.winners), result.shares.ended) == ({"a", "b"}, "all_elected")


def test_whole_start_rounds_the_first_share_down():
    result = count(vote([600], 1_000, ["a"] * 3), shares(increment="until_overspend", start="whole"))

    assert result.shares.first_share == 300


def test_millions_of_increments_are_leapt_over():
    """One voter wants something that costs a million times the increment: no computer should count a million times."""
    result = count(
        vote([100_000_000, 5], 150_000_000, ["a"] + ["b"] * 99), shares(increment="until_overspend", increment_cents=1)
    )

    assert set(result.winners) == {"a", "b"}
    assert (result.shares.increments, result.shares.last_share) == (98_500_000, 100_000_000)


def test_progress_is_told():
    told = []
    count(
        vote(*GROWING),
        shares(increment="until_exhaustive", increment_cents=10),
        progress=lambda done, total, text: told.append((done, total, text)),
    )

    assert told[-1] == (5, 0, "increments")


# --- Completion ---------------------------------------------------------------------------------------


def test_completion_spends_the_rest_by_votes():
    result = count(vote(*GROWING), shares(completion="greedy", tie="declared_order"))

    assert [(each.option, each.stage) for each in result.rounds] == [("a", "completion"), ("c", "completion")]
    assert [each.reason for each in result.explanations] == [
        "elected_in_completion",
        "did_not_fit",
        "elected_in_completion",
    ]
    assert (result.explanations[1].remaining, result.explanations[1].cheaper_by) == (400, 50)


def test_completion_keeps_what_the_shares_elected():
    case = vote([300, 900, 200], 1_000, ["a", "a", "bc"])

    assert count(case, shares()).winners == ("a", "c")
    assert count(case, shares(completion="greedy")).winners == ("a", "c")


# --- Reasons ------------------------------------------------------------------------------------------


def test_minimum_keeps_an_option_out():
    result = count(vote([100, 100], 300, ["a", "a", "b"]), shares(min_votes=2))

    assert result.winners == ("a",)
    assert (result.explanations[1].reason, result.explanations[1].votes_short) == ("below_minimum", 1)
    assert result.explanations[1].money_left is None


@settings(deadline=None, max_examples=150)
@given(votes(least_cost=1))
def test_cheaper_by_would_have_elected_it(case):
    """With the same lot: a lot drawn from the ballots and costs themselves would be another one."""
    costs, budget, ballots = case
    for option in count(vote(costs, budget, ballots), shares(), seed=SEED).explanations:
        if option.cheaper_by is not None:
            place = ord(option.option) - ord("a")
            cheaper = [*costs[:place], costs[place] - option.cheaper_by, *costs[place + 1 :]]
            assert place in places(count(vote(cheaper, budget, ballots), shares(), seed=SEED))


def test_option_above_the_whole_budget_says_so():
    result = count(vote([500, 100], 400, ["a", "ab"]), shares())

    assert result.explanations[0].reason == "exceeds_budget"


def test_counting_needs_no_django():
    program = (
        "import sys; sys.path.insert(0, 'site'); import ballots.counting, ballots.formats.pabulib; "
        "sys.exit(any(name.split('.')[0] in ('django', 'wagtail', 'celery') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
