"""Every rule counted twice: by a naive count from its definition, and by a public library (bench/agreement.py: ten thousand votes each).

What a library does otherwise stands in docs/explanation/counting.md. Each rule has mutants here, faults that somebody could make:
both counts must see every one of them.
"""

from fractions import Fraction

import pytest

from ballots.counting import RULES
from ballots.counting.greedy import ByVotes, ByVotesPerEuro
from ballots.counting.instance import Instance, Profile
from ballots.counting.ranked import borda, condorcet, runoff, scottish
from ballots.counting.ranked.piles import Piles
from ballots.counting.shares import increments
from ballots.counting.shares import rule as shares
from ballots.counting.ties import TieBreaker
from ballots.counting.votes import _Adding
from tests.ballots import mark_cases, ranked_cases, second_library, second_marks

CASES = 300
MUTANT_CASES = 600
MARKS = mark_cases.ADDING + mark_cases.BUDGET


def naive(rule, number):
    return (mark_cases if rule in MARKS else ranked_cases).disagreement(rule, number)


def library(rule, number):
    return (second_marks if rule in MARKS else second_library).disagreement(rule, number)


def differences(second, rule, cases=CASES):
    return [found for number in range(cases) if (found := second(rule, number)) not in (None, "tie")]


@pytest.mark.parametrize("rule", RULES)
def test_naive_count_agrees(rule):
    assert differences(naive, rule) == []


@pytest.mark.parametrize("rule", MARKS)
def test_public_library_agrees(rule):
    assert differences(library, rule) == []


@pytest.mark.parametrize("rule", second_library.RULES)
def test_libraries_for_rankings_agree_and_leave_out_a_part_only(rule):
    """Plurality and approval are counted from rankings here. Kills: leaving out so much that nothing is compared."""
    found = [second_library.disagreement(rule, number) for number in range(CASES)]

    assert [each for each in found if each not in (None, "tie")] == []
    assert found.count(None) > CASES * 0.4


# --- Mutants ----------------------------------------------------------------------------------------------


def equal_ballots_count_once(patch):
    patch.setattr(Profile, "points_per_option", lambda self, options: self._sums(self.points, options))


def minimum_must_be_passed(patch):
    patch.setattr(_Adding, "_least", property(lambda self: self.settings.min_votes + 1))


def average_of_who_scored(patch):
    def average(self):
        return [Fraction(points, max(1, voters)) for points, voters in zip(_points(self), self.supporters, strict=True)]

    patch.setattr(Instance, "votes", property(average))


def _points(instance):
    return instance.profile.points_per_option(len(instance.options))


def points_are_voters(patch):
    patch.setattr(Instance, "votes", property(lambda self: self.supporters))


def lot_is_declared_order(patch):
    patch.setattr(TieBreaker, "_lot", lambda self, place: f"{place:064x}")


def cheapest_votes_first(patch):
    patch.setattr(ByVotes, "worth", ByVotesPerEuro().worth)


def quotient_is_cut_off(patch):
    def worth(_self, instance, place):
        cost = instance.options[place].cost
        return (0, instance.votes[place] // cost) if cost else (1, instance.votes[place])

    patch.setattr(ByVotesPerEuro, "worth", worth)


def utility_is_a_number(patch):
    prepare = shares.make_electorate
    patch.setattr(shares, "make_electorate", lambda *what, **how: prepare(*what, **how | {"utility": "cardinality"}))


def growing_ends_when_exhausted(patch):
    ended = increments._Grower._ended

    def earlier(self, outcome):
        growing = self.settings.increment != "none" and self._is_exhaustive(outcome)
        return ended(self, outcome) or ("exhaustive" if growing else None)

    patch.setattr(increments._Grower, "_ended", earlier)


def blank_voters_get_no_share(patch):
    first = increments.first_share

    def larger(instance, settings):
        blank = sum(weight for weight, marks in instance.profile.marks() if not marks)
        return first(instance, settings) * instance.voters / max(1, instance.voters - blank)

    patch.setattr(increments, "first_share", larger)


def nothing_is_completed(patch):
    patch.setattr(shares._Report, "_complete", lambda self: None)


def step_is_left_out(patch):
    share = increments._Grower._share
    patch.setattr(increments._Grower, "_share", lambda self, done: share(self, done * 2))


def points_of_another_convention(patch):
    halves = borda.borda_halves
    patch.setattr(borda, "borda_halves", lambda instance, _convention: halves(instance, "modified"))


def nothing_goes_on(patch):
    patch.setattr(Piles, "move", lambda self, place: [0] * (self.nobody + 1))


def majority_is_not_asked(patch):
    patch.setattr(runoff, "_elect", lambda course, settings: course.elect(course.in_order()[0], "elected"))


def value_has_one_decimal(patch):
    patch.setattr(scottish, "UNIT", 10)


def quota_is_one_higher(patch):
    start = scottish._Scottish.__init__

    def higher(self, course, seats, quota):
        start(self, course, seats, quota + course.unit)

    patch.setattr(scottish._Scottish, "__init__", higher)


def margins_are_strength(patch):
    strengths = condorcet.strengths
    patch.setattr(condorcet, "strengths", lambda table, _how: strengths(table, "margins"))


def unranked_options_are_not_behind(patch):
    def pairs(instance):
        ranks, size = instance.ranks, len(instance.options)
        before = (ranks[:, :, None] < ranks[:, None, :]) & (ranks[:, None, :] < size)
        return (instance.weights[:, None, None] * before).sum(axis=0)

    patch.setattr(condorcet, "pairwise", pairs)


MUTANTS = [
    ("plurality", equal_ballots_count_once),
    ("plurality", lot_is_declared_order),
    ("approval", equal_ballots_count_once),
    ("approval", minimum_must_be_passed),
    ("score", average_of_who_scored),
    ("points", points_are_voters),
    ("greedy", cheapest_votes_first),
    ("greedy", lot_is_declared_order),
    ("greedy-per-euro", quotient_is_cut_off),
    ("equal-shares", utility_is_a_number),
    ("equal-shares", growing_ends_when_exhausted),
    ("equal-shares", blank_voters_get_no_share),
    ("equal-shares", nothing_is_completed),
    ("equal-shares", step_is_left_out),
    ("equal-shares", lot_is_declared_order),
    ("borda", points_of_another_convention),
    ("instant-runoff", nothing_goes_on),
    ("instant-runoff", majority_is_not_asked),
    ("scottish-stv", value_has_one_decimal),
    ("scottish-stv", quota_is_one_higher),
    ("schulze", margins_are_strength),
    ("ranked-pairs", margins_are_strength),
    ("copeland", unranked_options_are_not_behind),
]


@pytest.mark.parametrize("second", [naive, library])
@pytest.mark.parametrize(("rule", "mutant"), MUTANTS, ids=[f"{rule}: {mutant.__name__}" for rule, mutant in MUTANTS])
def test_mutant_is_seen(second, rule, mutant, monkeypatch):
    mutant(monkeypatch)

    assert any(second(rule, number) not in (None, "tie") for number in range(MUTANT_CASES))


def test_library_sees_another_lot_in_transfers(monkeypatch):
    """The naive count of transfers takes our order of ties; the library draws the lot by itself."""
    lot_is_declared_order(monkeypatch)

    assert any(library("scottish-stv", number) not in (None, "tie") for number in range(MUTANT_CASES))


def test_every_rule_has_a_mutant():
    assert {rule for rule, _mutant in MUTANTS} == set(RULES)
