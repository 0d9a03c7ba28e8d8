"""The result as one picture to share: an SVG that stands alone, with title, description, and every figure as text.

Lengths are in units of the picture, 1200 wide. Colours differ in lightness too, and the words say what the colours say.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils.text import Truncator

from referendum.outcome import Outcome, Place, QuestionOutcome

WIDTH = 1200
MARGIN = 60
HEAD = 190
QUESTION = 70
ROW = 84
FOOT = 60
TITLE_LENGTH = 52
LABEL_LENGTH = 70


@dataclass(frozen=True)
class Line:
    """A question (`width` None), or an option with its bar; `y` is the top."""

    text: str
    received: str
    y: int
    width: int | None
    note: str


def draw(title: str, outcome: Outcome) -> str:
    """The picture as a whole SVG document."""
    lines = tuple(_lines(outcome))
    height = HEAD + FOOT + sum(QUESTION if line.width is None else ROW for line in lines)
    context = {
        "title": title,
        "heading": Truncator(title).chars(TITLE_LENGTH),
        "outcome": outcome,
        "lines": lines,
        "width": WIDTH,
        "height": height,
        "margin": MARGIN,
        "full": WIDTH - 2 * MARGIN,
    }
    return render_to_string("referendum/result.svg", context)


def _lines(outcome: Outcome) -> Iterator[Line]:
    y = HEAD
    for question in outcome.questions:
        yield Line(Truncator(question.title).chars(LABEL_LENGTH), "", y, None, "")
        y += QUESTION
        for place in question.places:
            yield _bar(question, place, y)
            y += ROW


def _bar(question: QuestionOutcome, place: Place, y: int) -> Line:
    most = max(each.received for each in question.places)
    width = (WIDTH - 2 * MARGIN) * place.received // most if most else 0
    text = Truncator(f"{place.rank}. {place.title}" if question.is_ranking else place.title).chars(LABEL_LENGTH)
    return Line(text, question.received_in_words(place), y, width, question.winner_note if place.won else "")
