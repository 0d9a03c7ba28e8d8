"""Bar charts drawn by the server: SVG with a title, a description and the same figures as a table.

Bars lie down, so that labels stay readable on a phone. Widths are percentages and heights are in `em`: the picture grows with
the letter size and the window, and needs neither JavaScript nor a style attribute. All text in it has one size, because an `em`
is measured by the size of its own element.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.text import Truncator

# The longest bar takes this part of the width, in percent; its value stands in the rest.
FULL_WIDTH = 48
ROW_EM = 3.2
LABEL_EM = 1.1
BAR_TOP_EM = 1.5
BAR_EM = 1.1
VALUE_TOP_EM = 2.42
LABEL_LENGTH = 36


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar. `text` is the value as people read it, such as "1.861 votes"; `kind` picks the colour and the pattern.

    `kind` is one of `chosen`, `other`; `note` says in words what the colour says, such as "chosen".
    """

    label: str
    value: int
    text: str
    kind: str = "other"
    note: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A bar with its place in the picture; lengths in `em`, `width` in percent."""

    bar: Bar
    label: str
    value: str
    label_y: str
    value_y: str
    bar_y: str
    bar_height: str
    width: str


@dataclass(frozen=True, slots=True)
class BarChart:
    """A chart: `key` makes the ids on the page unique, `description` says in a sentence what one sees.

    `label_heading`, `value_heading` and `note_heading` head the columns of the table.
    """

    key: str
    title: str
    description: str
    bars: Sequence[Bar]
    label_heading: str
    value_heading: str
    note_heading: str = ""

    @property
    def height(self) -> str:
        return em(ROW_EM * max(1, len(self.bars)))

    @property
    def marks(self) -> list[Mark]:
        """Where everything stands."""
        largest = max((bar.value for bar in self.bars), default=0)
        return [_mark(bar, row, largest) for row, bar in enumerate(self.bars)]

    def render(self) -> SafeString:
        """The chart as HTML, from `components/chart.html`."""
        return render_to_string("components/chart.html", {"chart": self})


def em(length: float) -> str:
    """A length for an SVG attribute: always with a dot, whatever the language of the page."""
    return f"{length:.2f}em"


def percentage(value: int, largest: int) -> str:
    """The width of a bar; a value above zero is never invisible."""
    if value <= 0 or largest <= 0:
        return "0%"
    return f"{max(0.5, FULL_WIDTH * value / largest):.2f}%"


def _mark(bar: Bar, row: int, largest: int) -> Mark:
    top = row * ROW_EM
    return Mark(
        bar=bar,
        label=Truncator(bar.label).chars(LABEL_LENGTH),
        value=f"{bar.text} · {bar.note}" if bar.note else bar.text,
        label_y=em(top + LABEL_EM),
        value_y=em(top + VALUE_TOP_EM),
        bar_y=em(top + BAR_TOP_EM),
        bar_height=em(BAR_EM),
        width=percentage(bar.value, largest),
    )
