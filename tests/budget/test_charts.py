"""The bar chart as people, readers and printers get it."""

import re

import pytest
from django.utils import translation

from pages.charts import Bar, BarChart, percentage


def chart(*bars, **fields):
    words = {"title": "Votes", "description": "Who got most.", "label_heading": "Plan", "value_heading": "Votes"}
    return BarChart(key="votes", bars=bars, **words | fields)


def test_chart_has_title_description_and_the_same_figures_in_a_table():
    html = chart(
        Bar("Speeltuin", 30, "30", "chosen", "chosen", "/plan/1/"), Bar("Bank", 10, "10"), note_heading="Outcome"
    ).render()
    assert re.search(r'role="img" aria-labelledby="votes-title votes-desc"', html)
    assert '<title id="votes-title">Votes</title>' in html
    assert '<desc id="votes-desc">Who got most.</desc>' in html
    rows = re.findall(
        r'<th role="rowheader" scope="row">(.*?)</th>\s*<td [^>]*class="pm-number">(.*?)</td>\s*<td [^>]*>(.*?)</td>',
        html,
        re.DOTALL,
    )
    assert [(re.sub("<.*?>", "", label), value, note) for label, value, note in rows] == [
        ("Speeltuin", "30", "chosen"),
        ("Bank", "10", ""),
    ]


def test_chart_bars_are_in_proportion_and_say_by_class_what_they_are():
    html = chart(Bar("A", 200, "200", "chosen"), Bar("B", 50, "50"), Bar("C", 0, "0")).render()
    bars = re.findall(r'pm-chart__bar--(\w+)" x="0" y="[\d.]+em" width="([\d.]+)%', html)
    assert bars == [("chosen", "48.00"), ("other", "12.00"), ("other", "0")]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_chart_numbers_of_the_picture_have_a_point_in_every_language(language):
    with translation.override(language):
        html = chart(*(Bar(str(number), number * 1000, f"{number}.000") for number in range(1, 4))).render()
    measures = re.findall(r'\s(?:x|y|width|height)="([^"]+)"', html)
    assert measures
    assert all(re.fullmatch(r"[\d.]+(em|%)?", measure) for measure in measures)


def test_chart_without_bars_still_renders():
    assert "<svg" in chart().render()


def test_chart_shows_script_in_a_label_as_text():
    html = chart(Bar("</text><script>alert(1)</script>", 1, "1")).render()
    assert "<script>" not in html


def test_chart_has_no_style_attribute():
    assert "style=" not in chart(Bar("A", 1, "1")).render()


@pytest.mark.parametrize(
    ("value", "largest", "width"), [(0, 10, "0%"), (1, 10_000, "0.50%"), (10, 10, "48.00%"), (0, 0, "0%")]
)
def test_percentage(value, largest, width):
    assert percentage(value, largest) == width
