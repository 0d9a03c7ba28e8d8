"""Pages about the site as a whole: search, sitemap, robots, icon."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from pages.menu import registered_footer_links, registered_links
from pages.queries import sitemap_rows
from pages.search import MOST_HITS, Source, clean_query, sources

FIRST_HITS = 5
HITS_PER_PAGE = 20


@require_safe
def search_view(request: HttpRequest) -> HttpResponse:
    """Search in everything (a few hits of each kind) or in one kind (`soort`), with pages."""
    query = clean_query(request.GET.get("q", ""))
    chosen = next((source for source in sources() if source.key == request.GET.get("soort")), None)
    context: dict[str, Any] = {
        "query": query,
        "crumbs": [(_("Search"), "")],
        "tabs": _tabs(query, chosen),
        "sitemap_url": reverse("sitemap"),
    }
    if query:
        context |= _one_kind(query, chosen, request) if chosen else _every_kind(query)
    return render(request, "pages/search.html", context)


def _search_url(query: str, source: Source | None = None) -> str:
    return f"{reverse('search')}?{urlencode({'q': query} | ({'soort': source.key} if source else {}))}"


def _tabs(query: str, chosen: Source | None) -> list[dict[str, Any]]:
    everything = {"title": _("Everything"), "url": _search_url(query), "current": chosen is None}
    return [everything] + [
        {"title": source.label, "url": _search_url(query, source), "current": source is chosen} for source in sources()
    ]


def _every_kind(query: str) -> dict[str, Any]:
    groups = []
    for source in sources():
        hits = list(source.search(query, FIRST_HITS + 1))
        more_url = _search_url(query, source) if len(hits) > FIRST_HITS else ""
        groups.append({"key": source.key, "label": source.label, "hits": hits[:FIRST_HITS], "more_url": more_url})
    found = [group for group in groups if group["hits"]]
    has_more = any(group["more_url"] for group in found)
    # Where there are more than are shown, the one that showed it counts too.
    total = sum(len(group["hits"]) + bool(group["more_url"]) for group in found)
    return {"groups": found, "total": total, "has_more": has_more}


def _one_kind(query: str, source: Source, request: HttpRequest) -> dict[str, Any]:
    hits = list(source.search(query, MOST_HITS))
    page = Paginator(hits, HITS_PER_PAGE).get_page(request.GET.get("page"))
    group = {"key": source.key, "label": source.label, "hits": list(page)}
    return {"groups": [group] if hits else [], "total": len(hits), "has_more": len(hits) == MOST_HITS, "page_obj": page}


@require_safe
def sitemap_view(request: HttpRequest) -> HttpResponse:
    """Every public page, for people; `/sitemap.xml` is for machines."""
    context = {
        "rows": sitemap_rows(request),
        "lists": [*registered_links(), *registered_footer_links()],
        "crumbs": [(_("Sitemap"), "")],
    }
    return render(request, "pages/sitemap.html", context)


@require_safe
def robots_view(request: HttpRequest) -> HttpResponse:
    closed = [settings.ADMIN_PREFIX, reverse("search"), "/account/"]
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed), f"Sitemap: {settings.BASE_URL}/sitemap.xml"]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
def favicon_view(request: HttpRequest) -> HttpResponse:
    return HttpResponsePermanentRedirect(static("img/favicon.svg"))
