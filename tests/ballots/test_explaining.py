"""The explanation of a count: sentences, tables and pictures, from plain results of small votes."""

import hashlib
import re
from decimal import Decimal

import pytest
from django.template.loader import render_to_string
from django.utils.translation import override

from ballots.counting import RULES, count, make_instance
from ballots.explaining import Place, explain
from ballots.explaining.figures import figure, listed
from tests.ballots.ballot_cases import options_costing
from tests.ballots.ranked_cases import options, ranked

SEED = "ab" * 32
TITLES = {"a": "Appel", "b": "Bes", "c": "Citroen", "d": "Druif"}
# Appel leads, and loses to Bes when Citroen hands on.
THREE = ("4: a b c", "3: b a c", "2: c b a")
# Everybody beats one and loses to one.
CIRCLE = ("4: a b c", "3: b c a", "2: c a b")


@pytest.fixture(autouse=True)
def _in_english():
    with override("en"):
        yield


def explained(result, *, shows_details=True):
    titles = {each["option"]: TITLES.get(each["option"], each["option"]) for each in result.to_dict()["options"]}
    return explain(result.to_dict(), titles, Place("q"), heading="Votes received", shows_details=shows_details)


def by(rule, size, *ballots, **settings):
    return count(ranked(size, *ballots), {"rule": rule, **settings}, seed=SEED)


def marked(rule, *ballots, **settings):
    return count(make_instance(options(3), None, ballots), {"rule": rule, **settings}, seed=SEED)


def lines(rounds):
    """The table as plain rows."""
    return [[line.title, *(votes for _heading, votes in line.cells)] for line in rounds.lines]


# --- Votes that move --------------------------------------------------------------------------------------------


def test_run_off_in_sentences():
    rounds = explained(by("instant-runoff", 3, *THREE)).rounds
    assert [(step.number, step.sentences) for step in rounds.steps] == [
        (1, ["All first choices are counted."]),
        (
            2,
            [
                "“Citroen” has the fewest votes: 2. It goes out.",
                "The next choices get: “Bes” (2).",
                "“Bes” has more than half of the votes that still count: 5 votes of 9. It wins.",
            ],
        ),
    ]


def test_tie_is_told_in_its_round():
    rounds = explained(by("instant-runoff", 3, "4: a", "2: b", "2: c", tie=["declared_order"])).rounds
    assert rounds.steps[1].sentences[0] == (
        "In round 2 these had the fewest votes: “Bes” and “Citroen”. The order on the ballot decided. “Citroen” went out."
    )


def test_votes_that_no_longer_count_are_said():
    rounds = explained(by("instant-runoff", 3, "4: a", "3: b", "1: c b", "1: c")).rounds
    assert rounds.steps[1].sentences[:3] == [
        "“Citroen” has the fewest votes: 2. It goes out.",
        "The next choices get: “Bes” (1).",
        "No other choice that is still in: 1 vote. They no longer count.",
    ]


def test_table_of_rounds():
    rounds = explained(by("instant-runoff", 3, *THREE)).rounds
    assert rounds.headings == ["Round 1", "Round 2"]
    assert lines(rounds) == [
        ["Appel", "4", "4"],
        ["Bes", "3", "5, wins"],
        ["Citroen", "2", "goes out"],
        ["No longer count", "0", "0"],
    ]


def test_who_went_out_before_is_out():
    rounds = explained(by("instant-runoff", 4, "5: a", "4: b", "2: c b", "1: d c b")).rounds
    assert lines(rounds)[3] == ["Druif", "1", "goes out", "out"]


def test_transfers_of_a_surplus():
    """Six of nine ballots for one of two seats: quota 4, and 2 votes go on as 6 times a third."""
    rounds = explained(by("scottish-stv", 3, "6: a b", "2: c", "1: b", seats=2)).rounds
    assert rounds.intro == [
        "9 ballots have a first choice.",
        "2 places are to be filled. An option needs 4 votes for one.",
    ]
    assert [step.sentences for step in rounds.steps] == [
        ["All first choices are counted.", "“Appel” has enough votes and wins a place: 6 votes."],
        [
            "“Appel” has 2 votes more than it needs. These go on to the next choices, as parts of votes.",
            "The next choices get: “Bes” (2.00).",
        ],
        [
            "“Citroen” has the fewest votes: 2. It goes out.",
            "No other choice that is still in: 2 votes. They no longer count.",
            "No more options are left than places. So “Bes” wins too, with 3.00 votes.",
        ],
    ]


def test_long_count_shows_its_last_rounds_and_says_so():
    names = [chr(ord("a") + place) for place in range(20)]
    ballots = [f"{20 - place}: {name} a" if name != "a" else "1: a" for place, name in enumerate(names)]
    rounds = explained(by("instant-runoff", 20, *ballots, finish="two_left")).rounds
    assert len(rounds.steps) > 16
    assert len(rounds.headings) == 16
    assert rounds.notes == [f"Picture and table show the last 16 of {len(rounds.steps)} rounds."]


