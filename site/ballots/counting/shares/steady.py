"""How far the shares can grow without electing anything else: sure steps instead of counting again.

Between two shares the purses are known to lie between a low and a high one. When every round of the last count stays cheapest for all
of them, every count in between elects the same options in the same order. The numbers here are rounded outwards, so an answer "the same" is
certain; "not sure" only means that it has to be counted.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from ballots.counting.shares.electorate import Candidate, Electorate, Floats, Mask, weighed
from ballots.counting.shares.single import Order, lowest_price

# Wide compared with rounding (1e-16 per operation, some hundred operations per purse), narrow compared with an increment.
MARGIN = 1e-9


def elects_the_same(
    electorate: Electorate, places: tuple[int, ...], low: Fraction, high: Fraction, order: Order
) -> bool:
    """True when every share from `low` to `high` surely elects exactly `places`, in this order."""
    return _Steady(electorate, low, high, order).holds(places)


class _Steady:
    def __init__(self, electorate: Electorate, low: Fraction, high: Fraction, order: Order) -> None:
        size = len(electorate.weights)
        self.candidates, self.mates = electorate.candidates, electorate.mates
        self.low: Floats = np.full(size, float(low) * (1 - MARGIN))
        self.high: Floats = np.full(size, float(high) * (1 + MARGIN))
        self.order = order
        self.bounds = {
            place: each.cost / each.total_power / each.gain * (1 - MARGIN)
            for place, each in electorate.candidates.items()
        }

    def holds(self, places: tuple[int, ...]) -> bool:
        return all(self._stays_cheapest(place) for place in places) and all(
            self._too_dear(place) for place in self.bounds
        )

    def _stays_cheapest(self, place: int) -> bool:
        candidate = self.candidates[place]
        del self.bounds[place]
        if not candidate.cost:
            # Bought before everything else, in the order of the tie rule, whatever the share.
            self._exclude_mates(place)
            return True
        least, most = self._price(candidate, self.high, 1 - MARGIN), self._price(candidate, self.low, 1 + MARGIN)
        if not self._raises(candidate, self.low, most) or self._may_raise(candidate, self.high, least):
            return False
        if not all(self._costs_more(other, most / candidate.gain, candidate) for other in self.bounds):
            return False
        self._pay(candidate, least, most)
        self._exclude_mates(place)
        return True

    def _exclude_mates(self, place: int) -> None:
        for mate in self.mates.get(place, ()):
            self.bounds.pop(mate, None)

    def _price(self, candidate: Candidate, purses: Floats, factor: float) -> float:
        money = _per_point(candidate, purses)
        return (
            lowest_price(
                money, candidate.power, candidate.cost, start=candidate.cost / candidate.total_power * (1 - MARGIN)
            )
            * factor
        )

    def _raises(self, candidate: Candidate, purses: Floats, price: float) -> bool:
        return self._raised(candidate, purses, price) * (1 - candidate.slack) >= candidate.cost

    def _may_raise(self, candidate: Candidate, purses: Floats, price: float) -> bool:
        return self._raised(candidate, purses, price) * (1 + candidate.slack) >= candidate.cost

    def _raised(self, candidate: Candidate, purses: Floats, price: float) -> float:
        return weighed(candidate.power, np.minimum(_per_point(candidate, purses), price))

    def _too_dear(self, place: int) -> bool:
        return not self._may_raise(self.candidates[place], self.high, np.inf)

    def _costs_more(self, other: int, rho: float, chosen: Candidate) -> bool:
        if self.bounds[other] > rho:
            return True
        rival = self.candidates[other]
        if not self._may_raise(rival, self.high, rho * (1 + MARGIN) * rival.gain):
            self.bounds[other] = rho
            return True
        return self._goes_after(rival, chosen)

    def _goes_after(self, rival: Candidate, chosen: Candidate) -> bool:
        """Whether two prices that do not depend on the share at all keep the rival behind: exactly, by the tie rule when level."""
        mine, theirs = self._constant_rho(chosen), self._constant_rho(rival)
        if mine is None or theirs is None:
            return False
        level = [chosen.place, rival.place]
        return mine < theirs or (mine == theirs and self.order(level)[0] == chosen.place)

    def _constant_rho(self, candidate: Candidate) -> Fraction | None:
        """rho when every supporter surely has nothing or can surely pay in full, else None."""
        with_money: Mask = self.high[candidate.groups] > 0
        power = int(candidate.power[with_money].sum())
        if not power:
            return None
        rho = Fraction(candidate.cost, power * candidate.gain)
        asked = float(rho) * candidate.gain * (1 + MARGIN)
        can_pay = _per_point(candidate, self.low)[with_money] > asked
        return rho if can_pay.all() else None

    def _pay(self, candidate: Candidate, least: float, most: float) -> None:
        points = 1.0 if candidate.points is None else candidate.points
        groups = candidate.groups
        self.high[groups] = np.maximum(self.high[groups] - least * points, 0.0)
        self.low[groups] = np.maximum(self.low[groups] - most * points, 0.0)


def _per_point(candidate: Candidate, purses: Floats) -> Floats:
    money = purses[candidate.groups]
    return money if candidate.points is None else money / candidate.points
