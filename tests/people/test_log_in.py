"""Making an account and logging in: neutral answers, our own pages, no way off the site."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import mail as outbox
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from people import mail
from people.models import AccountMail, Resident, User
from tests.brokers import tasks_sent_to
from tests.factories.pages import make_site
from tests.factories.people import PASSWORD, make_user

RATE_LIMITS = {"login_failed": "3/m/key", "request_login_code": "2/m/key", "signup": "2/m/ip", "login": "100/m/ip"}


def sent_code() -> str:
    """The code in the last mail."""
    return re.search(
        r"^([A-Z0-9]{3,5}(?:-[A-Z0-9]{3,5})+)$", AccountMail.objects.latest("pk").text, re.MULTILINE
    ).group(1)


def sign_up(client, email="noor@example.nl", **fields):
    return client.post(
        reverse("account_signup"), {"email": email, "display_name": "Noor", "password1": PASSWORD, **fields}
    )


# --- Another e-mail address ---------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_new_address_is_confirmed_told_to_the_old_one_and_leads_back_to_the_account(client_for, transactional_db):
    """The mail named the browser as “Mozilla/5.0 (X11; Linux x86_64) …”, and the home page said that it was done."""
    user = make_user("Eva", language="en")
    client = client_for(user, recent=True)
    firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    client.post(reverse("account_email"), {"email": "eva@nieuw.example", "action_add": "1"})
    place = reverse("account_email_verification_sent")
    answer = client.post(place, {"code": sent_code()}, headers={"user-agent": firefox})
    assert answer["Location"] == "/en/mijn-gegevens/"
    assert User.objects.get(pk=user.pk).email == "eva@nieuw.example"
    (told,) = AccountMail.objects.filter(recipient="eva@example.nl")
    assert "Firefox on Linux" in told.text
    assert "Mozilla" not in told.text + told.html


# --- Making an account --------------------------------------------------------------------------------


def test_sign_up_asks_for_the_code_and_makes_a_resident(client, db):
    answer = sign_up(client)
    assert answer["Location"] == reverse("account_email_verification_sent")
    client.post(answer["Location"], {"code": sent_code()})
    user = User.objects.get(email="noor@example.nl")
    assert (user.display_name, user.language, user.resident.proof) == ("Noor", "nl", Resident.Proof.EMAIL)
    assert client.session["_auth_user_id"] == str(user.pk)


def test_sign_up_without_password_logs_in_by_code_only(client, db):
    client.post(sign_up(client, password1="")["Location"], {"code": sent_code()})
    assert not User.objects.get(email="noor@example.nl").has_usable_password()


def test_sign_up_in_english_remembers_the_language(client, db):
    client.post("/en/account/signup/", {"email": "noor@example.nl", "display_name": "Noor"})
    assert User.objects.get(email="noor@example.nl").language == "en"


@pytest.mark.parametrize("name", ["", "   ", "\u200b\u200b"])
def test_sign_up_without_a_name_is_refused(client, db, name):
    assert sign_up(client, display_name=name).status_code == 200
    assert not User.objects.exists()


def test_display_name_loses_invisible_characters(client, db):
    sign_up(client, display_name="Gem\u200beente\nBeheer\u202e")
    assert User.objects.get().display_name == "GemeenteBeheer"


def test_display_name_with_script_is_only_text(client, client_for, db):
    user = make_user("Noor")
    User.objects.filter(pk=user.pk).update(display_name="<script>alert(1)</script>")
    page = client_for(user).get(reverse("account")).content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_wrong_code_is_refused_and_three_wrong_codes_end_it(client, db):
    place = sign_up(client)["Location"]
    for _try in range(3):
        answer = client.post(place, {"code": "AAAA-AAAA"})
    assert answer.status_code == 302
    assert client.post(place, {"code": sent_code()}).status_code == 302
    assert not EmailAddress.objects.filter(verified=True).exists()


# --- Nobody learns who has an account -------------------------------------------------------------------


def same_answers(first, second, *emails) -> bool:
    """Whether two answers are alike apart from the address that was typed and one-time values."""

    def plain(answer):
        text = answer.content.decode()
        for email in emails:
            text = text.replace(email, "@")
        return (
            answer.status_code,
            answer.headers.get("Location"),
            re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", text),
        )

    return plain(first) == plain(second)


def test_sign_up_answers_alike_for_known_and_unknown_address(db):
    make_user("Bekend", email="bekend@example.nl")
    known, new = Client(), Client()
    first, second = sign_up(known, "bekend@example.nl"), sign_up(new, "nieuw@example.nl")
    assert same_answers(first, second, "bekend@example.nl", "nieuw@example.nl")
    pages = [one.get(reverse("account_email_verification_sent")) for one in (known, new)]
    assert same_answers(*pages, "bekend@example.nl", "nieuw@example.nl")
    assert User.objects.filter(email="bekend@example.nl").count() == 1
    assert [line.recipient for line in AccountMail.objects.all()] == ["bekend@example.nl", "nieuw@example.nl"]


@pytest.mark.parametrize(
    ("view", "next_view"),
    [
        ("account_reset_password", "account_reset_password_done"),
        ("account_request_login_code", "account_confirm_login_code"),
    ],
)
def test_reset_and_code_answer_alike_for_known_and_unknown_address(db, view, next_view):
    make_user("Bekend", email="bekend@example.nl")
    known, unknown = Client(), Client()
    emails = ("bekend@example.nl", "nieuw@example.nl")
    answers = [one.post(reverse(view), {"email": email}) for one, email in zip((known, unknown), emails, strict=True)]
    assert answers[0]["Location"] == reverse(next_view)
    assert same_answers(*answers, *emails)
    assert same_answers(*[one.get(reverse(next_view)) for one in (known, unknown)], *emails)
    assert AccountMail.objects.count() == 2


def test_log_in_answers_alike_for_wrong_password_and_unknown_address(client, db):
    make_user("Bekend", email="bekend@example.nl")
    answers = [
        client.post(reverse("account_login"), {"login": email, "password": "verkeerd wachtwoord"})
        for email in ("bekend@example.nl", "nieuw@example.nl")
    ]
    assert same_answers(*answers, "bekend@example.nl", "nieuw@example.nl")


def test_changing_to_an_address_of_somebody_else_answers_alike(client_for, eva, db):
    make_user("Bekend", email="bekend@example.nl")
    client = client_for(eva, recent=True)
    answers = [
        client.post(reverse("account_email"), {"email": email, "action_add": "1"})
        for email in ("bekend@example.nl", "vrij@example.nl")
    ]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert EmailAddress.objects.filter(email="bekend@example.nl").count() == 1


# --- Logging in -----------------------------------------------------------------------------------------


def test_log_in_by_code(client, eva):
    client.post(reverse("account_request_login_code"), {"email": eva.email})
    client.post(reverse("account_confirm_login_code"), {"code": sent_code()})
    assert client.session["_auth_user_id"] == str(eva.pk)


def test_log_in_by_password(client, eva):
    answer = client.post(reverse("account_login"), {"login": eva.email.upper(), "password": PASSWORD})
    assert answer["Location"] == "/"


def test_log_in_by_code_is_no_way_around_the_second_factor(client, dirk):
    client.post(reverse("account_request_login_code"), {"email": dirk.email})
    answer = client.post(reverse("account_confirm_login_code"), {"code": sent_code()})
    assert answer["Location"] == reverse("mfa_authenticate")
    assert "_auth_user_id" not in client.session


def test_password_reset_is_no_way_around_the_second_factor(client, dirk):
    client.post(reverse("account_reset_password"), {"email": dirk.email})
    link = re.search(r"http\S+", AccountMail.objects.latest("pk").text).group(0)
    page = client.get(link, follow=True)
    client.post(
        page.request["PATH_INFO"], {"password1": "nog een lang wachtwoord", "password2": "nog een lang wachtwoord"}
    )
    dirk.refresh_from_db()
    assert dirk.check_password("nog een lang wachtwoord")
    assert client.get("/beheer/").status_code == 302


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "http:///evil.example",
        "%2F%2Fevil.example",
    ],
)
@pytest.mark.parametrize("view", ["account_login", "account_signup"])
def test_log_in_never_leads_off_the_site(client, eva, view, target):
    if view == "account_login":
        answer = client.post(reverse(view), {"login": eva.email, "password": PASSWORD, "next": target})
    else:
        client.post(reverse(view), {"email": "noor@example.nl", "display_name": "Noor", "next": target})
        answer = client.post(reverse("account_email_verification_sent"), {"code": sent_code(), "next": target})
    assert answer.status_code == 302
    assert "evil" not in answer["Location"].replace("%2F%2Fevil.example", "") or answer["Location"].startswith("/")
    assert not answer["Location"].startswith(("//", "/\\", "http", "javascript"))


def test_log_in_leads_to_a_page_of_the_site(client, eva):
    answer = client.post(
        reverse("account_login"), {"login": eva.email, "password": PASSWORD, "next": "/mijn-gegevens/"}
    )
    assert answer["Location"] == "/mijn-gegevens/"


def test_log_in_leads_to_the_language_of_the_account(client, db):
    user = make_user("Emma", language="en")
    answer = client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    assert answer["Location"] == "/en/"


def test_closed_account_does_not_log_in(client, eva):
    User.objects.filter(pk=eva.pk).update(is_active=False)
    client.post(reverse("account_login"), {"login": eva.email, "password": PASSWORD})
    assert "_auth_user_id" not in client.session


# --- Rate limits ------------------------------------------------------------------------------------------


@pytest.fixture
def rate_limits(settings):
    settings.ACCOUNT_RATE_LIMITS = RATE_LIMITS
    cache.clear()


def test_fourth_wrong_password_waits_even_when_it_is_right(client, eva, rate_limits):
    for _try in range(3):
        client.post(reverse("account_login"), {"login": eva.email, "password": "verkeerd wachtwoord"})
    answer = client.post(reverse("account_login"), {"login": eva.email, "password": PASSWORD})
    assert answer.status_code == 200
    assert "_auth_user_id" not in client.session


def test_third_code_in_a_minute_waits(eva, rate_limits):
    for _try in range(3):
        Client().post(reverse("account_request_login_code"), {"email": eva.email})
    assert AccountMail.objects.count() == 2


def test_third_sign_up_from_one_place_waits(client, db, rate_limits):
    answers = [sign_up(client, f"noor{number}@example.nl") for number in range(3)]
    assert [answer.status_code for answer in answers] == [302, 302, 429]


def test_production_has_rate_limits():
    """allauth's own limits hold wherever the setting is not False; only the test profile switches them off."""
    assert settings.TESTING
    assert settings.ACCOUNT_RATE_LIMITS is False


