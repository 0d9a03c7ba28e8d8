"""Opening freezes rules, options and roll."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from wagtail.models import ModelLogEntry

from ballots import signals
from ballots.actions import agree_to_vote, open_vote
from ballots.days import opening_day
from ballots.frozen import frozen_vote, rules_hash
from ballots.models import Option, Question, RollEntry, Vote
from ballots.roll import born_by, electorate, voter_key
from ballots.rules import why_not_on_roll
from people.models import Resident
from people.rules import age_on, may_take_part
from people.verdict import NotAllowed
from tests.factories.ballots import make_open_vote, make_vote, make_voters, open_by_two
from tests.factories.people import make_resident, make_user

pytestmark = pytest.mark.django_db


def keys_of(vote):
    return {bytes(key) for key in RollEntry.objects.filter(vote=vote).values_list("voter_key", flat=True)}


def test_roll_has_who_may_vote_and_nobody_else(places, anna, bram, chaima):
    unproved = make_resident("Fatma", places.harbour, proof=Resident.Proof.EMAIL)
    blocked = make_resident("Gijs", places.harbour)
    blocked.user.is_active = False
    blocked.user.save()
    vote = make_open_vote(area=places.east)
    assert keys_of(vote) == {voter_key(bytes(vote.pepper), anna.reference)}
    reasons = [why_not_on_roll(frozen_vote(vote.pk), person).reason for person in (bram, chaima, unproved)]
    assert len(set(reasons)) == 3
    assert "Wijk Oost" in reasons[0]
    assert "16" in reasons[1]


def test_who_comes_after_opening_reads_when_the_list_was_made(places, anna):
    vote = make_open_vote(area=places.east)
    late = make_resident("Laat", places.harbour)
    assert len(keys_of(vote)) == 1
    assert "list of voters" in _in_english(lambda: why_not_on_roll(frozen_vote(vote.pk), late).reason)


def _in_english(call):
    from django.utils import translation

    with translation.override("en"):
        return call()


def test_roll_and_rule_agree_on_everybody(places):
    """The roll is one SQL query, the reason a rule in Python: they must draw the same line, on 29 February too."""
    day = date(2028, 2, 29)
    births = [date(2012, 2, 28), date(2012, 2, 29), date(2012, 3, 1), date(2011, 3, 1), date(2026, 1, 1), None]
    areas = [places.harbour, places.heath, None]
    for number, (birth, area) in enumerate((birth, area) for birth in births for area in areas):
        for proof in Resident.Proof.values:
            if proof < Resident.Proof.LETTER or area is not None:
                make_resident(f"P{number} {proof}", area, birth_date=birth, proof=proof)
    opens_at = timezone.make_aware(timezone.datetime(2028, 2, 29, 0, 30))
    for area in (None, places.east, places.harbour):
        for age in (0, 15, 16, 17):
            vote = make_vote(area=area, minimum_age=age, opens_at=opens_at)
            from ballots.frozen import freeze

            allowed = {
                resident.pk
                for resident in Resident.objects.select_related("neighbourhood__parent__parent")
                if may_take_part(resident, area=area, minimum_age=age, minimum_proof=2, on=day)
            }
            assert opening_day(vote) == day
            assert set(electorate(freeze(vote)).values_list("pk", flat=True)) == allowed


@pytest.mark.parametrize("day", [date(2026, 2, 28), date(2026, 3, 1), date(2028, 2, 29), date(2027, 12, 31)])
def test_last_birthday_that_is_old_enough(day):
    last = born_by(day, 16)
    assert age_on(last, day) == 16
    assert age_on(last + timedelta(days=1), day) == 15


def test_order_of_the_roll_says_nothing_about_accounts(places):
    make_voters(40, places.harbour)
    vote = make_open_vote()
    with connection.cursor() as cursor:
        cursor.execute("SELECT voter_key FROM ballots_rollentry WHERE vote_id = %s ORDER BY ctid", [vote.pk])
        stored = [bytes(key) for (key,) in cursor.fetchall()]
    assert len(stored) == 40
    assert stored == sorted(stored)


def test_same_person_has_another_key_in_another_vote(anna):
    assert keys_of(make_open_vote()).isdisjoint(keys_of(make_open_vote()))


def test_opening_freezes_the_rules(anna, dirk, django_capture_on_commit_callbacks):
    heard = []

    def hear(vote, **_kwargs):
        heard.append(vote.pk)

    signals.vote_opened.connect(hear)
    vote = make_vote()
    with django_capture_on_commit_callbacks(execute=True):
        open_by_two(vote, actor=dirk)
    assert (vote.state, vote.opened_by, heard) == (Vote.State.OPEN, dirk, [vote.pk])
    assert bytes(vote.rules_hash) == rules_hash(frozen_vote(vote.pk))
    entry = ModelLogEntry.objects.get(action="ballots.open")
    assert (entry.user, entry.object_id) == (dirk, str(vote.pk))


def test_rules_hash_covers_whatever_decides(anna):
    from ballots.frozen import freeze, rules_of

    vote = make_vote()
    before = rules_hash(freeze(vote))
    for name, value in {
        "title": "Anders",
        "closes_at": vote.closes_at + timedelta(microseconds=1),
        "change_policy": "none",
        "minimum_age": 17,
        "minimum_proof": 1,
        "publication_threshold": 10,
        "commitment": "Anders",
    }.items():
        Vote.objects.filter(pk=vote.pk).update(**{name: value})
        changed = rules_hash(freeze(Vote.objects.get(pk=vote.pk)))
        assert changed != before, name
        before = changed
    Vote.objects.filter(pk=vote.pk).update(change_policy="login", not_secret=True)
    changed = rules_of(freeze(Vote.objects.get(pk=vote.pk)))
    assert (changed["change_policy"], changed["not_secret"]) == ("login", True)
    Vote.objects.filter(pk=vote.pk).update(change_policy="none", not_secret=False)
    # A vote from before there were such polls keeps the bytes of its rules.
    assert "not_secret" not in rules_of(freeze(Vote.objects.get(pk=vote.pk)))
    Vote.objects.filter(pk=vote.pk).update(threshold_kind="turnout", threshold_share=1)
    assert rules_hash(freeze(Vote.objects.get(pk=vote.pk))) != before
    before = rules_hash(freeze(Vote.objects.get(pk=vote.pk)))
    for name, value in {
        "title": "Anders",
        "text": "Anders",
        "form": "points",
        "max_sum": 1,
        "max_options": 1,
        "lowest": 1,
        "highest": 1,
        "points": 1,
        "complete": True,
        "option_order": "random",
        "argument_length": 1,
        "budget": 1,
        "counting": {"rule": "equal-shares"},
    }.items():
        Question.objects.filter(vote=vote).update(points=2)
        before = rules_hash(freeze(vote))
        Question.objects.filter(vote=vote).update(**{name: value})
        changed = rules_hash(freeze(vote))
        assert changed != before, name
        before = changed
    Option.objects.filter(vote=vote, number=1).update(cost=1)
    assert rules_hash(freeze(Vote.objects.get(pk=vote.pk))) != before


def _without_options(vote):
    Option.objects.filter(vote=vote).delete()


def _ask(**fields):
    return lambda vote: Question.objects.filter(vote=vote).update(**fields)


def _set(**fields):
    return lambda vote: Vote.objects.filter(pk=vote.pk).update(**fields)


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (_without_options, "options"),
        (_set(commitment=" "), "council"),
        (_ask(counting={"rule": "magic"}), "rule"),
        (_ask(counting={"rule": "greedy", "min_votes": -1}), "min_votes"),
        (_ask(budget=None), "cost together"),
        (_ask(budget=50_000_00), "Bomen"),
        (_ask(max_sum=50_000_00), "Bomen"),
        (lambda vote: Option.objects.filter(vote=vote, number=2).update(cost=None), "Bankjes"),
        (
            _set(opens_at=timezone.now() - timedelta(days=2), closes_at=timezone.now() - timedelta(days=1)),
            "closing time",
        ),
        (_set(minimum_age=150), "Nobody"),
    ],
)
def test_draft_that_is_not_ready_says_why(anna, spoil, word):
    vote = make_vote()
    spoil(vote)
    with pytest.raises(NotAllowed) as refusal:
        _in_english(lambda: open_by_two(vote))
    assert word in str(refusal.value)
    vote.refresh_from_db()
    assert vote.state == Vote.State.DRAFT
    assert not RollEntry.objects.filter(vote=vote).exists()


def test_opening_twice_is_refused(anna):
    vote = make_open_vote()
    pepper = bytes(vote.pepper)
    with pytest.raises(NotAllowed):
        open_by_two(vote)
    vote.refresh_from_db()
    assert bytes(vote.pepper) == pepper


# --- Two persons --------------------------------------------------------------------------------------------


@pytest.fixture
def manager(db):
    return make_user("Marja", roles=("process manager",))


@pytest.mark.parametrize("first", ["dirk", "clerk"])
def test_clerk_and_somebody_else_open_a_vote(anna, dirk, clerk, first):
    vote = make_vote()
    one, two = (dirk, clerk) if first == "dirk" else (clerk, dirk)
    agree_to_vote(vote, actor=one)
    open_vote(vote, actor=two)
    assert (vote.agreed_by, vote.opened_by) == (one, two)
    entries = ModelLogEntry.objects.filter(object_id=str(vote.pk)).values_list("action", "user")
    assert set(entries) == {("ballots.agree", one.pk), ("ballots.open", two.pk)}


def test_opening_without_agreement_is_refused(anna, clerk):
    """Mutant: take `may_open_as` out of `open_vote`; the clerk alone opens it."""
    vote = make_vote()
    with pytest.raises(NotAllowed, match="Two persons"):
        _in_english(lambda: open_vote(vote, actor=clerk))


def test_opening_of_what_one_agreed_to_is_refused(anna, clerk):
    vote = agree_to_vote(make_vote(), actor=clerk)
    with pytest.raises(NotAllowed, match="somebody else opens it"):
        _in_english(lambda: open_vote(vote, actor=clerk))


def test_opening_without_the_clerk_is_refused(anna, dirk, manager):
    vote = agree_to_vote(make_vote(), actor=manager)
    with pytest.raises(NotAllowed, match="must be the clerk"):
        _in_english(lambda: open_vote(vote, actor=dirk))


@pytest.mark.parametrize(
    "change",
    [
        _set(title="Anders"),
        _set(commitment="Niets"),
        lambda vote: Option.objects.filter(vote=vote, number=2).update(cost=1),
        lambda vote: Option.objects.filter(vote=vote, number=2).delete(),
    ],
)
def test_change_after_the_agreement_undoes_it(anna, dirk, clerk, change):
    """Mutant: do not compare the hashes; the second person opens something the first never saw."""
    vote = agree_to_vote(make_vote(), actor=clerk)
    change(vote)
    with pytest.raises(NotAllowed, match="changed after"):
        _in_english(lambda: open_vote(vote, actor=dirk))
    agree_to_vote(vote, actor=clerk)
    assert open_vote(vote, actor=dirk).state == Vote.State.OPEN


def test_agreeing_twice_is_refused(anna, clerk):
    vote = agree_to_vote(make_vote(), actor=clerk)
    with pytest.raises(NotAllowed, match="already"):
        _in_english(lambda: agree_to_vote(vote, actor=clerk))


@pytest.mark.parametrize("action", [agree_to_vote, open_vote])
def test_resident_neither_agrees_nor_opens(anna, clerk, action):
    vote = make_vote()
    if action is open_vote:
        agree_to_vote(vote, actor=clerk)
    with pytest.raises(NotAllowed, match="may not open"):
        _in_english(lambda: action(vote, actor=anna.user))


def test_database_demands_two_persons(anna, dirk, clerk):
    """The constraint behind Python's back."""
    vote = agree_to_vote(make_vote(), actor=clerk)
    for opened_by in (None, clerk):
        with pytest.raises(IntegrityError), transaction.atomic():
            Vote.objects.filter(pk=vote.pk).update(
                state="open", opened_at=timezone.now(), rules_hash=b"x", opened_by=opened_by
            )


@pytest.mark.parametrize(("kind", "share"), [("none", 1), ("turnout", 0), ("outcome", 10_001)])
def test_database_demands_a_threshold_with_its_share(db, kind, share):
    vote = make_vote()
    with pytest.raises(IntegrityError), transaction.atomic():
        Vote.objects.filter(pk=vote.pk).update(threshold_kind=kind, threshold_share=share)
