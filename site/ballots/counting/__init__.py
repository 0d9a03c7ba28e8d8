"""Counting: pure functions from options and ballots to winners and reasons. No Django in here.

>>> result = count(instance, {"rule": "equal-shares", "increment": "until_overspend"})
>>> result.winners, result.cost, result.to_dict()
"""

from ballots.counting.instance import Instance, InstanceError, Option, Profile, group_ballots, make_instance
from ballots.counting.registry import RULES, Registry, Rule, count, parse_settings
from ballots.counting.result import CountResult, Explanation, Round, SharesCourse
from ballots.counting.settings import TIE_RULES, SettingsError
from ballots.counting.ties import Tie

__all__ = [
    "RULES",
    "TIE_RULES",
    "CountResult",
    "Explanation",
    "Instance",
    "InstanceError",
    "Option",
    "Profile",
    "Registry",
    "Round",
    "Rule",
    "SettingsError",
    "SharesCourse",
    "Tie",
    "count",
    "group_ballots",
    "make_instance",
    "parse_settings",
]
