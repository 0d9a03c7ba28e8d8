"""A new municipality starts with pages that say what the law asks."""

import re
from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.utils.translation import gettext, override

from pages.first_pages import TEXTS, standard_text
from pages.models import HomePage

pytestmark = pytest.mark.django_db


def test_first_pages_stand_and_are_linked(site_root, client):
    call_command("start_site", "Gemeente Voorbeeld", verbosity=0)

    page = client.get("/").content.decode()

    assert page.count("Gemeente Voorbeeld") >= 2
    for path in ("/trajecten/", "/nieuws/", "/toegankelijkheid/", "/privacy/"):
        assert f'href="{path}"' in page
        assert client.get(path).status_code == 200


def test_second_start_changes_nothing(site_root):
    call_command("start_site", "Gemeente Voorbeeld", verbosity=0)

    with pytest.raises(CommandError, match="already"):
        call_command("start_site", "Gemeente Anders", verbosity=0)
    assert HomePage.objects.get().title == "Doe mee met Gemeente Voorbeeld"


def test_privacy_statement_names_the_page_as_the_menu_does():
    """It said “Mijn account”, and no link is called that."""
    with override("nl"):
        assert f"“{gettext('My account')}”" in standard_text("privacy", "Gemeente", date(2026, 11, 22))


def test_name_with_signs_is_only_text():
    html = standard_text("privacy", "<script>Gemeente & Co</script>", date(2026, 11, 22))

    assert "<script>" not in html
    assert "22 november 2026" in html


@pytest.mark.parametrize("path", sorted(TEXTS.glob("*.html")), ids=lambda path: path.stem)
def test_standard_text_is_plain_dutch(path):
    """Short sentences: none above 20 words, 12 at most on average."""
    text = re.sub(r"<[^>]+>", ". ", path.read_text())
    lengths = [len(part.split()) for part in re.split(r"[.!?:]\s", text) if len(part.split()) > 1]

    assert max(lengths) <= 20
    assert sum(lengths) / len(lengths) <= 12
