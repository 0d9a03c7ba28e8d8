"""On an English page every Dutch word says that it is Dutch, so that it is read aloud well (WCAG 3.1.2)."""

from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.utils import timezone

from pages.models import ContentPage
from process.models import ProcessIndexPage
from tests.factories.pages import make_news, make_site
from tests.factories.process import make_phase, make_process

pytestmark = pytest.mark.django_db

VOID = {"meta", "link", "input", "img", "br", "hr", "source", "wbr"}


class Reader(HTMLParser):
    """Gathers the text of the body in `texts`: language → pieces."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, str]] = []
        self.texts: dict[str, list[str]] = {}

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append((tag, dict(attrs).get("lang") or (self.open[-1][1] if self.open else "")))

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if data.strip() and "body" in [tag for tag, _lang in self.open]:
            self.texts.setdefault(self.open[-1][1], []).append(data.strip())


def texts_of(client, address: str) -> dict[str, str]:
    reader = Reader()
    reader.feed(client.get(address).content.decode())
    return {language: " | ".join(pieces) for language, pieces in reader.texts.items()}


@pytest.fixture
def site(site_root):
    """Every text that the municipality writes begins with “Nl”."""
    site = make_site(site_root)
    today = timezone.localdate()
    site.home.add_child(
        instance=ContentPage(title="Nl menu", slug="menu", intro="Nl inleiding", show_in_menus=True, role="privacy")
    )
    make_news(site.news, title="Nl bericht", intro="Nl nieuws")
    process = make_process(
        site.home.add_child(instance=ProcessIndexPage(title="Nl trajecten", slug="trajecten", intro="Nl lijst")),
        make_phase(
            "Nl fase", today, today + timedelta(days=9), goal="Nl doel", influence="Nl invloed", audience="Nl wie"
        ),
        title="Nl traject",
        slug="nl-traject",
        intro="Nl waarover",
    )
    site.process = process
    return site


@pytest.mark.parametrize(
    "address", ["/en/", "/en/menu/", "/en/nieuws/", "/en/nieuws/bericht-1/", "/en/trajecten/", "{process}"]
)
def test_what_the_municipality_wrote_is_marked_as_dutch(site, client, address):
    """Mutants: a menu, card, step or crumb without `lang`."""
    texts = texts_of(client, address.format(process="/en" + site.process.get_url().removeprefix("/en")))

    assert [piece for piece in texts["en"].split(" | ") if piece.startswith("Nl")] == []
    assert texts["nl"].count("Nl") >= 3


def test_dutch_page_needs_no_marks(site, client):
    assert set(texts_of(client, "/")) == {"nl", "en"}
    assert texts_of(client, "/")["en"] == "English"


def test_words_of_the_interface_beside_it_stay_english(site, client):
    """Mutant: mark the whole card; its badge is then read aloud as Dutch."""
    assert "Running now" in texts_of(client, "/en/trajecten/")["en"]
