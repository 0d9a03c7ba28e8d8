"""The map of neighbourhoods, each with a link to its page."""

import json

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from pages import freshness
from panels.queries import boundaries_with_links
from places.boundaries import current

SECONDS = 60 * 60


@require_safe
def map_view(request: HttpRequest) -> HttpResponse:
    """GeoJSON of the neighbourhoods that have a page; kept until a page or a boundary changes."""
    key = f"panels:map:{current().mark}:{get_language()}"
    mark, kept = freshness.read(key)
    if not isinstance(kept, str):
        kept = json.dumps(boundaries_with_links(), separators=(",", ":"), ensure_ascii=False)
        freshness.keep(key, mark, kept, SECONDS)
    response = HttpResponse(kept, content_type="application/geo+json")
    response["Cache-Control"] = "public, max-age=300"
    return response
