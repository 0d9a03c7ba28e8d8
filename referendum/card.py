"""The result as a PNG of 1200 by 630 points, the size that social media show: they do not show SVG.

It has room for one question and a few options; the SVG (`referendum.picture`) has everything.
"""

import json
from pathlib import Path
from typing import Any

import typst
from django.utils.formats import number_format
from django.utils.text import Truncator
from django.utils.translation import get_language, ngettext

from referendum.outcome import Outcome, QuestionOutcome

WIDTH, HEIGHT = 1200, 630
TEMPLATE = Path(__file__).with_name("card.typ")
MOST_OPTIONS = 4
TITLE_LENGTH = 46
LABEL_LENGTH = 48
# Typst counts 72 points in an inch, so that a point is a pixel.
POINTS_PER_INCH = 72


def draw_card(title: str, outcome: Outcome, *, foot: str) -> bytes:
    """The picture; `foot` says who publishes it."""
    first = outcome.questions[0]
    data = {
        "language": get_language() or "nl",
        "title": Truncator(title).chars(TITLE_LENGTH),
        "turnout": " ".join(part for part in (outcome.turnout, outcome.threshold_in_words) if part),
        "lines": _lines(first),
        "more": _more(len(first.places) - MOST_OPTIONS),
        "foot": foot,
    }
    # System fonts differ per machine; the fonts in the package are the same everywhere.
    compiler = typst.Compiler(TEMPLATE, ignore_system_fonts=True, sys_inputs={"card": json.dumps(data)})
    picture = compiler.compile(format="png", ppi=POINTS_PER_INCH)
    assert isinstance(picture, bytes)
    return picture


def _lines(question: QuestionOutcome) -> list[dict[str, Any]]:
    shown = question.places[:MOST_OPTIONS]
    most = max((place.received for place in question.places), default=0)
    return [
        {
            "text": Truncator(place.title).chars(LABEL_LENGTH),
            "received": question.received_in_words(place) + (f" · {question.winner_note}" if place.won else ""),
            "share": 100 * place.received // most if most else 0,
            "won": place.won,
        }
        for place in shown
    ]


def _more(number: int) -> str:
    if number < 1:
        return ""
    return ngettext("and %(n)s other option", "and %(n)s other options", number) % {"n": number_format(number)}