# --- Mail ---------------------------------------------------------------------------------------------------


def test_account_mail_is_sent_once_and_emptied(client, eva):
    client.post(reverse("account_request_login_code"), {"email": eva.email})
    code, line = sent_code(), AccountMail.objects.get()
    assert mail.send(line.pk, timezone.now()) is True
    assert mail.send(line.pk, timezone.now()) is False
    line.refresh_from_db()
    assert (line.text, line.html, line.attempts) == ("", "", 1)
    assert len(outbox.outbox) == 1
    assert code in outbox.outbox[0].body
    assert code in outbox.outbox[0].alternatives[0].content


def test_account_mail_held_by_another_worker_is_left_alone(db):
    line = mail.queue_mail("eva@example.nl", "Onderwerp", "Tekst")
    AccountMail.objects.filter(pk=line.pk).update(claimed_until=timezone.now() + mail.CLAIM)
    assert mail.send(line.pk, timezone.now()) is False
    assert mail.send(line.pk, timezone.now() + 2 * mail.CLAIM) is True


def test_account_mail_survives_a_mail_server_that_is_away(db, settings):
    settings.EMAIL_BACKEND = "tests.people.broken_mail.BrokenBackend"
    line = mail.queue_mail("eva@example.nl", "Onderwerp", "Tekst")
    assert mail.send_waiting(timezone.now()) == 0
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert mail.send_waiting(timezone.now() + mail.CLAIM) == 1
    line.refresh_from_db()
    assert line.attempts == 2


