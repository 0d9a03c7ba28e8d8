"""Closing by the clock, counting once, publishing by the right person, annulling in public, forgetting the roll."""

import hashlib
import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import ModelLogEntry

from ballots import locks, progress, queries, signals, tasks
from ballots.actions import (
    BoxDamaged,
    annul_vote,
    close_vote,
    count_vote,
    forget_roll,
    import_closed_vote,
    publish_result,
)
from ballots.box import leaf_of
from ballots.frozen import frozen_vote
from ballots.models import Ballot, RollEntry, Seal, Vote
from ballots.results import result_of
from ballots.rules import may_publish_single_ballots, may_see_result
from people.verdict import NotAllowed
from tests.ballots.clocks import database_clock
from tests.factories.ballots import cast, make_open_vote, make_vote, make_voters, open_by_two
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def vote(anna, bram):
    vote = make_open_vote()
    cast(vote, anna, [1, 2])
    cast(vote, bram, [2])
    return vote


def close(vote):
    with database_clock(vote.closes_at):
        assert close_vote(vote)
    return vote


def count(vote):
    return count_vote(close(vote))


@pytest.fixture
def publisher(db):
    return make_user("Publiceert", roles=("clerk",))


# --- Closing -----------------------------------------------------------------------------------------------------------


def test_only_the_clock_closes(vote):
    with database_clock(vote.closes_at - timedelta(milliseconds=1)):
        assert not close_vote(vote)
    vote.refresh_from_db()
    assert vote.state == Vote.State.OPEN
    with database_clock(vote.closes_at):
        assert close_vote(vote)
    assert (vote.state, vote.closed_at) == (Vote.State.CLOSED, vote.closes_at)


def test_closing_twice_closes_once(vote, django_capture_on_commit_callbacks):
    heard = []

    def hear(vote, **_kwargs):
        heard.append(vote.pk)

    signals.vote_closed.connect(hear)
    with database_clock(vote.closes_at), django_capture_on_commit_callbacks(execute=True):
        assert close_vote(vote)
        assert not close_vote(vote)
    assert heard == [vote.pk]
    assert ModelLogEntry.objects.filter(action="ballots.close").count() == 1


@pytest.mark.django_db(transaction=True)
def test_locks_are_refused_outside_a_transaction():
    from uuid import uuid4

    for lock in (locks.share, locks.hold_alone, locks.try_to_count, locks.try_to_tell):
        with pytest.raises(locks.LockOutsideTransaction):
            lock(uuid4())


# --- Counting ----------------------------------------------------------------------------------------------------------


def test_count_seals_the_result(vote):
    seal = count(vote)
    content = json.loads(seal.result)["questions"]["1"]
    assert content["winners"] == ["B", "A"]
    assert (content["voters"], content["budget_cents"]) == (2, 100_000_00)
    assert bytes(seal.digest) == hashlib.sha256(seal.result.encode()).digest()
    assert (seal.ballots, seal.blank, seal.roll) == (2, 0, 2)
    assert vote.state == Vote.State.COUNTED


def test_seed_of_lots_is_the_hash_of_the_sorted_leaves(vote):
    seal = count(vote)
    leaves = sorted(bytes(leaf) for leaf in Ballot.objects.filter(vote=vote).values_list("leaf", flat=True))
    assert seal.seed == hashlib.sha256(b"".join(leaves)).hexdigest()
    seed = hashlib.sha256(f"{seal.seed}:1".encode()).hexdigest()
    assert json.loads(seal.result)["questions"]["1"]["settings"]["seed"] == seed


def test_counting_again_gives_the_same_seal(vote):
    first = count(vote)
    again = count_vote(vote)
    assert (again.pk, again.result, again.sealed_at) == (first.pk, first.result, first.sealed_at)
    assert Seal.objects.count() == 1
    assert ModelLogEntry.objects.filter(action="ballots.count").count() == 1


def test_count_elsewhere_gives_the_same_bytes(vote):
    """Nothing of this machine, this moment or the order of rows is in the result."""
    from ballots.actions.counting import result_bytes
    from ballots.counting import count as count_ballots
    from ballots.tally import read_box

    seal = count(vote)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    question = vote.questions.get()
    box = read_box(frozen_vote(vote.pk), lambda *_step: None)
    result = count_ballots(box.instances["1"], question.counting, seed=box.seed_of("1"))
    assert result_bytes({"1": result}).decode() == seal.result


