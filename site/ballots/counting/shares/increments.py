"""Growing the shares: Equal Shares leaves money over, so every voter gets a little more, again and again.

The extra money is only for counting; what the winners cost is held against the real budget after every increment, and the
last outcome within it stands. `until_exhaustive` stops earlier, at the first outcome to which nothing more can be added;
`until_overspend` goes on, because a later outcome may use the budget better (as in the official count of Wieliczka 2023).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from ballots.counting.instance import Instance
from ballots.counting.settings import SharesSettings
from ballots.counting.shares.electorate import Electorate
from ballots.counting.shares.single import Order, Outcome, count_once
from ballots.counting.shares.steady import elects_the_same

Progress = Callable[[int, int, str], None]
"""Called with (done, total, text); total is 0 while it is not known."""

SHORTEST_LEAP = 4
LONGEST_WAIT = 32


@dataclass(frozen=True, slots=True)
class Growth:
    """The outcome that stands, and why the shares stopped growing there (see SharesCourse)."""

    outcome: Outcome
    first_share: Fraction
    increments: int
    ended: str
    refused: tuple[int, ...] = ()
    other_ties: bool = False


def first_share(instance: Instance, settings: SharesSettings) -> Fraction:
    """What each voter may spend at first, in cents."""
    if not instance.voters:
        return Fraction(0)
    share = Fraction(instance.money, instance.voters)
    step = settings.increment_cents
    return share if settings.start == "exact" or settings.increment == "none" else Fraction(share // step * step)


def grow(
    instance: Instance, electorate: Electorate, settings: SharesSettings, order: Order, progress: Progress
) -> Growth:
    """Count, and count again with larger shares as the settings ask."""
    return _Grower(instance, electorate, settings, order, progress).grow()


class _Grower:
    def __init__(
        self, instance: Instance, electorate: Electorate, settings: SharesSettings, order: Order, progress: Progress
    ) -> None:
        self.instance, self.electorate, self.settings, self.order, self.progress = (
            instance,
            electorate,
            settings,
            order,
            progress,
        )
        self.start = first_share(instance, settings)
        self.leaps = _Leaps(electorate, order)
        self.other_ties = False

    def grow(self) -> Growth:
        done, outcome = 0, self._count(0)
        while (ended := self._ended(outcome)) is None:
            done += self.leaps.leap(outcome, self._share(done), self.settings.increment_cents)
            following = self._count(done + 1)
            if self._cost(following) > self.instance.money:
                self.other_ties |= following.has_tie
                return self._stand(outcome, done, "overspend", following.places)
            # A leap has the ties of the outcome it started from, and no others.
            self.other_ties |= outcome.has_tie
            done, outcome = done + 1, following
            self.progress(done, 0, "increments")
        return self._stand(outcome, done, ended)

    def _stand(self, outcome: Outcome, done: int, ended: str, refused: tuple[int, ...] = ()) -> Growth:
        share = self._share(done)
        # After a leap the outcome is that of an earlier share: same options, other payments.
        final = outcome if outcome.share == share else count_once(self.electorate, share, self.order)
        return Growth(final, self.start, done, ended, refused, self.other_ties)

    def _ended(self, outcome: Outcome) -> str | None:
        if self.settings.increment == "none":
            return "once"
        if not self.electorate.can_still_win(outcome.places):
            return "all_elected"
        if self.settings.increment == "until_exhaustive" and self._is_exhaustive(outcome):
            return "exhaustive"
        return None

    def _is_exhaustive(self, outcome: Outcome) -> bool:
        room = self.instance.money - self._cost(outcome)
        waiting = self.electorate.can_still_win(outcome.places)
        return all(self.electorate.candidates[place].cost > room for place in waiting)

    def _share(self, increments: int) -> Fraction:
        return self.start + increments * self.settings.increment_cents

    def _count(self, increments: int) -> Outcome:
        return count_once(self.electorate, self._share(increments), self.order)

    def _cost(self, outcome: Outcome) -> int:
        return sum(self.electorate.candidates[place].cost for place in outcome.places)


class _Leaps:
    """Skips increments that surely elect the same. Trying costs two counts, so after a failure it waits, longer every time."""

    def __init__(self, electorate: Electorate, order: Order) -> None:
        self.electorate, self.order = electorate, order
        self.length, self.wait, self.waited = SHORTEST_LEAP, 1, 0
        self.last: tuple[int, ...] | None = None

    def leap(self, outcome: Outcome, share: Fraction, step: int) -> int:
        """How many increments beyond `share` surely elect what `outcome` elected."""
        unchanged, self.last = outcome.places == self.last, outcome.places
        self.waited += 1
        if not unchanged or self.waited < self.wait:
            return 0
        leaped = self._gallop(outcome.places, share, step)
        self.wait = 1 if leaped else min(self.wait * 2, LONGEST_WAIT)
        self.waited = 0
        return leaped

    def _gallop(self, places: tuple[int, ...], share: Fraction, step: int) -> int:
        leaped, self.length = 0, max(self.length, SHORTEST_LEAP)
        while self.length >= SHORTEST_LEAP:
            here, there = share + leaped * step, share + (leaped + self.length) * step
            if elects_the_same(self.electorate, places, here, there, self.order):
                leaped += self.length
                self.length *= 4
            else:
                self.length //= 4
        return leaped
