"""“My account”: details, home, proof at the counter, sessions."""

from datetime import date, timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from wagtail.models import ModelLogEntry

from people.actions import change_details, confirm_email, move_house, prove_at_counter
from people.browsers import browser_in_words
from people.models import Resident, User
from people.queries import resident_of
from people.verdict import NotAllowed
from places.models import Address
from tests.factories.people import PASSWORD, make_resident, make_user

PAGES = [
    "account",
    "account_details",
    "account_home",
    "letter_code",
    "account_email",
    "account_change_password",
    "mfa_index",
    "usersessions_list",
]
Proof = Resident.Proof


@pytest.mark.parametrize("name", PAGES)
def test_page_is_for_who_is_logged_in(client, client_for, anna, name):
    assert client.get(reverse(name))["Location"].startswith("/account/login/")
    page = client_for(anna).get(reverse(name))
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]


def test_account_page_costs_few_queries(client_for, anna, django_assert_num_queries):
    client = client_for(anna)
    client.get(reverse("account"))
    with django_assert_num_queries(5):
        client.get(reverse("account"))


def test_account_page_says_what_proof_is_for_until_it_is_given(client_for, anna, eva):
    words = "Sommige stemmingen vragen bewijs dat u hier woont."
    assert words in client_for(eva).get(reverse("account")).content.decode()
    assert anna.proof >= Proof.LETTER
    assert words not in client_for(anna).get(reverse("account")).content.decode()


def test_resident_of(anna, eva, django_assert_num_queries):
    from django.contrib.auth.models import AnonymousUser

    assert resident_of(AnonymousUser()) is None
    assert resident_of(eva) is None
    with django_assert_num_queries(1):
        assert resident_of(anna.user).neighbourhood.parent.parent.name == "Waterveen"


# --- Details ------------------------------------------------------------------------------------------------------


def send_details(client, **fields):
    return client.post(
        reverse("account_details"), {"display_name": "Anna", "language": "nl", "birth_date": "", **fields}
    )


def test_details_are_saved(client_for, eva):
    answer = send_details(client_for(eva), display_name="Eva de Vries", language="en", birth_date="23-5-1984")
    eva.refresh_from_db()
    assert answer["Location"] == "/en/mijn-gegevens/"
    assert (eva.display_name, eva.language, eva.resident.birth_date) == ("Eva de Vries", "en", date(1984, 5, 23))


@pytest.mark.parametrize("typed", ["23-5-1984", "23/5/1984", "23.5.1984", "1984-05-23"])
def test_date_of_birth_may_be_typed_in_many_ways(client_for, eva, typed):
    send_details(client_for(eva), birth_date=typed)
    assert Resident.objects.get(user=eva).birth_date == date(1984, 5, 23)


@pytest.mark.parametrize("typed", ["1-1-2999", "1-1-1850", "30-2-1984", "gisteren"])
def test_strange_date_of_birth_is_refused(client_for, eva, typed):
    page = send_details(client_for(eva), birth_date=typed)
    assert 'href="#id_birth_date"' in page.content.decode()
    assert not Resident.objects.filter(user=eva).exists()


def test_date_of_birth_is_fixed_once_residence_is_proved(client_for, chaima):
    """A child cannot grow up by typing."""
    page = send_details(client_for(chaima), birth_date="1-1-1980")
    assert page.status_code == 200
    before = chaima.birth_date
    chaima.refresh_from_db()
    assert chaima.birth_date == before


def test_refused_date_of_birth_leaves_name_and_language(chaima):
    with pytest.raises(NotAllowed):
        change_details(chaima.user, display_name="Anders", language="en", birth_date=date(1980, 1, 1))
    assert User.objects.get(pk=chaima.user_id).display_name == "Chaima"


def test_details_of_somebody_else_cannot_be_sent(client_for, anna, bram):
    send_details(client_for(anna), display_name="Anders", user=bram.user_id, pk=bram.user_id, id=bram.pk)
    assert User.objects.get(pk=bram.user_id).display_name == "Bram"


# --- Home ---------------------------------------------------------------------------------------------------------


def send_home(client, **fields):
    return client.post(
        reverse("account_home"), {"postcode": "", "number": "", "addition": "", "neighbourhood": "", **fields}
    )


