"""Streets, or parts of them, as people write them and as a list of voters needs them.

One street per line, or with commas between: "Havenstraat", "Havenstraat 1-25", "Havenstraat oneven", "Havenstraat 2-40 even",
"Kerkstraat (Oosterdorp)" where two places have a street of that name.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q
from django.db.models.lookups import Exact
from django.utils.translation import gettext as _

from places.models import Address, Area
from places.queries import within

MOST_STREETS = 200
ODD, EVEN = "odd", "even"
SIDES = {"oneven": ODD, "odd": ODD, "even": EVEN}
_TYPED = {ODD: "oneven", EVEN: "even"}
_BETWEEN = re.compile(r"[\n\r;,]+")
_CITY = re.compile(r"^(?P<street>.+?)\s*\((?P<city>[^()]+)\)$")
_PART = re.compile(
    r"^(?P<street>.+?)(?:\s+(?P<first>\d{1,5})(?:\s*(?:-|–|t/m)\s*(?P<last>\d{1,5}))?)?(?:\s+(?P<side>oneven|odd|even))?$",
    re.IGNORECASE,
)


class StreetsRefused(ValueError):
    """Something in the text is no street here; `problems` says what, a sentence each."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True)
class Street:
    """A street (straat), or house numbers `first` to `last` of it, or one side of it.

    `name` and `city` are those of the addresses; `city` is None where the name is enough.
    """

    name: str
    city: str | None = None
    first: int | None = None
    last: int | None = None
    side: str = ""

    @classmethod
    def read(cls, plain: dict[str, Any]) -> "Street":
        """From what `plain` gave."""
        return cls(plain["street"], plain.get("city"), plain.get("from"), plain.get("to"), plain.get("side", ""))

    @property
    def plain(self) -> dict[str, Any]:
        """For JSON: only what is said."""
        values = {"street": self.name, "city": self.city, "from": self.first, "to": self.last, "side": self.side}
        return {
            name: value for name, value in values.items() if value not in (None, "") or (name, value) == ("city", "")
        }

    @property
    def typed(self) -> str:
        """As it can be typed again; in Dutch, as the names of streets are."""
        city = f" ({self.city or _municipality()})" if self.city is not None else ""
        numbers = "" if self.first is None else f" {self.first}-{self.last}"
        return f"{self.name}{city}{numbers}{' ' + _TYPED[self.side] if self.side else ''}"

    def __str__(self) -> str:
        name = self.name if not self.city else f"{self.name} ({self.city})"
        words = {"street": name, "first": self.first, "last": self.last}
        if self.first is None:
            texts = {"": "%(street)s", ODD: _("%(street)s, odd numbers"), EVEN: _("%(street)s, even numbers")}
        else:
            texts = {
                "": _("%(street)s %(first)s to %(last)s"),
                ODD: _("%(street)s %(first)s to %(last)s, odd numbers"),
                EVEN: _("%(street)s %(first)s to %(last)s, even numbers"),
            }
        return texts[self.side] % words

    def has(self, address: Address) -> bool:
        """Whether an address lies in it."""
        return (
            address.street == self.name
            and self.city in (None, address.city)
            and (self.first is None or self.last is None or self.first <= address.number <= self.last)
            and self.side in ("", ODD if address.number % 2 else EVEN)
        )

    def query(self, prefix: str = "") -> Q:
        """The same for the database; `prefix` leads to the address, such as "address__"."""
        found = Q(**{f"{prefix}street": self.name})
        if self.city is not None:
            found &= Q(**{f"{prefix}city": self.city})
        if self.first is not None:
            found &= Q(**{f"{prefix}number__gte": self.first, f"{prefix}number__lte": self.last})
        if self.side:
            found &= Q(Exact(F(f"{prefix}number") % 2, int(self.side == ODD)))
        return found


def in_streets(streets: Iterable[Street], prefix: str = "") -> Q:
    """Addresses in any of these streets."""
    found = Q(pk__in=())
    for street in streets:
        found |= street.query(prefix)
    return found


def as_typed(streets: Iterable[Street]) -> str:
    """The text that `read_streets` reads as these streets."""
    return "\n".join(street.typed for street in streets)


def read_streets(text: str, area: Area | None) -> tuple[Street, ...]:
    """The streets in a text, each once, in the order given; `area` None is the whole municipality.

    Raises `StreetsRefused` with a sentence for everything that is no street there.
    """
    parts = [part.strip() for part in _BETWEEN.split(text) if part.strip()]
    if len(parts) > MOST_STREETS:
        raise StreetsRefused([_("Name at most %(number)s streets.") % {"number": MOST_STREETS}])
    map_ = _StreetMap(area) if parts else None
    streets: dict[Street, None] = {}
    problems: list[str] = []
    for part in parts:
        assert map_ is not None
        try:
            streets[map_.find(part)] = None
        except StreetsRefused as refusal:
            problems += refusal.problems
    if problems:
        raise StreetsRefused(problems)
    return tuple(streets)


def without_address(streets: Iterable[Street], area: Area | None) -> list[Street]:
    """Those in which no address is known (any more)."""
    here = _addresses(area)
    return [street for street in streets if not here.filter(street.query()).exists()]


class _StreetMap:
    """The names of the streets of an area, however they are written."""

    def __init__(self, area: Area | None) -> None:
        self.addresses = _addresses(area)
        self.cities: dict[str, dict[str, set[str]]] = {}
        for name, city in self.addresses.order_by().values_list("street", "city").distinct():
            self.cities.setdefault(_plain(name), {}).setdefault(name, set()).add(city)

    def find(self, part: str) -> Street:
        if found := self._named(part):
            return found
        match = _PART.match(part)
        assert match is not None
        named = self._named(match["street"])
        if named is None:
            raise StreetsRefused([_("We know no street “%(street)s” here.") % {"street": part[:60]}])
        return self._part(named, match)

    def _named(self, text: str) -> Street | None:
        """A whole street; None when there is none of this name."""
        if _plain(text) in self.cities:
            return self._only(text)
        match = _CITY.match(text)
        if match is None:
            return None
        for name, cities in self.cities.get(_plain(match["street"]), {}).items():
            for city in cities:
                if _plain(city or _municipality()) == _plain(match["city"]):
                    return Street(name, city)
        return None

    def _only(self, text: str) -> Street:
        spellings = self.cities[_plain(text)]
        places = sorted({city for cities in spellings.values() for city in cities})
        if len(places) > 1:
            words = {"street": text, "places": ", ".join(city or _municipality() for city in places)}
            raise StreetsRefused(
                [_("There are several streets “%(street)s”. Add the place in brackets: %(places)s.") % words]
            )
        return Street(min(spellings))

    def _part(self, street: Street, match: "re.Match[str]") -> Street:
        first = int(match["first"]) if match["first"] else None
        last = int(match["last"]) if match["last"] else first
        part = Street(street.name, street.city, first, last, SIDES.get((match["side"] or "").lower(), ""))
        if not self.addresses.filter(part.query()).exists():
            raise StreetsRefused([_("We know no address in “%(street)s”.") % {"street": part}])
        return part


def _addresses(area: Area | None) -> Any:
    addresses = Address.objects.all()
    return addresses if area is None else addresses.filter(neighbourhood__in=within(area))


def _municipality() -> str:
    """The name of the place where an address names none."""
    return Area.objects.filter(kind=Area.Kind.MUNICIPALITY).values_list("name", flat=True).first() or ""


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip().casefold()
