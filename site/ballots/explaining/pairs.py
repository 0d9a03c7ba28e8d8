"""Options two by two: who beats whom, the strongest paths of Schulze, and the victories that stand in ranked pairs."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from ballots.explaining.figures import Place, Sealed, Titles, figure, named
from pages.charts import em

MOST_OPTIONS = 20
"""So many options are in a table and its picture: those that came first."""
CELL_EM = 1.9
LETTER_EM = 1.3
# For the line below the last box.
EDGE_EM = 0.1
NUMBER_WIDTH = 8

Values = Callable[[str, str], int]


@dataclass(frozen=True, slots=True)
class Cell:
    """An option against another: `kind` is `wins`, `loses`, `level` or `self`, `text` says the same with the figures."""

    kind: str
    heading: str
    text: str
    mark: str
    x: str
    label_x: str


@dataclass(frozen=True, slots=True)
class Line:
    """One option against all others; `number` stands for it in the picture."""

    number: int
    title: str
    cells: list[Cell]
    y: str
    label_y: str


@dataclass(frozen=True, slots=True)
class Matrix:
    """A table of options against options, and the same as a picture. `cell_width` in percent."""

    key: str
    title: str
    description: str
    lines: list[Line]
    cell_width: str

    @property
    def height(self) -> str:
        return em(CELL_EM * (len(self.lines) + 1) + EDGE_EM)

    @property
    def cell_height(self) -> str:
        return em(CELL_EM)


@dataclass(frozen=True, slots=True)
class Victory:
    """One victory of ranked pairs, from strong to weak."""

    number: int
    text: str
    strength: str
    outcome: str
    stands: bool


@dataclass(frozen=True, slots=True)
class Pairs:
    """What the Condorcet rules compare; `notes` say what is left out."""

    key: str
    caption: str
    sentences: list[str]
    duels: Matrix
    paths: Matrix | None
    victories: list[Victory]
    notes: list[str]


def pairs_of(sealed: Sealed, titles: Titles, place: Place) -> Pairs | None:
    """None where there are no two options to compare."""
    if len(sealed["pairs"]["options"]) < 2:
        return None
    order = _best_first(sealed)[:MOST_OPTIONS]
    return Pairs(
        key=place.key,
        caption=place.titled(_("Which victories stand")),
        sentences=list(_sentences(sealed, titles)),
        duels=_duels(sealed, order, titles, place),
        paths=_paths(sealed, order, titles, place) if "paths" in sealed else None,
        victories=[_victory(number, pair, titles) for number, pair in enumerate(sealed.get("locked", ()), start=1)],
        notes=list(_notes(sealed)),
    )


def _best_first(sealed: Sealed) -> list[str]:
    """Winners as they were elected, then the others by their place; who has none comes last."""
    place = {line["option"]: line.get("place", len(sealed["options"]) + 1) for line in sealed["options"]}
    rest = [option for option in sealed["pairs"]["options"] if option not in sealed["winners"]]
    return [*sealed["winners"], *sorted(rest, key=place.__getitem__)]


def _sentences(sealed: Sealed, titles: Titles) -> Iterator[str]:
    best = sealed["pairs"]["condorcet_winner"]
    if best is None:
        yield _("No option beats all others two by two. So the rule had to decide between them.")
        return
    words = {"option": named(best, titles)}
    yield _("%(option)s beats every other option two by two.") % words
    if best not in sealed["winners"]:
        yield _("Yet %(option)s does not win: this rule adds up points.") % words


def _notes(sealed: Sealed) -> Iterator[str]:
    every = len(sealed["pairs"]["options"])
    if every > MOST_OPTIONS:
        words = {"shown": MOST_OPTIONS, "all": every}
        yield _("Picture and table show the first %(shown)s of %(all)s options.") % words


# --- Tables ------------------------------------------------------------------------------------------------------


def _table(sealed: Sealed, rows: list[list[int]]) -> Values:
    """The value at two option references, of a table in the order of the sealed options."""
    at = {option: place for place, option in enumerate(sealed["pairs"]["options"])}
    return lambda option, other: rows[at[option]][at[other]]


def _duels(sealed: Sealed, order: list[str], titles: Titles, place: Place) -> Matrix:
    return _matrix(
        f"{place.key}-duels",
        place.titled(_("Who beats whom")),
        _("How many ballots put the option in the row above the one in the column, and how many the other way round."),
        order,
        titles,
        _table(sealed, sealed["pairs"]["preferred"]),
    )


def _paths(sealed: Sealed, order: list[str], titles: Titles, place: Place) -> Matrix:
    return _matrix(
        f"{place.key}-paths",
        place.titled(_("The strongest chains of victories")),
        _("How strong the best chain is from the row to the column, and how strong the one back."),
        order,
        titles,
        _table(sealed, sealed["paths"]),
    )


def _matrix(key: str, title: str, description: str, order: list[str], titles: Titles, values: Values) -> Matrix:
    width = (100 - NUMBER_WIDTH) / len(order)
    lines = [
        Line(
            number=row,
            title=titles[option],
            cells=[_cell(option, other, place, width, titles, values) for place, other in enumerate(order)],
            y=em(row * CELL_EM),
            label_y=em(row * CELL_EM + LETTER_EM),
        )
        for row, option in enumerate(order, start=1)
    ]
    return Matrix(key, title, description, lines, f"{width:.3f}%")


def _cell(option: str, other: str, place: int, width: float, titles: Titles, values: Values) -> Cell:
    mine, theirs = values(option, other), values(other, option)
    kind = "self" if option == other else _kind(mine, theirs)
    words = {"mine": figure(mine), "theirs": figure(theirs)}
    left = NUMBER_WIDTH + place * width
    return Cell(
        kind=kind,
        heading=titles[other],
        text=_TEXTS[kind]() % words,
        mark=_MARKS[kind],
        x=f"{left:.3f}%",
        label_x=f"{left + width / 2:.3f}%",
    )


def _kind(mine: int, theirs: int) -> str:
    if mine == theirs:
        return "level"
    return "wins" if mine > theirs else "loses"


_MARKS = {"wins": "✓", "loses": "", "level": "=", "self": "–"}

_TEXTS: Mapping[str, Callable[[], str]] = {
    "wins": lambda: _("wins, %(mine)s – %(theirs)s"),
    "loses": lambda: _("loses, %(mine)s – %(theirs)s"),
    "level": lambda: _("level, %(mine)s – %(theirs)s"),
    "self": lambda: "–",
}


# --- Ranked pairs ------------------------------------------------------------------------------------------------


def _victory(number: int, pair: Mapping[str, Any], titles: Titles) -> Victory:
    words = {"over": named(pair["over"], titles), "under": named(pair["under"], titles)}
    return Victory(
        number=number,
        text=_("%(over)s beats %(under)s") % words,
        strength=figure(pair["strength"]),
        outcome=_("stands") if pair["locked"] else _("passed over: it contradicts stronger victories"),
        stands=pair["locked"],
    )
