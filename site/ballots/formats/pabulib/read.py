"""Reading a `.pb` file from the first line to the last."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from ballots.counting.instance import Instance, InstanceError, Option, group_ballots
from ballots.counting.settings import SettingsError
from ballots.formats.pabulib.rows import Rows
from ballots.formats.pabulib.votes import BALLOT_TYPES, Limits, VoteReader
from ballots.formats.text import quoted

# Lines of our own in META, so that a file of ours counts the same everywhere: the rule with every setting (JSON), and what its lots
# were drawn from (hexadecimal).
COUNTING_KEY, SEED_KEY = "participatiemix_counting", "participatiemix_seed"
REQUIRED_KEYS = ("num_projects", "num_votes", "budget", "vote_type")


@dataclass(frozen=True, slots=True)
class PabulibMeta:
    """What the file says besides options and ballots.

    `values`: the META section; `projects`: all columns of every project, by id; `warnings`: what is odd but not wrong,
    as sentences.
    """

    values: Mapping[str, str]
    projects: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @property
    def currency(self) -> str:
        """The currency's three letters, or an empty string."""
        return self.values.get("currency", "")

    @property
    def counting(self) -> dict[str, Any]:
        """How a file of ours was counted, empty for any other; a SettingsError when somebody wrote something else there."""
        text = self.values.get(COUNTING_KEY, "{}")
        try:
            found = json.loads(text)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise SettingsError(f"{COUNTING_KEY} in META is no JSON object")
        return found

    @property
    def seed(self) -> str | None:
        """What the lots of a file of ours were drawn from."""
        return self.values.get(SEED_KEY)


def read_pb(source: Path | str | IO[bytes] | IO[str]) -> tuple[PabulibMeta, Instance]:
    """Read a file by its path, or an open stream (bytes, or text that was decoded already).

    Raises PabulibError for a malformed file and OSError when it cannot be read. Amounts become whole cents.
    """
    if isinstance(source, Path | str):
        with Path(source).open("rb") as stream:
            return _read(Rows(stream))
    return _read(Rows(source))


def _read(rows: Rows) -> tuple[PabulibMeta, Instance]:
    rows.begin()
    values = _read_meta(rows)
    budget = rows.amount("budget", values["budget"])
    projects, options = _read_projects(rows, budget)
    _check_number(rows, values, "num_projects", len(options))
    votes = VoteReader(rows, options, values["vote_type"], _limits(rows, values))
    _check_number(rows, values, "num_votes", votes.read())
    try:
        instance = Instance(tuple(options), budget, group_ballots(votes.counted()))
    except InstanceError as error:
        rows.refuse_file(str(error))
    warnings = (*rows.oddities(), *_odd_sums(instance, projects))
    return PabulibMeta(values, projects, warnings), instance


def _read_meta(rows: Rows) -> dict[str, str]:
    columns = rows.header("META")
    key_at, value_at = columns.index("key"), columns.index("value")
    values: dict[str, str] = {}
    for row in rows.until("PROJECTS", columns):
        key, value = row[key_at].strip(), row[value_at].strip()
        if key in values:
            rows.refuse(f"META gives {key} twice")
        values[key] = value
        _check_meta(rows, key, value)
    for key in REQUIRED_KEYS:
        if key not in values:
            rows.refuse(f"META has no {key}")
    return values


def _check_meta(rows: Rows, key: str, value: str) -> None:
    if key == "budget":
        rows.amount("budget", value)
    elif key in ("num_projects", "num_votes"):
        rows.whole_number(key, value)
    elif key == "vote_type" and value not in BALLOT_TYPES:
        rows.refuse(f"ballots of type {quoted(value)} cannot be counted here, only {', '.join(BALLOT_TYPES)}")
    elif key == "default_score" and value.strip("0."):
        rows.refuse("a default score for projects without points is not supported")


def _limits(rows: Rows, values: Mapping[str, str]) -> Limits:
    """The limits on a ballot that META sets; one that is not a number is noted and passed over."""
    limits = {}
    for key in Limits.KEYS:
        text = values.get(key, "").removesuffix(".0")
        if text.isascii() and text.isdigit() and len(text) <= 12:
            limits[key] = int(text)
        elif text:
            rows.note(f"{key} is not a whole number")
    return Limits(limits)


def _read_projects(rows: Rows, budget: int) -> tuple[dict[str, dict[str, str]], list[Option]]:
    columns = rows.header("PROJECTS")
    projects: dict[str, dict[str, str]] = {}
    options = []
    for row in rows.until("VOTES", columns):
        cells = {column: cell.strip() for column, cell in zip(columns, row, strict=True)}
        option = _option(rows, cells)
        if option.id in projects:
            rows.refuse(f"project {quoted(option.id)} is there twice")
        if option.cost > budget:
            rows.note("a project costs more than the whole budget")
        projects[option.id] = cells
        options.append(option)
    return projects, options


def _option(rows: Rows, cells: Mapping[str, str]) -> Option:
    project = cells["project_id"]
    if not project or "," in project:
        rows.refuse("a project needs an id, without a comma")
    cost = rows.amount(f"the cost of project {quoted(project)}", cells["cost"])
    return Option(project, cost, cells.get("name", ""))


def _check_number(rows: Rows, values: Mapping[str, str], key: str, found: int) -> None:
    if found != int(values[key]):
        rows.refuse_file(f"META announces {key} {values[key]}, but the file has {found}")


def _odd_sums(instance: Instance, projects: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """The columns `votes` and `score` of PROJECTS repeat the count; where they differ something is odd."""
    for column, counted in (("votes", instance.supporters), ("score", instance.votes)):
        for option, found in zip(instance.options, counted, strict=True):
            announced = projects[option.id].get(column, "")
            if announced and announced.removesuffix(".0") != str(found):
                yield f"project {option.id} has {found} in the ballots, but {column} says {quoted(announced)}"
