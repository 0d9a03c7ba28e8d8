"""My notices, my settings, the way out, and the demonstration's post."""

from datetime import timedelta

import pytest
from django.core import signing
from django.core.mail import EmailMessage, send_mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from notices import delivery, demo_mail
from notices.models import NoticePreference, OutboxLine
from notices.preferences import unsubscribe_token, unwanted_kinds
from tests.factories.notices import make_line


@pytest.fixture
def way_out(anna):
    return reverse("notices:unsubscribe", args=[unsubscribe_token(anna.user, "trial")])


# --- Unsubscribing without logging in -----------------------------------------------------------------


def test_opening_the_way_out_changes_nothing(way_out, anna):
    """Scanners open every link in a mail. Mutant: switching off on GET."""
    answer = Client().get(way_out)
    assert answer.status_code == 200
    assert b'method="post"' in answer.content
    assert unwanted_kinds(anna.user) == set()


def test_one_click_of_a_mail_program_switches_off(way_out, anna):
    """RFC 8058: a POST without cookies, referrer or CSRF token."""
    answer = Client(enforce_csrf_checks=True).post(way_out, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert unwanted_kinds(anna.user) == {"trial"}
    assert b"anna" not in answer.content.lower()


def test_button_on_the_page_switches_off_twice_without_harm(way_out, anna):
    for _click in range(2):
        assert Client(enforce_csrf_checks=True).post(way_out).status_code == 200
    assert NoticePreference.objects.filter(user=anna.user, kind="trial", wanted=False).count() == 1


@pytest.mark.parametrize("token", ["x", "WzEsInRyaWFsIl0:nonsense", "a:b:c"])
def test_forged_token_is_refused(db, token):
    address = reverse("notices:unsubscribe", args=[token])
    assert [Client().get(address).status_code, Client().post(address).status_code] == [404, 404]
    assert NoticePreference.objects.count() == 0


def test_token_of_another_purpose_is_refused(anna):
    token = signing.Signer(salt="something else").sign_object([anna.user.pk, "trial"])
    assert Client().post(reverse("notices:unsubscribe", args=[token])).status_code == 404


def test_mandatory_kind_stays_on(anna):
    address = reverse("notices:unsubscribe", args=[unsubscribe_token(anna.user, "duty")])
    assert Client().post(address).status_code == 200
    assert unwanted_kinds(anna.user) == set()


def test_way_out_is_kept_by_no_cache(way_out):
    assert "no-store" in Client().get(way_out)["Cache-Control"]


def test_token_of_removed_account_does_no_harm(way_out, anna):
    anna.user.delete()
    assert Client().post(way_out).status_code == 200
    assert NoticePreference.objects.count() == 0


# --- Settings -------------------------------------------------------------------------------------------


def test_settings_need_an_account(db):
    for name in ("preferences", "inbox"):
        assert Client().get(reverse(f"notices:{name}")).status_code == 302


def test_settings_show_optional_kinds_and_explain_the_others(anna, client_for):
    content = client_for(anna).get(reverse("notices:preferences")).content.decode()
    assert 'name="trial"' in content
    assert 'name="duty"' not in content
    assert "Duties" in content
    assert "The law says so." in content


def test_settings_switch_off_and_on_again(anna, bram, client_for):
    address = reverse("notices:preferences")
    client_for(anna).post(address, {})
    assert (unwanted_kinds(anna.user) >= {"trial"}, unwanted_kinds(bram.user)) == (True, set())
    client_for(anna).post(address, {"trial": "on", "duty": "", "forged": "on"})
    assert "trial" not in unwanted_kinds(anna.user)
    assert not NoticePreference.objects.filter(kind__in=["duty", "forged"]).exists()


# --- My notices -------------------------------------------------------------------------------------------


def test_inbox_shows_my_notices_and_nobody_elses(anna, bram, client_for):
    make_line(anna, key="a", title="Voor Anna", url="/a/")
    make_line(bram, key="b", title="Voor Bram", url="/b/")
    content = client_for(anna).get(reverse("notices:inbox")).content.decode()
    assert '<a class="utrecht-link utrecht-link--html-a" href="/a/">Nieuws over Voor Anna</a>' in content
    assert "Voor Bram" not in content


def test_inbox_shows_what_was_not_wanted_by_mail_and_hides_what_is_for_later(anna, client_for):
    make_line(anna, key="a", title="Overgeslagen")
    make_line(anna, key="b", title="Morgen")
    OutboxLine.objects.filter(key="a").update(state="skipped")
    OutboxLine.objects.filter(key="b").update(due_at=timezone.now() + timedelta(days=1))
    content = client_for(anna).get(reverse("notices:inbox")).content.decode()
    assert "Overgeslagen" in content
    assert "Morgen" not in content


def test_inbox_without_notices_says_so(anna, client_for):
    assert b"pm-empty" in client_for(anna).get(reverse("notices:inbox")).content


def test_inbox_shows_notice_of_a_kind_that_is_gone(anna, client_for):
    make_line(anna, title="Oud <b>nieuws</b>")
    OutboxLine.objects.update(kind="gone")
    assert "Oud &lt;b&gt;nieuws&lt;/b&gt;" in client_for(anna).get(reverse("notices:inbox")).content.decode()


def test_inbox_costs_the_same_queries_for_one_and_three(anna, client_for, django_assert_num_queries):
    browser = client_for(anna)
    make_line(anna, key="0")
    browser.get(reverse("notices:inbox"))
    for more in ([], ["1", "2"]):
        for key in more:
            make_line(anna, key=key)
        with django_assert_num_queries(INBOX_QUERIES):
            browser.get(reverse("notices:inbox"))


# session, user, count, lines
INBOX_QUERIES = 4


# --- The demonstration -----------------------------------------------------------------------------------


@pytest.fixture
def demo(settings, folder):
    settings.PROFILE = "demo"
    return folder


def test_demo_post_lists_and_shows_mails(anna, demo):
    line = make_line(anna, title="De <i>bank</i>")
    delivery.deliver_due()
    browser = Client()
    assert "De &lt;i&gt;bank&lt;/i&gt;" in browser.get("/demo/post/").content.decode()
    assert "anna@example.nl" in browser.get(f"/demo/post/{line.pk}/").content.decode()
    html = browser.get(f"/demo/post/{line.pk}/html/")
    assert "De &lt;i&gt;bank&lt;/i&gt;" in html.content.decode()
    assert "sandbox" in html["Content-Security-Policy"]
    assert "script-src" not in html["Content-Security-Policy"]


def test_demo_mail_shows_the_time_of_here(anna, demo):
    line = make_line(anna)
    delivery.deliver_due()
    now = timezone.localtime(OutboxLine.objects.get().sent_at)
    content = Client().get(f"/demo/post/{line.pk}/").content.decode()
    assert any(f"{moment:%H:%M}" in content for moment in (now, now - timedelta(minutes=1)))


def test_demo_post_finds_the_mail_of_one_address(anna, bram, demo):
    make_line(anna, title="Voor Anna")
    make_line(bram, title="Voor Bram")
    delivery.deliver_due()
    shown = Client().get("/demo/post/", {"aan": "ANNA@"}).content.decode()
    assert "Voor Anna" in shown
    assert "Voor Bram" not in shown
    assert b"pm-empty" in Client().get("/demo/post/", {"aan": "niemand"}).content


def test_demo_post_reads_whole_only_what_it_shows(anna, bram, demo, monkeypatch):
    """A year of mail is 4,500 files; reading each of them whole for one address took ten seconds."""
    make_line(anna)
    make_line(bram)
    delivery.deliver_due()
    read, whole = [], demo_mail._read
    monkeypatch.setattr(demo_mail, "_read", lambda path: read.append(path) or whole(path))
    (mail,) = demo_mail.newest_mails("anna@")
    assert ([path.stem for path in read], mail.recipient) == ([mail.name], "anna@example.nl")


def test_demo_post_without_mails_says_so(db, demo):
    assert b"pm-empty" in Client().get("/demo/post/").content


def test_demo_shows_mail_of_others_too(db, demo):
    """Log-in codes come from allauth, without an outbox line and with one part."""
    send_mail("Uw code", "123456", None, ["anna@example.nl"])
    (path,) = demo.iterdir()
    assert "Uw code" in Client().get("/demo/post/").content.decode()
    assert "123456" in Client().get(f"/demo/post/{path.stem}/").content.decode()
    assert Client().get(f"/demo/post/{path.stem}/html/").status_code == 404


@pytest.mark.parametrize("profile", ["production", "test"])
def test_demo_post_exists_nowhere_else(anna, folder, settings, profile):
    """Mutant: without the check everybody's log-in codes are public."""
    settings.PROFILE = profile
    line = make_line(anna)
    delivery.deliver_due()
    for address in ("/demo/post/", f"/demo/post/{line.pk}/", f"/demo/post/{line.pk}/html/", "/en/demo/post/"):
        assert Client().get(address).status_code == 404


@pytest.mark.parametrize("name", ["../secret-key", "..%2fsecret-key", "x"])
def test_demo_mail_is_never_another_file(db, demo, name):
    (demo.parent / "secret-key.eml").write_text("secret")
    assert Client().get(f"/demo/post/{name}/").status_code == 404


def test_message_id_that_is_a_path_stays_in_the_folder(db, demo):
    EmailMessage("A", "B", to=["a@example.nl"], headers={"Message-ID": "<../../evil@x>"}).send()
    assert [path.suffix for path in demo.iterdir()] == [".eml"]