def test_count_without_a_winner_says_so():
    rounds = explained(by("instant-runoff", 2, "3: ")).rounds
    assert rounds.intro == ["No option wins."]


@pytest.mark.parametrize("rule", ["instant-runoff", "scottish-stv"])
def test_bands_leave_and_reach_every_bar_whole(rule):
    """All votes of a bar go down, and the next bar is made of what came: widths add up to the ballots in every gap."""
    seats = {"seats": 2} if rule == "scottish-stv" else {}
    flow = explained(by(rule, 4, "5: a b", "4: b c", "3: c d", "2: d c", "1: d", **seats)).rounds.flow
    rows = {}
    for band in flow.bands:
        points = [Decimal(number) for number in re.findall(r"-?[\d.]+", band.path)]
        # M x top C x middle x' middle x' bottom H x'' …
        rows.setdefault(points[1], []).append((points[6] - 0, points[8] - points[6]))
    assert len(rows) == len(flow.rows) - 1
    assert [round(sum(width for _left, width in bands)) for bands in rows.values()] == [1000] * len(rows)


def test_picture_says_by_number_and_kind_who_is_who():
    flow = explained(by("instant-runoff", 3, *THREE)).rounds.flow
    assert flow.names == ["Appel", "Bes", "Citroen"]
    assert [(each.label, each.kind) for each in flow.segments] == [
        ("1", "staying"),
        ("2", "staying"),
        ("3", "leaving"),
        ("1", "staying"),
        ("2", "elected"),
    ]
    assert flow.description == (
        "Every bar is a round, with its number in front. The wider a part, the more votes. "
        "In round 1 “Appel” has most votes: 4. In round 2 “Bes” has most votes: 5."
    )


# --- Two by two -------------------------------------------------------------------------------------------------


def duels(pairs):
    return {line.title: [cell.text for cell in line.cells] for line in pairs.duels.lines}


@pytest.mark.parametrize("rule", ["schulze", "ranked-pairs", "copeland", "borda"])
def test_who_beats_all_others_is_named(rule):
    pairs = explained(by(rule, 3, *THREE)).pairs
    assert pairs.sentences == ["“Bes” beats every other option two by two."]
    assert duels(pairs)["Bes"] == ["–", "wins, 5 – 4", "wins, 7 – 2"]
    assert duels(pairs)["Citroen"] == ["loses, 2 – 7", "loses, 2 – 7", "–"]


def test_borda_may_pass_over_who_beats_all_others():
    """Three of five prefer Appel to both; Bes gets more points."""
    pairs = explained(by("borda", 3, "3: a b c", "2: b c a")).pairs
    assert pairs.sentences == [
        "“Appel” beats every other option two by two.",
        "Yet “Appel” does not win: this rule adds up points.",
    ]


def test_circle_is_told_with_its_chains():
    pairs = explained(by("schulze", 3, *CIRCLE)).pairs
    assert pairs.sentences == ["No option beats all others two by two. So the rule had to decide between them."]
    assert {line.title: [cell.text for cell in line.cells] for line in pairs.paths.lines}["Appel"] == [
        "–",
        "wins, 6 – 5",
        "wins, 6 – 5",
    ]


def test_level_pair_is_level():
    assert duels(explained(by("copeland", 2, "a b", "b a")).pairs)["Appel"][-1] in ("level, 1 – 1", "–")
    assert {
        cell.mark for line in explained(by("copeland", 2, "a b", "b a")).pairs.duels.lines for cell in line.cells
    } == {
        "–",
        "=",
    }


def test_victories_of_ranked_pairs_stand_or_are_passed_over():
    victories = explained(by("ranked-pairs", 3, *CIRCLE)).pairs.victories
    assert [(each.text, each.strength, each.outcome) for each in victories] == [
        ("“Bes” beats “Citroen”", "7", "stands"),
        ("“Appel” beats “Bes”", "6", "stands"),
        ("“Citroen” beats “Appel”", "5", "passed over: it contradicts stronger victories"),
    ]


def test_one_option_has_nobody_to_meet():
    assert explained(by("schulze", 1, "a")).pairs is None


def test_many_options_are_cut_off_and_that_is_said():
    pairs = explained(by("copeland", 25, " ".join(chr(ord("a") + place) for place in range(25)))).pairs
    assert len(pairs.duels.lines) == 20
    assert {len(line.cells) for line in pairs.duels.lines} == {20}
    assert pairs.notes == ["Picture and table show the first 20 of 25 options."]


