"""The rules for rankings: by hand, by their properties, and beside a second count."""

import itertools
import random

import pytest

from ballots.counting import RULES, InstanceError, Option, SettingsError, count, make_instance, make_ranked
from ballots.counting.ranked.pairs import condorcet_winner, pairwise
from tests.ballots.naive_ranked import naive_borda, naive_copeland, naive_runoff, naive_scottish
from tests.ballots.ranked_cases import as_instance, random_ballots, random_settings, ranked

RANKED = [key for key, rule in RULES.items() if rule.ballots == "rankings"]
CONDORCET = ["schulze", "ranked-pairs", "copeland"]
CASES = 300


def reasons(result):
    return {each.option: each.reason for each in result.standings}


# --- Beside a second count ------------------------------------------------------------------------------


def test_stages_of_run_off_are_those_of_a_naive_count():
    for seed in range(CASES):
        size, ballots = random_ballots(random.Random(seed))
        _winner, stages = naive_runoff(size, ballots, lambda level, _history: sorted(level))
        result = count(as_instance(size, ballots), {"rule": "instant-runoff", "tie": "declared_order"})
        found = [
            {place: stage.votes.get(chr(ord("a") + place)) for place in votes}
            for stage, votes in zip(result.rounds, stages, strict=True)
        ]
        assert found == stages, ballots


def test_stages_of_scottish_rule_are_those_of_a_naive_count():
    for seed in range(CASES):
        chance = random.Random(seed)
        size, ballots = random_ballots(chance)
        seats = chance.randint(1, size)
        _winners, stages, quota = naive_scottish(size, seats, ballots, lambda level, _history: sorted(level))
        result = count(as_instance(size, ballots), {"rule": "scottish-stv", "seats": seats, "tie": "declared_order"})
        found = [
            [stage.votes.get(option.id, 0) for option in as_instance(size, ballots).options] for stage in result.rounds
        ]
        assert (found, result.details["quota"]) == ([[votes * 10**5 for votes in stage] for stage in stages], quota), (
            ballots
        )


def test_scores_are_those_of_a_naive_count():
    for seed in range(CASES):
        chance = random.Random(seed)
        size, ballots = random_ballots(chance)
        instance = as_instance(size, ballots)
        convention, draw = (
            chance.choice(["average", "zero", "from_n", "modified"]),
            chance.choice(["half", "nothing", "full"]),
        )
        borda = count(instance, {"rule": "borda", "convention": convention})
        copeland = count(instance, {"rule": "copeland", "draw": draw})
        assert [float(each.score) for each in borda.standings] == naive_borda(size, ballots, convention)[1], ballots
        assert [float(each.score) for each in copeland.standings] == naive_copeland(size, ballots, draw)[1], ballots


# --- Properties -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", CONDORCET)
def test_who_beats_everybody_wins(rule):
    met = 0
    for seed in range(CASES):
        chance = random.Random(seed)
        size, ballots = random_ballots(chance)
        instance = as_instance(size, ballots)
        best = condorcet_winner(pairwise(instance))
        if best is not None and instance.supporters[best]:
            met += 1
            assert count(instance, random_settings(chance, rule, size)).winners[0] == instance.options[best].id
    assert met > CASES // 3


@pytest.mark.parametrize("rule", RANKED)
def test_order_of_ballots_changes_nothing(rule):
    for seed in range(60):
        chance = random.Random(seed)
        size, ballots = random_ballots(chance)
        settings = random_settings(chance, rule, size)
        before = count(as_instance(size, ballots), settings).to_bytes()
        chance.shuffle(ballots)
        assert count(as_instance(size, ballots), settings).to_bytes() == before


@pytest.mark.parametrize("rule", RANKED)
def test_names_change_nothing(rule):
    """Other ids in the same declared order: the same places win, where no lot decides."""
    for seed in range(60):
        chance = random.Random(seed)
        size, ballots = random_ballots(chance)
        settings = random_settings(chance, rule, size) | {"tie": "declared_order"}
        names = chance.sample("zyxwvutsrqponmlkjihgfedcba", size)
        renamed = make_ranked(
            [Option(name) for name in names],
            [[[names[place] for place in rank] for rank in ballot] for ballot in ballots],
        )
        winners = count(as_instance(size, ballots), settings).winners
        assert count(renamed, settings).winners == tuple(names[ord(option) - ord("a")] for option in winners)


