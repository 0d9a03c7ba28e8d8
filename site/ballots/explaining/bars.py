"""Votes or points as a bar chart, for rules that add up."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from ballots.explaining.figures import Place, Sealed, Titles, Votes, figure, named
from pages.charts import Bar, BarChart

MOST_BARS = 20


@dataclass(frozen=True)
class Height:
    """What one option received, and whether it won."""

    option: str
    votes: Votes
    won: bool


def bars_of(sealed: Sealed, titles: Titles, place: Place, heading: str) -> BarChart:
    """The options with the most; `heading` says what is added up. By Borda these are the points of places, in halves."""
    every = sorted((_height(line) for line in sealed["options"]), key=lambda each: -Fraction(each.votes))
    # By Borda the page calls first choices votes.
    heading = _("Score") if any("score" in line for line in sealed["options"]) else heading
    shown = [each for rank, each in enumerate(every) if rank < MOST_BARS or each.won]
    return BarChart(
        key=f"{place.key}-bars",
        title=place.titled(heading),
        description=_description(shown, len(every), titles),
        bars=[_bar(each, titles) for each in shown],
        label_heading=_("Option"),
        value_heading=heading,
        note_heading=_("Outcome"),
    )


def _height(line: Sealed) -> Height:
    return Height(line["option"], line.get("score", line["votes"]), line["won"])


def _bar(height: Height, titles: Titles) -> Bar:
    return Bar(
        label=titles[height.option],
        # Twice the points are whole, and a picture only compares.
        value=int(2 * Fraction(height.votes)),
        text=_in_halves(height.votes),
        kind="chosen" if height.won else "other",
        note=_("won") if height.won else _("did not win"),
    )


def _in_halves(votes: Votes) -> str:
    """A half is written as one decimal, a whole number without."""
    exact = Fraction(votes)
    return number_format(exact.numerator) if exact.denominator == 1 else number_format(float(exact), 1)


def _description(shown: Sequence[Height], total: int, titles: Titles) -> str:
    words = {"option": named(shown[0].option, titles), "votes": _in_halves(shown[0].votes)}
    most = _("%(option)s has the most: %(votes)s.") % words
    if len(shown) == total:
        return most
    words = {"shown": figure(len(shown)), "total": figure(total)}
    return most + " " + _("The picture shows %(shown)s of the %(total)s options.") % words