def test_blank_ballots_are_counted_as_such(anna, bram):
    vote = make_open_vote()
    cast(vote, anna, [])
    cast(vote, bram, [1])
    seal = count(vote)
    assert (seal.ballots, seal.blank) == (2, 1)


def test_vote_without_ballots_can_be_counted(anna):
    seal = count(make_open_vote())
    assert (seal.ballots, json.loads(seal.result)["questions"]["1"]["winners"]) == (0, [])


def test_open_vote_is_not_counted(vote):
    """P8: no interim results. Mutant killed: a count that does not look at the state."""
    with pytest.raises(NotAllowed):
        count_vote(vote)
    assert not Seal.objects.exists()


def _without_guards(table, sql, *args):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(sql, args)
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


TAMPERED = {
    "flipped": (
        "ballots_ballot",
        """UPDATE ballots_ballot SET payload = '{"answers":{"1":["D"]}}' WHERE vote_id = %s""",
    ),
    "deleted": ("ballots_ballot", "DELETE FROM ballots_ballot WHERE payload LIKE '%%A%%' AND vote_id = %s"),
    "unmarked": ("ballots_rollentry", "UPDATE ballots_rollentry SET has_cast = false WHERE vote_id = %s"),
    "renamed": ("ballots_ballot", "UPDATE ballots_ballot SET tracker = 'Z' || substr(tracker, 2) WHERE vote_id = %s"),
    "unknown": (
        "ballots_ballot",
        """UPDATE ballots_ballot SET payload = '{"answers":{"1":["Q"]}}' WHERE vote_id = %s""",
    ),
    "too much": (
        "ballots_ballot",
        """UPDATE ballots_ballot SET payload = '{"answers":{"1":["A","C","D"]}}' WHERE vote_id = %s""",
    ),
}


@pytest.mark.parametrize("how", TAMPERED)
def test_damaged_box_is_not_counted(vote, how):
    """Somebody with the keys of the database changed rows with the triggers off: the count stops and staff read why."""
    close(vote)
    _without_guards(*TAMPERED[how], vote.pk)
    with pytest.raises(BoxDamaged):
        count_vote(vote)
    assert not Seal.objects.exists()
    assert progress.progress_of(vote.pk).step == "failed"
    assert vote.pk not in queries.ids_to_count()


@pytest.mark.parametrize("payload", ['{"answers":{"1":["B","A"]}}', '{"answers": {"1": ["A", "B"]}}', '{"answers":{}}'])
def test_ballot_in_another_notation_is_not_counted(vote, payload):
    """With a leaf that fits: one ballot has one notation, or the same choices could be published as different ones."""
    ballot = Ballot.objects.filter(vote=vote).order_by("payload").first()
    own = {"tracker": ballot.tracker, "version": ballot.version, "nonce": bytes(ballot.nonce)}
    leaf = leaf_of(vote.pk, payload=payload, **own)
    close(vote)
    _without_guards(
        "ballots_ballot", "UPDATE ballots_ballot SET payload = %s, leaf = %s WHERE id = %s", payload, leaf, ballot.pk
    )
    with pytest.raises(BoxDamaged):
        count_vote(vote)


def test_count_tells_how_far_it_is(vote, monkeypatch):
    told = []
    monkeypatch.setattr(progress, "_write", lambda vote_id, state: told.append(state.step))
    count(vote)
    assert told[0] == "counting"
    assert told[-1] == "sealing"


def test_annulment_during_a_count_wins(vote, clerk, monkeypatch):
    """The seal goes back with the transaction: the count ends with a compare-and-swap, and a trigger stands behind it."""
    from ballots.actions import counting

    close(vote)
    mark_counted = counting._mark_counted

    def annulled_meanwhile(vote):
        annul_vote(vote, actor=clerk, reason="Bezwaar")
        mark_counted(vote)

    monkeypatch.setattr(counting, "_mark_counted", annulled_meanwhile)
    with pytest.raises(NotAllowed):
        count_vote(vote)
    assert not Seal.objects.exists()


# --- Publishing ------------------------------------------------------------------------------------------------------------


def test_result_is_published_by_a_second_person(vote, publisher, dirk, django_capture_on_commit_callbacks):
    heard = []

    def hear(vote, **_kwargs):
        heard.append(vote.pk)

    signals.vote_published.connect(hear)
    Vote.objects.filter(pk=vote.pk)
    count(vote)
    with django_capture_on_commit_callbacks(execute=True):
        # Only a vote that was held elsewhere was published elsewhere.
        publish_result(vote, actor=publisher, elsewhere_at=vote.opens_at)
    assert vote.published_at > vote.opened_at > vote.opens_at
    assert (vote.state, vote.published_by, heard) == (Vote.State.PUBLISHED, publisher, [vote.pk])
    assert ModelLogEntry.objects.get(action="ballots.publish").user == publisher