@pytest.mark.parametrize("rule", RANKED)
def test_weight_is_as_good_as_many_ballots(rule):
    once = count(ranked(3, "7: a b c", "5: b=c a", "4: c - b", "2:"), {"rule": rule})
    apart = count(
        make_ranked(
            [Option(each) for each in "abc"],
            [*[["a", "b", "c"]] * 7, *[[["c", "b"], "a"]] * 5, *[["c", [], "b"]] * 4, [], []],
        ),
        {"rule": rule},
    )
    assert once.to_bytes() == apart.to_bytes()


@pytest.mark.parametrize(
    "rule", [key for key, each in RULES.items() if each.ballots == "rankings" or each.from_rankings]
)
@pytest.mark.parametrize("ballots", [(), ("3:",), ("2: a=b=c",)], ids=["none", "blank", "all level"])
def test_vote_without_a_choice_is_counted(rule, ballots):
    """Nothing breaks, nobody without a ballot wins, and the bytes are plain values."""
    result = count(ranked(3, *ballots), {"rule": rule})

    assert bool(result.winners) <= bool("=" in "".join(ballots))
    assert result.to_bytes()


def test_nobody_wins_whom_no_ballot_names():
    for rule in RANKED:
        seats = {} if rule == "instant-runoff" else {"seats": 3}
        result = count(ranked(3, "a b", "b"), {"rule": rule, **seats})
        assert "c" not in result.winners, rule
        assert reasons(result)["c"] == "no_votes"


# --- By hand: two by two ----------------------------------------------------------------------------------

# Schulze 2011, section 3, example 1: 45 voters, five candidates; the order is e a c b d.
SCHULZE = (
    "5: a c b e d",
    "5: a d e c b",
    "8: b e d a c",
    "3: c a b e d",
    "7: c a e b d",
    "2: c b a d e",
    "7: d c e b a",
    "8: e b a d c",
)


def test_schulze_published_example():
    result = count(ranked(5, *SCHULZE), {"rule": "schulze", "seats": 5})

    assert result.winners == ("e", "a", "c", "b", "d")
    assert result.to_dict()["paths"] == [
        [0, 28, 28, 30, 24],
        [25, 0, 28, 33, 24],
        [25, 29, 0, 29, 24],
        [25, 28, 28, 0, 24],
        [25, 28, 28, 31, 0],
    ]


def test_ranked_pairs_by_hand():
    """A circle a > b (7), b > c (6), c > a (5): the weakest is passed over."""
    result = count(ranked(3, "4: a b c", "3: c a b", "2: b c a"), {"rule": "ranked-pairs", "seats": 3})

    assert result.winners == ("a", "b", "c")
    assert [(pair["over"], pair["under"], pair["strength"], pair["locked"]) for pair in result.to_dict()["locked"]] == [
        ("a", "b", 7, True),
        ("b", "c", 6, True),
        ("c", "a", 5, False),
    ]


def test_level_circle_of_ranked_pairs_is_a_tie_with_a_name():
    result = count(ranked(3, "a b c", "b c a", "c a b"), {"rule": "ranked-pairs", "tie": "declared_order"})

    assert result.winners == ("a",)
    assert [(tie.stage, tie.options, tie.by, tie.decisive) for tie in result.ties] == [
        ("pairs", ("a", "b", "c"), "declared_order", None)
    ]


@pytest.mark.parametrize("rule", ["schulze", "ranked-pairs"])
def test_strength_can_decide(rule):
    """A circle: a over b 8 to 5, b over c 7 to 6, c over a 6 to 2. By winning votes the last is weakest, by margins the second."""
    instance = ranked(3, "3: c a b", "5: b", "2: a b", "3: c a")

    assert count(instance, {"rule": rule, "strength": "winning_votes"}).winners == ("a",)
    assert count(instance, {"rule": rule, "strength": "margins"}).winners == ("c",)


def test_copeland_draws_are_a_setting():
    """a and b are level and both beat c; d is ranked last by all."""
    scores = {
        draw: [each.score for each in count(ranked(3, "a b c", "b a c"), {"rule": "copeland", "draw": draw}).standings]
        for draw in ("half", "nothing", "full")
    }

    assert scores == {"half": ["1.5", "1.5", "0.0"], "nothing": ["1.0", "1.0", "0.0"], "full": ["2.0", "2.0", "0.0"]}


