"""Groups of voters, pure: which are merged, which are hidden; and that no hidden number can be found, by trying everything."""

from collections import defaultdict
from itertools import product

import pytest

from ballots.electorates.cells import Cell, hidden_cells
from ballots.electorates.merging import merge_small

# --- Merging -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sizes", "ends"),
    [
        ({1: 30, 2: 40}, {1: 1, 2: 2}),
        ({1: 30, 2: 5, 3: 40}, {1: 1, 2: 1, 3: 3}),
        ({1: 5, 2: 5, 3: 40}, {1: 3, 2: 3, 3: 3}),
        ({1: 12, 2: 12, 3: 40}, {1: 1, 2: 1, 3: 3}),
        ({1: 0, 2: 25, 3: 25}, {1: 2, 2: 2, 3: 3}),
        ({1: 3, 2: 4}, {1: 2, 2: 2}),
        ({1: 3}, {1: 1}),
    ],
)
def test_small_group_goes_to_the_next_larger(sizes, ends):
    assert merge_small(sizes, 20) == ends


def test_merging_leaves_no_small_group_and_loses_nobody():
    for sizes in product((0, 1, 7, 19, 20, 21), repeat=4):
        named = dict(enumerate(sizes, start=1))
        ends = merge_small(named, 20)
        room = defaultdict(int)
        for number, end in ends.items():
            room[end] += named[number]
        assert sum(room.values()) == sum(sizes)
        assert all(ends[end] == end for end in room)
        assert min(room.values()) >= 20 or len(room) == 1


def test_order_of_groups_does_not_matter():
    sizes = {1: 12, 2: 3, 3: 12, 4: 30}
    assert merge_small(dict(reversed(sizes.items())), 20) == merge_small(sizes, 20)


# --- Hiding --------------------------------------------------------------------------------------------------------------

LEAST, MOST, ROLLS = 3, 7, (20, 30, 25, 40)


def published(ballots, unknown=0):
    """All that anybody sees: how many there are, the groups that are shown, which are hidden, and how many came without a group."""
    cells = [Cell(number, ROLLS[number], cast) for number, cast in enumerate(ballots)]
    hidden = hidden_cells([*cells, Cell(None, 0, unknown)], LEAST)
    shown = tuple((cell.number, cell.ballots) for cell in cells if cell.number not in hidden)
    return sum(ballots) + unknown, shown, unknown


def hidden_in(ballots, unknown=0):
    shown = {number for number, _cast in published(ballots, unknown)[1]}
    return [number for number in range(len(ballots)) if number not in shown]


@pytest.mark.parametrize("groups", [2, 3, 4])
@pytest.mark.parametrize("unknown", [0, 2, 5])
def test_nobody_finds_a_number_that_is_hidden_because_it_is_small(groups, unknown):
    """Who knows the rule and the rolls tries every table that gives the same publication: each small group has more than one number.

    Mutant: hide only what is small (`_can_be_found` always False); the total minus the others gives it away.
    """
    alike = defaultdict(list)
    for ballots in product(range(MOST + 1), repeat=groups):
        alike[published(ballots, unknown)].append(ballots)
    for (total, shown, _unknown), tables in alike.items():
        hidden = hidden_in(tables[0], unknown)
        # Tables with more ballots in a group than were tried would add possibilities; only whole families are judged.
        # Without any ballot the total itself says it.
        if not 0 < total - unknown - sum(cast for _number, cast in shown) <= MOST:
            continue
        for number in hidden:
            found = {table[number] for table in tables}
            assert len(found) > 1 or min(found) >= LEAST, (tables[0], hidden)


@pytest.mark.parametrize("unknown", [0, 2])
def test_what_is_hidden_together_is_never_small(unknown):
    """Mutant: leave the sum out of `_can_be_found`; two groups of one are told of as a pair of two."""
    for ballots in product(range(MOST + 1), repeat=3):
        hidden = [ballots[number] for number in hidden_in(ballots, unknown)]
        if len(hidden) < len(ballots):
            assert not 0 < sum(hidden) < LEAST
            assert len(hidden) != 1 or (unknown and hidden[0] >= LEAST)


def test_group_that_is_hidden_along_is_the_one_with_the_fewest_on_the_roll():
    """Not the one with the fewest ballots: then a group would come and go while people vote."""
    assert hidden_in((1, 6, 5, 7)) == [0, 2]
    assert hidden_in((1, 5, 6, 7)) == [0, 2]


def test_nothing_is_hidden_when_every_group_is_large():
    assert hidden_in((3, 4, 5)) == []
