"""Ballots on paper: envelopes mark the roll, two persons enter, and nothing is counted that is not reconciled."""

import json

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import translation

from ballots.actions import AlreadyVoted, count_vote
from ballots.frozen import freeze
from ballots.models import Ballot, Checkpoint, RollEntry
from ballots.paper.actions import (
    EnvelopeRefused,
    correct_entry,
    enter_batch,
    make_batch,
    register_envelope,
    sign,
    withdraw_batch,
    write_down,
)
from ballots.paper.models import PaperBatch, PaperEntry
from ballots.paper.numbers import paper_numbers, to_enter, waits_for_paper
from ballots.paper.reading import NotReadable, as_typed, different_lines, read_answer
from ballots.queries import ids_to_count
from ballots.voters import voter_behind
from people.verdict import NotAllowed
from tests.ballots.paper_world import ROWS, TALLY, close, enter, first, lines_of, reconcile, second, send_envelopes
from tests.factories.ballots import cast, cast_answers, make_forms_vote, make_open_vote, make_voters, open_by_two
from tests.factories.people import make_resident, make_user

pytestmark = pytest.mark.django_db

YES, NO, BLANK, INVALID = {"1": ["1a"]}, {"1": ["1b"]}, {"1": []}, {"1": None}


@pytest.fixture(autouse=True)
def english(default_language):
    with translation.override("en"):
        yield


@pytest.fixture
def voters(places):
    return make_voters(6, places.harbour)


@pytest.fixture
def vote(voters):
    return open_by_two(make_forms_vote("yes_no", on_paper=True))


@pytest.fixture
def closed(vote, voters):
    """Two voted on the site, three sent an envelope, one did nothing."""
    for voter in voters[:2]:
        cast(vote, voter, [1])
    send_envelopes(vote, voters[2:5])
    return close(vote)


def broken(statement, *parameters):
    """The constraint that refuses this statement."""
    with pytest.raises(IntegrityError) as refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)
    return refusal.value.__cause__.diag.constraint_name


# --- Envelopes ---------------------------------------------------------------------------------------------


def test_envelope_is_a_mark_and_nothing_else(vote, voters):
    send_envelopes(vote, voters[:1])
    numbers = paper_numbers(vote.pk)
    assert (numbers.registered, numbers.ballots, RollEntry.objects.filter(has_cast=True).count()) == (1, 0, 1)
    assert Ballot.objects.count() == 0


def test_who_sent_an_envelope_does_not_vote_on_the_site(vote, voters):
    send_envelopes(vote, voters[:1])
    with pytest.raises(AlreadyVoted, match="we have received your envelope"):
        cast(vote, voters[0], [1])
    assert Ballot.objects.count() == 0


def test_envelope_of_who_voted_on_the_site_stays_shut(vote, voters):
    cast(vote, voters[0], [1])
    with pytest.raises(EnvelopeRefused, match="Leave the envelope shut"):
        send_envelopes(vote, voters[:1])
    assert paper_numbers(vote.pk).registered == 0


def test_envelope_of_somebody_else_stays_shut(vote, places):
    later = make_resident("Later", places.harbour)
    with pytest.raises(EnvelopeRefused, match="list of voters was made"):
        send_envelopes(vote, [later])


def test_envelopes_after_closing_stay_shut(closed, voters):
    with pytest.raises(NotAllowed, match="stays shut"):
        send_envelopes(closed, voters[5:])


def test_envelopes_need_paper_and_a_permission(vote, voters):
    with pytest.raises(NotAllowed, match="may not register"):
        register_envelope(vote.pk, voter=voter_behind(voters[0]), actor=make_user("Mo", roles=("moderator",)))
    other = make_open_vote()
    with pytest.raises(NotAllowed, match="no ballots on paper"):
        register_envelope(other.pk, voter=voter_behind(voters[0]), actor=first())


# --- Two persons -------------------------------------------------------------------------------------------


def test_batch_that_two_persons_enter_alike_goes_into_the_box(closed):
    batch = enter(closed, YES, BLANK, INVALID)
    assert batch.accepted_at is not None
    found = Ballot.objects.filter(channel="paper")
    assert sorted(json.loads(payload)["answers"]["1"] or [] for payload in found.values_list("payload", flat=True)) == [
        [],
        [],
        ["1a"],
    ]
    assert not found.exclude(tag=None).exists()
    assert len(set(found.values_list("tracker", flat=True))) == 3


