"""Reads over the municipality's pages."""

from django.http import HttpRequest
from django.urls import reverse
from wagtail.models import Page, Site

from pages.models import SiteLook

DEEPEST = 4
LONGEST = 1000


def municipality_name() -> str:
    """The name that staff gave in “look and name”; "" as long as nobody did."""
    names = SiteLook.objects.filter(site__is_default_site=True).values_list("organisation", flat=True)
    return names.first() or ""


def sitemap_rows(request: HttpRequest) -> list[dict[str, object]]:
    """Public pages of this site in the order of the tree: title, url, level (1 is right below the home page)."""
    site = Site.find_for_request(request)
    if site is None:
        return []
    root = site.root_page
    pages = Page.objects.descendant_of(root).live().public().filter(depth__lte=root.depth + DEEPEST)
    rows = pages.order_by("path").values_list("title", "url_path", "depth")[:LONGEST]
    return [
        {
            "title": title,
            "url": reverse("wagtail_serve", args=(url_path[len(root.url_path) :],)),
            "level": depth - root.depth,
        }
        for title, url_path, depth in rows
    ]
