"""Rules on rankings by public libraries: votelib (MIT), pyrankvote (MIT) for instant run-off, stvpoll (GPL-3) for Scottish STV.

Every ballot is a strict ranking, complete or not. votelib's transfers are not used: version 0.4 gives some votes another winner than a
count by hand does (docs/explanation/counting.md).

Each function takes the number of options and {ranking as a tuple of places: how often} and gives the places it elects. Where votelib or
pyrankvote finds a tie it says so, picks by itself, or elects nobody: `disagreement` compares votes in which no two options are level when
it matters. stvpoll gets our lot; it passes on votes to options that have the quota in the same stage, so votes in which a stage before the
last elects two are left out.
"""

import hashlib
import random
from decimal import ROUND_DOWN, Decimal

import pyrankvote
import stvpoll.scottish_stv
import stvpoll.tiebreak_strategies
import stvpoll.transfer_strategies
import votelib.component.rankscore
import votelib.convert
import votelib.evaluate.condorcet
import votelib.evaluate.core

from ballots.counting import RankedInstance, count, group_rankings
from tests.ballots.ranked_cases import options, places

SEED = "20" * 32


def _most(points, seats):
    return votelib.evaluate.core.Plurality().evaluate(points, seats)


def _pairs(votes):
    return votelib.convert.RankedToCondorcetVotes().convert(votes)


def plurality(_size, votes, seats):
    return _most(votelib.convert.RankedToFirstPreference().convert(votes), seats)


def approval(_size, votes, seats):
    chosen = [(frozenset(ranking), number) for ranking, number in votes.items()]
    sets = dict.fromkeys((each for each, _number in chosen), 0)
    for each, number in chosen:
        sets[each] += number
    return _most(votelib.convert.ApprovalToSimpleVotes().convert(sets), seats)


def borda(size, votes, seats):
    """The first of n options gets n points, who is not ranked gets none: our convention `from_n`."""
    scorer = votelib.component.rankscore.Borda(base=1)
    scorer.set_n_candidates(size)
    return _most(votelib.convert.RankedToPositionalVotes(scorer).convert(votes), seats)


def copeland(_size, votes, seats):
    return votelib.evaluate.condorcet.Copeland(second_order=False).evaluate(_pairs(votes), seats)


def schulze(_size, votes, seats):
    return votelib.evaluate.condorcet.Schulze().evaluate(_pairs(votes), seats)


def ranked_pairs(_size, votes, seats):
    return votelib.evaluate.condorcet.RankedPairs("winning_votes").evaluate(_pairs(votes), seats)


def instant_runoff(size, votes, _seats):
    people = [pyrankvote.Candidate(str(place)) for place in range(size)]
    ballots = [
        pyrankvote.Ballot([people[place] for place in ranking])
        for ranking, number in votes.items()
        for _ in range(number)
    ]
    winners = pyrankvote.instant_runoff_voting(people, ballots).get_winners()
    return [int(winner.name) for winner in winners]


def scottish_stv(size, votes, seats):
    lots = sorted(range(size), key=lambda place: hashlib.sha256(f"{SEED}:{chr(ord('a') + place)}".encode()).hexdigest())
    return stvpoll.scottish_stv.calculate_scottish_stv(
        tuple(range(size)),
        votes,
        seats,
        tiebreak_strategies=(
            stvpoll.tiebreak_strategies.TiebreakHistory(),
            stvpoll.tiebreak_strategies.TiebreakRandom(tuple(lots), shuffle=False),
        ),
        transfer_strategy=_transfer_cut_off,
    )


def _transfer_cut_off(ballots, **how):
    """As the library does it, but with values cut off at five decimals, as the Order says; the library rounds them."""
    for ballot in ballots:
        ballot.round = _cut_off
    return stvpoll.transfer_strategies.transfer_serial(ballots=ballots, **how)


def _cut_off(value):
    # The library divides to 28 digits; what is exact in five decimals may be a hair below.
    return round(value, 20).quantize(Decimal("0.00001"), ROUND_DOWN)


RULES = {
    "plurality": plurality,
    "approval": approval,
    "borda": borda,
    "copeland": copeland,
    "schulze": schulze,
    "ranked-pairs": ranked_pairs,
    "instant-runoff": instant_runoff,
    "scottish-stv": scottish_stv,
}
ONE_SEAT = ("instant-runoff",)


def random_votes(chance, *, most_options=6):
    """(number of options, {ranking: how often}); each option stands on a ballot."""
    size = chance.randint(2, most_options)
    votes = {tuple(chance.sample(range(size), size)): chance.randint(1, 60)}
    for _ballot in range(chance.randint(2, 11)):
        votes[tuple(chance.sample(range(size), chance.randint(1, size)))] = chance.randint(1, 60)
    return size, votes


def disagreement(rule, number):
    """None when both elect the same in random vote `number`; "tie" when it is left out; else all that is needed to look at it."""
    chance = random.Random(f"{rule} {number}")
    size, votes = random_votes(chance)
    seats = 1 if rule in ONE_SEAT else chance.randint(1, size - 1)
    settings = (
        {"rule": rule}
        | ({} if rule in ONE_SEAT else {"seats": seats})
        | ({"convention": "from_n"} if rule == "borda" else {})
    )
    rankings = {tuple((place,) for place in ranking): times for ranking, times in votes.items()}
    instance = RankedInstance(tuple(options(size)), group_rankings(rankings))
    counted = count(instance, settings, seed=SEED)
    if is_left_out(counted, rule, votes):
        return "tie"
    found, expected = places(counted), RULES[rule](size, votes, seats)
    return None if set(found) == set(expected) else (size, seats, votes, found, expected)


def is_left_out(counted, rule, votes):
    """Whether our count met a tie, or what the libraries take as one, or (Scottish STV) a stage elected two while seats were left.

    Of two options as strong against each other, votelib gives neither the half that a draw is worth; and ranked pairs with two victories
    of one strength depend on which comes first.
    """
    if rule == "scottish-stv":
        return any(len(stage.elected) > 1 for stage in counted.rounds[:-1])
    if counted.ties or rule not in ("copeland", "schulze", "ranked-pairs"):
        return bool(counted.ties)
    pairs = _pairs(votes)
    won = [number for (a, b), number in pairs.items() if number >= pairs.get((b, a), 0)]
    has_draw = any(number == pairs.get((b, a), 0) for (a, b), number in pairs.items())
    return has_draw or (rule == "ranked-pairs" and len(set(won)) < len(won))