def test_one_person_cannot_enter_twice(closed):
    batch = make_batch(closed, size=1, manner=ROWS, actor=first())
    enter_batch(batch, lines_of(YES), actor=first())
    with pytest.raises(NotAllowed, match="Somebody else enters it too"):
        enter_batch(batch, lines_of(YES), actor=first())
    again = "INSERT INTO ballots_paperentry (batch_id, place, person_id, lines) VALUES (%s, 2, %s, '[]')"
    assert broken(again, batch.pk, first().pk) == "two_persons_enter_a_batch"
    with pytest.raises(IntegrityError), transaction.atomic():
        PaperEntry.objects.create(batch=batch, place=3, person=second(), lines=[])


@pytest.mark.parametrize(
    "other",
    [
        lines_of(YES, YES, NO),
        lines_of(NO, YES, YES),
        lines_of(YES, NO, INVALID),
        lines_of(YES, NO, BLANK),
    ],
)
def test_every_kind_of_difference_is_found_and_nothing_is_added(closed, other):
    batch = make_batch(closed, size=3, manner=ROWS, actor=first())
    enter_batch(batch, lines_of(YES, NO, YES), actor=first())
    batch = enter_batch(batch, other, actor=second())
    assert batch.accepted_at is None
    assert Ballot.objects.filter(channel="paper").count() == 0
    assert different_lines(lines_of(YES, NO, YES), other) == [
        place for place in range(3) if other[place] != lines_of(YES, NO, YES)[place]
    ]
    accept = "UPDATE ballots_paperbatch SET accepted_at = now() WHERE id = %s"
    assert broken(accept, batch.pk) == "two_persons_agree_on_a_batch"


def test_differences_are_corrected_by_who_made_them_and_only_there(closed):
    batch = make_batch(closed, size=3, manner=ROWS, actor=first())
    enter_batch(batch, lines_of(YES, NO, YES), actor=first())
    enter_batch(batch, lines_of(YES, YES, YES), actor=second())
    with pytest.raises(NotAllowed, match="nothing here for you"):
        correct_entry(batch, {1: [NO, 1]}, actor=make_user("Eva", is_superuser=True))
    # A line that does not differ stays as it is, whatever is sent.
    batch = correct_entry(batch, {0: [NO, 1], 1: [NO, 1]}, actor=second())
    assert batch.accepted_at is not None
    assert [answers for answers, _number in PaperEntry.objects.get(batch=batch, place=2).lines] == [YES, NO, YES]


def test_tally_of_a_pile(closed):
    batch = make_batch(closed, size=3, manner=TALLY, actor=first())
    lines = [[YES, 2], [NO, 0], [BLANK, 0], [INVALID, 1]]
    for person in (first(), second()):
        batch = enter_batch(batch, lines, actor=person)
    assert batch.accepted_at is not None
    assert Ballot.objects.filter(channel="paper").count() == 3


def test_numbers_that_do_not_add_up_to_the_pile_are_refused(closed):
    batch = make_batch(closed, size=2, manner=ROWS, actor=first())
    with pytest.raises(NotAllowed, match="You entered 1 ballots"):
        enter_batch(batch, lines_of(YES), actor=first())


def test_pile_of_another_size_is_withdrawn_and_made_again(closed):
    batch = make_batch(closed, size=9, manner=ROWS, actor=first())
    withdraw_batch(batch, actor=second())
    assert not PaperBatch.objects.exists()
    done = enter(closed, YES)
    with pytest.raises(NotAllowed, match="This batch is done"):
        withdraw_batch(done, actor=first())
    assert broken("DELETE FROM ballots_paperbatch WHERE id = %s", done.pk) == "accepted_batch_stays"
    assert broken("UPDATE ballots_paperentry SET lines = '[]' WHERE batch_id = %s", done.pk) == "accepted_batch_stays"


def test_batches_wait_for_closing(vote):
    with pytest.raises(NotAllowed, match="when the vote has closed"):
        make_batch(vote, size=1, manner=ROWS, actor=first())
    make = "INSERT INTO ballots_paperbatch (vote_id, number, size, manner) VALUES (%s, 1, 1, 'rows')"
    assert broken(make, vote.pk) == "batches_after_closing"