def test_home_by_address(client_for, eva, places):
    send_home(client_for(eva), postcode="1234 ac", number="1")
    resident = resident_of(eva)
    assert (resident.neighbourhood, resident.address, resident.proof) == (
        places.meadow,
        places.addresses[1],
        Proof.EMAIL,
    )


def test_home_by_neighbourhood(client_for, eva, places):
    send_home(client_for(eva), neighbourhood=places.heath.pk)
    assert resident_of(eva).neighbourhood == places.heath


def test_moving_house_ends_the_proof(client_for, anna, places):
    """Mutant: keep `proof` in `move_house`: a letter to one house would prove another."""
    send_home(client_for(anna), postcode="1235AA", number="1")
    anna.refresh_from_db()
    assert (anna.neighbourhood, anna.proof) == (places.heath, Proof.EMAIL)


def test_saving_the_same_home_keeps_the_proof(anna, places):
    move_house(anna.user, address=None, neighbourhood=places.harbour, now=timezone.now())
    anna.refresh_from_db()
    assert anna.proof == Proof.LETTER


def test_moving_with_an_unconfirmed_address_proves_nothing(anna, places):
    anna.user.emailaddress_set.update(verified=False)
    assert move_house(anna.user, address=None, neighbourhood=places.heath, now=timezone.now()).proof == Proof.NONE


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({}, "postcode"),
        ({"postcode": "1234AB"}, "number"),
        ({"number": "1"}, "postcode"),
        ({"postcode": "9999ZZ", "number": "1"}, "postcode"),
        ({"postcode": "12", "number": "1"}, "postcode"),
        ({"neighbourhood": "0"}, "neighbourhood"),
    ],
)
def test_home_that_is_wrong_is_refused_at_its_field(client_for, eva, places, typed, field):
    page = send_home(client_for(eva), **typed)
    assert list(page.context["form"].errors) == [field]


@pytest.mark.parametrize("name", ["municipality", "east"])
def test_municipality_and_district_are_no_neighbourhood(client_for, eva, places, name):
    answer = send_home(client_for(eva), neighbourhood=getattr(places, name).pk)
    assert list(answer.context["form"].errors) == ["neighbourhood"]
    assert f'value="{places.harbour.pk}"' in answer.content.decode()


def test_unknown_address_with_a_neighbourhood_is_taken(client_for, eva, places):
    send_home(client_for(eva), postcode="9999ZZ", number="1", neighbourhood=places.heath.pk)
    assert (resident_of(eva).neighbourhood, resident_of(eva).address) == (places.heath, None)


# --- Proof -----------------------------------------------------------------------------------------------------------


def test_confirming_the_address_lifts_proof_once(eva):
    now = timezone.now()
    assert confirm_email(eva, now).proof == Proof.EMAIL
    confirm_email(eva, now + timedelta(days=1))
    assert Resident.objects.get(user=eva).proved_at == now


def test_confirming_another_address_lowers_no_proof(anna):
    assert confirm_email(anna.user, timezone.now()).proof == Proof.LETTER