def test_who_opened_a_vote_about_money_does_not_publish_it(anna, publisher, dirk):
    """TRUST.md: votes that move money need two persons. Allowed and forbidden share their set-up."""
    vote = open_by_two(make_vote(), actor=dirk)
    count(vote)
    with pytest.raises(NotAllowed):
        publish_result(vote, actor=dirk)
    vote.refresh_from_db()
    assert vote.state == Vote.State.COUNTED
    publish_result(vote, actor=publisher)


@pytest.mark.parametrize("stage", ["open", "closed", "published"])
def test_only_a_counted_vote_is_published(vote, publisher, stage):
    if stage == "closed":
        close(vote)
    elif stage == "published":
        count(vote)
        publish_result(vote, actor=publisher)
    with pytest.raises(NotAllowed):
        publish_result(vote, actor=publisher)


def test_nobody_without_the_permission_publishes(vote, eva, auditor, publisher):
    count(vote)
    for person in (eva, auditor, make_user("Moderator", roles=("moderator",))):
        with pytest.raises(NotAllowed):
            publish_result(vote, actor=person)
    publish_result(vote, actor=publisher)


def test_result_is_seen_by_nobody_before_the_count(vote, publisher, eva):
    assert not may_see_result(publisher, vote)
    close(vote)
    assert not may_see_result(publisher, vote)
    count_vote(vote)
    assert may_see_result(publisher, vote)
    assert not may_see_result(eva, vote)
    publish_result(vote, actor=publisher)
    assert may_see_result(eva, vote)


def test_result_in_words_follows_the_seal(vote):
    [result] = result_of(frozen_vote(vote.pk), count(vote)).questions
    assert [(row.option.title, row.place, row.votes, row.won) for row in result.rows] == [
        ("Bankjes", 1, 2, True),
        ("Speeltuin", 2, 1, True),
        ("Fietsenrek", 0, 0, False),
        ("Bomen", 0, 0, False),
    ]
    assert (result.cost, result.winners) == (50_000_00, 2)


def test_single_ballots_are_published_from_the_threshold_on(places, publisher):
    voters = make_voters(3, places.harbour)
    vote = make_open_vote(publication_threshold=3)
    small = make_open_vote(publication_threshold=4)
    for each in (vote, small):
        for voter in voters:
            cast(each, voter, [1])
        assert not may_publish_single_ballots(each)
        count(each)
        assert not may_publish_single_ballots(each)
        publish_result(each, actor=publisher)
    assert may_publish_single_ballots(vote)
    assert not may_publish_single_ballots(small)


# --- Annulling and forgetting ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", ["open", "closed", "counted", "published"])
def test_vote_is_annulled_with_a_public_reason(vote, clerk, publisher, stage):
    if stage != "open":
        close(vote)
    if stage in ("counted", "published"):
        count_vote(vote)
    if stage == "published":
        publish_result(vote, actor=publisher)
    ballots = Ballot.objects.filter(vote=vote).count()
    annul_vote(vote, actor=clerk, reason=" Verkeerde bedragen ")
    assert (vote.state, vote.annulled_by, vote.annulment_reason) == ("annulled", clerk, "Verkeerde bedragen")
    assert Ballot.objects.filter(vote=vote).count() == ballots
    with pytest.raises(NotAllowed):
        annul_vote(vote, actor=clerk, reason="Nog eens")


@pytest.mark.parametrize("reason", ["", "   "])
def test_annulment_without_a_reason_is_refused(vote, clerk, reason):
    with pytest.raises(NotAllowed):
        annul_vote(vote, actor=clerk, reason=reason)
    vote.refresh_from_db()
    assert vote.state == Vote.State.OPEN


def test_draft_is_deleted_not_annulled(anna, clerk):
    with pytest.raises(NotAllowed):
        annul_vote(make_vote(), actor=clerk, reason="Fout")


def test_roll_is_forgotten_when_the_term_has_passed(vote, publisher, settings):
    settings.BALLOTS_APPEAL_DAYS = 42
    count(vote)
    publish_result(vote, actor=publisher)
    term = timedelta(days=42)
    with database_clock(vote.published_at + term - timedelta(seconds=1)), pytest.raises(NotAllowed):
        forget_roll(vote)
    with database_clock(vote.published_at + term):
        assert forget_roll(vote) == 2
    vote.refresh_from_db()
    assert vote.pepper is None
    assert not RollEntry.objects.filter(vote=vote).exists()
    assert Ballot.objects.filter(vote=vote).count() == 2


