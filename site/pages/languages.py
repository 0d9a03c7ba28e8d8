"""The language of a page stands in its address, and nowhere else: Dutch without a prefix, English below /en/."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils.translation import get_language, get_language_info
from django.utils.translation.trans_real import get_language_from_path


class PathLocaleMiddleware(LocaleMiddleware):
    """Django's, without the header `Vary: Accept-Language`.

    With `i18n_patterns(prefix_default_language=False)` Django already reads the language from the path
    alone; the header would only tell caches that it might depend on the browser.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        response.headers.setdefault("Content-Language", get_language() or settings.LANGUAGE_CODE)
        return response


def content_language() -> str:
    """The language that the municipality and residents write in, where the interface speaks another; else ""."""
    return "" if get_language() == settings.LANGUAGE_CODE else settings.LANGUAGE_CODE


def path_in(path: str, language: str) -> str:
    """The same page in another language: only the prefix changes.

    Slashes at the front become one, or `//other.site/` would leave this site.
    """
    current = get_language_from_path(path)
    rest = path[len(current) + 1 :] if current and current != settings.LANGUAGE_CODE else path
    rest = "/" + rest.lstrip("/\\")
    return rest if language == settings.LANGUAGE_CODE else f"/{language}{rest}"


def alternate_paths(request: HttpRequest) -> list[dict[str, Any]]:
    """For the language switch and `hreflang`: code, own name, path with query, absolute address."""
    query = request.META.get("QUERY_STRING", "") if request.method == "GET" else ""
    found = []
    for code, _name in settings.LANGUAGES:
        path = path_in(request.path, code)
        found.append(
            {
                "code": code,
                "name": get_language_info(code)["name_local"].capitalize(),
                "url": f"{path}?{query}" if query else path,
                "absolute": settings.BASE_URL + path,
                "current": code == get_language(),
            }
        )
    return found
