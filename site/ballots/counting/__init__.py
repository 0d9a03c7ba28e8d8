"""Counting: pure functions from options and ballots to winners and reasons. No Django in here.

>>> result = count(instance, {"rule": "equal-shares", "increment": "until_overspend"})
>>> result.winners, result.cost, result.to_dict()
>>> count(make_ranked(options, [["a", "b"], ["b", ["a", "c"]]]), {"rule": "schulze", "seats": 2}).winners
"""

from ballots.counting.choice import ChoiceResult, Standing
from ballots.counting.instance import Instance, InstanceError, Option, Profile, group_ballots, make_instance
from ballots.counting.ranked.ballots import RankedInstance, Ranking, group_rankings, make_ranked
from ballots.counting.registry import RULES, Registry, Rule, count, parse_settings
from ballots.counting.result import BudgetResult, CountResult, Explanation, Round, SharesCourse
from ballots.counting.settings import CHOICE_TIE_RULES, STAGE_TIE_RULES, TIE_RULES, SettingsError
from ballots.counting.ties import Tie

__all__ = [
    "CHOICE_TIE_RULES",
    "RULES",
    "STAGE_TIE_RULES",
    "TIE_RULES",
    "BudgetResult",
    "ChoiceResult",
    "CountResult",
    "Explanation",
    "Instance",
    "InstanceError",
    "Option",
    "Profile",
    "RankedInstance",
    "Ranking",
    "Registry",
    "Round",
    "Rule",
    "SettingsError",
    "SharesCourse",
    "Standing",
    "Tie",
    "count",
    "group_ballots",
    "group_rankings",
    "make_instance",
    "make_ranked",
    "parse_settings",
]
