"""The single transferable vote as Scottish councils are elected: the weighted inclusive Gregory method.

Source: The Scottish Local Government Elections Order 2007 (SSI 2007 No. 42), Schedule 1, Part on the counting of votes. An elected
option keeps the quota; what it has more goes on with all its ballots, at a lower value, cut off at five decimals. One transfer per stage:
the largest surplus first, and only without surpluses the option with the fewest votes goes out.
"""

from __future__ import annotations

from ballots.counting.choice import ChoiceResult
from ballots.counting.ranked.ballots import RankedInstance
from ballots.counting.ranked.stages import Course
from ballots.counting.settings import ScottishSettings
from ballots.counting.ties import TieBreaker

UNIT = 10**5
"""Parts of a vote: five decimals."""


def count_scottish(instance: RankedInstance, settings: ScottishSettings, breaker: TieBreaker) -> ChoiceResult:
    """Count by the Scottish rule. `details`: the quota, and the ballots with a first preference from which it was made."""
    course = Course(instance, settings, breaker, unit=UNIT)
    valid = sum(course.votes) // UNIT
    quota = valid // (settings.seats + 1) + 1
    _Scottish(course, settings.seats, quota * UNIT).run()
    return course.result("scottish-stv", {"quota": quota, "valid": valid})


class _Scottish:
    def __init__(self, course: Course, seats: int, quota: int) -> None:
        self.course, self.seats, self.quota = course, seats, quota

    @property
    def vacancies(self) -> int:
        return self.seats - len(self.course.elected)

    def run(self) -> None:
        self._fill()
        self.course.record("first_preferences")
        while self.vacancies and self.course.continuing and not self._only_hopeless():
            surpluses = self._surpluses()
            if surpluses:
                self._transfer(surpluses)
            else:
                self._exclude()

    def _only_hopeless(self) -> bool:
        """Whether nobody is left who stands on a ballot; who stands on none is never elected."""
        return not any(self.course.instance.supporters[place] for place in self.course.continuing)

    def _surpluses(self) -> list[int]:
        return [place for place in self.course.elected if self.course.votes[place] > self.quota]

    def _transfer(self, surpluses: list[int]) -> None:
        """The largest surplus goes on."""
        course = self.course
        place = course.in_order(surpluses)[0]
        level = [each for each in surpluses if course.votes[each] == course.votes[place]]
        if len(level) > 1:
            course.note_surplus_tie(level)
        total = course.votes[place]
        received = course.piles.move_surplus(place, total - self.quota, total)
        course.hand_on(place, received, kept=self.quota)
        self._fill()
        course.record("surplus", place=place, received=received)

    def _exclude(self) -> None:
        place = self.course.exclude_lowest()
        received = self.course.piles.move(place)
        self.course.hand_on(place, received, kept=0)
        self._fill()
        self.course.record("exclusion", place=place, received=received)

    def _fill(self) -> None:
        """Elect who has the quota; when no more are left than seats, elect them all."""
        course = self.course
        for place in course.in_order():
            if course.votes[place] >= self.quota:
                course.elect(place, "elected_with_quota")
        if len(course.continuing) <= self.vacancies:
            for place in course.in_order():
                if course.instance.supporters[place]:
                    course.elect(place, "elected_to_last_seat")
