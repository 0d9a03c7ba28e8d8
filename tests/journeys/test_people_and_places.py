"""Making an account, proving residence, a second factor for staff, and a place on the map, in a real browser."""

import re
import time

import pytest
from allauth.mfa import app_settings
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.urls import reverse

from people.models import AccountMail, Resident, User
from tests.factories.letters import make_letters
from tests.factories.people import PASSWORD, make_user
from tests.journeys import world
from tests.journeys.conftest import axe_violations

pytestmark = pytest.mark.django_db(transaction=True)

SEND = ".pm-main form.pm-form button[type=submit]"


def sent_code() -> str:
    text = AccountMail.objects.latest("pk").text
    return re.search(r"^[A-Z0-9]{3,5}(?:-[A-Z0-9]{3,5})+$", text, re.MULTILINE).group(0)


def test_newcomer_proves_residence_without_javascript(site_root, places, clerk, open_page):
    """From no account at all to a proved home, at 320 px; every page on the way passes axe (with scripts only for axe)."""
    world.make_home(site_root)
    _batch, codes = make_letters(places.harbour, clerk)
    page = open_page(javascript=False, width=320)
    page.goto(reverse("letter_code"))
    page.click("text=Een account maken")
    page.fill("#id_email", "noor@example.nl")
    page.fill("#id_display_name", "Noor")
    page.click(SEND)
    page.fill("#id_code", sent_code().lower().replace("-", " "))
    page.locator(SEND).first.click()
    page.wait_for_url(f"**{reverse('letter_code')}")
    page.fill("#id_code", "verkeerd")
    page.click(SEND)
    assert page.locator("#id_code").get_attribute("aria-invalid") == "true"
    page.fill("#id_code", codes[0].lower())
    page.click(SEND)
    page.wait_for_url(f"**{reverse('account')}")
    assert "Havenbuurt" in page.inner_text("main")
    assert Resident.objects.get(user__email="noor@example.nl").proof == Resident.Proof.LETTER


def test_staff_set_up_a_second_factor_without_javascript(site_root, places, open_page):
    world.make_home(site_root)
    make_user("Nieuw", roles=("clerk",), second_factor=False)
    page = open_page(javascript=False)
    page.goto("/beheer/")
    page.fill("#id_login", "nieuw@example.nl")
    page.fill("#id_password", PASSWORD)
    page.locator(SEND).first.click()
    page.wait_for_url("**/reauthenticate/**")
    page.fill("#id_password", PASSWORD)
    page.locator(SEND).first.click()
    secret = page.locator("main code").inner_text().replace(" ", "")
    page.fill("#id_code", format_hotp_value(hotp_value(secret, int(time.time()) // app_settings.TOTP_PERIOD)))
    page.click(SEND)
    page.wait_for_url("**/recovery-codes/")
    assert page.locator(".pm-codes li").count() == 10
    page.goto("/beheer/")
    assert page.url.endswith("/beheer/")


KEY = {
    "protocol": "ctap2",
    "transport": "usb",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def log_in_with_password(page, user) -> None:
    page.goto("/account/login/")
    page.fill("#id_login", user.email)
    page.fill("#id_password", PASSWORD)
    page.locator(SEND).first.click()


def test_member_of_staff_logs_in_with_a_security_key(site_root, open_page):
    """A key that Chromium plays: it signs what a real one would."""
    world.make_home(site_root)
    user = make_user("Sleutel", roles=("clerk",), second_factor=False)
    page = open_page()
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})
    log_in_with_password(page, user)
    page.goto("/account/2fa/webauthn/add/")
    if page.locator("#id_password").count():
        page.fill("#id_password", PASSWORD)
        page.locator(SEND).first.click()
    page.fill("#id_name", "Mijn sleutel")
    page.wait_for_load_state()  # before the script is there, the button does nothing
    page.click("#mfa_webauthn_add")
    page.wait_for_url("**/recovery-codes/**")
    page.goto("/beheer/")
    assert page.url.endswith("/beheer/")
    page.context.clear_cookies()
    log_in_with_password(page, user)
    page.wait_for_url("**/2fa/authenticate/")
    page.click("#mfa_webauthn_authenticate")
    page.wait_for_url(re.compile(r":\d+/$"))
    page.goto("/beheer/")
    assert page.url.endswith("/beheer/")


def test_who_has_no_security_key_is_not_offered_one(site_root, dirk, client):
    """Mutant: show the button always: who has an app only then meets a question of the browser that nothing answers."""
    client.post(reverse("account_login"), {"login": dirk.email, "password": PASSWORD})
    assert "mfa_webauthn_authenticate" not in client.get(reverse("mfa_authenticate")).content.decode()


def test_place_on_the_map_by_keyboard(site_root, places, anna, client_for, open_page):
    proposals = world.make_proposals(world.make_index(world.make_home(site_root)))
    page = open_page(client_for(anna))
    page.goto(reverse("proposals:write", args=[proposals.pk]))
    page.locator("[data-place-picker] .pm-map__button").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-place-picker] path.pm-map__area")
    assert "leaflet-container" in page.evaluate("document.activeElement.className")
    # Without streets the names are what one finds a place by.
    named = page.locator("[data-place-picker] .pm-map__name:visible").all_inner_texts()
    assert "Havenbuurt" in named
    page.keyboard.press("Enter")
    page.wait_for_function(
        "document.querySelector('[data-place-picker] .pm-map__status').textContent.includes('buurt')"
    )
    assert float(page.input_value("#id_latitude")) == pytest.approx(52.005, abs=0.01)
    assert axe_violations(page) == []
    page.click(".pm-map__clear")
    assert page.input_value("#id_latitude") == ""


def test_account_pages_pass_axe_in_every_state(site_root, places, anna, client_for, open_page):
    world.make_home(site_root)
    User.objects.filter(pk=anna.user_id).update(display_name="<b>Anna</b>" * 4)
    visitor, page = open_page(), open_page(client_for(anna, recent=True), width=320)
    found = {}
    for name in (
        "account_login",
        "account_signup",
        "account_reset_password",
        "account_request_login_code",
        "places:where",
    ):
        visitor.goto(reverse(name))
        found[name] = axe_violations(visitor)
        visitor.locator(SEND).first.click()
        visitor.wait_for_load_state()
        found[f"{name}, refused"] = axe_violations(visitor)
    for name in (
        "account",
        "account_details",
        "account_home",
        "account_email",
        "account_change_password",
        "account_erase",
        "mfa_index",
        "mfa_activate_totp",
        "usersessions_list",
    ):
        page.goto(reverse(name))
        found[name] = axe_violations(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, name
    assert {name: lines for name, lines in found.items() if lines} == {}
