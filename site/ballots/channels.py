"""How many ballots came by each channel, and what of that is published: no number that is about fewer than ten people."""

from collections.abc import Mapping

from django.conf import settings

from ballots.frozen import FrozenVote
from ballots.models import Ballot

Channel = Ballot.Channel


def channels_of(vote: FrozenVote) -> list[Channel]:
    """The channels of a vote, the website first."""
    used = {Channel.PAPER: vote.on_paper, Channel.COUNTER: vote.at_counter}
    return [Channel.WEB, *(channel for channel, is_used in used.items() if is_used)]


def published(numbers: Mapping[str, int]) -> dict[str, int | None]:
    """The numbers as anybody may see them: None for what is about too few people.

    The total is known, so one number alone that is left out could be computed: then the smallest of the others is left out too.
    """
    few = {name for name, number in numbers.items() if 0 < number < settings.BALLOTS_CELL_MINIMUM}
    others = sorted((number, name) for name, number in numbers.items() if number and name not in few)
    if len(few) == 1 and others:
        few.add(others[0][1])
    return {name: None if name in few else number for name, number in numbers.items()}
