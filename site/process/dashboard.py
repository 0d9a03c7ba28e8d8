"""What waits for a member of staff: cards on the start page of the admin, filled in `AppConfig.ready()`."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from django.utils import timezone
from django.utils.timesince import timesince

from people.models import User


@dataclass(frozen=True)
class Card:
    """Work that waits. `label` is plain words (“Proposals to check”), `url` is where the work is done.

    `due` is when the first of it must be done, `oldest` since when the oldest waits.
    """

    label: str
    count: int
    url: str
    due: date | datetime | None = None
    oldest: datetime | None = None

    @property
    def age(self) -> str:
        """How long the oldest waits, in one unit: “3 weeks”."""
        return timesince(self.oldest, depth=1) if self.oldest else ""

    @property
    def is_late(self) -> bool:
        """Whether the first of it should have been done before now."""
        return self.due is not None and _seconds(self.due) < timezone.now().timestamp()


CardSource = Callable[[User], Iterable[Card]]
_sources: list[CardSource] = []


def register(source: CardSource) -> CardSource:
    """Adds a function user → cards. It asks the user's permissions itself and returns [] for others."""
    if source in _sources:
        raise ValueError(f"The cards of “{source.__qualname__}” are registered twice.")
    _sources.append(source)
    return source


def cards_for(user: User) -> list[Card]:
    """The cards with work in them, what is due first in front, then what waits longest."""
    cards = [card for source in _sources for card in source(user) if card.count]
    return sorted(cards, key=_urgency)


def _urgency(card: Card) -> tuple[float, float]:
    return (_seconds(card.due), _seconds(card.oldest))


def _seconds(moment: date | datetime | None) -> float:
    if moment is None:
        return float("inf")
    if isinstance(moment, datetime):
        return moment.timestamp()
    # A day lasts until its end.
    return timezone.make_aware(datetime.combine(moment, time.max)).timestamp()
