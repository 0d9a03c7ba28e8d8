"""Which groups are told of, so that no number about a group too small can be found by taking the others from the total. Pure.

A group with fewer ballots than the cell minimum is hidden. Total minus what is shown is what the hidden groups have together. So there are
never fewer than two of them, and together they have the cell minimum too: groups that are large enough themselves are hidden along, those
with the fewest people on the roll first. That does not depend on how many voted, so a group does not come and go while people vote.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Cell:
    """A group: people on the roll and ballots. `number` is None for ballots that no group is known of; those are never told of."""

    number: int | None
    roll: int
    ballots: int


def hidden_cells(cells: Sequence[Cell], least: int) -> set[int | None]:
    """Numbers of the groups that are not told of."""
    known = sorted((cell for cell in cells if cell.number is not None), key=_order)
    unknown = sum(cell.ballots for cell in cells if cell.number is None)
    hidden = [cell for cell in known if cell.ballots < least]
    shown = [cell for cell in known if cell.ballots >= least]
    while shown and _can_be_found(hidden, unknown, least):
        hidden.append(shown.pop(0))
    return {cell.number for cell in hidden} | {None}


def _can_be_found(hidden: list[Cell], unknown: int, least: int) -> bool:
    """Whether what is left of the total says too much. How many ballots have no group may be known: turnout is told per channel."""
    if not hidden:
        return 0 < unknown < least
    if all(cell.ballots >= least for cell in hidden):
        return False
    together = sum(cell.ballots for cell in hidden)
    # Who knows that all of them are small and sees the largest sum that small ones can have, knows each.
    return len(hidden) < 2 or together < least or together == len(hidden) * (least - 1)


def _order(cell: Cell) -> tuple[int, int]:
    return cell.roll, cell.number or 0
