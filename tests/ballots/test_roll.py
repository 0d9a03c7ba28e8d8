"""Who is on the roll: as things stood on which day, of which streets; and the reason for who is not."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone, translation

from ballots.days import age_day, reference_day
from ballots.frozen import freeze, frozen_vote, rules_hash, rules_of
from ballots.models import RollEntry, Vote
from ballots.reach import reach_of
from ballots.roll import electorate, voter_key
from ballots.rules import can_have_roll, why_not_on_roll
from people.verdict import NotAllowed
from places.models import Address
from tests.ballots.test_staff import DRAFT, address, text_of
from tests.factories.ballots import make_open_vote, make_vote, make_voters, open_by_two
from tests.factories.people import make_resident

pytestmark = pytest.mark.django_db

STREET = {"streets": [{"street": "Havenstraat"}]}


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def on_roll(vote, *people):
    keys = {bytes(key) for key in RollEntry.objects.filter(vote=vote).values_list("voter_key", flat=True)}
    return [voter_key(bytes(vote.pepper), person.reference) in keys for person in people]


def reason(vote, person):
    return why_not_on_roll(frozen_vote(vote.pk), person).reason


def proved(name, place, day, hour=12, **fields):
    moment = timezone.make_aware(timezone.datetime(day.year, day.month, day.day, hour))
    return make_resident(name, place, proved_at=moment, **fields)


# --- The day of the roll -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["day_43", "day"])
def test_who_proved_it_after_the_day_is_not_on_the_roll_and_reads_why(places, kind):
    """Mutant: take the day out of `electorate`; Laat is on the roll."""
    first = timezone.localdate()
    day = first - timedelta(days=43)
    early = proved("Vroeg", places.harbour, day, 23)
    late = proved("Laat", places.harbour, day + timedelta(days=1), 0)
    vote = make_open_vote(reference_kind=kind, reference_day=day if kind == "day" else None, opens_at=timezone.now())
    assert reference_day(vote) == day
    assert on_roll(vote, early, late) == [True, False]
    said = reason(vote, late)
    assert said.startswith("You proved where you live on ")
    assert f"by {day.day} {day:%B %Y}" in said


def test_vote_without_proof_asks_for_an_account_before_the_day(places):
    old, new = make_resident("Oud", places.harbour, proof=0), make_resident("Nieuw", places.harbour, proof=0)
    day = timezone.localdate() - timedelta(days=10)
    type(old.user).objects.filter(pk=old.user.pk).update(date_joined=timezone.now() - timedelta(days=11))
    vote = make_open_vote(reference_kind="day", reference_day=day, minimum_proof=0)
    assert on_roll(vote, old, new) == [True, False]
    assert reason(vote, new).startswith("You made your account on ")


def test_who_moved_after_the_day_stays_where_they_are_known(places):
    """Only the present home is stored; the page does not promise more."""
    moved = proved("Verhuisd", places.heath, timezone.localdate() - timedelta(days=60))
    moved.neighbourhood = places.harbour
    moved.save()
    vote = make_open_vote(reference_kind="day_43", area=places.east)
    assert on_roll(vote, moved) == [True]


@pytest.mark.parametrize(
    ("days", "word"), [(0, "Open the vote after that day."), (1, "after the first day of voting"), (-1, "")]
)
def test_roll_is_made_when_its_day_is_over(anna, days, word):
    """Mutant: leave `can_have_roll` out of `may_open`; who proves it later today may be promised a vote and not get it."""
    today = timezone.localdate()
    vote = make_vote(reference_kind="day", reference_day=today + timedelta(days=days), minimum_proof=0)
    type(anna.user).objects.update(date_joined=timezone.now() - timedelta(days=9))
    assert word in can_have_roll(freeze(vote), timezone.now()).reason
    if word:
        with pytest.raises(NotAllowed, match=word):
            open_by_two(vote)
    else:
        assert open_by_two(vote).state == "open"


def test_age_counts_on_a_day_of_its_own(places):
    first = timezone.localdate() + timedelta(days=20)
    young = make_resident("Jong", places.harbour, birth_date=date(first.year - 16, first.month, min(first.day, 28)))
    opens_at = timezone.now() + timedelta(days=20)
    later = make_open_vote(opens_at=opens_at, age_day=first + timedelta(days=3))
    assert on_roll(later, young) == [True]
    before = make_vote(opens_at=opens_at, age_day=first - timedelta(days=3))
    assert age_day(before) == first - timedelta(days=3)
    assert not electorate(freeze(before)).exists()


@pytest.mark.parametrize(("kind", "day"), [("opening", date(2026, 1, 1)), ("day_43", date(2026, 1, 1)), ("day", None)])
def test_database_demands_a_day_with_its_kind(db, kind, day):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_vote(reference_kind=kind, reference_day=day)


# --- Streets -------------------------------------------------------------------------------------------------------


def test_roll_of_a_street_has_who_lives_in_it(places):
    """Mutant: take the streets out of `electorate`; the neighbour of another street votes along."""
    other = Address.objects.create(postcode="1234ZZ", number=2, street="Kade", neighbourhood=places.harbour)
    inside = make_resident("Binnen", places.harbour, address=places.addresses[0])
    outside = make_resident("Buiten", places.harbour, address=other)
    unknown = make_resident("Onbekend", places.harbour)
    vote = make_open_vote(area=places.harbour, **STREET)
    assert on_roll(vote, inside, outside, unknown) == [True, False, False]
    assert reason(vote, outside) == "This is for people who live in: Havenstraat."
    assert reason(vote, unknown) == "This is for people who live in: Havenstraat. We do not know your address."


def test_street_without_addresses_is_not_opened(places, anna):
    vote = make_vote(streets=[{"street": "Afgebroken"}])
    with pytest.raises(NotAllowed, match="We know no address in “Afgebroken”"):
        open_by_two(vote)


# --- Frozen and hashed ---------------------------------------------------------------------------------------------


def test_vote_that_chooses_nothing_has_the_rules_of_before(anna):
    """Votes that were opened before there was a choice keep their hash: a key more would make `verify.py` refuse them."""
    rules = rules_of(freeze(make_vote()))
    assert {"reference", "age_day", "streets", "request"}.isdisjoint(rules)


def test_rules_hash_covers_the_roll_and_the_request(anna):
    vote = make_vote()
    before = rules_hash(freeze(vote))
    for name, value in {
        "reference_kind": "day_43",
        "age_day": date(2026, 1, 1),
        **STREET,
        "request_title": "Markt",
        "request_url": "/verzoek/",
        "request_signatures": 812,
        "request_day": date(2026, 1, 2),
    }.items():
        Vote.objects.filter(pk=vote.pk).update(**{name: value})
        changed = rules_hash(freeze(Vote.objects.get(pk=vote.pk)))
        assert changed != before, name
        before = changed
    Vote.objects.filter(pk=vote.pk).update(reference_kind="day", reference_day=date(2026, 1, 1))
    assert rules_hash(freeze(Vote.objects.get(pk=vote.pk))) != before


# --- Staff and public pages ------------------------------------------------------------------------------------------


def form_data(**values):
    return DRAFT | values


def test_form_keeps_streets_day_and_request(site_root, places, dirk, client_for):
    data = form_data(
        area=places.harbour.pk,
        streets="havenstraat oneven",
        reference_kind="day",
        reference_day="2026-10-01",
        age_day="2027-01-12",
        request_title="Autovrije haven",
        request_url="https://raad.example/1",
        request_signatures="812",
        request_day="2026-09-01",
    )
    assert client_for(dirk).post(address("add"), data).status_code == 302
    vote = Vote.objects.get()
    assert vote.streets == [{"street": "Havenstraat", "side": "odd"}]
    assert (reference_day(vote), age_day(vote)) == (date(2026, 10, 1), date(2027, 1, 12))
    assert (vote.request_title, vote.request_signatures) == ("Autovrije haven", 812)
    shown = text_of(client_for(dirk).get(address("edit", vote)))
    assert "Havenstraat oneven" in shown


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"streets": "Langestraat"}, "Wij kennen hier geen straat “Langestraat”."),
        ({"reference_kind": "day"}, "Geef de dag van de kiezerslijst."),
        ({"request_url": "https://raad.example/1"}, "Geef de titel van het verzoek."),
        ({"request_title": "Markt", "request_url": "/\\evil.example"}, "begint met / of https://"),
    ],
)
def test_form_says_what_is_wrong(site_root, places, dirk, client_for, values, sentence):
    response = client_for(dirk).post(address("add"), form_data(**values))
    assert sentence in text_of(response)
    assert not Vote.objects.exists()


def test_form_shows_how_many_people_it_reaches_and_keeps_nothing(site_root, places, dirk, client_for):
    make_voters(12, places.harbour)
    data = form_data(area=places.harbour.pk, step="reach")
    shown = text_of(client_for(dirk).post(address("add"), data))
    assert "minstens 10 inwoners" in shown
    assert not Vote.objects.exists()


@pytest.mark.parametrize(
    ("people", "said"), [(9, "Fewer than 10 residents"), (10, "At least 10 residents"), (14, "At least 10 residents")]
)
def test_staff_see_no_exact_number(places, people, said):
    """Mutant: say the number itself; a street with one house tells who has an account there, and how old they are."""
    make_voters(people, places.harbour)
    assert said in reach_of(freeze(make_vote()))


def test_page_says_the_day_the_streets_and_the_request(site_root, places, client_for):
    day = timezone.localdate() - timedelta(days=43)
    proved("Anna", places.harbour, day, address=places.addresses[0])
    vote = make_open_vote(
        area=places.harbour, reference_kind="day_43", request_title="Autovrije haven", request_signatures=812, **STREET
    )
    shown = text_of(client_for().get("/en" + reverse("ballots:vote", args=[vote.pk]).removeprefix("/en")))
    for sentence in (
        "You live in one of these streets: Havenstraat.",
        "That is day 43 before the first day of voting.",
        "This vote follows from a request: Autovrije haven",
        "812 valid signatures were given.",
    ):
        assert sentence in shown


@override_settings(BALLOTS_CELL_MINIMUM=3)
def test_least_number_is_a_setting(places):
    make_voters(4, places.harbour)
    assert "Fewer than 3" in reach_of(freeze(make_vote(minimum_age=150)))
