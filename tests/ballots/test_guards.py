"""Attacks by SQL, behind Python's back: the database itself refuses.

Each test names the guard of migration `guards` (or the constraint) that it kills when it is taken away.
"""

import hashlib
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from ballots.actions import annul_vote, close_vote, count_vote, publish_result
from ballots.models import Ballot, Option, Question, RollEntry, Seal, Vote
from tests.ballots.clocks import database_clock
from tests.factories.ballots import cast, make_open_vote, make_vote, open_by_two

pytestmark = pytest.mark.django_db


@pytest.fixture
def vote(anna, bram):
    """An open vote in which Anna has voted and Bram has not."""
    vote = make_open_vote()
    cast(vote, anna, [1])
    return vote


def attack(sql, *args):
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, args)


def allow(sql, *args):
    with connection.cursor() as cursor:
        cursor.execute(sql, args)
        assert cursor.rowcount > 0


def counted(vote):
    with database_clock(vote.closes_at):
        close_vote(vote)
    count_vote(vote)
    vote.refresh_from_db()
    return vote


# --- ballots_guard_vote ------------------------------------------------------------------------------------------

FROZEN = {
    "title": "'Anders'",
    "text": "'Anders'",
    "opens_at": "opens_at - interval '1 day'",
    "closes_at": "closes_at + interval '1 day'",
    "change_policy": "'none'",
    "not_secret": "true, change_policy = 'login'",
    "is_test": "true",
    "url": "'/elders/'",
    "publication_threshold": "1",
    "minimum_age": "1",
    "minimum_proof": "0",
    "roll_source": "'register'",
    "on_paper": "true",
    "at_counter": "true",
    "commitment": "'Anders'",
    "threshold_kind": "'turnout', threshold_share = 2000",
    "threshold_share": "2000, threshold_kind = 'turnout'",
    "agreed_at": "now() - interval '1 year'",
    "agreed_hash": "'\\x00'",
    "rules_hash": "'\\x00'",
    "roll_root": "'\\x00'",
    "opened_at": "now() - interval '1 year'",
    "source": "'a file'",
    "reference_kind": "'day_43'",
    "reference_day": "now(), reference_kind = 'day'",
    "age_day": "now()",
    "streets": '\'[{"street": "Kade"}]\'',
    "request_title": "'Anders'",
    "request_url": "'/elders/', request_title = 'Anders'",
    "request_signatures": "1, request_title = 'Anders'",
    "request_day": "now(), request_title = 'Anders'",
}


@pytest.mark.parametrize("column", FROZEN)
def test_rules_of_an_opened_vote_are_frozen(vote, column):
    attack(f"UPDATE ballots_vote SET {column} = {FROZEN[column]} WHERE id = %s", vote.pk)


@pytest.mark.parametrize("person", ["agreed_by_id", "opened_by_id"])
def test_persons_who_opened_a_vote_stay(vote, person, eva):
    attack(f"UPDATE ballots_vote SET {person} = %s WHERE id = %s", eva.pk, vote.pk)


def test_rules_of_a_draft_can_change(anna):
    draft = make_vote()
    allow(
        "UPDATE ballots_vote SET title = 'Anders', closes_at = closes_at + interval '1 day' WHERE id = %s",
        draft.pk,
    )


def test_every_column_of_a_vote_is_frozen_or_known_to_change(vote):
    """A column that somebody adds later is frozen by itself; this list says which are not."""
    free = {"id", "state", "pepper", "closed_at", "published_at", "published_by_id", "annulled_at", "annulled_by_id"}
    free |= {"annulment_reason", "voters_told_at", "area_id", "opened_by_id", "agreed_by_id"}
    columns = {field.column for field in Vote._meta.concrete_fields}
    assert columns - free == set(FROZEN)


def test_area_of_an_opened_vote_is_frozen(vote, places):
    attack("UPDATE ballots_vote SET area_id = %s WHERE id = %s", places.east.pk, vote.pk)


@pytest.mark.parametrize("state", ["draft", "counted", "published"])
def test_open_vote_cannot_jump(vote, state):
    attack("UPDATE ballots_vote SET state = %s WHERE id = %s", state, vote.pk)


def test_counted_vote_cannot_be_opened_again(vote):
    counted(vote)
    for state in ("draft", "open", "closed"):
        attack("UPDATE ballots_vote SET state = %s WHERE id = %s", state, vote.pk)


def test_annulled_vote_stays_annulled(vote, clerk):
    annul_vote(vote, actor=clerk, reason="Fout op het stembiljet")
    attack("UPDATE ballots_vote SET state = 'open' WHERE id = %s", vote.pk)
    attack("UPDATE ballots_vote SET annulled_at = now() - interval '1 day' WHERE id = %s", vote.pk)


def test_vote_begins_as_draft(vote):
    attack(
        "INSERT INTO ballots_vote SELECT (jsonb_populate_record(v, jsonb_build_object('id', gen_random_uuid()))).*"
        " FROM ballots_vote v WHERE id = %s",
        vote.pk,
    )