def test_nightly_task_forgets_old_rolls_only(vote, publisher, settings, anna):
    settings.BALLOTS_APPEAL_DAYS = 0
    make_open_vote()
    count(vote)
    assert tasks.forget_old_rolls() == 0
    publish_result(vote, actor=publisher)
    assert tasks.forget_old_rolls() == 1
    assert tasks.forget_old_rolls() == 0
    assert RollEntry.objects.count() == 2


# --- The sweep ------------------------------------------------------------------------------------------------------------------


def test_sweep_closes_and_counts_what_is_due(vote, anna, monkeypatch):
    sent = []
    monkeypatch.setattr(tasks.count_closed_vote, "delay", sent.append)
    later = make_open_vote(open_for=timedelta(days=30))
    with database_clock(vote.closes_at):
        assert tasks.close_due_votes() == 1
    later.refresh_from_db()
    assert later.state == Vote.State.OPEN
    assert sent == [str(vote.pk)]
    # Nobody counted: the next sweep asks again, because the state says that it is due.
    tasks.close_due_votes()
    assert sent == [str(vote.pk)] * 2
    tasks.count_closed_vote(sent[0])
    tasks.count_closed_vote(sent[1])
    tasks.close_due_votes()
    assert len(sent) == 2
    assert Seal.objects.count() == 1


def test_sweep_goes_on_without_a_broker(vote, monkeypatch):
    from kombu.exceptions import OperationalError

    def away(_vote_id):
        raise OperationalError("no broker")

    monkeypatch.setattr(tasks.count_closed_vote, "delay", away)
    with database_clock(vote.closes_at):
        assert tasks.close_due_votes() == 1


# --- Votes held elsewhere ------------------------------------------------------------------------------------------------------


def test_imported_vote_is_closed_and_can_be_counted(dirk, publisher):
    opens_at = timezone.now() - timedelta(days=400)
    vote = make_vote(opens_at=opens_at)
    number = import_closed_vote(
        vote, ballots=[{"1": ["A"]}, {"1": ["B", "A"]}, {"1": []}], source="Assen_2024.pb", actor=dirk
    )
    assert (number, vote.state, vote.source) == (3, Vote.State.CLOSED, "Assen_2024.pb")
    seal = count_vote(vote)
    assert (seal.ballots, seal.blank, seal.roll) == (3, 1, 0)
    publish_result(vote, actor=publisher)


def test_import_is_all_or_nothing(dirk):
    vote = make_vote()
    with pytest.raises(KeyError):
        import_closed_vote(vote, ballots=[{"1": ["A"]}, {"1": ["unknown"]}], source="broken.pb")
    vote.refresh_from_db()
    assert vote.state == Vote.State.DRAFT
    assert not Ballot.objects.exists()


def test_opened_vote_takes_no_imported_ballots(vote):
    with pytest.raises(NotAllowed):
        import_closed_vote(vote, ballots=[{"1": ["A"]}], source="late.pb")


def test_turnout_of_a_running_vote_is_two_numbers(vote):
    with CaptureQueriesContext(connection) as captured:
        turnout = queries.turnout(vote)
    assert (turnout.voted, turnout.roll, turnout.percentage) == (2, 2, 100.0)
    assert not any("ballots_ballot" in query["sql"] for query in captured)


@pytest.mark.parametrize(
    ("kind", "share", "words"),
    [
        ("turnout", 5_000, "The minimum was reached. Votes: 2, needed: 2."),
        ("turnout", 5_001, "The minimum was not reached, so the outcome does not count. Votes: 2, needed: 3."),
        ("outcome", 5_000, "The minimum was reached. Votes: 2, needed: 2."),
        ("outcome", 7_500, "The minimum was not reached, so the outcome does not count. Votes: 2, needed: 3."),
    ],
)
def test_result_says_whether_the_minimum_was_reached(places, publisher, kind, share, words):
    """Four people on the list, two ballots, both for the winner."""
    voters = make_voters(4, places.harbour)
    vote = make_open_vote(threshold_kind=kind, threshold_share=share)
    for voter in voters[:2]:
        cast(vote, voter, [2])
    count(vote)
    publish_result(vote, actor=publisher)
    page = Client().get(f"/en/stemmen/{vote.pk}/").content.decode()
    assert words in page
