"""The page tree of the demonstration: home, text, news, neighbourhoods and processes with their phases."""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.apps import apps
from django.conf import settings
from django.utils.html import format_html, format_html_join
from django.utils.text import slugify
from wagtail.models import Page, Site

from config.demo.texts import text_of
from pages.first_pages import add_statements
from pages.models import ContentPage, HomePage, NewsIndexPage, NewsPage, SiteLook
from process.first_page import add_process_list
from process.models import Phase, ProcessIndexPage, ProcessPage


@dataclass(frozen=True)
class Tree:
    """The pages that others hang theirs below."""

    home: HomePage
    processes: ProcessIndexPage


def make_site(today: date) -> Tree:
    """The site with its look, home page, text pages and news, ready for processes."""
    home = _make_home()
    _make_look()
    processes = add_process_list(home)
    _make_neighbourhoods(home)
    _make_news(home, today)
    for entry in text_of("pages")["content"]:
        _make_content(home, entry)
    add_statements(home, "Waterveen", today=today)
    return Tree(home, processes)


def _make_home() -> HomePage:
    """Takes the place of the page that a new Wagtail site starts with."""
    root = Page.get_first_root_node()
    Page.objects.filter(depth=2).delete()
    entry = text_of("pages")["home"]
    home = root.add_child(instance=HomePage(title=entry["title"], slug="home", intro=entry["intro"]))
    Site.objects.update_or_create(
        is_default_site=True,
        defaults={"hostname": "localhost", "port": settings.PORT, "root_page": home, "site_name": "Waterveen"},
    )
    Site.clear_site_root_paths_cache()
    return home


def invite(tree: Tree, *buttons: tuple[str, Page]) -> None:
    """Puts up to two buttons in the hero of the home page."""
    tree.home.buttons = [("button", {"text": text, "page": page, "address": ""}) for text, page in buttons]
    tree.home.save()


def _make_look() -> None:
    site = Site.objects.get(is_default_site=True)
    look = SiteLook.for_site(site)
    look.organisation = "Waterveen"
    look.contact = "Stadhuis, Gasthuisplein 1, 1312 AB Waterveen\nTelefoon 14 0299\ndoemee@waterveen.example"
    look.save()


def _body(paragraphs: list[tuple[str, str]]) -> str:
    """A stream of one text block: a heading with a paragraph, a few times."""
    html = format_html_join("", "<h2>{}</h2><p>{}</p>", paragraphs)
    return json.dumps([{"type": "text", "value": html}])


def _make_content(home: HomePage, entry: dict[str, Any]) -> None:
    home.add_child(
        instance=ContentPage(
            title=entry["title"],
            slug=entry["slug"],
            intro=entry["intro"],
            show_in_menus=True,
            body=_body([(title, text) for title, text in entry["sections"]]),
        )
    )


def _make_news(home: HomePage, today: date) -> None:
    index = home.add_child(instance=NewsIndexPage(title="Nieuws", slug="nieuws", show_in_menus=True))
    for entry in text_of("pages")["news"]:
        body = json.dumps([{"type": "text", "value": format_html("<p>{}</p>", entry["text"])}])
        index.add_child(
            instance=NewsPage(
                title=entry["title"],
                slug=slugify(entry["title"]),
                intro=entry["intro"],
                date=today - timedelta(days=entry["days_ago"]),
                body=body,
            )
        )


def _make_neighbourhoods(home: HomePage) -> None:
    if not apps.is_installed("panels"):
        return
    from django.core.management import call_command

    from panels.models import NeighbourhoodIndexPage

    home.add_child(
        instance=NeighbourhoodIndexPage(
            title="Buurten",
            slug="buurten",
            show_in_menus=True,
            intro="Elke buurt heeft een eigen pagina. Zoek uw buurt op naam of op de kaart.",
        )
    )
    call_command("make_neighbourhood_pages", verbosity=0)


# --- Processes ----------------------------------------------------------------------------------------


def add_process(tree: Tree, title: str, intro: str, phases: list[Phase], **fields: Any) -> ProcessPage:
    """A published process; its phases come in order and do not overlap."""
    page = ProcessPage(title=title, slug=slugify(title), intro=intro, **fields)
    page.phases.set(phases)
    return tree.processes.add_child(instance=page)


def make_phase(title: str, span: tuple[date, date], opens: list[str], **words: str) -> Phase:
    """A phase; `words` are goal, influence, audience, and the rungs of both ladders."""
    defaults = {
        "citizen_rung": Phase.CitizenRung.CODECIDE,
        "government_rung": Phase.GovernmentRung.FACILITATE,
        "audience": "Alle inwoners van Waterveen",
    }
    return Phase(title=title, starts_on=span[0], ends_on=span[1], opens=opens, **{**defaults, **words})
