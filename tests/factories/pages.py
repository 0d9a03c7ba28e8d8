"""A small site of a municipality: a home page, a text, news, and the pages of the footer."""

from datetime import date
from types import SimpleNamespace

from wagtail.models import Page, Site

from pages.blocks import text_body
from pages.models import ContentPage, HomePage, NewsIndexPage, NewsPage, SiteLook


def make_site(root: Page) -> SimpleNamespace:
    """`site`, `look`, `home`, `about` and `news` (in the menu), `accessibility`, `privacy` (in the footer)."""
    home = root.add_child(
        instance=HomePage(title="Doe mee in Waterveen", slug="waterveen", intro="Praat mee over uw buurt.")
    )
    site = Site.objects.get(is_default_site=True)
    site.root_page = home
    site.save()
    Page.objects.filter(depth=2).exclude(pk=home.pk).delete()
    about = home.add_child(
        instance=ContentPage(title="Zo werkt het", slug="zo-werkt-het", show_in_menus=True, intro="In vier stappen.")
    )
    news = home.add_child(instance=NewsIndexPage(title="Nieuws", slug="nieuws", show_in_menus=True))
    accessibility = home.add_child(
        instance=ContentPage(title="Toegankelijkheid", slug="toegankelijkheid", role="accessibility")
    )
    privacy = home.add_child(instance=ContentPage(title="Privacy", slug="privacy", role="privacy"))
    look = SiteLook.objects.create(site=site, organisation="Gemeente Waterveen", contact="Plein 1, Waterveen")
    return SimpleNamespace(
        site=site, look=look, home=home, about=about, news=news, accessibility=accessibility, privacy=privacy
    )


def make_news(index: NewsIndexPage, number: int = 1, **fields) -> NewsPage:
    values = {
        "title": f"Bericht {number}",
        "slug": f"bericht-{number}",
        "date": date(2026, 11, number % 28 + 1),
        "intro": "Er is iets nieuws in de buurt.",
        "body": text_body("<p>Lees verder.</p>"),
    }
    return index.add_child(instance=NewsPage(**{**values, **fields}))
