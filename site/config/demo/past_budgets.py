"""Budgets of the past: last year's in Waterveen, and real ones where a folder with real files is named."""

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.core.management.base import OutputWrapper
from django.utils import timezone

from ballots.actions import count_vote
from ballots.counting import Option, make_instance
from ballots.formats.pabulib import write_pb
from budget.actions import report_progress
from budget.imports import Imported, ImportRefused, Wishes, import_budget
from budget.models import BudgetRoundPage, Plan
from budget.settling import settle
from config.demo.publishing import publish_in_time
from config.demo.texts import text_of
from people.models import User
from places.models import Area

VOTERS = 212
APPROVED = 3
COUNTING = {"rule": "equal-shares", "increment": "until_overspend", "completion": "greedy"}
# Real files, in this order; the last is left for staff to publish.
REAL_FILES = ("Netherlands_Amsterdam_289.pb", "Netherlands_Assen_2024.pb")


def import_past_budgets(officer: User, random: Random, out: OutputWrapper) -> None:
    """Makes each past budget once; those that are there already are passed over."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "wijkbegroting-oost.pb"
        _write_finished(file, text_of("budget")["finished"], random)
        _finish(file, officer, out)
    for name in REAL_FILES:
        if (path := _real_folder() / "pb" / name).exists():
            _import_real(path, officer, out, publish=name != REAL_FILES[-1])


def _real_folder() -> Path:
    return Path(os.environ.get("DATA") or settings.BASE_DIR.parent / "shared" / "data")


def _import(file: Path, out: OutputWrapper) -> Imported | None:
    try:
        return import_budget(file, Wishes(), now=timezone.now(), watch=lambda line: None)
    except ImportRefused as refusal:
        out.write(f"{file.name}: {refusal}")
        return None


def _import_real(path: Path, officer: User, out: OutputWrapper, *, publish: bool) -> None:
    imported = _import(path, out)
    if imported is not None:
        count_vote(imported.vote)
        if publish:
            _publish(imported, officer)


def _publish(imported: Imported, officer: User) -> None:
    publish_in_time(imported.vote, actor=officer)
    settle(imported.round.pk, now=timezone.now())


# --- Waterveen's own ------------------------------------------------------------------------------------


def _write_finished(file: Path, entry: dict[str, Any], random: Random) -> None:
    """Last year's vote as a Pabulib file: who likes what follows from the number of likes in the text."""
    plans = entry["plans"]
    options = [Option(str(number), plan["euro"] * 100, plan["title"]) for number, plan in enumerate(plans, 1)]
    instance = make_instance(options, entry["pot_euro"] * 100, _approvals(plans, random))
    last_day = timezone.localdate() - timedelta(days=270)
    meta = {
        "description": entry["title"],
        "country": "Netherlands",
        "unit": "Waterveen",
        "vote_type": "approval",
        "rule": "equalshares/add1",
        "date_begin": (last_day - timedelta(days=21)).strftime("%d.%m.%Y"),
        "date_end": last_day.strftime("%d.%m.%Y"),
        "language": "nl",
        "currency": "EUR",
    }
    write_pb(file, meta, instance)


def _approvals(plans: list[dict[str, Any]], random: Random) -> Iterator[list[str]]:
    """One ballot per voter: up to three different plans, the popular ones more often."""
    weights = [plan["likes"] for plan in plans]
    for _voter in range(VOTERS):
        yield sorted({str(place + 1) for place in random.choices(range(len(plans)), weights, k=APPROVED)})


def _finish(file: Path, officer: User, out: OutputWrapper) -> None:
    imported = _import(file, out)
    if imported is None:
        return
    entry = text_of("budget")["finished"]
    count_vote(imported.vote)
    _publish(imported, officer)
    _place(imported.round, entry)
    _carry_out(imported.round, officer, timezone.now())


def _place(page: BudgetRoundPage, entry: dict[str, Any]) -> None:
    """A Pabulib file knows no neighbourhoods."""
    for number, plan in enumerate(entry["plans"], 1):
        area = Area.objects.get(name=plan["area"])
        Plan.objects.filter(round=page, reference=str(number)).update(area=area, text=plan["text"])


def _carry_out(page: BudgetRoundPage, officer: User, now: datetime) -> None:
    steps = [
        (Plan.Progress.DONE, "Het is klaar. Kom kijken!"),
        (Plan.Progress.STARTED, "De vergunning is er. De bouw begint na het broedseizoen."),
    ]
    won = Plan.objects.filter(round=page, outcome=Plan.Outcome.WON).order_by("cost")
    for number, plan in enumerate(won[:4]):
        progress, text = steps[number % 2]
        report_progress(plan, officer, progress=progress, text=text, now=now)