@pytest.mark.parametrize("fields", [{"neighbourhood": None}, {"proved_at": None}])
def test_constraint_proof_names_where_and_when(anna, fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        Resident.objects.filter(pk=anna.pk).update(**fields)


def test_one_resident_per_account(anna):
    with pytest.raises(IntegrityError), transaction.atomic():
        Resident.objects.create(user=anna.user)


def test_one_account_per_address_whatever_the_capitals(eva):
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(email=eva.email.upper(), display_name="X")


# --- The counter -------------------------------------------------------------------------------------------------------


def at_counter(client, user, **fields):
    return client.post(
        reverse("people_counter"),
        {"email": user.email, "prove": "1", "seen": "on", "postcode": "1234AB", "number": "1", **fields},
    )


def test_counter_proves_residence_and_age(client_for, clerk, eva, places):
    assert at_counter(client_for(clerk), eva, birth_date="23-5-1984").status_code == 302
    resident = resident_of(eva)
    assert (resident.proof, resident.neighbourhood, resident.birth_date) == (
        Proof.COUNTER,
        places.harbour,
        date(1984, 5, 23),
    )
    entry = ModelLogEntry.objects.get(action="people.prove_at_counter")
    assert (entry.user, entry.data) == (clerk, {"neighbourhood": "BU00010101"})


def test_counter_shows_who_is_found(client_for, clerk, anna):
    page = client_for(clerk).post(reverse("people_counter"), {"email": anna.user.email.upper(), "find": "1"})
    assert page.context["account"] == anna.user
    assert page.context["form"].initial["neighbourhood"] == anna.neighbourhood


@pytest.mark.parametrize("typed", [{"email": "niemand@example.nl"}, {"email": "x"}, {}])
def test_counter_says_when_nobody_is_found(client_for, clerk, typed):
    page = client_for(clerk).post(reverse("people_counter"), {"find": "1", **typed})
    assert "email" in page.context["find"].errors


@pytest.mark.parametrize("missing", [{"seen": ""}, {"postcode": "9999ZZ"}, {"postcode": "", "number": ""}])
def test_counter_needs_a_document_and_a_place(client_for, clerk, eva, places, missing):
    assert at_counter(client_for(clerk), eva, **missing).status_code == 200
    assert resident_of(eva) is None or resident_of(eva).proof < Proof.COUNTER


def test_counter_is_not_for_everybody(client_for, anna, auditor, administrator, places):
    for somebody, status in ((anna, 403), (auditor, 403), (administrator, 302)):
        assert at_counter(client_for(somebody), anna.user).status_code in (status, 403)
    anna.refresh_from_db()
    assert anna.proof == Proof.LETTER


def test_counter_proof_lasts_when_a_letter_code_comes(eva, clerk, places):
    now = timezone.now()
    prove_at_counter(eva, address=None, neighbourhood=places.harbour, birth_date=None, actor=clerk, now=now)
    assert Resident.objects.get(user=eva).proof == Proof.COUNTER


# --- Sessions ------------------------------------------------------------------------------------------------------------


FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("says", "words"),
    [
        (FIREFOX, "Firefox op Windows"),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/140.0.0.0 Safari/537.36 Edg/140.0", "Edge op Windows"),
        (f"Mozilla/5.0 (Linux; Android 10; K) {WEBKIT} Chrome/140.0.0.0 Mobile Safari/537.36", "Chrome op Android"),
        (f"Mozilla/5.0 (Linux; Android 10; K) {WEBKIT} SamsungBrowser/28.0 Chrome/130 Safari/537.36", "Samsung Internet op Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1", "Safari op iPhone"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605.1.15", "Safari op Mac"),
        ("curl/8.0", "Onbekende browser"),
        ("", "Onbekende browser"),
    ],
)  # fmt: skip
def test_browser_is_said_in_words(says, words):
    with translation.override("nl"):
        assert browser_in_words(says) == words


def test_ending_other_sessions(db):
    user = make_user("Eva")
    here, there = Client(), Client(headers={"user-agent": FIREFOX})
    for browser in (here, there):
        browser.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    page = here.get(reverse("usersessions_list"))
    assert page.context["session_count"] == 2
    assert "Firefox op Windows" in page.content.decode()
    assert FIREFOX not in page.content.decode()
    here.post(reverse("usersessions_list"))
    assert UserSession.objects.count() == 1
    assert there.get(reverse("account")).status_code == 302
    assert here.get(reverse("account")).status_code == 200


def test_new_password_ends_other_sessions(db):
    user = make_user("Eva")
    here, there = Client(), Client()
    for browser in (here, there):
        browser.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    new = "een ander lang wachtwoord"
    here.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert there.get(reverse("account")).status_code == 302
    assert here.get(reverse("account")).status_code == 200


@pytest.mark.parametrize(
    "path", ["account_login", "account_signup", "account_reset_password", "account_request_login_code"]
)
def test_pages_before_log_in_have_no_inline_script_or_style(client, db, path):
    page = client.get(reverse(path)).content.decode()
    assert " style=" not in page
    assert " onclick=" not in page
    assert "<script>" not in page


def test_address_of_an_area_with_residents_cannot_go(anna, places):
    from django.db.models import ProtectedError

    with pytest.raises(ProtectedError):
        places.harbour.delete()
    assert Address.objects.count() == 3


def test_make_resident_is_a_whole_person(places):
    assert make_resident("Gert", places.heath).user.display_name == "Gert"
