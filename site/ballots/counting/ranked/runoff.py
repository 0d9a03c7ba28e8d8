"""Instant run-off: the option with the fewest votes goes out and its ballots go on, until one has most of the votes that still count."""

from __future__ import annotations

from ballots.counting.choice import ChoiceResult
from ballots.counting.ranked.ballots import RankedInstance
from ballots.counting.ranked.stages import Course
from ballots.counting.settings import RunoffSettings
from ballots.counting.ties import TieBreaker


def count_runoff(instance: RankedInstance, settings: RunoffSettings, breaker: TieBreaker) -> ChoiceResult:
    """Count by instant run-off. One option goes out per stage, also when the lowest together could not pass the next."""
    course = Course(instance, settings, breaker, unit=1)
    _elect(course, settings)
    course.record("first_preferences")
    while not course.elected and len(course.continuing) > 1 and any(course.votes):
        place = course.exclude_lowest()
        received = course.piles.move(place)
        course.hand_on(place, received, kept=0)
        _elect(course, settings)
        course.record("exclusion", place=place, received=received)
    return course.result("instant-runoff", {})


def _elect(course: Course, settings: RunoffSettings) -> None:
    """Elect who has more than half of the votes that still count, or is left alone with votes."""
    left = course.continuing
    best = max(left, key=course.votes.__getitem__, default=None)
    if best is None or not course.votes[best]:
        return
    has_majority = 2 * course.votes[best] > sum(course.votes[place] for place in left)
    if len(left) == 1 or (has_majority and (settings.finish == "majority" or len(left) == 2)):
        course.elect(best, "elected")
