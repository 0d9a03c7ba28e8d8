"""Finding the page of an address in two queries, however deep it lies."""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest
from wagtail.models import Page


class DirectRoute:
    """For the site's root page: Wagtail itself asks twice for every level of the address.

    The way down is read at once, by the slugs in the address. A page on the way that answers addresses
    of its own still can: when the last part is no page, Wagtail goes down step by step.
    """

    def route(self, request: HttpRequest, path_components: list[str]) -> Any:
        page = _page_at(self, path_components) if path_components else None
        if page is None:
            return super().route(request, path_components)  # type: ignore[misc]
        return page.route(request, [])


def _page_at(root: Any, slugs: list[str]) -> Any:
    """The page at the end of these slugs below a page, as its own kind; None when there is none."""
    depths = range(root.depth + 1, root.depth + len(slugs) + 1)
    found = Page.objects.filter(path__startswith=root.path, depth__in=depths, slug__in=set(slugs))
    # The path of a page begins with its parent's.
    by_place = {
        (row[0][: -Page.steplen], row[1]): row for row in found.values_list("path", "slug", "pk", "content_type")
    }
    here, pk, kind = root.path, 0, 0
    for slug in slugs:
        if (row := by_place.get((here, slug))) is None:
            return None
        here, _slug, pk, kind = row
    model = ContentType.objects.get_for_id(kind).model_class()
    return model._default_manager.filter(pk=pk).first() if model else None