# --- Adding up --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", ["plurality", "approval", "score", "points"])
def test_votes_are_bars(rule):
    bars = explained(marked(rule, "b", "b", "a", "")).bars
    assert [(bar.label, bar.text, bar.note) for bar in bars.bars] == [
        ("Bes", "2", "won"),
        ("Appel", "1", "did not win"),
        ("Citroen", "0", "did not win"),
    ]
    assert bars.description == "“Bes” has the most: 2."


def test_points_of_borda_are_bars_in_halves():
    bars = explained(by("borda", 3, "a")).bars
    assert (bars.title, bars.value_heading) == ("Score", "Score")
    assert [(bar.label, bar.text) for bar in bars.bars] == [("Appel", "2"), ("Bes", "0.5"), ("Citroen", "0.5")]


def test_winner_with_few_votes_is_among_the_bars():
    """25 plans, of which only the cheapest with the fewest votes fits."""
    costs = [*[200] * 24, 50]
    names = "".join(option.id for option in options_costing(*costs))
    instance = make_instance(options_costing(*costs), 100, [names, names[:24]])
    bars = explained(count(instance, {"rule": "greedy"}, seed=SEED)).bars
    assert [bar.label for bar in bars.bars if bar.kind == "chosen"] == ["y"]
    assert len(bars.bars) == 21
    assert bars.description.endswith("The picture shows 21 of the 25 options.")


def test_equal_shares_say_who_paid():
    instance = make_instance(options_costing(60, 40), 100, ["a", "a", "b"])
    money = explained(count(instance, {"rule": "equal-shares"}, seed=SEED)).money
    assert [each.title for each in money.rounds] == ["Appel"]
    assert money.rounds[0].text == "2 voters paid €0.30 each."


# --- Ties -------------------------------------------------------------------------------------------------------


def test_lot_can_be_drawn_again():
    ties = explained(marked("approval", "a", "b", "c")).ties
    first = min("abc", key=lambda option: hashlib.sha256(f"{SEED}:{option}".encode()).hexdigest())
    assert ties.lots[0].title == TITLES[first]
    assert [hashlib.sha256(lot.text.encode()).hexdigest() for lot in ties.lots] == [lot.digest for lot in ties.lots]
    assert ties.sentences[0].endswith(
        f"A lot decided. “{TITLES[first]}” went first. Without this there could have been another winner."
    )


def test_tie_that_no_lot_decided_has_no_lots():
    ties = explained(marked("approval", "a", "b", "c", tie=["declared_order"])).ties
    assert ties.lots == []
    assert "The order on the ballot decided. “Appel” went first." in ties.sentences[0]


def test_level_victories_are_told():
    result = by("ranked-pairs", 3, "a b c", "b c a", "c a b")
    ties = explained(result).ties
    assert ties.sentences[0].startswith(
        "Some victories were equally strong, and not all could stand. They were between:"
    )


def test_without_ties_nothing_is_told():
    assert explained(by("schulze", 3, *THREE)).ties is None


# --- What may be seen -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", [key for key, rule in RULES.items() if rule.ballots == "rankings"])
def test_few_ballots_keep_their_details(rule):
    """Mutant: without `shows_details` the table of pairs of three ballots gives each of them away."""
    short = explained(by(rule, 3, *THREE), shows_details=False)
    assert (short.rounds, short.pairs, short.is_short) == (None, None, True)
    assert not explained(by(rule, 3, *THREE)).is_short


def test_few_ballots_keep_who_paid():
    instance = make_instance(options_costing(60, 40), 100, ["a", "a", "b"])
    short = explained(count(instance, {"rule": "equal-shares"}, seed=SEED), shows_details=False)
    assert [each.text for each in short.money.rounds] == [""]
    assert short.is_short


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_renders(rule):
    """Every rule has at least one picture, and no style or script of its own (the CSP refuses those)."""
    result = by(rule, 3, *CIRCLE, "a b", "") if RULES[rule].ballots == "rankings" else None
    if result is None:
        budget = 100 if RULES[rule].needs_budget else None
        ballots = ["b", "b", "a", "a", ""]
        result = count(make_instance(options_costing(60, 60, 60), budget, ballots), {"rule": rule}, seed=SEED)
    html = render_to_string("ballots/explained.html", {"explained": explained(result)})
    assert html.count("<figure") >= 1
    assert html.count("<figure") == html.count('role="img"')
    assert "style=" not in html
    assert all(re.fullmatch(r"0 0 1000 \d+", box) for box in re.findall('viewBox="([^"]+)"', html))
    assert "<script" not in html
    identifiers = re.findall(r'\bid="([^"]+)"', html)
    assert len(identifiers) == len(set(identifiers))


def test_lists_and_figures():
    assert [listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])] == ["a", "a and b", "a, b and c"]
    assert [figure(1), figure("2200.00000"), figure("1400.62850")] == ["1", "2,200", "1,400.63"]
