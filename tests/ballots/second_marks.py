"""Rules on marks by public libraries: votelib (MIT) where marks are added up, pabutools (GPL-3) where a budget is divided.

Both get the votes of `mark_cases` and break ties with the order we give them, so votes with ties are compared as well. Each function
gives the places it elects. What a library lacks is not asked of it (docs/explanation/counting.md): `exclusive`, `when_full: stop`,
`start: whole` and the order of election.
"""

import random
from collections import Counter

import votelib.convert
import votelib.evaluate.cardinal
import votelib.evaluate.core
import votelib.evaluate.threshold
from pabutools.election import (
    ApprovalBallot,
    ApprovalProfile,
    CardinalBallot,
    Cardinality_Sat,
    CardinalProfile,
    Cost_Sat,
    Instance,
    Project,
)
from pabutools.election.satisfaction import Additive_Cardinal_Sat, AdditiveSatisfaction
from pabutools.rules import (
    completion_by_rule_combination,
    exhaustion_by_budget_increase,
    greedy_utilitarian_welfare,
    method_of_equal_shares,
)
from pabutools.tiebreaking import TieBreakingRule

from ballots.counting import count
from tests.ballots.mark_cases import (
    ADDING,
    SEED,
    adding_case,
    as_instance,
    name,
    places,
    plain_order,
    random_budget,
    sums,
)

# --- Rules that add up: votelib -----------------------------------------------------------------------------


def added(size, ballots, settings):
    """The winners by votelib, as places."""
    rule, seats = settings["rule"], settings["seats"]
    if rule == "plurality":
        votes = Counter(place for ballot in ballots for place in ballot)
    elif rule == "approval":
        votes = votelib.convert.ApprovalToSimpleVotes().convert(Counter(frozenset(ballot) for ballot in ballots))
    else:
        scores = Counter(frozenset(ballot.items()) for ballot in ballots)
        votes = votelib.convert.ScoreToSimpleVotes("sum").convert(scores)
    enough = votelib.evaluate.threshold.AbsoluteThreshold(settings["min_votes"]).evaluate(votes)
    found = votelib.evaluate.core.Plurality().evaluate({place: votes[place] for place in enough}, seats)
    order = plain_order(settings["tie"], [0] * size, sums(size, ballots))
    return votelib.evaluate.core.Tie.break_by_list(found, order(range(size)))


def adding_disagreement(rule, number):
    """None when both elect the same options in random vote `number`."""
    size, ballots, settings = adding_case(rule, number)
    found = places(count(as_instance(size, ballots), settings, seed=SEED))
    expected = added(size, ballots, settings)
    return None if set(found) == set(expected) else (settings, ballots, found, expected)


# --- Rules that divide a budget: pabutools --------------------------------------------------------------------


class CostTimesPoints(AdditiveSatisfaction):
    """What we call utility `cost` on ballots with points."""

    def __init__(self, instance, profile, ballot):
        super().__init__(
            instance, profile, ballot, lambda _i, _p, given, project, _m: given.get(project, 0) * project.cost
        )


def budget_case(rule, number):
    """(costs, budget, ballots, settings) of random vote `number`, with settings that the library knows too."""
    chance = random.Random(f"library {rule} {number}")
    costs, budget, ballots = random_budget(chance)
    settings = {
        "rule": rule,
        "tie": chance.sample(["lowest_cost", "most_votes", "declared_order", "lot"], chance.randint(1, 2)),
        "min_votes": chance.choice([0, 0, 2, 3]),
    }
    if rule == "equal-shares":
        settings |= {
            "utility": chance.choice(["cost", "cardinality"]),
            "increment": chance.choice(["none", "until_exhaustive", "until_overspend"]),
            "increment_cents": max(1, max(costs) // chance.randint(3, 8)),
            "completion": chance.choice(["none", "greedy"]),
        }
    return costs, budget, ballots, settings


def divided(costs, budget, ballots, settings):
    """The winners by pabutools, as places."""
    votes = sums(len(costs), ballots)
    eligible = [place for place in range(len(costs)) if votes[place] >= max(1, settings["min_votes"])]
    # The library elects what nobody voted for when money is left, and knows no minimum: such options are left out. What is free gives no
    # satisfaction by cost, so it never elects that by shares, where here it wins before all others.
    free = [place for place in eligible if not costs[place]]
    projects = {place: Project(name(place), costs[place]) for place in eligible if costs[place]}
    if not projects:
        return free
    instance = Instance(projects.values(), budget_limit=budget)
    profile, by_cost, by_number = _profile(instance, projects, ballots)
    rank = plain_order(settings["tie"], costs, votes)(range(len(costs))).index
    tie = TieBreakingRule(lambda _instance, _profile, project: rank(ord(project.name) - ord("a")))
    if settings["rule"] == "equal-shares":
        utility = by_cost if settings["utility"] == "cost" else by_number
        found = _shares(instance, profile, settings, utility, tie, by_cost)
    else:
        # It takes the highest satisfaction per cost first: with costs as satisfaction that is the most votes.
        sat = by_cost if settings["rule"] == "greedy" else by_number
        found = greedy_utilitarian_welfare(instance, profile, sat_class=sat, tie_breaking=tie)
    return free + [ord(project.name) - ord("a") for project in found]


def _profile(instance, projects, ballots):
    """(ballots, satisfaction by cost, satisfaction by number) as pabutools has them, with points only where there are points."""
    marks = [{projects[place]: points for place, points in each.items() if place in projects} for each in ballots]
    if all(points == 1 for ballot in marks for points in ballot.values()):
        return ApprovalProfile(map(ApprovalBallot, marks), instance=instance), Cost_Sat, Cardinality_Sat
    return CardinalProfile(map(CardinalBallot, marks), instance=instance), CostTimesPoints, Additive_Cardinal_Sat


def _shares(instance, profile, settings, utility, tie, by_cost):
    params = {"sat_class": utility, "tie_breaking": tie}
    if settings["increment"] == "until_overspend":
        found = _until_overspend(instance, profile, params, settings["increment_cents"])
    elif settings["increment"] == "until_exhaustive":
        params["voter_budget_increment"] = settings["increment_cents"]
        found = method_of_equal_shares(instance, profile, **params)
    else:
        found = method_of_equal_shares(instance, profile, **params)
    if settings["completion"] == "none":
        return found
    greedy = {"sat_class": by_cost, "tie_breaking": tie}
    return completion_by_rule_combination(
        instance, profile, [greedy_utilitarian_welfare], [greedy], initial_budget_allocation=found
    )


def _until_overspend(instance, profile, params, step):
    voters = profile.num_ballots()
    # When everything is bought it would go on for ever; with the dearest option for every voter surely everything is.
    bound = instance.budget_limit + voters * (sum(project.cost for project in instance) + step)
    return exhaustion_by_budget_increase(
        instance,
        profile,
        method_of_equal_shares,
        params,
        exhaustive_stop=False,
        budget_step=voters * step,
        budget_bound=bound,
    )


def budget_disagreement(rule, number):
    """None when both elect the same options in random vote `number`."""
    costs, budget, ballots, settings = budget_case(rule, number)
    found = places(count(as_instance(len(costs), ballots, costs=costs, budget=budget), settings, seed=SEED))
    expected = divided(costs, budget, ballots, settings)
    return None if set(found) == set(expected) else (settings, costs, budget, ballots, found, expected)


def disagreement(rule, number):
    """None when `ballots.counting` and the library agree on random vote `number`."""
    return (adding_disagreement if rule in ADDING else budget_disagreement)(rule, number)
