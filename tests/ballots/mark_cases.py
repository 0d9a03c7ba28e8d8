"""Small votes with marks on the ballots, drawn by chance: for the rules that add up and for those that divide a budget.

A disagreement between two counts of one vote is told with everything needed to look at it. Ties are put in order here once more
(`plain_order`), from the published text of the rules, so a fault in `ballots.counting.ties` shows too.
"""

import hashlib
import random
from fractions import Fraction

from ballots.counting import RULES, Option, count, make_instance
from tests.ballots.naive_count import naive_adding, naive_greedy, naive_growing_shares, naive_shares

SEED = "2026" * 8
ADDING = ("plurality", "approval", "score", "points")
BUDGET = ("greedy", "greedy-per-euro", "equal-shares")


def name(place):
    """Options are a, b, c …"""
    return chr(ord("a") + place)


def places(result):
    """The winners as places."""
    return [ord(option) - ord("a") for option in result.winners]


def plain_order(rules, costs, votes):
    """`order(level)`: level places, the one that goes first in front; a lot of SHA-256 over seed and name comes last."""
    keys = {
        "lot": lambda place: hashlib.sha256(f"{SEED}:{name(place)}".encode()).hexdigest(),
        "lowest_cost": lambda place: costs[place],
        "most_votes": lambda place: -votes[place],
        "declared_order": lambda place: place,
    }
    return lambda level: sorted(level, key=lambda place: [keys[rule](place) for rule in (*rules, "lot")])


def sums(size, ballots):
    """Votes or points per place."""
    return [sum(ballot.get(place, 0) for ballot in ballots) for place in range(size)]


# --- Rules that add up ------------------------------------------------------------------------------------


def random_marks(chance, rule):
    """(number of options, ballots as {place: points}): few different ballots, blanks among them."""
    size = chance.randint(1, 6)
    longest = 1 if rule == "plurality" else size
    pool = []
    for _ballot in range(chance.randint(1, 7)):
        named = chance.sample(range(size), chance.randint(0, longest))
        pool.append({place: 1 if rule in ADDING[:2] else chance.randint(1, 9) for place in named})
    return size, [chance.choice(pool) for _ in range(chance.randint(1, 25))]


def as_instance(size, ballots, *, costs=None, budget=None):
    """The vote for ballots.counting."""
    options = [Option(name(place), costs[place] if costs else 0) for place in range(size)]
    return make_instance(options, budget, [{name(place): points for place, points in each.items()} for each in ballots])


def adding_case(rule, number):
    """(size, ballots, settings) of random vote `number`."""
    chance = random.Random(f"{rule} {number}")
    size, ballots = random_marks(chance, rule)
    ties = chance.choice([["lot"], ["declared_order"], ["most_votes", "lot"]])
    chosen = {"seats": chance.randint(1, size), "min_votes": chance.choice([0, 0, 2, 7]), "tie": ties}
    return size, ballots, {"rule": rule} | chosen


def adding_disagreement(rule, number):
    """None when the naive count elects the same options in the same order."""
    size, ballots, settings = adding_case(rule, number)
    order = plain_order(settings["tie"], [0] * size, sums(size, ballots))
    found = places(count(as_instance(size, ballots), settings, seed=SEED))
    expected = naive_adding(
        size, settings["seats"], ballots, lambda level: order(level)[0], min_votes=settings["min_votes"]
    )
    return None if found == expected else (settings, ballots, found, expected)


# --- Rules that divide a budget -----------------------------------------------------------------------------


def random_budget(chance):
    """(costs, budget, ballots as {place: points}): awkward numbers, so that ties and empty purses are common."""
    size = chance.randint(1, 6)
    scale = chance.choice([1, 10, 97, 1_000, 12_345])
    costs = [chance.randint(chance.choice([0, 1]), 12) * scale for _ in range(size)]
    most = chance.choice([1, 1, 4])
    pool = [
        {place: chance.randint(1, most) for place in chance.sample(range(size), chance.randint(0, size))}
        for _ballot in range(chance.randint(1, 6))
    ]
    ballots = [chance.choice(pool) for _ in range(chance.randint(1, 12))]
    return costs, chance.randint(0, max(1, sum(costs) * 13 // 10)), ballots


def random_budget_settings(chance, rule, costs):
    """Every setting of the rule that can decide, the groups of plans that exclude each other as places."""
    settings = {
        "rule": rule,
        "tie": chance.sample(["lowest_cost", "most_votes", "declared_order", "lot"], chance.randint(1, 2)),
        "min_votes": chance.choice([0, 0, 0, 2, 3]),
        "exclusive": _groups(chance, len(costs)),
    }
    if rule != "equal-shares":
        return settings | {"when_full": chance.choice(["skip", "stop"])}
    return settings | {
        "utility": chance.choice(["cost", "cardinality"]),
        "increment": chance.choice(["none", "until_exhaustive", "until_overspend"]),
        # The naive count walks through every increment.
        "increment_cents": max(1, max(costs) // chance.randint(5, 30)),
        "start": chance.choice(["exact", "whole"]),
        "completion": chance.choice(["none", "greedy"]),
    }


def _groups(chance, size):
    if size < 2 or chance.random() < 0.6:
        return []
    return [chance.sample(range(size), chance.randint(2, min(3, size))) for _ in range(chance.randint(1, 2))]


def budget_disagreement(rule, number):
    """None when the naive count elects the same options in the same order."""
    chance = random.Random(f"{rule} {number}")
    costs, budget, ballots = random_budget(chance)
    settings = random_budget_settings(chance, rule, costs)
    named = settings | {"exclusive": [[name(place) for place in group] for group in settings["exclusive"]]}
    found = places(count(as_instance(len(costs), ballots, costs=costs, budget=budget), named, seed=SEED))
    expected = naive_budget(costs, budget, ballots, settings)
    return None if found == expected else (settings, costs, budget, ballots, found, expected)


def naive_budget(costs, budget, ballots, settings):
    """The winners by the naive count, as places."""
    order = plain_order(settings["tie"], costs, sums(len(costs), ballots))
    limits = {"min_votes": settings["min_votes"], "exclusive": settings["exclusive"]}

    def first(level):
        return order(level)[0]

    if settings["rule"] != "equal-shares":
        per_euro = settings["rule"] == "greedy-per-euro"
        limits |= {"when_full": settings["when_full"], "per_euro": per_euro}
        return naive_greedy(costs, budget, ballots, first, **limits)
    winners = _naive_bought(costs, budget, ballots, first, settings, limits)
    if settings["completion"] == "none":
        return winners
    return naive_greedy(costs, budget, ballots, first, **limits, already=winners)


def _naive_bought(costs, budget, ballots, first, settings, limits):
    how = limits | {"utility": settings["utility"]}
    if settings["increment"] == "none":
        return naive_shares(costs, Fraction(budget, len(ballots)), ballots, first, **how)[0]
    how |= {"until": settings["increment"].removeprefix("until_"), "step": settings["increment_cents"]}
    return naive_growing_shares(costs, budget, ballots, first, start=settings["start"], **how)[0]


def disagreement(rule, number):
    """None when `ballots.counting` and the naive count agree on random vote `number`."""
    return (adding_disagreement if rule in ADDING else budget_disagreement)(rule, number)


assert set(ADDING + BUDGET) == {key for key, rule in RULES.items() if rule.ballots == "marks"}
