"""Official outcomes of ranked elections, to the last vote. The files (shared/data/README.md) are read in place, never committed.

Ryde 2023: © State of New South Wales through the NSW Electoral Commission, CC BY 4.0. Burlington 2009 and Leith Walk 2022: public record.
"""

from datetime import date
from io import StringIO

import pytest

from ballots.counting import RULES, count
from ballots.formats.files import read_ballots
from ballots.formats.preflib import preflib_kind, preflib_text, read_preflib

pytestmark = pytest.mark.data

FILES = ["burlington_2009_mayor.blt", "edinburgh_leith_walk_2022.blt", "ryde_2023.soi"]
RANKED = [key for key, rule in RULES.items() if rule.ballots == "rankings"]
# As printed, in whole votes; the printed figures are cut off at some stages and rounded at others.
CALDWELL_PRINTED = [1317, 1400, 1402, 1413, 1433, 1446, 1456, 1469, 1506, 1563, 1995, 2513]


@pytest.fixture
def read(real_data):
    return lambda name: read_ballots(real_data / "ranked" / name)[1]


def test_ryde_2023(read):
    """Instant run-off: Lane 25,431, Howison 25,377."""
    result = count(read("ryde_2023.soi"), {"rule": "instant-runoff"})

    last = result.rounds[-1]
    assert result.winners == ("LANE Jordan",)
    assert {option: votes for option, votes in last.votes.items() if votes} == {
        "LANE Jordan": 25431,
        "HOWISON Lyndal": 25377,
    }


@pytest.mark.parametrize(("overvote", "kiss", "wright"), [("stop", 4313, 4060), ("skip", 4316, 4061)])
def test_burlington_2009(read, overvote, kiss, wright):
    """Kiss wins the run-off, whether a ballot stops at an overvote or passes it over; the last votes differ."""
    result = count(read("burlington_2009_mayor.blt"), {"rule": "instant-runoff", "overvote": overvote})

    last = result.rounds[-1]
    assert result.winners == ("Bob Kiss",)
    assert (last.votes["Bob Kiss"], last.votes["Kurt Wright"]) == (kiss, wright)


def test_burlington_2009_first_round(read):
    result = count(read("burlington_2009_mayor.blt"), {"rule": "instant-runoff"})

    assert result.rounds[0].votes == {
        "Kurt Wright": 2951,
        "Bob Kiss": 2585,
        "Andy Montroll": 2063,
        "Dan Smith": 1306,
        "Write-in": 36,
        "James Simpson": 35,
    }


@pytest.mark.parametrize(
    "settings",
    [
        {"rule": "schulze"},
        {"rule": "schulze", "strength": "margins"},
        {"rule": "ranked-pairs"},
        {"rule": "ranked-pairs", "strength": "margins"},
        *({"rule": "copeland", "draw": draw} for draw in ("half", "nothing", "full")),
        *({"rule": "borda", "convention": convention} for convention in ("average", "zero", "from_n", "modified")),
    ],
    ids=lambda settings: " ".join(settings.values()),
)
def test_burlington_2009_elects_montroll_by_condorcet_and_borda(read, settings):
    assert count(read("burlington_2009_mayor.blt"), settings).winners == ("Andy Montroll",)


def test_burlington_2009_plurality_elects_wright(read):
    assert count(read("burlington_2009_mayor.blt"), {"rule": "plurality"}).winners == ("Kurt Wright",)


def test_leith_walk_2022(read):
    """Scottish rule, four seats: quota 2,200; Rae and McNeese-Mechan in stage 1, Dalgleish in 6, Caldwell in 12."""
    result = count(read("edinburgh_leith_walk_2022.blt"), {"rule": "scottish-stv", "seats": 4})

    elected = [(stage.number, option.partition(' "')[0]) for stage in result.rounds for option in stage.elected]
    assert elected == [
        (1, "Susan RAE"),
        (1, "Amy MCNEESE-MECHAN"),
        (6, "James DALGLEISH"),
        (12, "Jack CALDWELL"),
    ]
    assert result.to_dict()["quota"] == 2200


def test_leith_walk_2022_stage_by_stage(read):
    """Caldwell after every stage, to five decimals. 368 papers of Rae's surplus at 0.22725 are 83.628: so 1,400.628, printed as 1400."""
    result = count(read("edinburgh_leith_walk_2022.blt"), {"rule": "scottish-stv", "seats": 4})

    caldwell = next(option for option in result.rounds[0].votes if "CALDWELL" in option)
    stages = [stage.to_dict()["votes"][caldwell] for stage in result.rounds]
    assert stages == [
        *("1317.00000", "1400.62800", "1401.90900", "1413.15760", "1433.38485", "1445.99695"),
        *("1455.61343", "1468.61343", "1506.02571", "1562.53412", "1995.20051", "2513.61080"),
    ]
    assert [
        printed in (int(float(votes)), round(float(votes)))
        for votes, printed in zip(stages, CALDWELL_PRINTED, strict=True)
    ] == [True] * 12


def test_leith_walk_2022_no_vote_is_lost_but_in_rounding(read):
    """At every stage options, ballots that no longer count and what rounding took are all ballots together."""
    result = count(read("edinburgh_leith_walk_2022.blt"), {"rule": "scottish-stv", "seats": 4})

    for stage in result.rounds:
        assert sum(stage.votes.values()) + stage.exhausted + stage.lost == 10996 * stage.unit


@pytest.mark.parametrize("name", FILES)
def test_files_survive_writing(read, name):
    """Everything but blank ballots, which PrefLib's format has not."""
    instance = read(name)
    kind = preflib_kind(instance)
    text = preflib_text(instance, title="x", file_name=f"x.{kind}", published=date(2026, 11, 22))

    again = read_preflib(StringIO(text), kind=kind)[1]

    assert again.options == instance.options
    assert again.ballots == tuple((ranking, weight) for ranking, weight in instance.ballots if ranking)
