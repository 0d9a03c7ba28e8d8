"""Small votes with rankings for the tests of counting, drawn by chance or built by hand."""

import random

from ballots.counting import Option, make_ranked
from ballots.counting.ties import TieBreaker
from tests.ballots.naive_ranked import (
    naive_borda,
    naive_copeland,
    naive_ranked_pairs,
    naive_runoff,
    naive_schulze,
    naive_scottish,
    seated,
)


def options(size):
    """Options a, b, c …"""
    return [Option(chr(ord("a") + place)) for place in range(size)]


def ranked(size, *ballots):
    """A vote on options a, b, c …; a ballot is a text such as "a b=c - d", perhaps after how often it was cast: "3: a b"."""
    cast = []
    for text in ballots:
        times, colon, order = text.rpartition(":")
        ranks = [[] if rank == "-" else rank.split("=") for rank in order.split()]
        cast += [ranks] * (int(times) if colon else 1)
    return make_ranked(options(size), cast)


def random_ballots(chance, *, most_options=5):
    """(number of options, ballots as lists of ranks of places): few different ballots, overvotes, skipped ranks and blanks."""
    size = chance.randint(1, most_options)
    pool = [_ballot(chance, size) for _ in range(chance.randint(1, 9))]
    return size, [chance.choice(pool) for _ in range(chance.randint(1, 20))]


def _ballot(chance, size):
    # Long ballots are common, because short ones seldom make a circle.
    named = chance.sample(range(size), max(chance.randint(0, size), chance.randint(0, size)))
    ranks = []
    while named:
        if chance.random() < 0.15:
            ranks.append([])
        width = 2 if chance.random() < 0.15 else 1
        ranks.append(named[:width])
        named = named[width:]
    return ranks


def as_instance(size, ballots):
    """The vote for ballots.counting."""
    return make_ranked(
        options(size), [[[chr(ord("a") + place) for place in rank] for rank in ballot] for ballot in ballots]
    )


def places(result):
    """The winners as places."""
    return [ord(option) - ord("a") for option in result.winners]


def random_settings(chance, rule, size):
    """Some settings of this rule."""
    tie = {"tie": chance.choice(["lot", "most_votes", "declared_order"])}
    transfers = {
        "overvote": chance.choice(["stop", "skip"]),
        "skipped_rank": chance.choice(["skip", "stop", "stop_at_two"]),
        "tie": chance.choice(["lot", "most_votes", "declared_order", "earlier_stages"]),
    }
    seats = {"seats": chance.randint(1, size)}
    strength = {"strength": chance.choice(["winning_votes", "margins"])}
    own = {
        "borda": seats | tie | {"convention": chance.choice(["average", "zero", "from_n", "modified"])},
        "copeland": seats | tie | {"draw": chance.choice(["half", "nothing", "full"])},
        "schulze": seats | tie | strength,
        "ranked-pairs": seats | tie | strength,
        "instant-runoff": transfers,
        "scottish-stv": seats | transfers,
    }
    return {"rule": rule, **own[rule]}


def naive_winners(size, ballots, settings):
    """The winners by the naive count, as places."""
    rule, seats = settings["rule"], settings.get("seats", 1)
    breaker = TieBreaker(as_instance(size, ballots), [settings["tie"]], None)
    how = {"overvote": settings.get("overvote"), "skipped": settings.get("skipped_rank")}

    def staged(level, history):
        return breaker.order(level, history=history)

    if rule == "instant-runoff":
        winner = naive_runoff(size, ballots, staged, **how)[0]
        return [] if winner is None else [winner]
    if rule == "scottish-stv":
        return naive_scottish(size, seats, ballots, staged, **how)[0]
    levels = {
        "borda": lambda: naive_borda(size, ballots, settings["convention"])[0],
        "copeland": lambda: naive_copeland(size, ballots, settings["draw"])[0],
        "schulze": lambda: naive_schulze(size, ballots, settings["strength"]),
        "ranked-pairs": lambda: naive_ranked_pairs(size, ballots, settings["strength"], breaker.order),
    }[rule]()
    return seated(levels, seats, breaker.order)


def disagreement(rule, seed):
    """None when both counts of a random vote elect the same, else everything needed to look at it."""
    from ballots.counting import count

    chance = random.Random(f"{rule} {seed}")
    size, ballots = random_ballots(chance)
    settings = random_settings(chance, rule, size)
    found, expected = places(count(as_instance(size, ballots), settings)), naive_winners(size, ballots, settings)
    return None if found == expected else (settings, ballots, found, expected)
