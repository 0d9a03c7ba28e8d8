"""Small votes for the tests of counting, drawn by hypothesis or built by hand."""

from fractions import Fraction

from hypothesis import strategies as st

from ballots.counting import Option, make_instance
from ballots.counting.ties import TieBreaker


def options_costing(*costs):
    """Options a, b, c … with these costs in cents."""
    return [Option(chr(ord("a") + place), cost) for place, cost in enumerate(costs)]


def vote(costs, budget, ballots):
    """An instance of options a, b, c …; a ballot is a text such as "ab", or {"a": 3}."""
    return make_instance(options_costing(*costs), budget, ballots)


def as_places(ballots):
    """Ballots for the naive count: {place: points} per voter."""
    return [
        {ord(option) - ord("a"): ballot[option] if isinstance(ballot, dict) else 1 for option in ballot}
        for ballot in ballots
    ]


def places(result):
    """The winners as places."""
    return [ord(option) - ord("a") for option in result.winners]


def first_by(instance, *rules):
    """The tie rule as the naive count asks for it."""
    breaker = TieBreaker(instance, rules, None)
    return lambda level: breaker.order(level)[0]


@st.composite
def votes(draw, *, least_cost=0):
    """(costs, budget, ballots): few options, few different ballots, awkward numbers, so that ties and empty purses are common."""
    size = draw(st.integers(1, 6))
    scale = draw(st.sampled_from([1, 10, 97, 1_000, 12_345]))
    costs = [each * scale for each in draw(st.lists(st.integers(least_cost, 12), min_size=size, max_size=size))]
    names = [chr(ord("a") + place) for place in range(size)]
    points = draw(st.sampled_from([st.just(1), st.integers(1, 4)]))
    pool = draw(st.lists(st.dictionaries(st.sampled_from(names), points), min_size=1, max_size=6))
    ballots = draw(st.lists(st.sampled_from(pool), min_size=1, max_size=12))
    budget = draw(st.integers(0, max(1, sum(costs) * 13 // 10)))
    return costs, budget, ballots


def share_of(budget, ballots):
    """The first share per voter."""
    return Fraction(budget, len(ballots))
