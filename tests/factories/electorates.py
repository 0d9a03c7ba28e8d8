"""Votes with groups of voters."""

from ballots.models import Electorate
from tests.factories.ballots import make_vote


def add_group(vote, title, **fields) -> Electorate:
    """One more group of a draft."""
    number = vote.electorates.count() + 1
    return Electorate.objects.create(vote=vote, number=number, reference=str(number), title=title, **fields)


def make_grouped_vote(*areas, least=1, **fields):
    """A draft with a group for each of these areas, and one for everybody else."""
    vote = make_vote(publication_threshold=least, **fields)
    for area in areas:
        add_group(vote, area.name, area=area)
    add_group(vote, "De rest")
    return vote
