"""How many people a draft reaches, in round numbers: staff see no number from which somebody's age or home could be found.

Who tries house number after house number, or age after age, would else learn who has an account where, and how old they are.
"""

from django.conf import settings
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ballots.frozen import FrozenVote
from ballots.roll import group_sizes, people_of

ROUNDED_TO = 5


def rounded(number: int) -> int | None:
    """Rounded down to fives; None below the least number of people that is told."""
    return number - number % ROUNDED_TO if number >= settings.BALLOTS_CELL_MINIMUM else None


def reach_of(vote: FrozenVote) -> str:
    """How many residents would be on the roll now, in a sentence."""
    if (number := rounded(people_of(vote).count())) is None:
        words = {"number": settings.BALLOTS_CELL_MINIMUM}
        return _("Fewer than %(number)s residents would be on the list of voters now.") % words
    text = ngettext(
        "At least %(number)s resident would be on the list of voters now.",
        "At least %(number)s residents would be on the list of voters now.",
        number,
    )
    return text % {"number": number_format(number)}


def group_reach(vote: FrozenVote) -> dict[int, str]:
    """How many residents would be in each group now, by its number, as short as a cell of a table."""
    sizes = group_sizes(vote)
    return {group.number: _short(rounded(sizes[group.number])) for group in vote.electorates}


def titled_reach(vote: FrozenVote) -> list[tuple[str, str]]:
    """The same with the name of each group."""
    sizes = group_reach(vote) if vote.electorates else {}
    return [(group.title, sizes[group.number]) for group in vote.electorates]


def _short(number: int | None) -> str:
    if number is None:
        return _("fewer than %(number)s") % {"number": settings.BALLOTS_CELL_MINIMUM}
    return _("at least %(number)s") % {"number": number_format(number)}
