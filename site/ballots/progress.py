"""How far a count is, for staff who wait for it. Only a help: it lives in the cache and may be missing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from django.core.cache import cache

Step = Literal["waiting", "reading", "counting", "sealing", "failed"]
Report = Callable[[Step, int, int], None]

KEPT_SECONDS = 24 * 60 * 60


@dataclass(frozen=True)
class Progress:
    """Step of a count; `done` of `total` (0 while unknown). `problem` is a sentence for staff when the step is "failed"."""

    step: Step
    done: int = 0
    total: int = 0
    problem: str = ""


def reporter(vote_id: UUID) -> Report:
    """A function that tells how far the count of this vote is."""
    return lambda step, done, total: _write(vote_id, Progress(step, done, total))


def report_failure(vote_id: UUID, problem: str) -> None:
    _write(vote_id, Progress("failed", problem=problem))


def progress_of(vote_id: UUID) -> Progress:
    """The last thing the count of this vote told; "waiting" when it told nothing."""
    return Progress(**cache.get(_key(vote_id), {"step": "waiting"}))


def forget(vote_id: UUID) -> None:
    cache.delete(_key(vote_id))


def _write(vote_id: UUID, progress: Progress) -> None:
    cache.set(_key(vote_id), progress.__dict__, KEPT_SECONDS)


def _key(vote_id: UUID) -> str:
    return f"ballots.count:{vote_id}"
