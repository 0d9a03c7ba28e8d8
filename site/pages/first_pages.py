"""The pages a new municipality starts with: home, news, accessibility statement and privacy statement.

A package that cannot do without a page of its own calls `register` in its `AppConfig.ready()`.
"""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from django.db import transaction
from django.utils import formats, translation
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from wagtail.models import Page, Site

from pages.blocks import text_body
from pages.freshness import bump
from pages.models import ContentPage, HomePage, NewsIndexPage, SiteLook

TEXTS = Path(__file__).parent / "standard_texts"


Make = Callable[[HomePage], object]
_others: list[Make] = []


def register(make: Make) -> None:
    """`make(home)` adds a page below the home page of a new site."""
    if make not in _others:
        _others.append(make)


class SiteExists(Exception):
    """There is a home page already; nothing was changed."""


def standard_text(name: str, organisation: str, today: date) -> str:
    """A text of `standard_texts/` in Dutch, with the name of the municipality and the date of the statement."""
    source = (TEXTS / f"{name}.html").read_text(encoding="utf-8")
    with translation.override("nl"):
        day = formats.date_format(today, "DATE_FORMAT")
    # The texts are files of ours; only the name comes from outside.
    return format_html(mark_safe(source), organisation=organisation, day=day)  # noqa: S308


@transaction.atomic
def make_first_pages(organisation: str, *, today: date) -> HomePage:
    """Makes the pages in the place of Wagtail's example page, or raises `SiteExists`."""
    if HomePage.objects.exists():
        raise SiteExists
    root = Page.get_first_root_node()
    intro = "Denk mee, doe voorstellen en stem. U ziet altijd wat er met uw bijdrage gebeurt."
    home = root.add_child(instance=HomePage(title=f"Doe mee met {organisation}", slug="start", intro=intro))
    site = Site.objects.filter(is_default_site=True).first() or Site(hostname="localhost", is_default_site=True)
    site.root_page, site.site_name = home, organisation
    site.save()
    Page.objects.filter(depth=home.depth).exclude(pk=home.pk).delete()
    SiteLook.objects.update_or_create(site=site, defaults={"organisation": organisation})
    for make in _others:
        make(home)
    home.add_child(instance=NewsIndexPage(title="Nieuws", slug="nieuws", show_in_menus=True))
    add_statements(home, organisation, today=today)
    bump()
    return home


def add_statements(home: HomePage, organisation: str, *, today: date) -> None:
    """The accessibility statement and the privacy statement, below the home page and in the footer."""
    for name, title, role in [
        ("toegankelijkheid", "Toegankelijkheid", ContentPage.Role.ACCESSIBILITY),
        ("privacy", "Privacy", ContentPage.Role.PRIVACY),
    ]:
        body = text_body(standard_text(name, organisation, today))
        home.add_child(instance=ContentPage(title=title, slug=name, role=role, body=body))
