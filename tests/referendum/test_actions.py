"""Choosing the vote of a page, and writing down what the council decided: who may, when, and what the database holds."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from ballots.models import Vote
from ballots.telling import tell_result
from notices.models import OutboxLine
from people.verdict import NotAllowed
from places.models import Address
from referendum import actions
from referendum.models import CouncilDecision, ReferendumPage, ReferendumVote
from referendum.rules import address_of, misfits
from referendum.telling import tell_decision, untold
from tests.factories.ballots import make_vote, open_by_two
from tests.factories.referendum import (
    decide,
    make_published_vote,
    make_referendum,
    make_referendum_in,
    make_vote_of,
)

pytestmark = pytest.mark.django_db

TIMES = {"opens_at": timezone.now() + timedelta(days=2), "closes_at": timezone.now() + timedelta(days=9)}


def reason_of(call, *args, **values):
    with pytest.raises(NotAllowed) as refusal, transaction.atomic():
        call(*args, **values)
    return str(refusal.value)


# --- The vote -------------------------------------------------------------------------------------------


def test_make_vote_is_a_draft_that_leads_to_the_page(site_root, places, dirk):
    page = make_referendum(site_root, kind="street", area=places.harbour, streets="Havenstraat")
    vote = actions.make_vote(page, dirk, title="Eenrichting?", **TIMES)
    assert (vote.state, vote.url, vote.area, page.vote) == (
        "draft",
        address_of(page),
        places.harbour,
        vote,
    )


def test_choose_vote_takes_a_draft_of_nobody(site_root, dirk):
    page, vote = make_referendum(site_root), make_vote()
    actions.choose_vote(page, dirk, vote_id=vote.pk)
    vote.refresh_from_db()
    assert (page.vote, vote.url) == (vote, address_of(page))


def test_choose_another_draft_leaves_the_first_alone(site_root, dirk):
    page = make_referendum(site_root)
    first, second = make_vote_of(page), make_vote()
    actions.choose_vote(page, dirk, vote_id=second.pk)
    assert (page.vote, Vote.objects.filter(pk=first.pk).exists()) == (second, True)


def test_choose_vote_of_another_page_is_refused(site_root, dirk):
    page, theirs = make_referendum(site_root), make_vote(url="/begroting/")
    assert reason_of(actions.choose_vote, page, dirk, vote_id=theirs.pk) == "This vote belongs to another page."
    assert page.vote is None


def test_choose_vote_that_was_opened_is_refused(site_root, dirk):
    other = make_referendum_in(site_root, "closed", dirk)
    page = make_referendum(site_root)
    assert "has been opened" in reason_of(actions.choose_vote, page, dirk, vote_id=other.vote.pk)


def test_page_keeps_the_vote_that_was_opened(site_root, dirk):
    """Taking the state from `may_choose_vote` fails here: the public would lose the vote they voted in."""
    page = make_referendum_in(site_root, "closed", dirk)
    before = page.vote
    assert "stays with this page" in reason_of(actions.choose_vote, page, dirk, vote_id=make_vote().pk)
    assert page.vote == before


def test_annulled_vote_gives_way_to_a_new_draft(site_root, dirk):
    page = make_referendum_in(site_root, "annulled", dirk)
    vote = actions.make_vote(page, dirk, title="Opnieuw", **TIMES)
    assert page.vote == vote


def test_choose_vote_needs_the_permission(site_root, eva):
    page, vote = make_referendum(site_root), make_vote()
    assert "may not choose" in reason_of(actions.choose_vote, page, eva, vote_id=vote.pk)
    assert ReferendumVote.objects.count() == 0


def test_opened_vote_freezes_kind_and_area_of_the_page(site_root, places, dirk):
    page = ReferendumPage.objects.get(pk=make_referendum_in(site_root, "closed", dirk).pk)
    page.title = "Een andere titel"
    page.clean()
    page.area = places.harbour
    with pytest.raises(ValidationError, match="its kind, area and streets stay"):
        page.clean()


STREET = [{"street": "Havenstraat"}]


@pytest.fixture
def street_page(site_root, places):
    return make_referendum(site_root, kind="street", area=places.harbour, streets="havenstraat ")


def test_vote_takes_the_streets_of_its_page(street_page, dirk):
    vote = actions.make_vote(street_page, dirk, title="Eenrichting?", **TIMES)
    assert vote.streets == STREET


def test_page_refuses_a_street_it_does_not_know(street_page):
    street_page.streets = "Havenstraat, Langestraat"
    with pytest.raises(ValidationError) as refusal:
        street_page.clean()
    assert refusal.value.message_dict == {"streets": ["We know no street “Langestraat” here."]}


def test_draft_follows_a_page_that_is_published_again(street_page, dirk, places):
    """Mutant: take `receivers.connect` away; the page says one street and the vote another."""
    vote = actions.make_vote(street_page, dirk, title="Eenrichting?", **TIMES)
    street_page.area, street_page.streets = places.meadow, "Weidelaan"
    street_page.save_revision().publish()
    vote.refresh_from_db()
    assert (vote.area, vote.streets) == (places.meadow, [{"street": "Weidelaan"}])


def test_vote_for_other_streets_than_its_page_is_not_opened(street_page, dirk, anna):
    """Mutant: `refuse_misplaced` returns at once; residents read one street and another one votes."""
    vote = make_vote_of(street_page)
    Vote.objects.filter(pk=vote.pk).update(streets=[])
    assert reason_of(open_by_two, vote) == "The page and the vote name different streets."
    assert list(misfits(street_page, vote)) == []
    vote.refresh_from_db()
    assert list(misfits(street_page, vote)) == ["The page and the vote name different streets."]


def test_opened_vote_keeps_the_page_at_its_streets(street_page, anna):
    anna.address = Address.objects.get(street="Havenstraat")
    anna.save()
    open_by_two(make_vote_of(street_page))
    street_page.refresh_from_db()
    street_page.streets = "Havenstraat oneven"
    with pytest.raises(ValidationError, match="its kind, area and streets stay"):
        street_page.clean()


# --- The decision ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["prepare", "draft", "closed", "annulled"])
def test_decision_before_publication_is_refused(site_root, dirk, state):
    page = make_referendum_in(site_root, state, dirk)
    assert reason_of(decide, page, dirk) == "The council decides after the result has been published."
    assert CouncilDecision.objects.count() == 0


@pytest.mark.parametrize(
    ("days", "reason"), [(-1, "cannot decide before the result was published on"), (1, "has not been yet")]
)
def test_decision_on_an_impossible_day_is_refused(site_root, dirk, days, reason):
    """The vote closed five days ago and its result came out today. Mutant: compare with the day it closed."""
    page = make_referendum_in(site_root, "published", dirk)
    day = timezone.localdate() + timedelta(days=days)
    assert reason in reason_of(decide, page, dirk, decided_on=day)
    assert decide(page, dirk, decided_on=timezone.localdate()).pk


def test_decision_needs_the_permission(site_root, dirk, eva):
    page = make_referendum_in(site_root, "published", dirk)
    assert "may not write down" in reason_of(decide, page, eva)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "http://raad.example/besluit"])
def test_decision_links_safely(site_root, dirk, url):
    page = make_referendum_in(site_root, "published", dirk)
    with pytest.raises(ValidationError, match=r"URL|https"):
        decide(page, dirk, document_url=url)


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("UPDATE referendum_councildecision SET text = 'anders'", "council_decision_stays"),
        ("DELETE FROM referendum_councildecision", "council_decision_stays"),
    ],
)
def test_decision_stays_behind_pythons_back(site_root, dirk, statement, name):
    """Dropping the trigger fails here."""
    from django.db import connection

    make_referendum_in(site_root, "decision", dirk)
    with pytest.raises(IntegrityError) as refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert refusal.value.__cause__.diag.constraint_name == name


@pytest.mark.parametrize(
    ("state", "values", "name"),
    [
        ("closed", {}, "council_decides_after_publication"),
        ("published", {"text": ""}, "council_decision_has_a_text"),
        ("published", {"document_url": "javascript:alert(1)"}, "council_decision_links_safely"),
    ],
)
def test_decision_that_cannot_be_is_refused_by_the_database(site_root, dirk, state, values, name):
    vote = make_referendum_in(site_root, state, dirk).vote
    row = {"vote": vote, "decided_on": timezone.localdate(), "text": "Ja.", "recorded_by": dirk} | values
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        CouncilDecision.objects.create(**row)
    assert refusal.value.__cause__.diag.constraint_name == name


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"kind": "poll"}, "referendum_kind_is_known"),
        ({"kind": "street", "streets": ""}, "street_referendum_names_its_streets"),
        ({"kind": "street", "streets": "Dorpsstraat", "area": None}, "street_referendum_names_its_streets"),
    ],
)
def test_page_that_cannot_be_is_refused_by_the_database(site_root, values, name):
    page = make_referendum(site_root)
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        ReferendumPage.objects.filter(pk=page.pk).update(**values)
    assert refusal.value.__cause__.diag.constraint_name == name


# --- Telling --------------------------------------------------------------------------------------------


def told():
    return sorted(
        OutboxLine.objects.filter(kind="referendum.decided").values_list("recipient__display_name", flat=True)
    )


def voted(page, *residents):
    """The ballot box told them the result."""
    for resident in residents:
        OutboxLine.objects.create(
            key=f"ballots.result:{page.vote.pk}:{resident.user_id}", kind="ballots.result", recipient=resident.user
        )
    Vote.objects.filter(pk=page.vote.pk).update(voters_told_at=timezone.now())


def test_decision_is_told_once_to_who_voted(site_root, dirk, anna, bram, chaima):
    """Dropping the vote from the key of the lines, or `told_at`, fails here: Chaima voted in another vote."""
    page = make_referendum_in(site_root, "published", dirk)
    other = make_referendum_in(site_root, "published", dirk)
    voted(page, anna, bram)
    voted(other, chaima)
    decide(page, dirk)
    numbers = [tell_decision(page.pk, now=timezone.now()) for _each in range(2)]
    decide(page, dirk, text="Een verbeterde tekst.")
    assert [*numbers, tell_decision(page.pk, now=timezone.now())] == [2, 0, 0]
    assert told() == ["Anna", "Bram"]
    line = OutboxLine.objects.filter(kind="referendum.decided").first()
    assert line.payload == {"title": page.title, "url": address_of(page)}


def test_decision_waits_until_the_result_has_been_told(site_root, dirk, anna):
    """Without the wait somebody whose mail about the result comes later would never hear of the decision."""
    page = make_referendum_in(site_root, "decision", dirk)
    assert (tell_decision(page.pk, now=timezone.now()), list(untold())) == (0, [])
    tell_result(page.vote)
    assert list(untold()) == [ReferendumVote.objects.get(page=page)]


def test_account_that_was_closed_is_not_told(site_root, dirk, anna, bram):
    page = make_referendum_in(site_root, "published", dirk)
    voted(page, anna, bram)
    type(bram.user).objects.filter(pk=bram.user_id).update(is_active=False)
    decide(page, dirk)
    tell_decision(page.pk, now=timezone.now())
    assert told() == ["Anna"]


def test_new_vote_after_an_annulled_one_starts_untold(site_root, dirk, anna):
    page = make_referendum_in(site_root, "annulled", dirk)
    ReferendumVote.objects.filter(page=page).update(told_at=timezone.now())
    actions.make_vote(page, dirk, title="Opnieuw", **TIMES)
    assert ReferendumVote.objects.get(page=page).told_at is None


def test_published_vote_counts_as_it_was_cast(site_root, dirk):
    page = make_referendum(site_root)
    vote = make_published_vote(page, [["1"]] * 3 + [["2"]], dirk)
    assert (vote.state, vote.seal.ballots) == ("published", 4)
