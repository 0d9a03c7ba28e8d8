"""Turnout while a vote is open: rounded down to fives, nothing that is small, and never anything about choices.

Counted once per some minutes and kept in the cache, whoever looks and however often: so nobody can see one ballot come in, and a page
that is kept for some minutes says nothing else.
"""

from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.db.models import Count, Q

from ballots.electorates.cells import Cell, hidden_cells
from ballots.electorates.words import title_of
from ballots.frozen import FrozenVote
from ballots.models import RollEntry
from ballots.reach import rounded

KEPT_SECONDS = 180


@dataclass(frozen=True)
class LiveTurnout:
    """At least so many people voted; of groups of voters (title, at least so many). A group that is not named is small, or hides one."""

    voted: int
    groups: tuple[tuple[str, int], ...]


def live_turnout(vote: FrozenVote) -> LiveTurnout | None:
    """Of an open vote; None while fewer voted than are told of."""
    key = f"ballots.turnout:{vote.id}"
    numbers: dict[int | None, int] | None = cache.get(key)
    if numbers is None:
        numbers = _numbers(vote)
        cache.set(key, numbers, KEPT_SECONDS)
    if None not in numbers:
        return None
    groups = tuple((title_of(vote, group), numbers[group.number]) for group in vote.groups if group.number in numbers)
    return LiveTurnout(numbers[None], groups)


def _numbers(vote: FrozenVote) -> dict[int | None, int]:
    """What may be shown and nothing else, by the number of the group; None is everybody."""
    rows = RollEntry.objects.filter(vote_id=vote.id).values_list("electorate").order_by()
    found = rows.annotate(roll=Count("pk"), voted=Count("pk", filter=Q(has_cast=True)))
    cells = [Cell(number, roll, voted) for number, roll, voted in found]
    hidden = hidden_cells(cells, settings.BALLOTS_CELL_MINIMUM)
    shown = {cell.number: cell.ballots for cell in cells if cell.number not in hidden}
    numbers = {None: sum(cell.ballots for cell in cells), **shown}
    return {number: low for number, voted in numbers.items() if (low := rounded(voted)) is not None}
