"""Staff work only with a second factor, on every path of the admin."""

import re
import time

import pytest
from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.urls import get_resolver, reverse

from tests.factories.people import PASSWORD, make_user

# Pages, lists, forms, previews, choosers, the admin's own API, scripts and what allauth closed: one of each kind.
ADMIN_PATHS = [
    "/beheer/",
    "/beheer/pages/",
    "/beheer/pages/1/",
    "/beheer/pages/1/edit/",
    "/beheer/pages/1/edit/preview/",
    "/beheer/pages/1/view_draft/",
    "/beheer/pages/1/revisions/1/view/",
    "/beheer/choose-page/",
    "/beheer/api/main/pages/",
    "/beheer/api/main/images/",
    "/beheer/images/",
    "/beheer/documents/",
    "/beheer/users/",
    "/beheer/users/new/",
    "/beheer/groups/",
    "/beheer/letters/",
    "/beheer/counter/",
    "/beheer/areas/",
    "/beheer/addresses/import/",
    "/beheer/reports/site-history/",
    "/beheer/account/",
    "/beheer/sprite/",
    "/beheer/jsi18n/",
    "/beheer/login/",
    "/beheer/password_reset/",
    "/beheer/_util/login/",
    "/beheer/nowhere/",
]


def current_code(user) -> str:
    """What the authenticator app of a user shows now."""
    secret = Authenticator.objects.get(user=user, type="totp").data["secret"]
    return format_hotp_value(hotp_value(secret, int(time.time()) // app_settings.TOTP_PERIOD))


@pytest.mark.parametrize("path", ADMIN_PATHS)
def test_admin_path_without_log_in(client, db, path):
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/login/?next=/beheer/")


@pytest.mark.parametrize("path", ADMIN_PATHS)
def test_admin_path_for_resident(client_for, eva, path):
    assert client_for(eva).get(path).status_code == 403


@pytest.mark.parametrize("path", ADMIN_PATHS)
def test_admin_path_for_staff_without_second_factor(client_for, db, path):
    """Mutant: leave `has_second_factor` out of the middleware."""
    answer = client_for(make_user("Nieuw", roles=("clerk",), second_factor=False)).get(path)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/2fa/totp/activate/?next=")


@pytest.mark.parametrize("path", ADMIN_PATHS)
def test_admin_path_for_session_that_did_not_use_second_factor(client_for, dirk, path):
    """Mutant: leave `used_second_factor` out of the middleware: the account has one, this session did not show it."""
    answer = client_for(dirk, second_factor=False).get(path)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/2fa/reauthenticate/?next=")


def test_admin_post_without_second_factor_is_refused(client_for, dirk):
    assert client_for(dirk, second_factor=False).post("/beheer/counter/", {"email": "x@example.nl"}).status_code == 403


def test_admin_script_without_second_factor_is_refused(client_for, dirk):
    answer = client_for(dirk, second_factor=False).get(
        "/beheer/api/main/pages/", headers={"x-requested-with": "XMLHttpRequest"}
    )
    assert answer.status_code == 403


def test_admin_for_staff_with_second_factor(client_for, dirk, site_root):
    assert client_for(dirk).get("/beheer/").status_code == 200


def test_superuser_needs_second_factor_too(client_for, db):
    user = make_user("Root", is_superuser=True)
    assert client_for(user).get("/beheer/").status_code == 302


def test_record_of_somebody_else_does_not_count(client_for, dirk, clerk):
    """Mutant: compare the method only, not whose it is."""
    client = client_for(dirk)
    session = client.session
    session["account_authentication_methods_user"] = str(clerk.pk)
    session.save()
    assert client.get("/beheer/").status_code == 302


def test_wagtails_own_log_in_form_is_closed(client, dirk):
    answer = client.post("/beheer/login/", {"username": dirk.email, "password": PASSWORD})
    assert answer.status_code in (302, 403)
    assert "_auth_user_id" not in client.session


def test_log_in_by_password_asks_for_the_code(client, dirk, site_root):
    answer = client.post(reverse("account_login"), {"login": dirk.email, "password": PASSWORD})
    assert answer["Location"] == reverse("mfa_authenticate")
    assert client.get("/beheer/").status_code == 302
    answer = client.post(reverse("mfa_authenticate"), {"code": current_code(dirk)})
    assert answer.status_code == 302
    assert client.get("/beheer/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_setting_up_an_app_opens_the_admin(client, site_root):
    """The valid code that activation asks for is the first use of the second factor."""
    user = make_user("Nieuw", roles=("clerk",), second_factor=False)
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    page = client.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret
    code = format_hotp_value(hotp_value(secret, int(time.time()) // app_settings.TOTP_PERIOD))
    answer = client.post(reverse("mfa_activate_totp"), {"code": code})
    assert answer.status_code == 302
    # Kills the mutant that records the code without `reauthenticated`: the recovery codes then ask for it again.
    assert client.get(answer["Location"]).status_code == 200
    assert client.get("/beheer/").status_code == 200


def test_log_out_of_the_admin_stays_open(client_for, dirk):
    answer = client_for(dirk, second_factor=False).post("/beheer/logout/")
    assert answer.status_code == 302
    assert "2fa" not in answer["Location"]


def test_every_admin_route_is_below_the_prefix():
    """Nothing of Wagtail's admin is served outside the prefix that the middleware guards."""
    outside = [
        str(pattern.pattern)
        for pattern in get_resolver().url_patterns
        if "wagtail.admin" in str(getattr(pattern, "urlconf_name", ""))
        and not str(pattern.pattern).startswith("beheer/")
    ]
    assert outside == []


def test_old_log_in_does_not_count_as_recent(client_for, administrator, eva):
    client = client_for(administrator)
    answer = client.get(reverse("wagtailusers_users:close", args=[eva.pk]))
    assert re.match(r"/account/(2fa/)?reauthenticate/", answer["Location"])


def test_recent_authentication_goes_on(client_for, administrator, eva):
    client = client_for(administrator, recent=True)
    assert client.get(reverse("wagtailusers_users:close", args=[eva.pk])).status_code == 200


def test_recent_authentication_ends_after_five_minutes(client_for, administrator, eva):
    client = client_for(administrator, recent=True)
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] = time.time() - 301
    session.save()
    assert client.get(reverse("wagtailusers_users:close", args=[eva.pk])).status_code == 302
