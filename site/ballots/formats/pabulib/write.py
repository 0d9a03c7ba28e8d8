"""Writing a `.pb` file."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

from ballots.counting.instance import Instance
from ballots.formats.pabulib.lines import PabulibError
from ballots.formats.pabulib.votes import POINT_TYPES


def write_pb(
    target: Path | str | IO[str],
    meta: Mapping[str, str],
    instance: Instance,
    *,
    projects: Mapping[str, Mapping[str, str]] | None = None,
) -> None:
    """Write the instance as a `.pb` file.

    `meta`: values for META; the numbers, budget and type of ballot are filled in from the instance. `projects`: more columns
    per project id (such as `category`, `selected`), the same for all. Voters are numbered in the order of their ballots' contents, so the
    file says nothing about who voted when.
    """
    if isinstance(target, Path | str):
        with Path(target).open("w", encoding="utf-8", newline="") as stream:
            return write_pb(stream, meta, instance, projects=projects)
    rows = csv.writer(target, delimiter=";", lineterminator="\n")
    rows.writerows(_meta_rows(meta, instance))
    rows.writerows(_project_rows(instance, projects or {}))
    rows.writerows(_vote_rows(instance))
    return None


def pb_text(
    meta: Mapping[str, str], instance: Instance, *, projects: Mapping[str, Mapping[str, str]] | None = None
) -> str:
    """The `.pb` file as one text."""
    text = io.StringIO(newline="")
    write_pb(text, meta, instance, projects=projects)
    return text.getvalue()


def _meta_rows(meta: Mapping[str, str], instance: Instance) -> Iterator[list[str]]:
    yield ["META"]
    yield ["key", "value"]
    own = {
        "num_projects": str(len(instance.options)),
        "num_votes": str(instance.voters),
        "budget": format_amount(instance.money),
        "vote_type": _type(meta.get("vote_type", ""), instance),
    }
    for key, value in (dict(meta) | own).items():
        yield [key, _one_line(value)]


def _type(announced: str, instance: Instance) -> str:
    if not instance.profile.is_approval:
        return announced if announced in POINT_TYPES else "scoring"
    longest = max((len(marks) for _weight, marks in instance.profile.marks()), default=0)
    return "choose-1" if announced == "choose-1" and longest <= 1 else "approval"


def _project_rows(instance: Instance, projects: Mapping[str, Mapping[str, str]]) -> Iterator[list[str]]:
    own = ("project_id", "cost", "votes", "name")
    more = [column for column in next(iter(projects.values()), {}) if column not in own]
    yield ["PROJECTS"]
    yield [*own, *more]
    for option, votes in zip(instance.options, instance.supporters, strict=True):
        if "," in option.id:
            raise PabulibError(f"project {option.id} cannot be written: an id has no comma")
        cells = [projects.get(option.id, {}).get(column, "") for column in more]
        yield [option.id, format_amount(option.cost), str(votes), *map(_one_line, [option.name, *cells])]


def _vote_rows(instance: Instance) -> Iterator[list[str]]:
    approval = instance.profile.is_approval
    yield ["VOTES"]
    yield ["voter_id", "vote"] if approval else ["voter_id", "vote", "points"]
    numbers = itertools.count(1)
    for weight, marks in instance.profile.marks():
        vote = ",".join(instance.options[place].id for place, _points in marks)
        cells = [vote] if approval else [vote, ",".join(str(points) for _place, points in marks)]
        for number in itertools.islice(numbers, weight):
            yield [str(number), *cells]


def format_amount(cents: int) -> str:
    """Cents as an amount in the currency: whole where it is whole."""
    whole, rest = divmod(cents, 100)
    return f"{whole}.{rest:02d}" if rest else str(whole)


def _one_line(text: str) -> str:
    return " ".join(text.split())