def test_who_has_work(closed):
    batch = make_batch(closed, size=1, manner=ROWS, actor=first())
    assert (to_enter(first().pk), to_enter(second().pk)) == ([batch], [batch])
    enter_batch(batch, lines_of(YES), actor=first())
    assert (to_enter(first().pk), to_enter(second().pk)) == ([], [batch])
    enter_batch(batch, lines_of(YES), actor=second())
    assert (to_enter(first().pk), to_enter(second().pk)) == ([], [])


# --- Reconciliation ----------------------------------------------------------------------------------------


def test_count_waits_for_paper(closed):
    assert (waits_for_paper(closed), ids_to_count()) == (True, [])
    with pytest.raises(NotAllowed, match="not reconciled"):
        count_vote(closed)
    assert Checkpoint.objects.count() == 1
    enter(closed, YES, NO, INVALID)
    with pytest.raises(NotAllowed, match="not reconciled"):
        count_vote(closed)
    reconcile(closed, opened=3)
    assert ids_to_count() == [closed.pk]
    seal = count_vote(closed)
    assert (seal.ballots, seal.blank, seal.invalid, seal.channels) == (5, 0, 1, {"web": 2, "paper": 3})
    assert (seal.blank_answers, seal.invalid_answers) == ({"1": 0}, {"1": 1})
    # One line of the log for both: it does not tell which came on paper.
    assert list(Checkpoint.objects.values_list("leaves", flat=True)) == [6, 5]


def test_vote_with_paper_but_no_envelope_needs_no_step(vote, voters):
    cast(vote, voters[0], [1])
    assert count_vote(close(vote)).ballots == 1


def test_difference_is_never_counted_in_silence(closed):
    enter(closed, YES, NO)
    with pytest.raises(NotAllowed, match="Say why the numbers differ"):
        write_down(closed, opened=3, shut=0, reason=" ", actor=first())
    done = reconcile(closed, opened=3, shut=1, reason="In een envelop zat geen stembiljet.")
    assert (done.registered, done.ballots, done.missing) == (3, 2, 1)
    seal = count_vote(closed)
    assert (seal.ballots, seal.roll) == (4, 6)


def test_ballot_without_an_envelope_is_refused(closed):
    batch = make_batch(closed, size=4, manner=ROWS, actor=first())
    enter_batch(batch, lines_of(YES, YES, YES, YES), actor=first())
    with pytest.raises(NotAllowed, match="1 more ballots than envelopes"):
        enter_batch(batch, lines_of(YES, YES, YES, YES), actor=second())
    assert (Ballot.objects.count(), PaperEntry.objects.count()) == (2, 1)


def test_two_persons_sign(closed):
    enter(closed, YES, NO, YES)
    write_down(closed, opened=3, shut=0, reason="", actor=first())
    with pytest.raises(NotAllowed, match="somebody else signs"):
        sign(closed, actor=first())
    both = "UPDATE ballots_reconciliation SET second_by_id = first_by_id, second_at = now() WHERE vote_id = %s"
    assert broken(both, closed.pk) == "two_persons_reconcile_paper"
    sign(closed, actor=second())
    assert broken("UPDATE ballots_reconciliation SET shut = 9 WHERE vote_id = %s", closed.pk) == "reconciliation_stays"
    with pytest.raises(NotAllowed, match="Nothing can be added"):
        make_batch(closed, size=1, manner=ROWS, actor=first())


def test_record_has_the_numbers_of_the_box(closed):
    enter(closed, YES, NO, YES)
    write = """INSERT INTO ballots_reconciliation (vote_id, registered, ballots, opened, shut, reason, first_by_id, first_at)
        VALUES (%s, 2, 2, 2, 0, '', %s, now())"""
    assert broken(write, closed.pk, first().pk) == "reconciliation_is_true"


def test_open_batch_keeps_the_record_from_being_written(closed):
    make_batch(closed, size=1, manner=ROWS, actor=first())
    with pytest.raises(NotAllowed, match="Not every batch"):
        write_down(closed, opened=3, shut=0, reason="weg", actor=first())


def test_numbers_outlive_the_roll(closed):
    enter(closed, YES, NO, YES)
    reconcile(closed, opened=3)
    before = paper_numbers(closed.pk)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE ballots_rollentry DISABLE TRIGGER USER")
        cursor.execute("DELETE FROM ballots_rollentry WHERE vote_id = %s", [closed.pk])
        cursor.execute("ALTER TABLE ballots_rollentry ENABLE TRIGGER USER")
    assert paper_numbers(closed.pk) == before


