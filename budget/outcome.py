"""The result of a round as people read it: made from the sealed count and the frozen options, never from live plans.

Only a published vote has an outcome here, for whoever asks: page, exports, catalogue, notices.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format, number_format
from django.utils.text import slugify
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ballots.models import Option, Question, Seal, Vote
from budget.ballot import question_of
from budget.models import BudgetRoundPage, Plan, RoundVote
from budget.reasons import count_of_votes, why
from pages.charts import Bar, BarChart
from pages.templatetags.components import euro

CHART_BARS = 20


@dataclass(frozen=True)
class Row:
    """One plan in the result. `place` is its place in the order of election, None when it lost. Money in cents."""

    option: Option
    plan: Plan | None
    votes: int
    won: bool
    place: int | None
    why: list[str]

    @property
    def url(self) -> str:
        """The plan's page, "" when a moderator has hidden it."""
        return self.plan.get_absolute_url() if self.plan and self.plan.state == Plan.State.PUBLISHED else ""


class Outcome:
    """The published result of a round."""

    def __init__(self, page: BudgetRoundPage, vote: Vote, seal: Seal) -> None:
        self.round, self.vote, self.seal = page, vote, seal
        # The vote of a round has one question.
        [(self.reference, result)] = json.loads(seal.result)["questions"].items()
        self.result: Mapping[str, Any] = result

    @property
    def pot(self) -> int:
        return int(self.result["budget_cents"])

    @property
    def spent(self) -> int:
        return int(self.result["cost_cents"])

    @property
    def left(self) -> int:
        return self.pot - self.spent

    @property
    def ballots(self) -> int:
        return self.seal.ballots

    @property
    def roll(self) -> int:
        return self.seal.roll

    @property
    def turnout(self) -> float | None:
        """Part of the roll that voted, in percent; None for an imported vote, whose roll holds voters only."""
        return None if self.vote.source or not self.roll else 100 * self.ballots / self.roll

    @property
    def digest(self) -> str:
        """SHA-256 of the sealed result, in hexadecimal."""
        return bytes(self.seal.digest).hex()

    @property
    def shows_single_ballots(self) -> bool:
        """Whether there are enough ballots to publish them one by one; also decides on figures of small groups."""
        return self.ballots >= self.vote.publication_threshold

    @property
    def settings(self) -> dict[str, Any]:
        """Rule and settings as they were counted."""
        return {**self.result["settings"], "rule": self.result["rule"]}

    @property
    def heading(self) -> str:
        return _("Result")

    @property
    def url(self) -> str:
        """The page of this result."""
        return reverse("budget:result", args=[self.round.pk])

    @property
    def file_name(self) -> str:
        """The name of a download, without its ending."""
        name = _("result")
        return f"{name}-{slugify(self.round.title) or self.round.pk}"

    @cached_property
    def question(self) -> Question:
        """What was asked, with the limits of the ballot; 1 query."""
        return question_of(self.vote)

    @cached_property
    def options(self) -> list[Option]:
        """The ballot, in its order."""
        return list(self.vote.options.all())

    @cached_property
    def explained(self) -> list[dict[str, Any]]:
        """Every option with its reason; with few ballots without what a few voters could be recognised by."""
        hidden = () if self.shows_single_ballots else ("money_left_cents", "money_short_cents")
        options = self.result["options"]
        return [{name: value for name, value in entry.items() if name not in hidden} for entry in options]

    def totals(self) -> dict[str, Any]:
        """The result without the rounds of the count."""
        shown = ("rule", "settings", "voters", "budget_cents", "winners", "cost_cents")
        return {**{name: self.result[name] for name in shown}, "options": self.explained}

    @cached_property
    def rows(self) -> list[Row]:
        """Every plan, most votes first; 2 queries."""
        options = {option.reference: option for option in self.options}
        plans = {plan.reference: plan for plan in self.round.plans.filter(reference__in=options)}
        places = {winner: place for place, winner in enumerate(self.result["winners"], 1)}
        rows = [
            Row(
                option=options[entry["option"]],
                plan=plans.get(entry["option"]),
                votes=entry["votes"],
                won=entry["won"],
                place=places.get(entry["option"]),
                why=why(entry, self.result),
            )
            for entry in self.explained
        ]
        return sorted(rows, key=lambda row: (-row.votes, row.option.number))

    def why_of(self, reference: str) -> list[str]:
        """Why this option won or lost, in the language of now."""
        entry = next(entry for entry in self.explained if entry["option"] == reference)
        return why(entry, self.result)

    @property
    def winners(self) -> list[Row]:
        """The chosen plans in the order in which they were chosen."""
        return sorted((row for row in self.rows if row.place), key=lambda row: row.place or 0)

    @property
    def losers(self) -> list[Row]:
        return [row for row in self.rows if not row.won]

    def row_of(self, reference: str) -> Row | None:
        """The row of one plan."""
        return next((row for row in self.rows if row.option.reference == reference), None)

    def summary(self) -> list[str]:
        """What it means, in sentences."""
        chosen, all_plans = len(self.result["winners"]), len(self.result["options"])
        return [
            _people(self.ballots, self.turnout),
            ngettext("They chose %(n)s of %(all)s plans.", "They chose %(n)s of %(all)s plans.", chosen)
            % {"n": chosen, "all": all_plans},
            _("Together these plans cost %(spent)s. The pot was %(pot)s.")
            % {"spent": euro(self.spent), "pot": euro(self.pot)},
            _("%(left)s is left.") % {"left": euro(self.left)} if self.left else _("Nothing is left."),
        ]

    def facts(self) -> list[tuple[str, str]]:
        """Dates, turnout and where the ballots came from."""
        vote = self.vote
        moments = [
            (_("Voting opened"), vote.opens_at),
            (_("Voting closed"), vote.closes_at),
            (_("Result published"), vote.published_at),
        ]
        found = [(name, date_format(localtime(moment), "DATETIME_FORMAT")) for name, moment in moments if moment]
        found.append((_("Ballots"), number_format(self.ballots)))
        if self.seal.blank:
            found.append((_("Blank ballots"), number_format(self.seal.blank)))
        if self.turnout is not None:
            found.append((_("People who could vote"), number_format(self.roll)))
        if vote.source:
            found.append((_("Source of the ballots"), vote.source))
        return found

    def chart(self) -> BarChart:
        """The plans with the most votes as a picture; all chosen plans are in it when they fit."""
        rows = _for_chart(self.rows)
        bars = [
            Bar(
                label=row.option.title,
                value=row.votes,
                text=number_format(row.votes),
                kind="chosen" if row.won else "other",
                note=_("chosen") if row.won else _("not chosen"),
                url=row.url,
            )
            for row in rows
        ]
        return BarChart(
            key="votes-per-plan",
            title=_("Votes per plan"),
            description=_chart_description(rows, len(self.rows)),
            bars=bars,
            label_heading=_("Plan"),
            value_heading=_("Votes received"),
            note_heading=_("Outcome"),
        )


