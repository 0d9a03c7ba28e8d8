"""The frame around every public page: name, theme, menu and footer links.

Made once per site and language and kept in the cache (`pages.freshness`): three queries for a cold
frame (site, look, pages of menu and footer together), none for a warm one.
"""

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.db.models import Q
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from wagtail.models import Page, Site

from pages import freshness
from pages.languages import alternate_paths, content_language
from pages.menu import Link, registered_account_links, registered_footer_links, registered_links
from pages.models import ContentPage, SiteLook
from pages.templatetags.components import written
from people.roles import is_staff_member

SECONDS = 300
# Wagtail's tree: the root has depth 1, a site's home page depth 2.
HOME_DEPTH = 2


@dataclass(frozen=True)
class Frame:
    """What is the same for every visitor of a site in one language."""

    organisation: str = settings.SITE_NAME
    theme: str = "river"
    contact: str = ""
    logo_url: str = ""
    menu: tuple[Link, ...] = ()
    roles: dict[str, Link] = field(default_factory=dict)

    @property
    def theme_file(self) -> str:
        return f"themes/{self.theme}.css"


def page_path(page: Page, root_path: str) -> str:
    """A page's address without asking for the site's root paths again."""
    return reverse("wagtail_serve", args=(page.url_path[len(root_path) :],))


def build_frame(site: Site | None) -> Frame:
    if site is None:
        return Frame(menu=tuple(registered_links()))
    look = SiteLook.objects.filter(site=site).select_related("logo").first() or SiteLook(site=site)
    logo_url = look.logo.get_rendition("max-320x96").url if look.logo else ""
    root = site.root_page
    in_menu = Q(depth=root.depth + 1, show_in_menus=True)
    with_role = Q(contentpage__role__in=[role for role in ContentPage.Role.values if role])
    pages = (
        Page.objects.descendant_of(root)
        .live()
        .filter(in_menu | with_role)
        .order_by("path")
        .values_list("title", "url_path", "show_in_menus", "depth", "contentpage__role")
    )
    menu: list[Link] = []
    roles: dict[str, Link] = {}
    for title, url_path, shown, depth, role in pages:
        link = Link(title, reverse("wagtail_serve", args=(url_path[len(root.url_path) :],)), content_language())
        if shown and depth == root.depth + 1:
            menu.append(link)
        if role:
            roles.setdefault(role, link)
    return Frame(look.organisation, look.theme, look.contact, logo_url, (*menu, *registered_links()), roles)


def frame_for(request: HttpRequest) -> Frame:
    """The kept frame, or a new one."""
    key = f"pages:frame:{request.get_host()}:{get_language()}"
    mark, kept = freshness.read(key)
    if isinstance(kept, Frame):
        return kept
    frame = build_frame(Site.find_for_request(request))
    freshness.keep(key, mark, frame, SECONDS)
    return frame


def page_trail(page: Page, request: HttpRequest | None) -> list[tuple[str, str]]:
    """Pairs of (title, address) from below the home page to this page, the titles marked as `written`; kept like the frame."""
    if page.depth <= HOME_DEPTH:
        return []
    key = f"pages:trail:{page.pk}:{get_language()}"
    mark, kept = freshness.read(key)
    if isinstance(kept, list):
        return kept
    ancestors = page.get_ancestors(inclusive=True).filter(depth__gte=HOME_DEPTH).values_list("title", "url_path")
    (_home, root_path), *rest = list(ancestors)
    trail = [(written(title), reverse("wagtail_serve", args=(url_path[len(root_path) :],))) for title, url_path in rest]
    freshness.keep(key, mark, trail, SECONDS)
    return trail


class Chrome:
    """The frame plus what belongs to this one request; everything is worked out when a template asks."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def frame(self) -> Frame:
        try:
            return frame_for(self._request)
        except DisallowedHost:
            return Frame()

    @cached_property
    def signed_in(self) -> bool:
        """Without a session cookie nobody is signed in: then the session stays unread and the page cacheable."""
        if settings.SESSION_COOKIE_NAME not in self._request.COOKIES and not hasattr(self._request, "_cached_user"):
            return False
        return bool(getattr(self._request, "user", None) and self._request.user.is_authenticated)

    @cached_property
    def has_messages(self) -> bool:
        """Messages live in a cookie or in the session: a visitor with neither has none."""
        cookies = self._request.COOKIES
        stored = settings.SESSION_COOKIE_NAME in cookies or "messages" in cookies
        return stored or bool(getattr(getattr(self._request, "_messages", None), "_queued_messages", None))

    @cached_property
    def menu(self) -> list[dict[str, Any]]:
        """The menu with the section of this page marked."""
        path = self._request.path
        return [
            {
                "title": link.title,
                "url": link.url,
                "lang": link.lang,
                "current": path.startswith(link.url) and link.url != "/",
            }
            for link in self.frame.menu
        ]

    @cached_property
    def account_links(self) -> list[Link]:
        """What somebody who is signed in can go to; Wagtail's admin for those who may enter it."""
        links = [
            *_existing([(_("My account"), "account")]),
            *registered_account_links(),
            *_existing([(_("My notices"), "notices:inbox"), (_("Log out"), "account_logout")]),
        ]
        # Every staff role, and no other account, may enter the admin; the roles have been read already.
        if is_staff_member(self._request.user):
            links.insert(0, Link(_("Work for staff"), settings.ADMIN_PREFIX))
        return links

    @cached_property
    def login_url(self) -> str:
        """Log in and come back here."""
        here = self._request.get_full_path()
        return (
            f"{reverse('account_login')}?{urlencode({'next': here})}"
            if self._request.path != reverse("home")
            else reverse("account_login")
        )

    @cached_property
    def search_url(self) -> str:
        return reverse("search")

    @cached_property
    def footer_links(self) -> list[Link]:
        """Accessibility and privacy when those pages exist, then the sitemap and what packages registered."""
        return [*self.frame.roles.values(), Link(_("Sitemap"), reverse("sitemap")), *registered_footer_links()]

    @cached_property
    def languages(self) -> list[dict[str, Any]]:
        """This page in every language: code, name, path, absolute address."""
        return alternate_paths(self._request)


def _existing(names: list[tuple[str, str]]) -> list[Link]:
    """Links to those addresses that exist; a package that is left out brings none."""
    found = []
    for title, url_name in names:
        with suppress(NoReverseMatch):
            found.append(Link(title, reverse(url_name)))
    return found