# --- Guards of the database --------------------------------------------------------------------------------


PUT = """INSERT INTO ballots_ballot (id, vote_id, tracker, version, nonce, payload, leaf, channel)
    VALUES (gen_random_uuid(), %s, %s, 1, decode(repeat('00', 16), 'hex'), %s, decode(repeat('00', 32), 'hex'), %s)"""


def test_paper_enters_only_between_closing_and_record(vote, voters):
    send_envelopes(vote, voters[:2])
    payload = '{"answers":{"1":["1a"]}}'
    assert broken(PUT, vote.pk, "A", payload, "paper") == "paper_enters_after_closing"
    close(vote)
    assert broken(PUT, vote.pk, "A", payload, "paper") == "paper_enters_in_accepted_batches"
    assert broken(PUT, vote.pk, "A", payload, "web") == "ballots_only_while_open"
    enter(vote, YES)
    assert broken(PUT, vote.pk, "A", payload, "paper") == "paper_enters_in_accepted_batches"
    reconcile(vote, opened=2, reason="Een lege envelop.")
    assert broken(PUT, vote.pk, "A", payload, "paper") == "paper_enters_after_closing"
    count_vote(vote)
    assert broken(PUT, vote.pk, "A", payload, "paper") == "paper_enters_after_closing"
    with pytest.raises(NotAllowed):
        make_batch(vote, size=1, manner=ROWS, actor=first())


def test_seal_waits_for_paper_whoever_writes_it(closed):
    seal = """INSERT INTO ballots_seal (vote_id, result, digest, seed, ballots, blank, blank_answers, invalid, invalid_answers, channels,
        roll, sealed_at) VALUES (%s, '{}', '', '', 0, 0, '{}', 0, '{}', '{}', 0, now())"""
    assert broken(seal, closed.pk) == "paper_is_reconciled"


def test_only_paper_is_invalid(vote, voters):
    assert broken(PUT, vote.pk, "A", '{"answers":{"1":null}}', "web") == "only_paper_is_invalid"
    with pytest.raises(NotAllowed, match="not on the ballot"):
        cast_answers(vote, voters[0], INVALID)


def test_vote_without_paper_takes_none(voters):
    other = open_by_two(make_forms_vote("yes_no"))
    close(other)
    with pytest.raises(NotAllowed, match="no ballots on paper"):
        make_batch(other, size=1, manner=ROWS, actor=first())
    assert broken(PUT, other.pk, "A", '{"answers":{"1":["1a"]}}', "paper") == "paper_enters_after_closing"


# --- What was typed ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "typed", "answer"),
    [
        ("yes_no", "1", ["1a"]),
        ("yes_no", "1 2", None),
        ("choice", "4", ["1d"]),
        ("approval", "4, 1", ["1a", "1d"]),
        ("approval", "1 2 3", None),
        ("approval", "b", []),
        ("approval", "X", None),
        ("knapsack", "1 2", ["1a", "1b"]),
        ("knapsack", "1 2 3 4", None),
        ("ranking", "2 1 - 3", ["1b", "1a", "1d"]),
        ("ranking", "1 1 2 3", None),
        ("ranking", "1 3 - -", None),
        ("ranking", "- - - -", []),
        ("score", "5 - 1 2", {"1a": 5, "1c": 1, "1d": 2}),
        ("score", "6 - 1 2", None),
        ("points", "10 0 - -", {"1a": 10}),
        ("points", "9 2 - -", None),
    ],
)
def test_what_stands_on_paper(form, typed, answer):
    question = freeze(make_forms_vote(form)).questions[0]
    assert read_answer(question, typed) == answer
    assert read_answer(question, as_typed(question, answer)) == answer


@pytest.mark.parametrize(
    ("form", "typed"), [("yes_no", ""), ("yes_no", "3"), ("yes_no", "ja"), ("ranking", "1 2"), ("score", "1 2 3 vier")]
)
def test_slip_of_the_keyboard_is_no_invalid_ballot(form, typed):
    with pytest.raises(NotReadable):
        read_answer(freeze(make_forms_vote(form)).questions[0], typed)
