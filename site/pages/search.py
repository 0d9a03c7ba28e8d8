"""Search over everything public: pages, and what other packages register.

A package calls `register_source` in its `AppConfig.ready()`; a double key is an error. A source shows
only what anonymous visitors may read.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from pages.word_parts import parts_of

LONGEST_QUERY = 100
# As much of a text as stands below its title.
EXCERPT = 160
# More than anybody reads; a source is never asked for more.
MOST_HITS = 100


@dataclass(frozen=True)
class SearchHit:
    """Something found: its title, its address and a sentence of it."""

    title: str
    url: str
    text: str = ""


Search = Callable[[str, int], Sequence[SearchHit]]


@dataclass(frozen=True)
class Source:
    key: str
    label: Any
    search: Search


_sources: dict[str, Source] = {}


def register_source(key: str, label: Any, search: Search) -> None:
    """`search(query, limit)` gives at most `limit` hits, best first; `query` is never empty."""
    if key in _sources:
        raise ImproperlyConfigured(f"Search already has a source {key!r}.")
    _sources[key] = Source(key, label, search)


def sources() -> list[Source]:
    return list(_sources.values())


def clean_query(text: str) -> str:
    """What a visitor typed, without signs that a database refuses, and not endless."""
    return " ".join(text.replace("\0", " ").split())[:LONGEST_QUERY].strip()


def excerpt(text: str, length: int = EXCERPT) -> str:
    """The beginning of a text on one line, cut between two words."""
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    return (line[:length].rpartition(" ")[0] or line[:length]).rstrip(" ,.;:!?–-") + "…"


def search_pages(query: str, limit: int) -> list[SearchHit]:
    """Published pages that anybody may read."""
    pages = Page.objects.live().public().filter(depth__gt=1)
    order = [page.pk for page in pages.search(query)[:limit]]
    if len(order) < limit:
        order += pages.filter(parts_of(query, "title")).exclude(pk__in=order).values_list("pk", flat=True)[:limit]
    specific = {page.pk: page for page in Page.objects.filter(pk__in=order).specific()}
    return [_hit(specific[pk]) for pk in order[:limit] if pk in specific]


def _hit(page: Page) -> SearchHit:
    text = page.search_description or getattr(page, "intro", "")
    return SearchHit(page.title, page.get_url() or "", excerpt(text))


register_source("pages", _("Pages"), search_pages)
