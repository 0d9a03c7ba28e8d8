"""The counting rules once more, slow and plain as their definitions: the oracle of the tests and of bench/count.py.

Nothing here is shared with ballots.counting. Voters are single, money is a Fraction, and a price is found by sorting the
supporters by their money, as in Peters, Pierczyński and Skowron (arXiv:2008.13276), section 4.
"""

from fractions import Fraction


def naive_adding(size, seats, ballots, first, *, min_votes=0):
    """Places in order of election by the rules that add up marks: plurality, approval, score and points."""
    votes = [sum(ballot.get(place, 0) for ballot in ballots) for place in range(size)]
    waiting = [place for place in range(size) if votes[place] >= max(1, min_votes)]
    winners = []
    while waiting and len(winners) < seats:
        most = max(votes[place] for place in waiting)
        winners.append(first([place for place in waiting if votes[place] == most]))
        waiting.remove(winners[-1])
    return winners


def naive_greedy(
    costs, budget, ballots, first, *, min_votes=0, when_full="skip", exclusive=(), per_euro=False, already=()
):
    """Places in order of election. `ballots`: one {place: points} per voter; `first(level)`: who goes first among level places.

    `exclusive`: groups of places of which at most one may win. `already`: places that won before, and whose cost is spent.
    """
    votes = [sum(ballot.get(place, 0) for ballot in ballots) for place in range(len(costs))]
    waiting = [place for place in range(len(costs)) if votes[place] >= max(1, min_votes) and place not in already]
    winners, room = list(already), budget - sum(costs[place] for place in already)

    def worth(place):
        """What is free goes before all that costs something."""
        if not per_euro:
            return (0, votes[place])
        return (0, Fraction(votes[place], costs[place])) if costs[place] else (1, votes[place])

    while waiting:
        most = max(worth(place) for place in waiting)
        place = first([each for each in waiting if worth(each) == most])
        waiting.remove(place)
        if any(place in group and set(group) & set(winners) for group in exclusive):
            continue
        if costs[place] <= room:
            winners.append(place)
            room -= costs[place]
        elif when_full == "stop":
            break
    return winners


def naive_rho(cost, gain, supporters):
    """The price per utility for supporters as (money, points), or None when they lack the money."""
    if sum(money for money, _points in supporters) < cost:
        return None
    waiting = sorted(supporters, key=lambda each: each[0] / each[1])
    missing = Fraction(cost)
    power = sum(points for _money, points in supporters)
    for money, points in waiting:
        price = missing / power
        if price * points <= money:
            return price / gain
        missing -= money
        power -= points
    raise AssertionError("supporters with enough money found no price")


def naive_shares(costs, share, ballots, first, *, utility="cost", min_votes=0, exclusive=()):
    """(places in order of election, rho per election, money left per voter) with one share for every voter."""
    money = [Fraction(share) for _ in ballots]
    votes = [sum(ballot.get(place, 0) for ballot in ballots) for place in range(len(costs))]
    waiting = [place for place in range(len(costs)) if votes[place] >= max(1, min_votes)]
    winners, prices = [], []
    while True:
        rhos = {}
        for place in waiting:
            supporters = [(money[voter], ballot[place]) for voter, ballot in enumerate(ballots) if place in ballot]
            rho = naive_rho(costs[place], gain(costs[place], utility), supporters)
            if rho is not None:
                rhos[place] = rho
        if not rhos:
            return winners, prices, money
        place = first([each for each, rho in rhos.items() if rho == min(rhos.values())])
        for voter, ballot in enumerate(ballots):
            if place in ballot:
                money[voter] -= min(money[voter], rhos[place] * gain(costs[place], utility) * ballot[place])
        waiting.remove(place)
        waiting = [each for each in waiting if not any({each, place} <= set(group) for group in exclusive)]
        winners.append(place)
        prices.append(rhos[place])


def gain(cost, utility):
    """Utility of one point; a free option has rho 0 whatever its utility."""
    return cost if utility == "cost" and cost else 1


def naive_growing_shares(
    costs, budget, ballots, first, *, until, step=100, utility="cost", min_votes=0, start="exact", exclusive=()
):
    """(places in order of election, increments) when every voter gets `step` more after each count. `until`: exhaustive or overspend."""
    share = Fraction(budget, len(ballots))
    if start == "whole":
        share = Fraction(share // step * step)
    votes = [sum(ballot.get(place, 0) for ballot in ballots) for place in range(len(costs))]
    eligible = {place for place in range(len(costs)) if votes[place] >= max(1, min_votes)}
    done = 0
    how = {"utility": utility, "min_votes": min_votes, "exclusive": exclusive}
    winners, _prices, _money = naive_shares(costs, share, ballots, first, **how)
    while waiting := {
        place
        for place in eligible - set(winners)
        if not any(place in group and set(group) & set(winners) for group in exclusive)
    }:
        room = budget - sum(costs[place] for place in winners)
        if until == "exhaustive" and all(costs[place] > room for place in waiting):
            break
        following, _prices, _money = naive_shares(costs, share + (done + 1) * step, ballots, first, **how)
        if sum(costs[place] for place in following) > budget:
            break
        winners, done = following, done + 1
    return winners, done
