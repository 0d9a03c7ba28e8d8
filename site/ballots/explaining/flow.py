"""The flow of votes between rounds as a picture: a bar per round, from top to bottom, and bands for the votes that stay or move.

Widths are percentages and heights `em`, as in `pages.charts`, so that text stays readable on a phone. Only the bands are stretched:
they lie in a part of the picture with its own measure of 1,000 wide, and hold no text.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from ballots.explaining.figures import Place, Titles, figure, named
from pages.charts import em

WIDE = 1_000
ROW_EM, BAR_EM, LETTER_EM = 4.4, 1.9, 1.3
# A label needs this part of the width: two digits at 320 px.
ROOM = 70
NOBODY = None

Stage = Mapping[str, Any]
Amounts = dict[str | None, Decimal]


@dataclass(frozen=True, slots=True)
class Segment:
    """Part of a bar: the votes of one option; places in percent and `em`.

    `kind`: `elected`, `leaving` (goes out next), `staying`, or `nobody` (votes that no longer count).
    """

    kind: str
    label: str
    x: str
    width: str
    label_x: str
    y: str
    label_y: str


@dataclass(frozen=True, slots=True)
class Band:
    """Votes between two rounds; `moved` when they go to another option. `path` in thousandths of the width and hundredths of an em."""

    path: str
    moved: bool


@dataclass(frozen=True, slots=True)
class Row:
    """The number of a round beside its bar."""

    number: int
    y: str


@dataclass(frozen=True, slots=True)
class Flow:
    """The picture. `names` are the options by the numbers that stand in it."""

    key: str
    title: str
    description: str
    rows: list[Row]
    segments: list[Segment]
    bands: list[Band]
    names: list[str]
    units: int

    @property
    def height(self) -> str:
        return em(self.units / 100)

    @property
    def box(self) -> str:
        """The measure of the bands; text, because a template writes numbers in the language of the page."""
        return f"0 0 {WIDE} {self.units}"

    @property
    def bar_height(self) -> str:
        return em(BAR_EM)


def flow_of(
    stages: Sequence[Stage], order: Sequence[str], elected: Mapping[str, int], titles: Titles, where: Place
) -> Flow:
    """The picture of these stages, with the options in this order from left to right. `elected`: winner → its round."""
    amounts = [_amounts(stage, order) for stage in stages]
    total = _total(amounts)
    return Flow(
        key=where.key,
        title=where.titled(_("How the votes moved")),
        description=_description(stages, titles),
        rows=[Row(stage["round"], em(place * ROW_EM + LETTER_EM)) for place, stage in enumerate(stages)],
        segments=[each for place in range(len(stages)) for each in _segments(stages, amounts, elected, place)],
        bands=[each for place in range(len(stages) - 1) for each in _bands(stages[place + 1], amounts, place, total)],
        names=[titles[option] for option in order],
        units=round(((len(stages) - 1) * ROW_EM + BAR_EM) * 100),
    )


def _amounts(stage: Stage, order: Sequence[str]) -> Amounts:
    """Votes per option after this stage, and of nobody (what rounding lost among them), from left to right."""
    found: Amounts = {option: Decimal(stage["votes"].get(option, 0)) for option in order}
    return found | {NOBODY: Decimal(stage["exhausted"]) + Decimal(stage["lost"])}


def _total(amounts: list[Amounts]) -> Decimal:
    """All ballots; rounding never adds to them."""
    return max(sum(each.values(), Decimal(0)) for each in amounts) or Decimal(1)


def _starts(amounts: Amounts) -> Amounts:
    """Where the votes of each begin, counted from the left."""
    found, left = {}, Decimal(0)
    for option, votes in amounts.items():
        found[option] = left
        left += votes
    return found


# --- Bars ------------------------------------------------------------------------------------------------------


def _segments(stages: Sequence[Stage], amounts: list[Amounts], elected: Mapping[str, int], place: int) -> list[Segment]:
    starts, total, now = _starts(amounts[place]), _total(amounts), stages[place]["round"]
    winners = {option for option, number in elected.items() if number <= now}
    leaving = set(stages[place + 1]["excluded"]) if place + 1 < len(stages) else set()
    return [
        _segment(number, _kind(option, winners, leaving), starts[option], votes, place, total)
        for number, (option, votes) in enumerate(amounts[place].items(), start=1)
        if votes
    ]


def _kind(option: str | None, winners: set[str], leaving: set[str]) -> str:
    if option is NOBODY:
        return "nobody"
    if option in winners:
        return "elected"
    return "leaving" if option in leaving else "staying"


def _segment(number: int, kind: str, start: Decimal, votes: Decimal, place: int, total: Decimal) -> Segment:
    top, left, width = place * ROW_EM, start / total * 100, votes / total * 100
    label = "–" if kind == "nobody" else str(number)
    return Segment(
        kind=kind,
        label=label if width * WIDE / 100 >= ROOM else "",
        x=_percent(left),
        width=_percent(width),
        label_x=_percent(left + width / 2),
        y=em(top),
        label_y=em(top + LETTER_EM),
    )


def _percent(part: Decimal) -> str:
    return f"{part:.2f}%"


# --- Bands -----------------------------------------------------------------------------------------------------


def _bands(stage: Stage, amounts: list[Amounts], place: int, total: Decimal) -> list[Band]:
    """From the bar at `place` to the next, whose stage says who moved."""
    above, below = dict(_starts(amounts[place])), dict(_starts(amounts[place + 1]))
    found = []
    for source, target, votes in _moves(stage, amounts[place]):
        found.append(_band(above[source], below[target], votes, place, total, moved=source != target))
        above[source] += votes
        below[target] += votes
    return found


def _moves(stage: Stage, amounts: Amounts) -> list[tuple[str | None, str | None, Decimal]]:
    """(from, to, votes) from left to right, above and below, so that bands cross no more than they must."""
    moved = {each["to"]: Decimal(each["votes"]) for each in stage["transfers"]}
    found: list[tuple[str | None, str | None, Decimal]] = []
    for source, votes in amounts.items():
        if source != stage["option"]:
            found.append((source, source, votes))
            continue
        kept = Decimal(stage["votes"].get(source, 0))
        found += [(source, to, kept if to == source else moved.get(to, Decimal(0))) for to in amounts]
    return [each for each in found if each[2]]


def _band(above: Decimal, below: Decimal, votes: Decimal, place: int, total: Decimal, *, moved: bool) -> Band:
    def across(amount: Decimal) -> str:
        return f"{amount / total * WIDE:.1f}"

    top, bottom = round((place * ROW_EM + BAR_EM) * 100), round((place + 1) * ROW_EM * 100)
    middle = (top + bottom) // 2
    left, right = (across(above), across(below)), (across(above + votes), across(below + votes))
    path = (
        f"M{left[0]} {top}C{left[0]} {middle} {left[1]} {middle} {left[1]} {bottom}"
        f"H{right[1]}C{right[1]} {middle} {right[0]} {middle} {right[0]} {top}Z"
    )
    return Band(path, moved)


# --- Words -----------------------------------------------------------------------------------------------------


def _description(stages: Sequence[Stage], titles: Titles) -> str:
    """What one sees, in sentences: who was in front at the beginning and at the end."""
    sentences = [_("Every bar is a round, with its number in front. The wider a part, the more votes.")]
    for stage in (stages[0], stages[-1]):
        first = max(stage["votes"], key=lambda option: Decimal(stage["votes"][option]), default=None)
        if first is not None:
            words = {"round": stage["round"], "option": named(first, titles), "votes": figure(stage["votes"][first])}
            sentences.append(_("In round %(round)s %(option)s has most votes: %(votes)s.") % words)
    return " ".join(sentences if len(stages) > 1 else sentences[:2])
