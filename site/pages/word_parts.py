"""Finding words inside words. Dutch joins them: who types “speelplaats” also means a natuurspeelplaats.

Full-text search knows whole words and their forms only. What is found here comes besides it and after it.
"""

import re
from typing import Any

from django.conf import settings
from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import BooleanField, Case, F, Func, Q, QuerySet, Value, When

from pages.word_forms import forms_of

# Two letters are in half of all words, and PostgreSQL's index of parts works with three.
SHORTEST_START = 3
# Inside a word three letters are mostly chance: “bos” in “ambosse”.
SHORTEST_PART = 4
# Each word costs a condition; longer questions are answered by full text only.
MOST_WORDS = 8
# Whoever writes “-fiets”, “fiets or auto” or quotes says exactly what they mean.
OPERATORS = re.compile(r'"|(?:^|\s)-\w|\bor\b', re.IGNORECASE)


class HoldsNoWord(Func):
    """Whether a text has nothing to look for: only small words such as “voor” and “de”."""

    template = f"numnode(plainto_tsquery('{settings.SEARCH_CONFIG}', %(expressions)s)) = 0"
    output_field = BooleanField()


def parts_of(query: str, *fields: str, vector: str = "") -> Q:
    """Every word of the query, or its form for one or for more, stands in one of the text `fields`, by itself or inside a longer word.

    `vector` is the full-text field of the same rows, where there is one: it knows other forms of a word.
    """
    words = re.findall(r"\w+", query)
    if not words or len(words) > MOST_WORDS or OPERATORS.search(query):
        return Q(pk__in=[])
    found = ~Q(HoldsNoWord(Value(query)))
    for word in words:
        found &= _one_word(word, fields, vector)
    return found


def _one_word(word: str, fields: tuple[str, ...], vector: str) -> Q:
    found = Q(HoldsNoWord(Value(word)))
    if vector:
        found |= Q(**{vector: SearchQuery(word, config=settings.SEARCH_CONFIG)})
    if len(word) >= SHORTEST_START:
        start = "" if len(word) >= SHORTEST_PART else r"\m"
        pattern = f"{start}({'|'.join(forms_of(word))})"
        for name in fields:
            found |= Q(**{f"{name}__iregex": pattern})
    return found


def matching(rows: QuerySet[Any], query: str) -> Any:
    """Rows with `title`, `text` and their full-text field `search` that fit: quotes, minus and “or” work."""
    whole = SearchQuery(query, config=settings.SEARCH_CONFIG, search_type="websearch")
    return rows.filter(Q(search=whole) | parts_of(query, "title", "text", vector="search"))


def best_first(rows: QuerySet[Any], query: str) -> Any:
    """What has the whole words comes first, then what has parts of them in its title, then in its text."""
    whole = SearchQuery(query, config=settings.SEARCH_CONFIG, search_type="websearch")
    in_title = Case(When(parts_of(query, "title"), then=1), default=0)
    ranked = rows.annotate(rank=SearchRank(F("search"), whole), in_title=in_title)
    return ranked.order_by("-rank", "-in_title", "-pk")
