"""The action that casts: once each, the same answer however often, and nothing that connects a ballot to a person."""

import hashlib
import json
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from ballots.actions import (
    AlreadyVoted,
    BallotChanged,
    BallotRefused,
    CastRefused,
    CodeRefused,
    NotOnRoll,
    VotingClosed,
    annul_vote,
    cast_ballot,
    find_ballot,
)
from ballots.canonical import canonical_json
from ballots.codes import in_groups, new_code, tag_of, tracker_of
from ballots.models import Ballot, RollEntry, Vote
from ballots.voters import Voter, voter_behind
from notices.models import OutboxLine
from tests.ballots.clocks import database_clock
from tests.factories.ballots import cast, make_open_vote
from tests.factories.people import make_resident

pytestmark = pytest.mark.django_db


@pytest.fixture
def vote(anna, bram):
    return make_open_vote()


def in_box(vote):
    """(ballots, people marked), by SQL."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ballots_ballot WHERE vote_id = %s", [vote.pk])
        ballots = cursor.fetchone()[0]
        cursor.execute("SELECT count(*) FROM ballots_rollentry WHERE vote_id = %s AND has_cast", [vote.pk])
        return ballots, cursor.fetchone()[0]


def reason_of(call):
    with translation.override("en"), pytest.raises(CastRefused) as refusal:
        call()
    return refusal.type, str(refusal.value)


# --- What a ballot is ----------------------------------------------------------------------------------------------


def test_ballot_is_stored_without_its_code(vote, anna):
    code = new_code()
    receipt = cast(vote, anna, [2, 1], code)
    ballot = Ballot.objects.get(vote=vote)
    assert json.loads(ballot.payload) == {"answers": {"1": ["A", "B"]}}
    assert (ballot.version, ballot.channel) == (1, "web")
    assert bytes(ballot.tag) == hashlib.sha256(vote.pk.bytes + code.encode()).digest() == tag_of(vote.pk, code)
    assert receipt.tracker == ballot.tracker == tracker_of(vote.pk, code)
    stored = " ".join(str(getattr(ballot, field.attname)) for field in Ballot._meta.concrete_fields)
    assert code not in stored
    assert in_groups(code) not in stored


def test_leaf_is_the_hash_that_the_documentation_gives(vote, anna):
    cast(vote, anna, [3])
    ballot = Ballot.objects.get(vote=vote)
    content = {
        "ballot": {"answers": {"1": ["C"]}},
        "nonce": bytes(ballot.nonce).hex(),
        "tracker": ballot.tracker,
        "version": 1,
        "vote": str(vote.pk),
    }
    assert bytes(ballot.leaf) == hashlib.sha256(b"\0" + canonical_json(content)).digest()


def test_tables_hold_no_person_and_no_time():
    """Nothing in ballot or roll can say who or when, whatever somebody adds later."""
    relations = {field.name for model in (Ballot, RollEntry) for field in model._meta.get_fields() if field.is_relation}
    assert relations == {"vote"}
    kinds = {field.get_internal_type() for model in (Ballot, RollEntry) for field in model._meta.concrete_fields}
    assert not kinds & {"DateTimeField", "DateField", "TimeField", "GenericIPAddressField"}


def test_casting_writes_no_outbox_line_and_no_log(vote, anna):
    """A line in the casting transaction would carry the voter, the moment and the ballot's xmin."""
    before = OutboxLine.objects.count()
    with CaptureQueriesContext(connection) as queries:
        cast(vote, anna, [1])
    written = [query["sql"] for query in queries if query["sql"].lstrip().startswith(("INSERT", "UPDATE"))]
    assert len(written) == 2
    assert "ballots_rollentry" in written[0]
    assert "ballots_ballot" in written[1]
    assert OutboxLine.objects.count() == before


def test_casting_is_four_statements(vote, anna, bram):
    cast(vote, anna, [1])
    with CaptureQueriesContext(connection) as queries:
        cast(vote, bram, [1, 2])
    statements = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
    assert len(statements) == 4


def test_blank_ballot_is_a_ballot(vote, anna):
    assert cast(vote, anna, []).answers == {"1": []}
    assert Ballot.objects.get(vote=vote).payload == '{"answers":{"1":[]}}'


# --- Once, and the same answer ------------------------------------------------------------------------------------------


def test_same_code_and_choices_give_the_same_receipt(vote, anna):
    """A double click, a refresh, a retry after a lost answer. Mutant killed: no look at what the code did before."""
    code = new_code()
    first = cast(vote, anna, [1, 3], code)
    assert cast(vote, anna, [3, 1], code) == first
    assert cast(vote, anna, [1, 3], in_groups(code).lower()) == first
    assert in_box(vote) == (1, 1)