def test_pairs_are_in_the_result():
    result = count(ranked(3, "2: a b", "c"), {"rule": "schulze"}).to_dict()

    assert result["pairs"] == {
        "options": ["a", "b", "c"],
        "preferred": [[0, 2, 2], [0, 0, 2], [1, 1, 0]],
        "condorcet_winner": "a",
    }
    assert [(each["option"], each["beaten_by"]) for each in result["options"]] == [
        ("a", []),
        ("b", ["a"]),
        ("c", ["a", "b"]),
    ]


# --- By hand: Borda ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("convention", "scores"),
    [
        ("average", ["3.0", "2.0", "0.5", "0.5"]),
        ("zero", ["3.0", "2.0", "0.0", "0.0"]),
        ("from_n", ["4.0", "3.0", "0.0", "0.0"]),
        ("modified", ["2.0", "1.0", "0.0", "0.0"]),
    ],
)
def test_borda_conventions(convention, scores):
    """Four options, one ballot that ranks two."""
    result = count(ranked(4, "a b"), {"rule": "borda", "convention": convention})

    assert [each.score for each in result.standings] == scores


def test_borda_shares_points_of_level_options():
    assert [each.score for each in count(ranked(3, "a=b c"), {"rule": "borda"}).standings] == ["1.5", "1.5", "0.0"]


# --- By hand: transfers -----------------------------------------------------------------------------------


def test_run_off_tells_where_votes_went():
    result = count(ranked(3, "4: a", "3: b", "2: c b"), {"rule": "instant-runoff"})

    assert result.winners == ("b",)
    assert result.rounds[1].to_dict() == {
        "round": 2,
        "stage": "exclusion",
        "option": "c",
        "votes": {"a": 4, "b": 5, "c": 0},
        "exhausted": 0,
        "lost": 0,
        "transfers": [{"from": "c", "to": "b", "votes": 2}],
        "elected": ["b"],
        "excluded": ["c"],
    }
    assert reasons(result) == {"a": "seats_full", "b": "elected", "c": "excluded"}


def test_run_off_to_the_last_two_has_the_same_winner_and_more_stages():
    ballots = ("5: a", "2: b", "1: c b")
    short, long = (
        count(ranked(3, *ballots), {"rule": "instant-runoff", "finish": finish}) for finish in ("majority", "two_left")
    )

    assert (short.winners, len(short.rounds), long.winners, len(long.rounds)) == (("a",), 1, ("a",), 2)


@pytest.mark.parametrize(
    ("settings", "votes"),
    [
        ({"overvote": "stop"}, {"a": 1, "b": 0, "c": 0}),
        ({"overvote": "skip"}, {"a": 1, "b": 0, "c": 1}),
    ],
)
def test_overvote_is_a_setting(settings, votes):
    result = count(ranked(3, "a", "a=b c"), {"rule": "instant-runoff", "finish": "two_left", **settings})

    assert result.rounds[0].votes == votes


@pytest.mark.parametrize(
    ("skipped_rank", "votes"), [("skip", [1, 1, 1]), ("stop", [1, 0, 0]), ("stop_at_two", [1, 1, 0])]
)
def test_skipped_rank_is_a_setting(skipped_rank, votes):
    result = count(ranked(3, "a", "- b", "- - c"), {"rule": "instant-runoff", "skipped_rank": skipped_rank})

    assert list(result.rounds[0].votes.values()) == votes


def test_overvote_stays_one_when_the_other_is_out():
    """b goes out first; the ballot a=b does not become one for a."""
    result = count(ranked(3, "3: a", "4: c", "b", "2: a=b c"), {"rule": "instant-runoff", "overvote": "stop"})

    assert result.rounds[-1].votes["a"] == 3
    assert result.winners == ("c",)


def test_earlier_stages_decide_before_the_lot():
    """b and c are level in stage 2, but b had more in stage 1. Kills: a lot that goes before the stages."""
    ballots = ("9: a", "5: b", "4: c", "1: d c")
    for seed in ("0" * 16, "1" * 16, "2" * 16, "3" * 16):
        result = count(ranked(4, *ballots), {"rule": "scottish-stv", "tie": "earlier_stages,lot"}, seed=seed)
        assert result.rounds[2].excluded == ("c",)
        levels = [tie for tie in result.ties if tie.stage == "exclusion"]
        assert [(tie.options, tie.by) for tie in levels] == [(("b", "c"), "earlier_stages")]


