"""What every voter still has: floats to look quickly, exact numbers to decide.

A purse needs no number of its own. Whoever paid in full for some options has exactly the first share minus those prices; whoever
could not pay in full has exactly nothing. So exact sums over thousands of voters are a handful of whole-number operations, one per
option elected so far.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np

from ballots.counting.shares.electorate import ROUNDING, Candidate, Electorate, Floats, Groups, Mask

FIRST_COLUMNS = 64


class Purses:
    """The money of all ballots during one count.

    `money`: per ballot (one voter's, in cents) within `slack` of the exact amount; `empty`: who has exactly nothing.
    Exact amounts are numerators over `unit`.
    """

    def __init__(self, electorate: Electorate, share: Fraction) -> None:
        self._weights = electorate.weights
        size = len(electorate.weights)
        self.money: Floats = np.full(size, float(share))
        self.empty: Mask = np.zeros(size, dtype=np.bool_)
        self.slack = float(share) * (8 * electorate.most_rounds + 64) * ROUNDING
        self.share = share
        self.unit = share.denominator
        self._start = share.numerator
        self._prices: list[int] = []
        # paid[ballot, round]: the points for which this ballot paid the full price of that round.
        self._paid = np.zeros(
            (size, min(FIRST_COLUMNS, electorate.most_rounds)), dtype=np.min_scalar_type(electorate.largest_point)
        )

    def of(self, candidate: Candidate) -> Floats:
        """The money of the supporters, per point they gave (so that one price per point compares with all)."""
        money = self.money[candidate.groups]
        return money if candidate.points is None else money / candidate.points

    def exact_sum(self, groups: Groups) -> tuple[int, int]:
        """What these ballots have together, weights counted (a numerator over `unit`), and how many voters have anything."""
        holding = groups[~self.empty[groups]]
        weights = self._weights[holding]
        paid = np.einsum("i,ij->j", weights, self._paid[holding, : len(self._prices)])
        spent = sum(int(times) * price for times, price in zip(paid, self._prices, strict=True))
        voters = int(weights.sum())
        return self._start * voters - spent, voters

    def exact_total(self, candidate: Candidate) -> Fraction:
        """What the supporters of the candidate have together, in cents."""
        return Fraction(self.exact_sum(candidate.groups)[0], self.unit)

    def cannot_pay(self, candidate: Candidate, price: Fraction) -> Mask:
        """Exactly which supporters have less than `price` per point."""
        asked = float(price) if candidate.points is None else float(price) * candidate.points
        difference = self.money[candidate.groups] - asked
        doubt = self.slack + asked * 4 * ROUNDING
        poor: Mask = difference < -doubt
        doubtful = np.flatnonzero(np.abs(difference) <= doubt)
        if len(doubtful):
            poor[doubtful] = self._have_less(candidate, doubtful, price)
        return poor

    def _have_less(self, candidate: Candidate, supporters: Groups, price: Fraction) -> Mask:
        groups = candidate.groups[supporters]
        points = (
            np.ones(len(groups), dtype=np.int64)
            if candidate.points is None
            else candidate.points[supporters].astype(np.int64)
        )
        asked = price.numerator * self.unit
        return self._each(groups, points, lambda money, times: money * price.denominator < asked * times)

    def _each(self, groups: Groups, points: Groups, test: Callable[[int, int], bool]) -> Mask:
        """The test on the exact money (over `unit`) and the points of each; voters with the same history are tested once."""
        history = np.column_stack([self.empty[groups], points, self._paid[groups, : len(self._prices)]]).astype(
            np.int64
        )
        kinds, kind_of = np.unique(history, axis=0, return_inverse=True)
        answers = [test(self._exact_money(row[0], row[2:]), row[1]) for row in kinds.tolist()]
        return np.array(answers, dtype=np.bool_)[kind_of.reshape(-1)]

    def _exact_money(self, empty: int, paid: list[int]) -> int:
        if empty:
            return 0
        return self._start - sum(times * price for times, price in zip(paid, self._prices, strict=True))

    def charge(self, candidate: Candidate, price: Fraction, poor: Mask) -> None:
        """Elect: supporters pay `price` per point, the `poor` all they have."""
        self._widen()
        in_full, drained = candidate.groups[~poor], candidate.groups[poor]
        points = 1 if candidate.points is None else candidate.points[~poor]
        self.money[in_full] = np.maximum(self.money[in_full] - float(price) * points, 0.0)
        self._paid[in_full, len(self._prices)] = points
        self.money[drained] = 0.0
        self.empty[drained] = True
        self._append(price)
        self._find_empty(in_full)

    def _append(self, price: Fraction) -> None:
        unit = math.lcm(self.unit, price.denominator)
        grown = unit // self.unit
        self._start *= grown
        self._prices = [each * grown for each in self._prices] + [price.numerator * (unit // price.denominator)]
        self.unit = unit

    def _find_empty(self, paid_in_full: Groups) -> None:
        """Who could pay in full, to the last cent, has nothing left either."""
        perhaps = paid_in_full[self.money[paid_in_full] <= self.slack]
        if len(perhaps):
            nothing = perhaps[
                self._each(perhaps, np.ones(len(perhaps), dtype=np.int64), lambda money, _times: money == 0)
            ]
            self.money[nothing] = 0.0
            self.empty[nothing] = True

    def _widen(self) -> None:
        if len(self._prices) == self._paid.shape[1]:
            self._paid = np.concatenate([self._paid, np.zeros_like(self._paid)], axis=1)
