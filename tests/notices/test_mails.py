"""Mails: two languages, two parts, a way out, and nothing a name or title can smuggle in."""

import re
from email import message_from_bytes, policy

import pytest
from django.urls import reverse

from notices import delivery
from notices.mails import make_mail, one_line
from notices.preferences import read_token
from pages.models import SiteLook
from tests.factories.notices import make_line
from tests.factories.pages import make_site

NASTY = '<script>alert("x")</script> & Piet'


def parsed(line):
    return message_from_bytes(make_mail(line).message().as_bytes(), policy=policy.default)


def test_mail_has_text_and_html(anna):
    message = parsed(make_line(anna, title="De bank"))
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert message["Subject"] == "Nieuws over De bank"
    assert message["To"] == "anna@example.nl"
    assert message["Auto-Submitted"] == "auto-generated"


def test_mail_comes_from_the_municipality(anna, site_root, settings):
    """Its name stands in “look and name”; the address is that of the settings."""
    settings.DEFAULT_FROM_EMAIL = "Participatiemix <doemee@waterveen.example>"
    line = make_line(anna)
    assert parsed(line)["From"].addresses[0].display_name == "Participatiemix"

    make_site(site_root)
    SiteLook.objects.update(organisation='Gemeente "Súdwest", Fryslân')
    message = parsed(line)
    (sender,) = message["From"].addresses
    assert (sender.display_name, sender.addr_spec) == ('Gemeente "Súdwest", Fryslân', "doemee@waterveen.example")
    text = message.get_body(("plain",)).get_content()
    assert 'Gemeente "Súdwest", Fryslân' in text
    assert "Participatiemix" not in text


def test_message_id_is_fixed_by_the_line(anna):
    line = make_line(anna)
    assert parsed(line)["Message-ID"] == parsed(line)["Message-ID"] == f"<{line.pk}@localhost>"


@pytest.mark.parametrize(
    ("language", "subject", "path"), [("nl", "Nieuws over X", "/berichten"), ("en", "News about X", "/en/berichten")]
)
def test_mail_speaks_the_language_of_its_reader(anna, settings, language, subject, path):
    anna.user.language = language
    anna.user.save()
    message = parsed(make_line(anna, title="X"))
    html = message.get_body(("html",)).get_content()
    assert message["Subject"] == subject
    assert f'<html lang="{language}">' in html
    assert f"{settings.BASE_URL}{path}/voorkeuren/" in html
    assert message["Content-Language"] == language


def test_mail_says_why_and_how_to_stop(anna, settings):
    message = parsed(make_line(anna))
    text, html = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))
    address = message["List-Unsubscribe"].strip(" <>")
    assert "You asked for it." in text
    assert "You asked for it." in html
    assert address in text
    assert address in html
    assert address.startswith(f"{settings.BASE_URL}/berichten/afmelden/")
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert read_token(address.rstrip("/").rpartition("/")[2]) == (anna.user.pk, "trial")


def test_mandatory_mail_has_no_way_out(anna):
    message = parsed(make_line(anna, kind="duty"))
    assert message["List-Unsubscribe"] is None
    assert "afmelden" not in message.get_body(("html",)).get_content()


def test_script_in_title_and_name_is_escaped_in_html_and_plain_in_text(anna):
    anna.user.display_name = NASTY
    anna.user.save()
    message = parsed(make_line(anna, title=NASTY))
    text, html = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert "<script" not in html
    assert html.count("&lt;script&gt;") == 3
    assert text.count(NASTY) == 2
    assert message["Subject"] == f"Nieuws over {NASTY}"


@pytest.mark.parametrize(
    "title", ["A\r\nBcc: all@example.nl", "A\nBcc: all@example.nl", "A\x0bB\x00C", "A\u2028Bcc: x", "\u202egnp.exe"]
)
def test_subject_is_one_line_and_adds_no_header(anna, folder, title):
    line = make_line(anna, title=title.replace("\x00", ""))
    delivery.deliver_due()
    message = message_from_bytes((folder / f"{line.pk}.eml").read_bytes(), policy=policy.default)
    assert message["Bcc"] is None
    assert not re.search("[\n\r\u2028\u202e\x00-\x1f]", message["Subject"])
    assert str(message["Subject"]).startswith("Nieuws over")


def test_subject_keeps_words_apart_when_lines_are_joined():
    assert one_line("  Nieuws\r\nover\u2028\x0bA\u202eB\x07 \n") == "Nieuws over AB"


def test_long_subject_is_shortened():
    assert len(one_line("woord " * 100)) <= 150


def test_html_mail_loads_nothing_and_has_no_script(anna):
    html = parsed(make_line(anna)).get_body(("html",)).get_content()
    assert not re.search(r"<(img|link|script|iframe|style|form)\b|url\(|@import|\bon\w+=", html, re.IGNORECASE)


def test_links_are_full_addresses(anna, settings):
    html = parsed(make_line(anna, url="/voorstellen/5/")).get_body(("html",)).get_content()
    addresses = re.findall(r'href="([^"]+)"', html)
    assert f"{settings.BASE_URL}/voorstellen/5/" in addresses
    assert all(address.startswith(f"{settings.BASE_URL}/") for address in addresses)


def test_address_that_cannot_be_written_fails_only_that_line(anna, bram, folder):
    """Somebody wrote the address behind Python's back; Mutant: without the trial in delivery the batch never ends."""
    anna.user.__class__.objects.filter(pk=anna.user.pk).update(email="anna@example.nl\r\nBcc: all@example.nl")
    bad, good = make_line(anna, key="bad"), make_line(bram, key="good")
    delivery.deliver_due()
    assert [path.name for path in folder.iterdir()] == [f"{good.pk}.eml"]
    bad.refresh_from_db()
    assert (bad.state, bad.attempts) == ("waiting", 1)


def test_unsubscribe_address_exists(anna):
    assert reverse("notices:unsubscribe", args=["a:b"]) == "/berichten/afmelden/a:b/"
