"""One count of the Method of Equal Shares with a given share per voter.

Every voter gets the same share. An option can be bought when its supporters together have its cost; they pay equally (per point), whoever
has less pays all he has. The option with the lowest price per utility (rho) is bought first, until nothing can be bought.
Source: Peters, Pierczyński and Skowron, "Proportional Participatory Budgeting with Additive Utilities", NeurIPS 2021 (arXiv:2008.13276).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from ballots.counting.shares.electorate import Candidate, Electorate, Floats, Mask, weighed
from ballots.counting.shares.purses import Purses

Order = Callable[[list[int]], list[int]]
"""The tie rule: level places in, the same places out, the one that goes first in front."""

# A price is looked up in floats to within this part of itself. Everything that lies closer to the best is computed again exactly; the lower
# bounds used to pass options over are checked sums, so this number decides speed, never the outcome.
NEAR = 1e-9


@dataclass(frozen=True, slots=True)
class Purchase:
    """One election: the exact price per point, and how many voters paid it in full or paid the rest of their money."""

    place: int
    price: Fraction
    rho: Fraction
    payers_in_full: int
    payers_with_less: int
    level: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one share elects: `purchases` in order, and the purses afterwards."""

    share: Fraction
    purchases: tuple[Purchase, ...]
    purses: Purses = field(repr=False, compare=False)

    @property
    def places(self) -> tuple[int, ...]:
        """The elected places, in order of election."""
        return tuple(each.place for each in self.purchases)

    @property
    def has_tie(self) -> bool:
        """Whether options were exactly level in some round."""
        return any(len(each.level) > 1 for each in self.purchases)


@dataclass(frozen=True, slots=True)
class _Offer:
    """An exact price per point, who cannot pay it in full, and how many of those have something left to give."""

    price: Fraction
    rho: Fraction
    poor: Mask
    payers_with_less: int


def count_once(electorate: Electorate, share: Fraction, order: Order) -> Outcome:
    """Equal Shares with `share` cents per voter; exact whatever the numbers."""
    return _Count(electorate, share, order).run()


class _Count:
    def __init__(self, electorate: Electorate, share: Fraction, order: Order) -> None:
        self.candidates, self.mates = electorate.candidates, electorate.mates
        self.order = order
        self.purses = Purses(electorate, share)
        # Lower bounds on rho. Purses only shrink, so a bound that held in one round holds in all later ones.
        self.bounds = {place: _first_bound(candidate) for place, candidate in self.candidates.items()}

    def run(self) -> Outcome:
        purchases: list[Purchase] = []
        while (purchase := self._buy()) is not None:
            purchases.append(purchase)
        return Outcome(self.purses.share, tuple(purchases), self.purses)

    def _buy(self) -> Purchase | None:
        offers: dict[int, _Offer] = {}
        while rivals := self._rivals(offers):
            offers |= self._exact_offers(rivals)
        if not offers:
            return None
        lowest = min(offer.rho for offer in offers.values())
        level = self.order([place for place, offer in offers.items() if offer.rho == lowest])
        return self._charge(level, offers[level[0]])

    def _rivals(self, offers: dict[int, _Offer]) -> list[int]:
        """Options whose exact price must still be known, because they may be cheaper than the offers (or as cheap)."""
        if not offers:
            return self._nearest()
        lowest = float(min(offer.rho for offer in offers.values())) * (1 + NEAR)
        return [place for place, bound in self.bounds.items() if place not in offers and bound <= lowest]

    def _nearest(self) -> list[int]:
        """The options that seem to have the lowest rho, found in floats."""
        best = math.inf
        for place in sorted(self.bounds, key=self.bounds.__getitem__):
            if self.bounds[place] > best * (1 + NEAR):
                break
            best = min(best, self._look(self.candidates[place]))
        return [place for place, bound in self.bounds.items() if bound <= best * (1 + NEAR)]

    def _look(self, candidate: Candidate) -> float:
        """About the rho of the candidate; raises its lower bound, or drops it when its supporters surely lack the money."""
        money = self.purses.of(candidate)
        doubt = candidate.slack * (candidate.total_power * float(self.purses.share) + candidate.cost)
        if weighed(candidate.power, money) + doubt < candidate.cost:
            del self.bounds[candidate.place]
            return math.inf
        price = lowest_price(
            money, candidate.power, candidate.cost, start=self.bounds[candidate.place] * candidate.gain
        )
        below = price * (1 - NEAR)
        if weighed(candidate.power, np.minimum(money, below)) + doubt < candidate.cost:
            self.bounds[candidate.place] = max(self.bounds[candidate.place], below / candidate.gain * (1 - NEAR))
        return price / candidate.gain

    def _exact_offers(self, places: list[int]) -> dict[int, _Offer]:
        offers = {}
        for place in places:
            offer = self._exact_offer(self.candidates[place])
            if offer is None:
                del self.bounds[place]
            else:
                offers[place] = offer
        return offers

    def _exact_offer(self, candidate: Candidate) -> _Offer | None:
        """The exact price, or None when the supporters cannot pay together.

        The amount raised is a concave function of the price, so Newton's steps from a lower bound never pass the answer; with exact
        sums they reach it, and then the supporters who cannot pay stay the same.
        """
        price = Fraction(self.bounds[candidate.place] * candidate.gain)
        poor = self.purses.cannot_pay(candidate, price)
        while not poor.all():
            price, payers_with_less = self._price_without(candidate, poor)
            now_poor = self.purses.cannot_pay(candidate, price)
            if np.array_equal(now_poor, poor):
                return _Offer(price, price / candidate.gain, poor, payers_with_less)
            poor = now_poor
        return None

    def _price_without(self, candidate: Candidate, poor: Mask) -> tuple[Fraction, int]:
        """The price per point when the `poor` give all they have (and how many have anything); the others share the rest."""
        unit = self.purses.unit
        given, givers = self.purses.exact_sum(candidate.groups[poor])
        power = candidate.total_power - int(candidate.power[poor].sum())
        return Fraction(candidate.cost * unit - given, unit * power), givers

    def _charge(self, level: list[int], offer: _Offer) -> Purchase:
        place = level[0]
        candidate = self.candidates[place]
        in_full = int(candidate.weights[~offer.poor].sum())
        self.purses.charge(candidate, offer.price, offer.poor)
        del self.bounds[place]
        for mate in self.mates.get(place, ()):
            self.bounds.pop(mate, None)
        return Purchase(place, offer.price, offer.rho, in_full, offer.payers_with_less, tuple(level))


def _first_bound(candidate: Candidate) -> float:
    return candidate.cost / candidate.total_power / candidate.gain * (1 - NEAR)


def lowest_price(money: Floats, power: Floats, cost: float, *, start: float) -> float:
    """About the lowest price per point at which supporters with `money` (per point) raise `cost`; they can raise it. `start` is lower."""
    price = start
    for _ in range(len(money) + 2):
        able = weighed(power, money >= price)
        if able == 0.0:
            return price
        raised = weighed(power, np.minimum(money, price))
        step = (cost - raised) / able
        if step <= price * 1e-13:
            return price + max(step, 0.0)
        price += step
    return price