def _people(ballots: int, turnout: float | None) -> str:
    words = {"n": number_format(ballots), "percent": round(turnout or 0)}
    if turnout is None:
        return ngettext("%(n)s person voted.", "%(n)s people voted.", ballots) % words
    return (
        ngettext(
            "%(n)s person voted. That is %(percent)s%% of everybody who could vote.",
            "%(n)s people voted. That is %(percent)s%% of everybody who could vote.",
            ballots,
        )
        % words
    )


def _for_chart(rows: list[Row]) -> list[Row]:
    """The first bars, and every chosen plan: a winner with few votes must not be missing."""
    return [row for place, row in enumerate(rows) if place < CHART_BARS or row.won]


def _chart_description(rows: list[Row], total: int) -> str:
    if not rows:
        return _("There are no plans.")
    words = {"title": rows[0].option.title, "votes": count_of_votes(rows[0].votes), "shown": len(rows), "total": total}
    most = _("“%(title)s” has most votes: %(votes)s.") % words
    if len(rows) == total:
        return most
    return most + " " + _("The picture shows %(shown)s of the %(total)s plans.") % words


def outcome_of(page: BudgetRoundPage) -> Outcome | None:
    """The outcome of a round; None until its vote is published. 1 query, and 2 for the rows."""
    seal = (
        Seal.objects.filter(
            vote__in=RoundVote.objects.filter(round=page).values("vote"), vote__state=Vote.State.PUBLISHED
        )
        .select_related("vote")
        .first()
    )
    return Outcome(page, seal.vote, seal) if seal else None