def test_opened_vote_cannot_be_deleted(vote):
    attack("DELETE FROM ballots_vote WHERE id = %s", vote.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        Option.objects.filter(vote=vote).delete()


def test_draft_can_be_deleted(anna):
    draft = make_vote()
    draft.delete()
    assert not Option.objects.filter(vote_id=draft.pk).exists()


def test_pepper_stays_while_it_matters(vote):
    attack("UPDATE ballots_vote SET pepper = NULL WHERE id = %s", vote.pk)
    attack("UPDATE ballots_vote SET pepper = %s WHERE id = %s", b"x" * 32, vote.pk)
    counted(vote)
    attack("UPDATE ballots_vote SET pepper = NULL WHERE id = %s", vote.pk)


# --- ballots_guard_question ------------------------------------------------------------------------------------------

ASKED = {
    "title": "'Anders'",
    "text": "'Anders'",
    "number": "2",
    "reference": "'2'",
    "form": "'choice'",
    "max_options": "3",
    "max_sum": "1",
    "lowest": "1",
    "highest": "1",
    "points": "1",
    "complete": "true",
    "option_order": "'random'",
    "argument_length": "1",
    "counting": '\'{"rule": "equal-shares"}\'',
    "budget": "1",
}


@pytest.mark.parametrize("column", ASKED)
def test_questions_of_an_opened_vote_are_frozen(vote, column):
    change = f"UPDATE ballots_question SET {column} = {ASKED[column]} WHERE vote_id = %s"
    attack(change, vote.pk)
    draft = make_vote()
    allow(change, draft.pk)


def test_every_column_of_a_question_is_attacked():
    columns = {field.column for field in Question._meta.concrete_fields}
    assert columns - {"id", "vote_id"} == set(ASKED)


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM ballots_question WHERE vote_id = %s",
        (
            'INSERT INTO ballots_question SELECT (jsonb_populate_record(q, \'{"id": -1, "number": 2, "reference": "2"}\')).*'
            " FROM ballots_question q WHERE vote_id = %s"
        ),
    ],
)
def test_opened_vote_keeps_its_questions(vote, sql):
    attack(sql, vote.pk)


def test_question_cannot_move_into_an_opened_vote(vote):
    draft = make_vote(options=[])
    attack(
        "UPDATE ballots_question SET vote_id = %s, number = 2, reference = '2' WHERE vote_id = %s", vote.pk, draft.pk
    )


def test_option_belongs_to_the_vote_of_its_question(anna):
    """Mutant killed: two foreign keys that do not know each other."""
    first, second = make_vote(), make_vote()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    foreign = second.questions.get().pk
    attack("UPDATE ballots_option SET question_id = %s WHERE vote_id = %s", foreign, first.pk)


# --- ballots_guard_option ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE ballots_option SET title = 'Anders' WHERE vote_id = %s",
        "UPDATE ballots_option SET cost = 1 WHERE vote_id = %s",
        "DELETE FROM ballots_option WHERE vote_id = %s",
        (
            'INSERT INTO ballots_option SELECT (jsonb_populate_record(o, \'{"id": -1, "number": 9, "reference": "Z"}\')).*'
            " FROM ballots_option o WHERE vote_id = %s AND number = 1"
        ),
    ],
)
def test_options_of_an_opened_vote_are_frozen(vote, sql):
    attack(sql, vote.pk)


def test_option_cannot_move_into_an_opened_vote(vote):
    draft = make_vote(options=[("X", "Ander plan", 1)])
    attack("UPDATE ballots_option SET vote_id = %s, number = 9 WHERE vote_id = %s", vote.pk, draft.pk)


# --- ballots_guard_roll ------------------------------------------------------------------------------------------------


def test_nobody_is_added_to_a_frozen_roll(vote):
    attack(
        "INSERT INTO ballots_rollentry (id, vote_id, voter_key, has_cast, told) VALUES (%s, %s, %s, false, false)",
        uuid4(),
        vote.pk,
        b"k" * 32,
    )


@pytest.mark.parametrize(
    "change",
    [
        "has_cast = false",
        "voter_key = '\\x00'",
        "id = gen_random_uuid()",
        "vote_id = (SELECT id FROM ballots_vote WHERE state = 'draft')",
    ],
)
def test_roll_entry_of_a_voter_never_changes_back(vote, change):
    make_vote()
    attack(f"UPDATE ballots_rollentry SET {change} WHERE vote_id = %s AND has_cast", vote.pk)


def test_roll_entries_cannot_be_deleted_during_a_vote(vote):
    attack("DELETE FROM ballots_rollentry WHERE vote_id = %s", vote.pk)


def test_nobody_is_marked_after_closing(vote):
    counted(vote)
    attack("UPDATE ballots_rollentry SET has_cast = true WHERE vote_id = %s AND NOT has_cast", vote.pk)


def test_roll_goes_when_its_pepper_is_gone(vote, clerk):
    annul_vote(vote, actor=clerk, reason="Fout")
    attack("DELETE FROM ballots_rollentry WHERE vote_id = %s", vote.pk)
    allow("UPDATE ballots_vote SET pepper = NULL WHERE id = %s", vote.pk)
    allow("DELETE FROM ballots_rollentry WHERE vote_id = %s", vote.pk)


