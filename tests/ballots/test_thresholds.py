"""Thresholds of turnout and outcome."""

import pytest

from ballots.counting import SettingsError
from ballots.counting.thresholds import Reach, Threshold, reach

TURNOUT = Threshold(kind="turnout", share=2_000)
OUTCOME = Threshold(kind="outcome", share=2_500)


@pytest.mark.parametrize(("ballots", "met"), [(199, False), (200, True), (201, True)])
def test_turnout_is_met_from_its_share_of_the_roll_on(ballots, met):
    assert reach(TURNOUT, roll=1_000, ballots=ballots, winning_votes=0).met is met


@pytest.mark.parametrize(("votes", "met"), [(249, False), (250, True)])
def test_outcome_looks_at_the_votes_for_the_winner_only(votes, met):
    assert reach(OUTCOME, roll=1_000, ballots=1_000, winning_votes=votes).met is met


@pytest.mark.parametrize(("roll", "needed"), [(0, 0), (1, 1), (5, 1), (6, 2), (1_001, 201)])
def test_a_part_of_a_voter_is_rounded_up(roll, needed):
    """Mutant: round down, and 200 of 1,001 people would be 20 %."""
    assert TURNOUT.needed(roll) == needed


def test_small_share_of_a_large_roll_is_exact():
    """Haarlemmermeer asks 0.33 % of the electorate; with floats 0.0033 × 120,000 is not 396."""
    assert Threshold(kind="turnout", share=33).needed(120_000) == 396


def test_nobody_on_the_roll_meets_nothing():
    assert reach(TURNOUT, roll=0, ballots=0, winning_votes=0).met is False


def test_no_threshold_is_always_met():
    assert reach(Threshold(), roll=10, ballots=0, winning_votes=0) == Reach(threshold=Threshold(), needed=0, reached=0)
    assert reach(Threshold(), roll=10, ballots=0, winning_votes=0).met is True


def test_plain_values_say_everything():
    assert reach(OUTCOME, roll=10, ballots=9, winning_votes=3).to_dict() == {
        "kind": "outcome",
        "share": 2_500,
        "needed": 3,
        "reached": 3,
        "met": True,
    }


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"kind": "votes", "share": 1}, "threshold must be one of"),
        ({"kind": "turnout"}, "from 1 to 10000, not 0"),
        ({"kind": "turnout", "share": 10_001}, "from 1 to 10000"),
        ({"kind": "none", "share": 1}, "from 0 to 0"),
        ({"kind": "turnout", "share": True}, "whole number"),
        ({"kind": "turnout", "share": "20"}, "whole number"),
        ({"kind": "turnout", "percent": 20}, "no setting 'percent'"),
    ],
)
def test_wrong_threshold_is_refused(given, sentence):
    with pytest.raises(SettingsError, match=sentence):
        Threshold.parse(given)


@pytest.mark.parametrize(("roll", "ballots", "votes"), [(10, 11, 1), (10, 5, 6), (10, 5, -1)])
def test_numbers_that_contradict_each_other_are_refused(roll, ballots, votes):
    with pytest.raises(ValueError, match="cannot go together"):
        reach(TURNOUT, roll=roll, ballots=ballots, winning_votes=votes)
