"""Making the pages of neighbourhoods."""

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.models import Page, Site

from panels.models import NeighbourhoodIndexPage, NeighbourhoodPage
from places.models import Area


class NoHomePage(Exception):
    """The site has no home page yet to put the neighbourhoods below."""


@transaction.atomic
def make_missing_pages() -> list[NeighbourhoodPage]:
    """A published page for every neighbourhood that has none; makes the list page when it is missing."""
    index_page = _index_page()
    taken = set(NeighbourhoodPage.objects.values_list("area", flat=True))
    slugs = set(index_page.get_children().values_list("slug", flat=True))
    missing = Area.objects.filter(kind=Area.Kind.NEIGHBOURHOOD).exclude(pk__in=taken).order_by("name")
    return [_make_page(index_page, area, slugs) for area in missing]


def _make_page(index_page: Page, area: Area, slugs: set[str]) -> NeighbourhoodPage:
    slug = area.slug if area.slug not in slugs else f"{area.slug}-{area.code.lower()}"
    slugs.add(slug)
    return index_page.add_child(instance=NeighbourhoodPage(title=area.name, slug=slug, area=area))


def _index_page() -> NeighbourhoodIndexPage:
    """The list of neighbourhoods; the first one, or a new one below the home page."""
    found = NeighbourhoodIndexPage.objects.order_by("path").first()
    if found is not None:
        return found
    site = Site.objects.select_related("root_page").filter(is_default_site=True).first()
    if site is None:
        raise NoHomePage
    page = NeighbourhoodIndexPage(title=_("Neighbourhoods"), slug="buurten", show_in_menus=True)
    return site.root_page.add_child(instance=page)
