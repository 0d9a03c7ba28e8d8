"""The result as data: CSV of the plans, JSON of the sealed count, `.pb` of the ballots. Streams; holds no person."""

import csv
import json
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from io import TextIOWrapper
from typing import IO, Any

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ballots.box import answers_in
from ballots.counting import Instance, Option, group_ballots
from ballots.counting.instance import Marks, as_marks, positions
from ballots.formats.pabulib import COUNTING_KEY, SEED_KEY, write_pb
from ballots.models import Ballot, Question
from budget.models import Plan
from budget.outcome import Outcome, Row
from opendata.datasets import Download

IN_MEMORY = 1024 * 1024
# A spreadsheet takes a cell that begins with one of these for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def downloads_of(outcome: Outcome) -> list[Download]:
    """The files of a published result."""
    args = [outcome.round.pk]
    found = [
        Download("CSV", "text/csv", reverse("budget:result_csv", args=args)),
        Download("JSON", "application/json", reverse("budget:result_json", args=args)),
    ]
    if outcome.shows_single_ballots:
        found.append(Download("Pabulib", "text/plain", reverse("budget:result_pb", args=args)))
    return found


def safe_cell(value: Any) -> str:
    """The value as text that no spreadsheet runs as a formula."""
    text = str(value)
    return f"'{text}" if text.lstrip().startswith(FORMULA_STARTS) else text


# --- The map ------------------------------------------------------------------------------------------


def features(plans: Iterable[Plan]) -> dict[str, Any]:
    """A GeoJSON FeatureCollection (RFC 7946) of the plans that have a point."""
    return {"type": "FeatureCollection", "features": [_feature(plan) for plan in plans if plan.latitude is not None]}


def _feature(plan: Plan) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": plan.pk,
        "geometry": {"type": "Point", "coordinates": [plan.longitude, plan.latitude]},
        "properties": {"title": plan.title, "url": plan.get_absolute_url()},
    }


# --- CSV ----------------------------------------------------------------------------------------------


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


def csv_lines(outcome: Outcome) -> Iterator[str]:
    """The table of plans, a line at a time; amounts in euros with a point, so that every program reads them."""
    writer = csv.writer(_Echo())
    # Excel reads UTF-8 only after this mark.
    yield "\ufeff"
    yield writer.writerow(["number", "plan", "votes", "cost", "chosen", "order", "why"])
    for row in outcome.rows:
        yield writer.writerow([safe_cell(cell) for cell in _cells(row)])


def _cells(row: Row) -> list[Any]:
    return [
        row.option.reference,
        row.option.title,
        row.votes,
        f"{(row.option.cost or 0) / 100:.2f}",
        "yes" if row.won else "no",
        row.place or "",
        " ".join(row.why),
    ]


# --- JSON ---------------------------------------------------------------------------------------------


def json_text(outcome: Outcome) -> str:
    """The sealed bytes themselves, whose SHA-256 the page shows; with few ballots the totals only."""
    if outcome.shows_single_ballots:
        return outcome.seal.result
    totals = {"questions": {outcome.reference: outcome.totals()}, "digest": outcome.digest, "note": _few(outcome)}
    return json.dumps(totals, sort_keys=True)


def _few(outcome: Outcome) -> str:
    return _("There are fewer than %(least)s ballots. So we do not publish more than the totals.") % {
        "least": outcome.vote.publication_threshold
    }


# --- Pabulib ------------------------------------------------------------------------------------------


def pb_file(outcome: Outcome) -> IO[bytes]:
    """The ballots as a `.pb` file, ready to be read from its start; kept on disk when it is large.

    Voters are numbered in the order of what is on their ballots, so nothing says who voted when.
    """
    file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - the response closes it
    text = TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    write_pb(text, _meta(outcome), instance_of(outcome), projects=_projects(outcome))
    text.detach()
    file.seek(0)
    return file


def instance_of(outcome: Outcome) -> Instance:
    """The ballots of a published vote, equal ones once; one query."""
    options = tuple(Option(option.reference, option.cost or 0, safe_cell(option.title)) for option in outcome.options)
    place = positions(options)
    counted = Ballot.objects.filter(vote=outcome.vote).values_list("payload").annotate(number=Count("pk"))
    ballots: Counter[Marks] = Counter()
    for payload, number in counted:
        # An invalid answer, on paper, is no part of the count.
        if (answer := answers_in(payload)[outcome.reference]) is not None:
            ballots[as_marks(answer, place)] += number
    return Instance(options, outcome.pot, group_ballots(ballots))


def _meta(outcome: Outcome) -> dict[str, str]:
    vote, question = outcome.vote, outcome.question
    values = {
        "description": safe_cell(vote.title),
        "country": "Netherlands",
        "instance": str(vote.pk),
        "rule": str(question.counting["rule"]),
        "date_begin": timezone.localdate(vote.opens_at).strftime("%d.%m.%Y"),
        "date_end": timezone.localdate(vote.closes_at).strftime("%d.%m.%Y"),
        "language": "nl",
        "currency": "EUR",
        COUNTING_KEY: json.dumps(question.counting, sort_keys=True),
        SEED_KEY: outcome.result["settings"]["seed"],
    }
    return values | _limits(question)


def _limits(question: Question) -> dict[str, str]:
    if question.form == Question.Form.APPROVAL:
        return {"vote_type": "approval", "max_length": str(question.max_options)}
    # Pabulib's limit is a whole amount; a limit with cents is rounded up, so that no ballot breaks it.
    return {"vote_type": "approval", "max_sum_cost": str(-(-(question.max_sum or 0) // 100))}


def _projects(outcome: Outcome) -> dict[str, dict[str, str]]:
    return {row.option.reference: {"selected": "1" if row.won else "0"} for row in outcome.rows}
