"""Paper under attack: an envelope and a ballot of one person at the same moment, and what the database tells of who sent an envelope.

Every defence has a mutant with which the same test fails.
"""

import json
import random
import re
from datetime import timedelta
from functools import partial

import pytest
from django.urls import reverse

from ballots import clock, rewriting
from ballots.actions import AlreadyVoted, casting, checkpoints, close_vote, steps, write_checkpoint
from ballots.codes import new_code
from ballots.models import Ballot, RollEntry
from ballots.paper import actions
from ballots.paper.actions import EnvelopeRefused
from ballots.paper.numbers import paper_numbers
from ballots.queries import with_log_to_write
from tests.ballots.paper_world import close, enter, send_envelopes
from tests.factories.ballots import cast, make_forms_vote, make_voters, open_by_two
from tests.factories.people import make_user
from tests.factories.places import make_municipality
from tests.faults.test_ballots_races import NaiveRoll, in_threads
from tests.faults.test_ballots_secrecy import guess_by_transaction, rows, stored_elsewhere

pytestmark = pytest.mark.django_db(transaction=True)

VOTERS = 40


@pytest.fixture
def voters():
    people = make_voters(VOTERS, make_municipality().harbour)
    random.Random(7).shuffle(people)
    return people


@pytest.fixture
def vote(voters):
    return open_by_two(make_forms_vote("yes_no", on_paper=True, closes_at=clock.now() + timedelta(days=1)))


# --- Paper and web at the same moment --------------------------------------------------------------------------


def both_at_once(vote, voters):
    """For every voter an envelope and a ballot on the site, four of each at the same moment; the number that came through."""

    def web():
        return [attempt(partial(cast, vote, voter, [1]), AlreadyVoted) for voter in voters]

    def paper():
        return [attempt(partial(send_envelopes, vote, [voter]), EnvelopeRefused) for voter in voters]

    return sum(sum(found) for found in in_threads([web, paper] * 4))


def attempt(work, refusal):
    try:
        work()
    except refusal:
        return 0
    return 1


def test_envelope_and_ballot_at_the_same_moment_count_once(vote, voters):
    assert both_at_once(vote, voters) == VOTERS
    marks = RollEntry.objects.filter(has_cast=True).count()
    assert (marks, paper_numbers(vote.pk).registered + Ballot.objects.count()) == (VOTERS, VOTERS)


def test_mutant_that_looks_before_it_marks_counts_twice(vote, voters, monkeypatch):
    """Shows that the test above can fail."""
    monkeypatch.setattr(actions, "mark_roll", NaiveRoll.mark_roll)
    monkeypatch.setattr(casting, "mark_roll", NaiveRoll.mark_roll)
    assert both_at_once(vote, voters) > VOTERS


# --- What the database tells -----------------------------------------------------------------------------------


def distinct_transactions(vote):
    """Transactions that wrote the marks which no mail has written again: one each says in which order people came in."""
    return len(set(rows("ballots_rollentry", "xmin::text", vote, "has_cast AND NOT told")))


def test_envelopes_are_mixed_though_no_ballot_came_with_them(vote, voters):
    send_envelopes(vote, voters[:12])
    assert distinct_transactions(vote) == 12
    assert list(with_log_to_write()) == [vote]
    write_checkpoint(vote)
    assert distinct_transactions(vote) == 1


def test_mutant_that_looks_at_ballots_only_leaves_envelopes_in_order(vote, voters, monkeypatch):
    monkeypatch.setattr(rewriting, "_IS_MIXED", rewriting._IS_MIXED.split("AND (NOT")[0])
    send_envelopes(vote, voters[:12])
    write_checkpoint(vote)
    assert distinct_transactions(vote) == 12


def test_marks_of_envelopes_and_of_ballots_look_alike_after_mixing(vote, voters):
    """Before: who has a mark without a ballot of the same transaction sent an envelope. Afterwards nothing says who did."""
    for voter in voters[:15]:
        cast(vote, voter, [1])
    send_envelopes(vote, voters[15:30])
    assert len(guess_by_transaction(vote)) == 15
    write_checkpoint(vote)
    assert guess_by_transaction(vote) == {}
    assert distinct_transactions(vote) == 1