def test_other_code_is_a_second_vote(vote, anna):
    cast(vote, anna, [1])
    kind, reason = reason_of(lambda: cast(vote, anna, [2]))
    assert kind is AlreadyVoted
    assert "already" in reason
    assert in_box(vote) == (1, 1)
    assert json.loads(Ballot.objects.get(vote=vote).payload) == {"answers": {"1": ["A"]}}


def test_same_code_with_other_choices_is_a_next_version(vote, anna):
    code = new_code()
    first = cast(vote, anna, [1], code)
    nonce, leaf = Ballot.objects.values_list("nonce", "leaf").get(vote=vote)
    changed = cast(vote, anna, [2, 3], code)
    ballot = Ballot.objects.get(vote=vote)
    assert (changed.version, changed.tracker) == (2, first.tracker)
    assert json.loads(ballot.payload) == {"answers": {"1": ["B", "C"]}}
    assert bytes(ballot.nonce) != bytes(nonce)
    assert bytes(ballot.leaf) != bytes(leaf)
    assert in_box(vote) == (1, 1)


def test_change_touches_no_roll_entry(vote, anna):
    """Else the change would connect the ballot to the roll once more (xmin)."""
    code = new_code()
    cast(vote, anna, [1], code)
    with CaptureQueriesContext(connection) as queries:
        cast(vote, anna, [2], code)
    writes = [query["sql"] for query in queries if query["sql"].lstrip().startswith(("INSERT", "UPDATE"))]
    assert [("ballots_ballot" in sql) for sql in writes] == [False, True]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ballots_rollentry WHERE vote_id = %s AND has_cast", [vote.pk])
        assert cursor.fetchone()[0] == 1
    # The first write is the guarded update of the roll, which finds nothing left to do.
    assert "NOT has_cast" in writes[0]


def test_vote_that_cannot_be_changed_stays(anna):
    vote = make_open_vote(change_policy=Vote.ChangePolicy.NONE)
    code = new_code()
    first = cast(vote, anna, [1], code)
    kind, reason = reason_of(lambda: cast(vote, anna, [2], code))
    assert kind is AlreadyVoted
    assert "cannot change" in reason
    assert cast(vote, anna, [1], code) == first


def test_old_page_does_not_undo_a_change(vote, anna):
    """The receipt page of the first vote is refreshed after the vote was changed elsewhere."""
    code = new_code()
    cast(vote, anna, [1], code, replaces=0)
    cast(vote, anna, [2], code, replaces=1)
    kind, _reason = reason_of(lambda: cast(vote, anna, [1], code, replaces=0))
    assert kind is BallotChanged
    assert cast(vote, anna, [2], code, replaces=1).version == 2
    assert json.loads(Ballot.objects.get(vote=vote).payload) == {"answers": {"1": ["B"]}}


def test_somebody_elses_code_is_refused_and_costs_no_vote(vote, anna, bram):
    """A code that is taken must not mark Bram as having voted. Mutant killed: insert outside the transaction."""
    code = new_code()
    cast(vote, anna, [1], code)
    kind, _reason = reason_of(lambda: cast(vote, bram, [1], code))
    assert kind is CodeRefused
    assert in_box(vote) == (1, 1)
    cast(vote, bram, [1])
    assert in_box(vote) == (2, 2)


@pytest.mark.parametrize("code", ["", "ABCD", "U" * 24, "x" * 1000])
def test_what_is_no_code_is_refused(vote, anna, code):
    with pytest.raises(CodeRefused):
        cast_ballot(vote.pk, voter=voter_behind(anna), answers={"1": ["A"]}, code=code)
    assert in_box(vote) == (0, 0)


def test_code_finds_its_own_ballot_only(vote, anna, bram):
    code = new_code()
    cast(vote, anna, [1], code)
    cast(vote, bram, [2])
    assert json.loads(find_ballot(vote.pk, in_groups(code)).payload) == {"answers": {"1": ["A"]}}
    assert find_ballot(vote.pk, new_code()) is None
    assert find_ballot(make_open_vote().pk, code) is None
    assert find_ballot(vote.pk, "no code") is None


# --- Who may not -----------------------------------------------------------------------------------------------------------


def test_outside_the_area_under_age_or_unproved_is_refused_with_the_reason(places, anna, bram, chaima):
    vote = make_open_vote(area=places.east)
    cast(vote, anna, [1])
    kind, reason = reason_of(lambda: cast(vote, bram, [1]))
    assert (kind, reason) == (NotOnRoll, "This is for people who live in Wijk Oost.")
    kind, reason = reason_of(lambda: cast(vote, chaima, [1]))
    assert (kind, reason) == (NotOnRoll, "You can take part from the age of 16.")
    for unproved in (
        make_resident("Fatma", places.harbour, proof=0),
        make_resident("Gijs", None, birth_date=None, proof=0),
    ):
        kind, reason = reason_of(partial(cast, vote, unproved, [1]))
        assert kind is NotOnRoll
        # Proof that comes now is too late, so nobody is sent off to give it.
        assert "no longer changes. You were not on it then." in reason
    assert in_box(vote) == (1, 1)


