"""Voting codes under load, on real connections: one code is one ballot, and everybody has one valid code."""

import pytest
from django.db import IntegrityError, connection

from ballots.actions import AlreadyVoted, casting
from ballots.register import issuing
from ballots.register.issuing import NothingToExport, export_next, figures_of, issue_at_counter
from ballots.register.models import RegisteredVoter
from tests.factories.ballots import cast, open_by_two
from tests.factories.places import make_municipality
from tests.factories.register import line, make_register_vote, open_with_codes, voter_of
from tests.faults.test_ballots_races import NaiveRoll, in_box, in_threads

pytestmark = pytest.mark.django_db(transaction=True)

CLIENTS = 32


def use_at_once(vote, code):
    """Every client finds the voter by the code and casts, with a receipt code of its own; how many were acknowledged."""

    def work():
        try:
            cast(vote, voter_of(vote, code), [1])
        except AlreadyVoted:
            return 0
        return 1

    return sum(in_threads([work] * CLIENTS))


def test_one_code_used_by_32_clients_at_once_makes_one_ballot():
    make_municipality()
    vote, [code] = open_with_codes(line("1"))
    assert use_at_once(vote, code) == 1
    assert in_box(vote) == (1, 1, 1)


def test_naive_mutant_makes_more_ballots_of_one_code(monkeypatch):
    """Shows that the test above can fail."""
    monkeypatch.setattr(casting, "mark_roll", NaiveRoll.mark_roll)
    make_municipality()
    vote, [code] = open_with_codes(line("1"))
    use_at_once(vote, code)
    ballots, _tags, marked = in_box(vote)
    assert marked == 1
    assert ballots > 1


def export_at_once(vote):
    def work():
        try:
            return len(export_next(vote, actor=None, limit=10))
        except NothingToExport:
            return 0

    return sum(in_threads([work] * 6))


def test_exports_at_the_same_moment_give_everybody_one_card():
    vote = open_by_two(make_register_vote(*(line(str(number)) for number in range(30))))
    assert export_at_once(vote) == 30
    assert figures_of(vote).by_letter == 30


def test_without_their_lock_exports_run_into_each_other(monkeypatch):
    """The mutant: then the constraint refuses the second card of a person, and its export fails."""
    monkeypatch.setattr(issuing.locks, "give_codes", lambda _vote_id: None)
    vote = open_by_two(make_register_vote(*(line(str(number)) for number in range(30))))
    with pytest.raises(IntegrityError, match="one_valid_code_per_voter"):
        export_at_once(vote)


def test_code_given_twice_at_the_same_moment_leaves_one_valid():
    vote = open_by_two(make_register_vote(line("1")))
    person = RegisteredVoter.objects.get(vote=vote)
    codes = in_threads([lambda: issue_at_counter(vote, person, actor=None)] * 8)
    assert sum(voter_of(vote, code) is not None for code in codes) == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ballots_votingcode WHERE voided_at IS NULL")
        assert cursor.fetchone() == (1,)
