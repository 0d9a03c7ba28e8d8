"""Whole pages for anonymous visitors, kept in the cache until something changes.

Kept is only what every visitor without an account would get: the answer to a GET without a session,
without messages and without a token in a form. `bump()` makes every kept page stale at once.

What is never kept, and why:
- requests with any cookie but the token's and the language's: they may belong to somebody;
- answers that set a cookie (a form with a token does), read a session that was not empty, or say `no-store` or
  `private`: they are for one visitor;
- anything but 200: a 404 for every address that somebody makes up would fill the cache.
"""

import hashlib
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from pages import freshness
from pages.freshness import bump

__all__ = ["AnonymousPageCacheMiddleware", "bump"]

SECONDS = 60
LONGEST_ADDRESS = 300
LARGEST_PAGE = 1_000_000
# Addresses with a query, or on another host name, share this many places: whoever makes up a million
# addresses pushes other such pages out, but never fills the cache.
SHARED_PLACES = 1024
HARMLESS_COOKIES = {settings.CSRF_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME}
# Headers that belong to one answer or one connection.
NOT_KEPT = {"set-cookie", "date", "connection", "transfer-encoding"}
STATE_HEADER = "X-Page-Cache"


@dataclass(frozen=True)
class KeptPage:
    """A page as it was sent. `address` is compared, because addresses may share a place."""

    address: str
    body: bytes
    headers: tuple[tuple[str, str], ...]


class AnonymousPageCacheMiddleware:
    """Stands before sessions and languages: a kept page costs one trip to the cache."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not may_ask(request):
            return self.get_response(request)
        address = full_address(request)
        key = place_of(request, address)
        mark, kept = freshness.read(key)
        if isinstance(kept, KeptPage) and kept.address == address:
            return answer(kept)
        response = self.get_response(request)
        if may_keep(request, response):
            freshness.keep(key, mark, kept_page(address, response), SECONDS)
            response.headers[STATE_HEADER] = "kept"
        return response


def may_ask(request: HttpRequest) -> bool:
    """Whether a kept page could be the answer: nothing in the request says who is asking."""
    return (
        request.method in ("GET", "HEAD")
        and set(request.COOKIES) <= HARMLESS_COOKIES
        and not {"HTTP_AUTHORIZATION", "HTTP_HX_REQUEST", "HTTP_RANGE"} & set(request.META)
        and not request.path.startswith((settings.ADMIN_PREFIX, settings.STATIC_URL, settings.MEDIA_URL))
        and len(request.get_full_path()) <= LONGEST_ADDRESS
    )


def may_keep(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Whether this answer is the same for every anonymous visitor."""
    if request.method != "GET" or response.status_code != 200 or response.streaming or response.cookies:
        return False
    control = response.headers.get("Cache-Control", "").lower()
    if "no-store" in control or "private" in control or "Content-Disposition" in response.headers:
        return False
    return _varies_harmlessly(request, response) and len(_body(response)) <= LARGEST_PAGE


def _varies_harmlessly(request: HttpRequest, response: HttpResponseBase) -> bool:
    """`Vary: Cookie` is harmless when it stands there only because somebody looked into an empty session."""
    varies = {name.strip().lower() for name in response.headers.get("Vary", "").split(",") if name.strip()}
    if varies - {"cookie", "hx-request", "accept-encoding"}:
        return False
    session = getattr(request, "session", None)
    messages = getattr(request, "_messages", None)
    # Said in this very answer: a message is for one visitor, once.
    spoken = messages is not None and (messages.used or messages.added_new)
    return (session is None or session.is_empty()) and not spoken


def full_address(request: HttpRequest) -> str:
    """Scheme, host, path and query; the language is in the path. A host we do not serve raises `DisallowedHost`."""
    return f"{request.scheme}://{request.get_host()}{request.get_full_path()}"


def place_of(request: HttpRequest, address: str) -> str:
    """The key: a place of its own for a plain address on our own host, a shared place for all others."""
    digest = hashlib.sha256(address.encode()).hexdigest()
    if request.get_host() == urlsplit(settings.BASE_URL).netloc and not request.META.get("QUERY_STRING"):
        return f"pages:page:{digest}"
    return f"pages:shared:{int(digest[:8], 16) % SHARED_PLACES}"


def kept_page(address: str, response: HttpResponseBase) -> KeptPage:
    headers = tuple((name, value) for name, value in response.items() if name.lower() not in NOT_KEPT)
    return KeptPage(address, zlib.compress(_body(response), 1), headers)


def answer(kept: KeptPage) -> HttpResponse:
    response = HttpResponse(zlib.decompress(kept.body))
    for name, value in kept.headers:
        response.headers[name] = value
    response.headers[STATE_HEADER] = "hit"
    return response


def _body(response: HttpResponseBase) -> bytes:
    return response.content if isinstance(response, HttpResponse) else b""