def test_who_is_not_on_the_roll_learns_nothing_from_a_taken_code(vote, places, anna):
    code = new_code()
    cast(vote, anna, [1], code)
    late = make_resident("Laat", places.harbour)
    with pytest.raises(NotOnRoll):
        cast(vote, late, [1], code)


# --- What makes no ballot ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chosen", [[99], [1, 99], [-1], [0], [1, 1], [2**40]])
def test_forged_options_are_refused(vote, anna, chosen):
    kind, reason = reason_of(lambda: cast(vote, anna, chosen))
    assert kind is BallotRefused
    assert "not on the ballot" in reason
    assert in_box(vote) == (0, 0)


def test_option_of_another_vote_is_refused(anna):
    make_open_vote()
    small = make_open_vote(options=[("Z", "Enige plan", 100)])
    with pytest.raises(BallotRefused):
        cast(small, anna, [2])


def test_over_budget_says_by_how_much(vote, anna):
    kind, reason = reason_of(lambda: cast(vote, anna, [1, 3, 4]))
    assert kind is BallotRefused
    assert reason == "Your choices cost €125,000 together. That is €25,000 too much: you can spend €100,000."
    assert cast(vote, anna, [1, 4]).answers == {"1": ["A", "D"]}


def test_too_many_options_says_how_many(anna):
    vote = make_open_vote(form="approval", max_options=2, max_sum=None)
    kind, reason = reason_of(lambda: cast(vote, anna, [1, 2, 3]))
    assert kind is BallotRefused
    assert reason == "You chose 3. You can choose 2 at most: take 1 away."
    # An approval ballot asks for no sum: these two cost more than the budget together.
    assert cast(vote, anna, [1, 4]).answers == {"1": ["A", "D"]}


# --- When ---------------------------------------------------------------------------------------------------------------------

MILLISECOND = timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("edge", "step", "accepted"),
    [
        ("opens_at", -MILLISECOND, False),
        ("opens_at", timedelta(0), True),
        ("closes_at", -MILLISECOND, True),
        ("closes_at", timedelta(0), False),
        ("closes_at", MILLISECOND, False),
    ],
)
def test_box_is_open_to_the_millisecond(vote, anna, edge, step, accepted):
    """Mutants killed: < for <= at either edge, and any look at opens_at or closes_at by the state alone."""
    with database_clock(getattr(vote, edge) + step):
        if accepted:
            cast(vote, anna, [1])
        else:
            with pytest.raises(VotingClosed):
                cast(vote, anna, [1])
    assert in_box(vote) == ((1, 1) if accepted else (0, 0))


@pytest.mark.parametrize("drift", [timedelta(minutes=10), timedelta(minutes=-10)])
def test_database_clock_decides_not_the_web_servers(vote, anna, bram, monkeypatch, drift):
    """Mutant killed: timezone.now() in place of clock_timestamp()."""
    import time

    real_now, real_time = timezone.now, time.time
    monkeypatch.setattr(timezone, "now", lambda: real_now() + drift)
    monkeypatch.setattr(time, "time", lambda: real_time() + drift.total_seconds())
    with database_clock(vote.closes_at - MILLISECOND):
        cast(vote, anna, [1])
    with database_clock(vote.closes_at), pytest.raises(VotingClosed):
        cast(vote, bram, [1])


def test_annulled_vote_takes_no_ballots(vote, anna, clerk):
    annul_vote(vote, actor=clerk, reason="Verkeerde lijst")
    kind, reason = reason_of(lambda: cast(vote, anna, [1]))
    assert kind is VotingClosed
    assert "annulled" in reason


def test_draft_has_no_box(anna):
    from tests.factories.ballots import make_vote

    with pytest.raises(Vote.DoesNotExist):
        cast(make_vote(), anna, [1])


def test_voter_without_account_casts_like_anybody_and_the_channel_is_kept(anna):
    """The roll knows a reference, not an account. Mutant killed: the channel left at the website."""
    vote = make_open_vote(at_counter=True)
    cast(vote, Voter(anna.reference), [1], channel=Ballot.Channel.COUNTER)
    assert Ballot.objects.get(vote=vote).channel == Ballot.Channel.COUNTER
    kind, _reason = reason_of(lambda: cast(vote, anna, [1]))
    assert kind is AlreadyVoted
    kind, _reason = reason_of(lambda: cast(vote, Voter(uuid4()), [1]))
    assert kind is NotOnRoll
    assert in_box(vote) == (1, 1)