def test_of_earlier_stages_the_most_recent_decides():
    """c had more than b at first, b more in the next stage, then they are level. Kills: looking at the first stage first."""
    ballots = ("10: a", "4: b", "5: c", "3: d b", "2: e c", "2: e")
    result = count(ranked(5, *ballots), {"rule": "scottish-stv"})

    assert [stage.excluded for stage in result.rounds[:4]] == [(), ("d",), ("e",), ("c",)]


def test_lot_of_an_exclusion_can_be_drawn_again():
    import hashlib

    seed = "ab" * 8
    result = count(ranked(3, "3: a b", "2: b", "2: c"), {"rule": "instant-runoff"}, seed=seed)

    lots = {option: hashlib.sha256(f"{seed}:{option}".encode()).hexdigest() for option in "bc"}
    out = max(lots, key=lots.__getitem__)
    assert result.rounds[1].excluded == (out,)
    assert [(tie.options[-1], tie.by) for tie in result.ties] == [(out, "lot")]


def test_surplus_goes_on_at_a_lower_value_cut_off_at_five_decimals():
    """Quota 4; a has 7, so 3/7 = 0.42857 goes on with each of its papers, and 0.00001 is lost."""
    result = count(ranked(3, "4: a b", "3: a c", "2: b", "1: c"), {"rule": "scottish-stv", "seats": 2})

    assert result.to_dict()["quota"] == 4
    assert result.rounds[1].to_dict()["votes"] == {"a": "4.00000", "b": "3.71428", "c": "2.28571"}
    assert result.rounds[1].to_dict()["lost"] == "0.00001"


def test_last_seats_go_to_who_is_left():
    result = count(ranked(3, "6: a", "2: b", "1: c"), {"rule": "scottish-stv", "seats": 2})

    assert result.winners == ("a", "b")
    assert reasons(result) == {"a": "elected_with_quota", "b": "elected_to_last_seat", "c": "excluded"}


# --- Refused ----------------------------------------------------------------------------------------------


def test_rule_that_does_not_fit_the_ballots_is_refused():
    marks = make_instance([Option("a"), Option("b")], None, [["a"]])
    for rule in RANKED:
        with pytest.raises(SettingsError, match="these ballots have no order"):
            count(marks, {"rule": rule})
    for rule in ("score", "points", "greedy", "greedy-per-euro", "equal-shares"):
        with pytest.raises(SettingsError, match="these ballots are rankings"):
            count(ranked(2, "a b"), {"rule": rule})


def test_run_off_for_two_seats_is_refused():
    with pytest.raises(SettingsError, match="instant-runoff elects one"):
        count(ranked(2, "a b"), {"rule": "instant-runoff", "seats": 2})


@pytest.mark.parametrize(
    ("ballot", "sentence"), [(["a", "a"], "twice"), (["a", ["b", "a"]], "twice"), (["z"], "unknown option z")]
)
def test_impossible_ranking_is_refused(ballot, sentence):
    with pytest.raises(InstanceError, match=sentence):
        make_ranked([Option("a"), Option("b")], [ballot])


def test_digest_is_that_of_the_text_in_the_documentation():
    import hashlib

    instance = make_ranked([Option("b"), Option("a")], [["a", [], ["a", "b"][1]], ["a", [], "b"], [["b", "a"]], []])
    text = 'ranked option "a"\nranked option "b"\nranking 1\nranking 1 0=1\nranking 2 0 - 1\n'

    assert instance.digest == hashlib.sha256(text.encode()).hexdigest()


def test_every_permutation_of_a_circle_gives_everybody_a_chance():
    """A perfect circle is decided by lot in every rule, and every option can win. Kills: an order of ids where a lot should be."""
    for rule in CONDORCET:
        seeds = (f"{number:016x}" for number in itertools.count())
        winners = {
            count(ranked(3, "a b c", "b c a", "c a b"), {"rule": rule}, seed=next(seeds)).winners for _ in range(30)
        }
        assert winners == {("a",), ("b",), ("c",)}, rule
