"""Boundaries for the maps, and “Where do I live?”."""

import json
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from places.boundaries import current
from places.drawing import KINDS, collection
from places.forms import WhereForm

SECONDS = 24 * 60 * 60


@require_GET
def areas_view(request: HttpRequest) -> HttpResponse:
    """Boundaries as GeoJSON, drawn simply; the answer changes only when areas change.

    `?kind=` municipality | district | neighbourhood (default: the smallest there are).
    """
    kind = request.GET.get("kind", "")
    kind = kind if kind in KINDS else ""
    version = current().mark
    tag = f'"{version}-{kind}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified()
    response = HttpResponse(_kept_collection(version, kind), content_type="application/geo+json")
    response["ETag"] = tag
    response["Cache-Control"] = "public, max-age=300"
    return response


def _kept_collection(version: str, kind: str) -> str:
    key = f"places:areas:{version}:{kind}"
    kept = cache.get(key)
    if kept is None:
        kept = json.dumps(collection(kind), separators=(",", ":"), ensure_ascii=False)
        cache.set(key, kept, SECONDS)
    return str(kept)


def _posted(request: HttpRequest) -> QueryDict | None:
    """What was sent, also when that is nothing at all."""
    return request.POST if request.method == "POST" else None


def where_view(request: HttpRequest) -> HttpResponse:
    """Postcode and house number in, neighbourhood out. Nothing is kept, and nothing stands in the address."""
    form = WhereForm(_posted(request))
    context: dict[str, Any] = {"form": form, "title": _("Where do I live?")}
    if form.is_valid():
        context["address"] = form.cleaned_data["address"]
    response = render(request, "places/where.html", {**context, "crumbs": [(context["title"], "")]})
    response["Cache-Control"] = "no-store" if request.method == "POST" else "private"
    return response