def test_one_roll_entry_per_voter(anna):
    """Constraint one_roll_entry_per_voter."""
    draft = make_vote()
    RollEntry.objects.create(vote=draft, voter_key=b"k" * 32)
    with pytest.raises(IntegrityError), transaction.atomic():
        RollEntry.objects.create(vote=draft, voter_key=b"k" * 32)


# --- ballots_guard_ballot ----------------------------------------------------------------------------------------------


def ballot_row(vote, **fields):
    row = {
        "id": uuid4(),
        "vote_id": vote.pk,
        "tag": b"t" * 32,
        "tracker": "T" * 12,
        "nonce": b"n" * 16,
        "leaf": b"l" * 32,
    }
    return {**row, "payload": '{"answers":{"1":["A"]}}', **fields}


def test_no_ballot_enters_a_closed_box(vote):
    with database_clock(vote.closes_at):
        close_vote(vote)
    with pytest.raises(IntegrityError), transaction.atomic():
        Ballot.objects.create(**ballot_row(vote))


def test_no_ballot_enters_a_draft():
    draft = make_vote()
    with pytest.raises(IntegrityError), transaction.atomic():
        Ballot.objects.create(**ballot_row(draft))


def test_ballots_are_never_deleted(vote):
    attack("DELETE FROM ballots_ballot WHERE vote_id = %s", vote.pk)
    counted(vote)
    attack("DELETE FROM ballots_ballot WHERE vote_id = %s", vote.pk)


@pytest.mark.parametrize(
    "change", ["payload = 'x'", "tag = NULL, version = version + 1", "tracker = 'Y', version = version + 1"]
)
def test_ballot_only_changes_by_a_next_version(vote, change):
    attack(f"UPDATE ballots_ballot SET {change} WHERE vote_id = %s", vote.pk)


def test_ballot_does_not_change_after_closing(vote):
    with database_clock(vote.closes_at):
        close_vote(vote)
    attack("UPDATE ballots_ballot SET payload = 'x', version = version + 1 WHERE vote_id = %s", vote.pk)


@pytest.mark.parametrize("same", ["tag", "tracker"])
def test_code_and_tracker_are_one_ballot_each(vote, same):
    """Constraints one_ballot_per_receipt_code and one_ballot_per_tracker."""
    Ballot.objects.create(**ballot_row(vote))
    other = {"tag": b"o" * 32, "tracker": "O" * 12}
    other.pop(same)
    with pytest.raises(IntegrityError), transaction.atomic():
        Ballot.objects.create(**ballot_row(vote, **other))


# --- ballots_guard_seal --------------------------------------------------------------------------------------------------


def test_seal_stays_as_it_is(vote):
    counted(vote)
    attack("UPDATE ballots_seal SET result = '{}' WHERE vote_id = %s", vote.pk)
    attack("DELETE FROM ballots_seal WHERE vote_id = %s", vote.pk)


def test_only_a_closed_vote_is_sealed(vote):
    empty = {
        "result": "{}",
        "digest": hashlib.sha256(b"{}").digest(),
        "seed": "0" * 64,
        "ballots": 0,
        "blank": 0,
        "roll": 0,
    }
    with pytest.raises(IntegrityError), transaction.atomic():
        Seal.objects.create(vote=vote, **empty)


def test_published_vote_names_who_and_when_once(vote, dirk):
    publish_result(counted(vote), actor=dirk)
    attack("UPDATE ballots_vote SET published_at = now() - interval '1 day' WHERE id = %s", vote.pk)
    attack("UPDATE ballots_vote SET published_by_id = NULL WHERE id = %s", vote.pk)


# --- Constraints of the model ----------------------------------------------------------------------------------------------


def test_vote_closes_after_opening():
    with pytest.raises(IntegrityError), transaction.atomic():
        make_vote(closes_at=timezone.now() - timedelta(days=1))


@pytest.mark.parametrize(
    "limits",
    [
        {"form": "approval"},
        {"form": "approval", "max_options": 0},
        {"form": "knapsack", "max_sum": None},
        {"form": "knapsack", "max_sum": 0},
        {"form": "score", "lowest": 0},
        {"form": "score", "highest": 5},
        {"form": "score", "lowest": 5, "highest": 5},
        {"form": "points"},
        {"form": "points", "points": 0},
        {"form": "magic"},
    ],
)
def test_ballot_form_has_its_limit(limits):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_vote(**limits)


def test_annulment_says_why(vote, clerk):
    attack(
        "UPDATE ballots_vote SET state = 'annulled', annulled_at = now(), annulled_by_id = %s WHERE id = %s",
        clerk.pk,
        vote.pk,
    )


def test_voters_are_not_told_before_they_vote(vote):
    attack("UPDATE ballots_rollentry SET told = true WHERE vote_id = %s AND NOT has_cast", vote.pk)


def test_opened_vote_cannot_lose_its_frozen_rules(anna):
    draft = make_vote()
    attack("UPDATE ballots_vote SET state = 'open' WHERE id = %s", draft.pk)
    open_by_two(draft)
