"""Which groups are too small to stand alone, and where their people go. Pure, and the same however often it is asked."""

from collections.abc import Mapping


def merge_small(sizes: Mapping[int, int], least: int) -> dict[int, int]:
    """Number of every group → number of the group it ends in; `sizes` are people on the roll.

    The smallest group under `least` becomes part of the next larger one, and so on, until none is too small or one is left. Of equal groups
    the higher number goes, and the lower number receives.
    """
    room = dict(sizes)
    ends = {number: number for number in room}
    while len(room) > 1 and room[small := min(room, key=lambda number: (room[number], -number))] < least:
        moved = room.pop(small)
        larger = min(room, key=lambda number: (room[number], number))
        room[larger] += moved
        ends = {number: larger if end == small else end for number, end in ends.items()}
    return ends
