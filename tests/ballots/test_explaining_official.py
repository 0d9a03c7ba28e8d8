"""The explanations of real counts: Burlington 2009 and Leith Walk 2022. Their figures are public record, and in the counts' own tests."""

import pytest
from django.template.loader import render_to_string
from django.utils.translation import override

from ballots.counting import count
from ballots.explaining import Place, explain
from ballots.formats.files import read_ballots

pytestmark = pytest.mark.data


@pytest.fixture(autouse=True)
def _in_english():
    with override("en"):
        yield


@pytest.fixture
def explained(real_data):
    def of(name, **settings):
        sealed = count(read_ballots(real_data / "ranked" / name)[1], settings).to_dict()
        titles = {line["option"]: line["option"] for line in sealed["options"]}
        return explain(sealed, titles, Place("q"), heading="First choices", shows_details=True)

    return of


def row(rounds, title):
    return [votes for line in rounds.lines if title in line.title for _heading, votes in line.cells]


def test_burlington_2009_round_by_round(explained):
    rounds = explained("burlington_2009_mayor.blt", rule="instant-runoff").rounds
    assert (
        rounds.steps[-1].sentences[-1].startswith("“Bob Kiss” has more than half of the votes that still count: 4,313")
    )
    assert row(rounds, "Kurt Wright")[0] == "2,951"
    assert row(rounds, "Bob Kiss")[0] == "2,585"
    assert row(rounds, "Bob Kiss")[-1] == "4,313, wins"
    assert row(rounds, "Andy Montroll")[-1] == "goes out"


@pytest.mark.parametrize("rule", ["borda", "schulze", "ranked-pairs", "copeland"])
def test_burlington_2009_montroll_beats_everybody(explained, rule):
    pairs = explained("burlington_2009_mayor.blt", rule=rule).pairs
    assert pairs.sentences == ["“Andy Montroll” beats every other option two by two."]
    assert [cell.kind for cell in pairs.duels.lines[0].cells] == ["self", *["wins"] * 5]
    against = {cell.heading: cell.text for cell in pairs.duels.lines[0].cells}
    assert (against["Bob Kiss"], against["Kurt Wright"]) == ("wins, 4,067 – 3,477", "wins, 4,597 – 3,668")


def test_leith_walk_2022_round_by_round(explained):
    rounds = explained("edinburgh_leith_walk_2022.blt", rule="scottish-stv", seats=4).rounds
    assert rounds.intro[1] == "4 places are to be filled. An option needs 2,200 votes for one."
    assert len(rounds.steps) == 12
    # 1,400.628 in the count, printed as 1400 by the council.
    assert row(rounds, "CALDWELL")[:2] == ["1,317", "1,400.63"]
    assert row(rounds, "CALDWELL")[-1] == "2,513.61, wins"
    assert rounds.lines[-1].title == "Lost in rounding"


@pytest.mark.parametrize("name", ["burlington_2009_mayor.blt", "edinburgh_leith_walk_2022.blt"])
@pytest.mark.parametrize("rule", ["instant-runoff", "scottish-stv", "borda", "schulze", "ranked-pairs", "copeland"])
def test_real_counts_render(explained, name, rule):
    html = render_to_string("ballots/explained.html", {"explained": explained(name, rule=rule)})
    assert html.count("<figure") == html.count('role="img"') > 0
