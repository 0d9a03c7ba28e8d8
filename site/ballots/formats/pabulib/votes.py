"""The ballots of a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from ballots.counting.instance import Marks, Option
from ballots.formats.pabulib.rows import Rows
from ballots.formats.text import quoted

APPROVAL_TYPES = ("approval", "choose-1")
POINT_TYPES = ("cumulative", "scoring")
BALLOT_TYPES = (*APPROVAL_TYPES, *POINT_TYPES)
MOST_POINTS = 1_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """What a ballot had to keep to, by META's own keys. Official files hold ballots that did not: they count, and are noted."""

    KEYS: ClassVar[tuple[str, ...]] = (
        *("min_length", "max_length", "max_sum_cost", "min_points", "max_points", "min_sum_points", "max_sum_points"),
    )
    bounds: Mapping[str, int]

    def broken(self, marks: Marks, options: list[Option]) -> Iterator[str]:
        """The limits that this ballot breaks, as sentences."""
        points = [each for _place, each in marks] or [0]
        measured = {
            "min_length": len(marks),
            "max_length": len(marks),
            "max_sum_cost": sum(options[place].cost for place, _points in marks) / 100,
            "min_points": min(points),
            "max_points": max(points),
            "min_sum_points": sum(points),
            "max_sum_points": sum(points),
        }
        for key, bound in self.bounds.items():
            if measured[key] > bound if key.startswith("max") else measured[key] < bound:
                yield f"a ballot breaks {key} {bound}"


@dataclass(slots=True)
class _Kind:
    """Ballots with the same text: what they say, what is odd, how many there are."""

    marks: Marks
    odd: tuple[str, ...]
    times: int = 0


@dataclass(slots=True)
class VoteReader:
    """Reads the section VOTES. Every different text is read once and then only counted."""

    rows: Rows
    options: list[Option]
    type: str
    limits: Limits
    _kinds: dict[tuple[str, str], _Kind] = field(default_factory=dict)
    _places: dict[str, int] = field(default_factory=dict)
    _approved: list[tuple[int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._places = {option.id: place for place, option in enumerate(self.options)}
        self._approved = [(place, 1) for place in range(len(self.options))]

    @property
    def with_points(self) -> bool:
        """Whether ballots of this type give points."""
        return self.type in POINT_TYPES

    def read(self) -> int:
        """Read to the end of the file; the number of ballots."""
        columns = self.rows.header("VOTES")
        if self.with_points and "points" not in columns:
            self.rows.refuse(f"the header of VOTES has no column points, which ballots of type {self.type} need")
        voter_at, vote_at = columns.index("voter_id"), columns.index("vote")
        points_at = columns.index("points") if self.with_points else None
        voters: set[str] = set()
        for row in self.rows.until(None, columns):
            self._enter(voters, row[voter_at].strip())
            self._add(row[vote_at], "" if points_at is None else row[points_at])
        return len(voters)

    def counted(self) -> dict[Marks, int]:
        """The different ballots and how often each was cast."""
        counted: Counter[Marks] = Counter()
        for kind in self._kinds.values():
            counted[kind.marks] += kind.times
        return counted

    def _enter(self, voters: set[str], voter: str) -> None:
        if not voter:
            self.rows.refuse("a ballot has no voter_id")
        if voter in voters:
            self.rows.refuse(f"voter {quoted(voter)} is there twice")
        voters.add(voter)

    def _add(self, vote: str, points: str) -> None:
        kind = self._kinds.get((vote, points))
        if kind is None:
            marks = self._marks(vote, points)
            kind = self._kinds[vote, points] = _Kind(marks, tuple(self.limits.broken(marks, self.options)))
        kind.times += 1
        for oddity in kind.odd:
            self.rows.note(oddity)

    def _marks(self, vote: str, points: str) -> Marks:
        places = [self._place(name.strip()) for name in vote.split(",")] if vote.strip() else []
        if len(set(places)) != len(places):
            self.rows.refuse("a ballot names a project twice")
        if self.type == "choose-1" and len(places) > 1:
            self.rows.refuse(f"a ballot of type choose-1 names {len(places)} projects")
        if not self.with_points:
            return tuple([self._approved[place] for place in sorted(places)])
        given = self._points(points, len(places))
        # No points is no support: a project that is named with zero is as good as not named.
        return tuple(sorted((place, each) for place, each in zip(places, given, strict=True) if each))

    def _place(self, project: str) -> int:
        place = self._places.get(project)
        if place is None:
            self.rows.refuse(f"a ballot names project {quoted(project)}, which is not in PROJECTS")
        return place

    def _points(self, text: str, projects: int) -> list[int]:
        cells = [cell.strip() for cell in text.split(",")] if text.strip() else []
        if len(cells) != projects:
            self.rows.refuse(f"a ballot names {projects} projects, but the number of points in it is {len(cells)}")
        return [self._one_points(cell) for cell in cells]

    def _one_points(self, cell: str) -> int:
        if not (cell.isascii() and cell.isdigit() and len(cell) <= 9 and int(cell) <= MOST_POINTS):
            self.rows.refuse(f"points must be whole numbers from 0 to {MOST_POINTS}, not {quoted(cell)}")
        return int(cell)