def test_account_mail_of_an_hour_ago_is_given_up(db):
    mail.queue_mail("eva@example.nl", "Onderwerp", "Tekst")
    assert mail.send_waiting(timezone.now() + mail.GIVE_UP) == 0


@pytest.fixture
def queue_away():
    """Celery looks for its broker where nothing listens."""
    with tasks_sent_to("redis://127.0.0.1:1/0"):
        yield


def test_log_in_goes_on_while_the_queue_is_away(client, eva, queue_away, django_capture_on_commit_callbacks):
    """Mutant: let the error of an unreachable broker pass; the page would be an error, and the code never sent."""
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(reverse("account_request_login_code"), {"email": eva.email})
    assert answer.status_code == 302
    assert mail.send_waiting(timezone.now()) == 1


@pytest.mark.parametrize("language", ["nl", "en"])
def test_account_mail_speaks_the_language_of_the_account(client, db, language):
    from django.utils import translation
    from django.utils.translation import gettext

    user = make_user("Emma", language=language)
    client.post(reverse("account_request_login_code"), {"email": user.email})
    with translation.override(language):
        assert AccountMail.objects.get().subject == gettext("Your code to log in")


def test_subject_is_one_line(db, client):
    make_user("Bekend", email="bekend@example.nl")
    sign_up(client, "bekend@example.nl", display_name="Noor")
    assert "\n" not in AccountMail.objects.get().subject


def test_mail_about_an_account_comes_from_the_municipality(client, eva, site_root):
    make_site(site_root)
    client.post(reverse("account_request_login_code"), {"email": eva.email})
    line = AccountMail.objects.get()
    assert "Gemeente Waterveen" in line.text
    assert "Participatiemix" not in line.text
    mail.send(line.pk, timezone.now())
    assert outbox.outbox[0].from_email == "Gemeente Waterveen <doemee@localhost>"