def test_box_is_mixed_before_it_waits_for_paper(vote, voters):
    """The count comes days after closing; what came in last must not wait that long to be mixed."""
    for voter in voters[:10]:
        cast(vote, voter, [1])
    close(vote)
    assert guess_by_transaction(vote) == {}


def test_mutant_that_closes_without_mixing_links_everybody(vote, voters, monkeypatch):
    monkeypatch.setattr(steps, "mix_what_waits", lambda vote: None)
    for voter in voters[:10]:
        cast(vote, voter, [1])
    close(vote)
    assert len(guess_by_transaction(vote)) == 10


def ballots_as_piled(vote, voters):
    """How many of 36 ballots stand in the box where they lay in the pile, when that lies in the order of the envelopes."""
    send_envelopes(vote, voters[:36])
    close(vote)
    pile = ["1a" if number % 2 else "1b" for number in range(36)]
    enter(vote, *({"1": [choice]} for choice in pile))
    stored = [json.loads(payload)["answers"]["1"] for (payload,) in rows("ballots_ballot", "payload", vote)]
    return sum(one == [other] for one, other in zip(stored, pile, strict=True))


def test_order_of_envelopes_says_nothing_about_ballots(vote, voters):
    """Half of them agree by chance, because there are two choices."""
    assert ballots_as_piled(vote, voters) < 32


def test_mutant_that_keeps_the_order_of_the_pile_is_found_out(vote, voters, monkeypatch):
    monkeypatch.setattr(actions.secrets.SystemRandom, "shuffle", lambda self, ballots: None)
    assert ballots_as_piled(vote, voters) == 36


def test_registering_leaves_nothing_but_the_mark(vote, voters, client_for, caplog):
    """Through HTTP: no session, no log, no counter, nothing of the person in any log line. Mutant killed: a log entry per envelope."""
    staff = make_user("Gerda Griffie", roles=("clerk",))
    browser, page = client_for(staff), reverse("vote:envelopes", args=[vote.pk])
    browser.get(page)
    browser.post(page, {"step": "begin"})
    before = stored_elsewhere()
    answer = browser.post(page, {"who": voters[0].user.email})
    assert "Geregistreerd" in answer.content.decode()
    assert stored_elsewhere() == before
    assert voters[0].user.email not in caplog.text


def test_mutant_that_logs_every_envelope_is_found_out(vote, voters, monkeypatch):
    original = actions.register_envelope

    def logging(vote_id, *, voter, actor):
        original(vote_id, voter=voter, actor=actor)
        actions._log(vote, "ballots.envelopes", actor)

    before = stored_elsewhere()
    logging(vote.pk, voter=actions.Voter(voters[0].reference, voters[0]), actor=make_user("Mia", roles=("clerk",)))
    assert stored_elsewhere() != before


def test_closing_twice_is_no_harm(vote, voters):
    cast(vote, voters[0], [1])
    close(vote)
    assert not close_vote(vote)
    assert checkpoints.finish_log(vote)


# --- The counter -----------------------------------------------------------------------------------------------


def test_counter_leaves_nothing_beside_the_ballot(client_for, caplog):
    """Looking somebody up, the pass, and casting: no session of staff or voter is written, no log, no row but mark and ballot."""
    people = make_voters(2, make_municipality().harbour)
    vote = open_by_two(make_forms_vote("yes_no", at_counter=True, closes_at=clock.now() + timedelta(days=1)))
    clerk = make_user("Gerda Griffie", roles=("clerk",))
    staff, device, page = client_for(clerk), client_for(clerk), reverse("vote:counter", args=[vote.pk])
    device.post(page, {"step": "prepare"})
    staff.get(page)
    before = stored_elsewhere()
    answer = staff.post(page, {"who": people[0].user.email}).content.decode()
    code = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", answer).group()
    device.post(reverse("ballots:booth", args=[vote.pk]), {"code": code})
    receipt_code = new_code()
    fields = {"choice-1": "1", "code": receipt_code, "replaces": "0"}
    assert device.post(reverse("ballots:cast", args=[vote.pk]), fields).status_code == 200
    assert stored_elsewhere() == before
    assert list(Ballot.objects.values_list("channel", flat=True)) == ["counter"]
    for secret in (people[0].user.email, code, receipt_code):
        assert secret not in caplog.text
