"""The migration that gives existing votes their question: a database of before, made by hand, and the migration's own SQL."""

import hashlib
import json
from importlib import import_module

import pytest
from django.db import connection

from ballots.actions import close_vote, count_vote, find_ballot
from ballots.canonical import canonical_json
from ballots.codes import new_code
from ballots.models import Ballot, Seal
from tests.ballots.clocks import database_clock
from tests.factories.ballots import cast, make_open_vote, make_vote

pytestmark = pytest.mark.django_db

MOVE = import_module("ballots.migrations.0006_questions").MOVE

# What version 0.1 of the tables had, filled from what the tests made.
BEFORE = """
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE ballots_vote ADD form varchar(10), ADD max_options smallint, ADD max_sum bigint, ADD counting jsonb, ADD budget bigint;
ALTER TABLE ballots_option ALTER question_id DROP NOT NULL;
ALTER TABLE ballots_vote DISABLE TRIGGER USER;
ALTER TABLE ballots_question DISABLE TRIGGER USER;
ALTER TABLE ballots_option DISABLE TRIGGER USER;
ALTER TABLE ballots_ballot DISABLE TRIGGER USER;
ALTER TABLE ballots_seal DISABLE TRIGGER USER;
UPDATE ballots_vote SET form = q.form, max_options = 7, max_sum = q.max_sum, counting = q.counting, budget = q.budget, text = q.title
    FROM ballots_question q WHERE q.vote_id = ballots_vote.id;
UPDATE ballots_option SET question_id = NULL;
DELETE FROM ballots_question;
UPDATE ballots_ballot SET payload = replace(replace(payload, '{"answers":{"1":', '{"choices":'), ']}}', ']}');
UPDATE ballots_seal SET result = (result::jsonb -> 'questions' -> '1')::text, blank_answers = '{}';
"""


def go_back():
    with connection.cursor() as cursor:
        cursor.execute(BEFORE)


def go_forward():
    with connection.cursor() as cursor:
        cursor.execute(MOVE)
        cursor.execute("ALTER TABLE ballots_question ENABLE TRIGGER USER")


@pytest.fixture
def counted(anna, bram):
    vote = make_open_vote()
    cast(vote, anna, [1, 2])
    cast(vote, bram, [])
    with database_clock(vote.closes_at):
        close_vote(vote)
    count_vote(vote)
    return vote


def test_every_vote_gets_its_question_and_keeps_its_rules(counted):
    draft = make_vote(form="approval", max_options=3, max_sum=None)
    go_back()
    go_forward()
    for vote in (counted, draft):
        vote.refresh_from_db()
        question = vote.questions.get()
        assert (question.number, question.reference, question.title) == (1, "1", "Welke plannen kiest u?")
        assert (question.counting, question.budget, vote.text) == ({"rule": "greedy"}, 100_000_00, "")
        assert question.options.count() == 4
    # A limit that belongs to another form is left behind.
    assert list(draft.questions.values_list("max_options", "max_sum")) == [(7, None)]
    assert list(counted.questions.values_list("max_options", "max_sum")) == [(None, 100_000_00)]


def test_long_question_becomes_the_explanation(anna):
    draft = make_vote()
    go_back()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ballots_vote SET text = %s", ["Waarom? " * 100])
    go_forward()
    question = draft.questions.get()
    assert (question.title, question.text) == ("Buurtbudget Oost", "Waarom? " * 100)


def test_ballots_get_the_leaf_that_the_new_format_gives(counted):
    go_back()
    with connection.cursor() as cursor:
        cursor.execute("SELECT payload FROM ballots_ballot ORDER BY payload")
        assert cursor.fetchall() == [('{"choices":["A","B"]}',), ('{"choices":[]}',)]
        cursor.execute("UPDATE ballots_ballot SET leaf = ''")
    go_forward()
    for ballot in Ballot.objects.all():
        content = {
            "ballot": json.loads(ballot.payload),
            "nonce": bytes(ballot.nonce).hex(),
            "tracker": ballot.tracker,
            "version": ballot.version,
            "vote": str(ballot.vote_id),
        }
        assert bytes(ballot.leaf) == hashlib.sha256(b"\0" + canonical_json(content)).digest()
    assert {ballot.payload for ballot in Ballot.objects.all()} == {
        '{"answers":{"1":["A","B"]}}',
        '{"answers":{"1":[]}}',
    }


def test_sealed_result_stands_below_its_question(counted):
    winners = json.loads(Seal.objects.get().result)["questions"]["1"]["winners"]
    go_back()
    go_forward()
    seal = Seal.objects.get()
    assert json.loads(seal.result)["questions"]["1"]["winners"] == winners
    assert bytes(seal.digest) == hashlib.sha256(seal.result.encode()).digest()
    assert (seal.blank, seal.blank_answers) == (1, {"1": 1})


def test_open_vote_goes_on(anna, bram):
    """Who has a code finds the ballot, who did not vote can, and the box adds up."""
    vote, code = make_open_vote(), new_code()
    cast(vote, anna, [3], code)
    go_back()
    go_forward()
    assert find_ballot(vote.pk, code).answers == {"1": ["C"]}
    cast(vote, bram, [3])
    with database_clock(vote.closes_at):
        close_vote(vote)
    assert count_vote(vote).ballots == 2
