"""Who may take part: age, place and proof, each with its reason."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils import translation

from people.models import Resident
from people.rules import age_on, has_proof, is_old_enough, lives_in, may_take_part
from people.verdict import ALLOWED, NotAllowed, Verdict, demand, refused

Proof = Resident.Proof
TODAY = date(2026, 3, 1)


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (date(2010, 3, 1), date(2026, 3, 1), 16),
        (date(2010, 3, 2), date(2026, 3, 1), 15),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (date(2026, 3, 1), date(2026, 3, 1), 0),
    ],
)
def test_age_in_whole_years(born, day, age):
    assert age_on(born, day) == age


@pytest.mark.parametrize(("minimum", "allowed"), [(0, True), (11, True), (12, False), (16, False)])
def test_minimum_age(chaima, minimum, allowed):
    verdict = is_old_enough(chaima, minimum, TODAY.replace(year=chaima.birth_date.year + 11, month=12, day=31))
    assert bool(verdict) is allowed
    assert allowed or str(minimum) in verdict.reason


def test_unknown_age_is_asked_for(anna):
    anna.birth_date = None
    assert is_old_enough(anna, 0, TODAY)
    assert is_old_enough(anna, 12, TODAY) == refused("Tell us your date of birth first.")


def test_place(anna, bram, places):
    for area in (None, places.harbour, places.east, places.municipality):
        assert lives_in(anna, area)
    for area in (places.meadow, places.west):
        assert lives_in(anna, area) == refused(f"This is for people who live in {area}.")
    assert lives_in(bram, places.east) == refused("This is for people who live in Wijk Oost.")
    bram.neighbourhood = None
    assert lives_in(bram, places.east) == refused("Tell us first where you live.")


@pytest.mark.parametrize("proof", Proof.values)
@pytest.mark.parametrize("minimum", Proof.values)
def test_proof(anna, proof, minimum):
    anna.proof = proof
    assert bool(has_proof(anna, minimum)) is (proof >= minimum)


def test_first_reason_is_given(anna, places):
    rules = {"area": places.west, "minimum_age": 99, "minimum_proof": Proof.COUNTER, "on": TODAY}
    assert "age of 99" in may_take_part(anna, **rules).reason
    assert "Wijk West" in may_take_part(anna, **{**rules, "minimum_age": 12}).reason
    assert "counter" in may_take_part(anna, **{**rules, "minimum_age": 12, "area": places.east}).reason
    assert (
        may_take_part(anna, **{**rules, "minimum_age": 12, "area": places.east, "minimum_proof": Proof.LETTER})
        is ALLOWED
    )


def test_refusal_says_where_something_can_be_done_about_it(anna, bram, places):
    anna.birth_date, anna.proof = None, Proof.NONE
    remedies = {
        "birth date": is_old_enough(anna, 12, TODAY),
        "e-mail": has_proof(anna, Proof.EMAIL),
        "letter": has_proof(anna, Proof.LETTER),
        "counter": has_proof(anna, Proof.COUNTER),
        "elsewhere": lives_in(bram, places.east),
        "nobody": may_take_part(None, area=None, minimum_age=0, minimum_proof=Proof.NONE, on=TODAY),
    }
    assert {name: verdict.remedy for name, verdict in remedies.items()} == {
        "birth date": "account_details",
        "e-mail": "account_email",
        "letter": "letter_code",
        "counter": "",
        "elsewhere": "",
        "nobody": "account_home",
    }
    for verdict in remedies.values():
        assert not verdict.remedy or reverse(verdict.remedy)


def test_visitor_without_a_home_is_asked_for_it():
    verdict = may_take_part(None, area=None, minimum_age=0, minimum_proof=Proof.NONE, on=TODAY)
    assert verdict == refused("Tell us first where you live.")


def test_demand_raises_the_reason():
    demand(ALLOWED)
    with pytest.raises(NotAllowed, match=r"^Not now\.$"):
        demand(Verdict(False, "Not now."))
