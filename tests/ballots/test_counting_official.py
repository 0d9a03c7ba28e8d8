"""The official outcomes of real votes. The files are Pabulib's (arXiv:2012.06539), read in place, never committed."""

import pytest

from ballots.counting import count
from ballots.formats.pabulib import read_pb

pytestmark = pytest.mark.data

DE_PIJP = "36957 36932 36942 36955 36943 36952 36951 36936"
DE_PIJP_ONCE = "36957 36932 36955 36942 36952 36949"
DE_PIJP_GROWN = "36957 36932 36942 36955 36943 36952 36951 36949 36931 36946"


@pytest.fixture
def counted(real_data):
    """Counts a file: (winners, result, the ids of the column `selected`)."""

    def count_file(name, **settings):
        meta, instance = read_pb(real_data / "pb" / f"{name}.pb")
        result = count(instance, settings)
        selected = {project for project, cells in meta.projects.items() if cells.get("selected") == "1"}
        return result.winners, result, selected

    return count_file


@pytest.mark.parametrize("start", ["exact", "whole"])
def test_assen_2024(counted, start):
    """Official: Equal Shares add1, cost utility, nothing for the money that was left."""
    winners, result, selected = counted(
        "Netherlands_Assen_2024", rule="equal-shares", increment="until_overspend", start=start
    )

    assert set(winners) == {"2", "3", "5", "6", "9", "11", "12", "13", "14"} == selected
    assert result.cost == 76_700_00


def test_assen_2024_by_cardinality_would_be_another_outcome(counted):
    winners, _result, selected = counted(
        "Netherlands_Assen_2024", rule="equal-shares", increment="until_overspend", utility="cardinality"
    )

    assert set(winners) != selected


def test_wieliczka_2023(counted):
    """Official: the increments go on past the first outcome to which nothing fits any more."""
    winners, result, selected = counted(
        "Poland_Wieliczka_2023_Green_Budget", rule="equal-shares", increment="until_overspend"
    )

    assert set(winners) == selected
    assert (len(winners), result.cost, result.shares.ended) == (30, 995_079_00, "overspend")


def test_wieliczka_2023_stopped_when_exhaustive_is_another_outcome(counted):
    """Kills: taking one end of the increments for the other."""
    winners, result, selected = counted(
        "Poland_Wieliczka_2023_Green_Budget", rule="equal-shares", increment="until_exhaustive"
    )

    assert set(winners) != selected
    assert (result.cost, result.shares.ended) == (984_579_00, "exhaustive")


def test_warsaw_2026(counted):
    """Official: most votes first, at least 3,000."""
    winners, _result, selected = counted("Poland_Warszawa_2026", rule="greedy", min_votes=3_000)

    assert set(winners) == selected
    assert len(winners) == 17


def test_warsaw_2026_without_minimum_adds_1664(counted):
    winners, _result, selected = counted("Poland_Warszawa_2026", rule="greedy")

    assert set(winners) == selected | {"1664"}


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"rule": "greedy"}, DE_PIJP),
        ({"rule": "equal-shares"}, DE_PIJP_ONCE),
        ({"rule": "equal-shares", "increment": "until_overspend"}, DE_PIJP_GROWN),
    ],
)
def test_amsterdam_de_pijp(counted, settings, expected):
    winners, _result, _selected = counted("Netherlands_Amsterdam_289", **settings)

    assert " ".join(winners) == expected


@pytest.mark.parametrize(("rule", "expected"), [("greedy", ("44251",)), ("equal-shares", ())])
def test_amsterdam_sloterdijk(counted, rule, expected):
    winners, _result, _selected = counted("Netherlands_Amsterdam_643", rule=rule)

    assert winners == expected
