"""Votes, options and lists of them as the page of a result writes them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

Votes = int | str
"""Whole votes, or a decimal text where votes can be cut in parts."""

Titles = Mapping[str, str]
"""Option reference → its title."""

Sealed = Mapping[str, Any]
"""One count as it was sealed (`CountResult.to_dict()`)."""

PLACES = 2


@dataclass(frozen=True, slots=True)
class Place:
    """Where an explanation stands: `key` makes its ids unique on the page, `about` (a question, or "") its titles."""

    key: str
    about: str = ""

    def titled(self, title: str) -> str:
        """A title that no other explanation on the page has."""
        return f"{title} – {self.about}" if self.about else title


def figure(votes: Votes) -> str:
    """Votes as people write them; parts of a vote rounded to two decimals, "1.400,63"."""
    exact = Decimal(votes)
    if exact == exact.to_integral_value():
        return number_format(int(exact))
    return number_format(exact.quantize(Decimal(10) ** -PLACES, ROUND_HALF_UP), PLACES)


def votes_text(votes: Votes) -> str:
    """Votes in words, such as "1.861 votes"."""
    number = 1 if Decimal(votes) == 1 else 2
    return ngettext("%(n)s vote", "%(n)s votes", number) % {"n": figure(votes)}


def named(reference: str, titles: Titles) -> str:
    """An option in a sentence."""
    return f"“{titles[reference]}”"


def listed(parts: Iterable[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    *others, last = list(parts)
    if not others:
        return last
    return _("%(others)s and %(last)s") % {"others": ", ".join(others), "last": last}
