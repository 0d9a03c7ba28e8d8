"""Rules that add up marks: plurality, approval, score, points."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballots.counting import InstanceError, Option, SettingsError, count, make_instance
from tests.ballots.ballot_cases import vote, votes
from tests.ballots.ranked_cases import ranked

OPTIONS = [Option(each) for each in "abc"]


def counted(ballots, **settings):
    return count(make_instance(OPTIONS, None, ballots), settings)


def told(result):
    return {each.option: (each.votes, each.reason, each.votes_short, each.votes_to_spare) for each in result.standings}


def test_plurality_by_hand():
    result = counted(["a", "a", "a", "b", ""], rule="plurality")

    assert (result.winners, result.voters) == (("a",), 5)
    assert told(result) == {
        "a": (3, "elected", None, 1),
        "b": (1, "fewer_votes", 3, None),
        "c": (0, "no_votes", 4, None),
    }


def test_plurality_refuses_ballots_with_more_options():
    with pytest.raises(InstanceError, match="name one option"):
        counted(["ab"], rule="plurality")


def test_approval_fills_seats_in_order():
    result = counted(["ab", "ab", "b", "c"], rule="approval", seats=2)

    assert result.winners == ("b", "a")
    assert [each.to_dict() for each in result.rounds] == [
        {"round": 1, "stage": "count", "option": "b", "votes": 3},
        {"round": 2, "stage": "count", "option": "a", "votes": 2},
    ]


def test_approval_refuses_points():
    with pytest.raises(InstanceError, match="without points"):
        counted([{"a": 2}], rule="approval")


def test_score_adds_up_and_keeps_to_its_limit():
    ballots = [{"a": 5, "b": 3}, {"b": 3}]

    assert counted(ballots, rule="score").winners == ("b",)
    with pytest.raises(InstanceError, match="5 points, and 4 is the most"):
        counted(ballots, rule="score", highest=4)


def test_points_keep_to_their_limit_per_ballot():
    ballots = [{"a": 5, "b": 3}, {"b": 3}]

    assert counted(ballots, rule="points", per_ballot=8).winners == ("b",)
    with pytest.raises(InstanceError, match="holds 8 points, and 7 is the most"):
        counted(ballots, rule="points", per_ballot=7)


def test_minimum_leaves_seats_empty():
    result = counted(["a", "a", "b"], rule="plurality", seats=2, min_votes=2)

    assert result.winners == ("a",)
    assert told(result)["b"] == (1, "below_minimum", 1, None)


def test_tie_at_the_last_seat_decides_and_elsewhere_not():
    assert [(set(tie.options), tie.decisive) for tie in counted(["a", "b"], rule="plurality").ties] == [
        ({"a", "b"}, True)
    ]
    assert [tie.decisive for tie in counted(["a", "b"], rule="plurality", seats=2).ties] == [False]


def test_loser_of_a_tie_is_told_so():
    result = counted(["a", "b"], rule="plurality", tie="declared_order")

    assert told(result)["b"] == (1, "lost_tie", 1, None)


def test_price_decides_no_choice():
    """Kills: a tie rule about prices where nothing has one."""
    with pytest.raises(SettingsError, match="tie must be one of"):
        counted(["a"], rule="approval", tie="lowest_cost")


def test_rankings_count_as_first_preferences_or_as_approvals():
    instance = ranked(3, "2: a b", "c b", "- c b", "a=b c")

    assert told(count(instance, {"rule": "plurality", "tie": "declared_order"})) == {
        "a": (2, "elected", None, 0),
        "b": (0, "no_votes", 3, None),
        "c": (2, "lost_tie", 1, None),
    }
    assert [each.votes for each in count(instance, {"rule": "approval"}).standings] == [3, 5, 3]


@settings(deadline=None, max_examples=100)
@given(votes(), st.integers(1, 4), st.integers(0, 4))
def test_what_would_have_changed_it_would(case, seats, least):
    """With the votes named a loser surely wins; a winner that misses what it can spare wins too. Beside a count by sorting."""
    costs, _budget, ballots = case
    instance = vote(costs, None, ballots)
    result = count(instance, {"rule": "score", "seats": seats, "min_votes": least, "tie": "declared_order"})
    order = sorted(range(len(costs)), key=lambda place: (-instance.votes[place], place))
    able = [place for place in order if instance.votes[place] >= max(1, least)]
    assert [ord(option) - ord("a") for option in result.winners] == able[:seats]
    for each in result.standings:
        if not each.won:
            needed = each.votes + each.votes_short
            assert needed >= max(1, least)
            assert (
                sum(
                    other.votes >= needed and other.option != each.option and other.votes >= max(1, least)
                    for other in result.standings
                )
                < seats
            )
        elif each.votes_to_spare:
            left = each.votes - each.votes_to_spare
            assert (
                sum(
                    other.votes >= left and other.option != each.option
                    for other in result.standings
                    if other.votes >= max(1, least)
                )
                < seats
            )
