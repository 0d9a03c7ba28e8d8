"""The counting rules in plain words: for residents beside the result, for staff when they choose.

The keys and settings are those of `ballots.counting` (RULES, settings.py); a test walks them, so that none goes unexplained.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ballots.rule_words import RULE_NAMES
from budget.reasons import count_of_votes
from pages.templatetags.components import euro

Settings = Mapping[str, Any]

RULE_CHOICES = [
    (
        "equal-shares",
        gettext_lazy(
            "Equal shares: every voter gets the same part of the pot, and the voters of a plan pay it together."
        ),
    ),
    ("greedy", gettext_lazy("Most votes first: the plan with the most votes goes first, as long as the money lasts.")),
    (
        "greedy-per-euro",
        gettext_lazy("Most votes per euro first: cheap plans with many votes go first, as long as the money lasts."),
    ),
]

WHEN_FULL_CHOICES = [
    ("skip", gettext_lazy("Skip it and try the next plan. More of the pot is spent.")),
    ("stop", gettext_lazy("Stop counting. No plan with fewer votes passes a plan with more votes.")),
]

INCREMENT_CHOICES = [
    (
        "until_overspend",
        gettext_lazy("Give everybody a little more, until the next step would cost more than the pot."),
    ),
    ("until_exhaustive", gettext_lazy("Give everybody a little more, until no other plan fits in the pot.")),
    ("none", gettext_lazy("Count once. Money that voters cannot spend together stays in the pot.")),
]

COMPLETION_CHOICES = [
    ("none", gettext_lazy("It stays in the pot.")),
    ("greedy", gettext_lazy("It goes to the plans with the most votes that still fit.")),
]

TIE_CHOICES = [
    ("lot", gettext_lazy("A lot decides. Anybody can draw it again and gets the same answer.")),
    ("lowest_cost", gettext_lazy("The cheapest plan goes first. If that does not help, a lot decides.")),
    ("most_votes", gettext_lazy("The plan with the most votes goes first. If that does not help, a lot decides.")),
    ("declared_order", gettext_lazy("The plan with the lowest number on the ballot goes first.")),
]


def rule_name(settings: Settings) -> str:
    """The short name of the rule of a vote or a result."""
    return str(RULE_NAMES[settings["rule"]])


def explain_rule(settings: Settings) -> list[str]:
    """How the votes are counted, in sentences. `settings` is `Vote.counting`, or a result's settings with `rule`."""
    return [*_RULES[settings["rule"]](settings), *_minimum(settings), *_ties(settings)]


def example_of(settings: Settings) -> list[str]:
    """A worked example with small numbers."""
    return _EXAMPLES[settings["rule"]]()


# --- The rules ----------------------------------------------------------------------------------------


def _greedy(settings: Settings) -> list[str]:
    return [
        _("The plan with the most votes goes first."),
        _("Then the next plan follows, as long as there is money."),
        _when_full(settings),
    ]


def _greedy_per_euro(settings: Settings) -> list[str]:
    return [
        _("For each plan we divide the votes by the cost."),
        _("The plan with the most votes per euro goes first."),
        _when_full(settings),
    ]


def _when_full(settings: Settings) -> str:
    if settings.get("when_full", "skip") == "stop":
        return _("At the first plan that no longer fits, the count stops.")
    return _("A plan that no longer fits is skipped. A cheaper plan after it can still be chosen.")


def _equal_shares(settings: Settings) -> list[str]:
    return [
        _("Every voter gets an equal part of the pot."),
        _("The voters of a plan pay it together. The plan is chosen when they can."),
        _("If your plan is chosen, you have less left for other plans."),
        _("So every group of voters can choose plans for its own part of the money."),
        *_INCREMENTS[settings.get("increment", "none")](settings),
        _completion(settings),
    ]


def _once(settings: Settings) -> list[str]:
    return [_("We divide the pot once.")]


def _until_exhaustive(settings: Settings) -> list[str]:
    return [
        _more_at_a_time(settings),
        _("We stop when no other plan fits in the pot."),
    ]


def _until_overspend(settings: Settings) -> list[str]:
    return [
        _more_at_a_time(settings),
        _("We stop before the plans would cost more than the pot."),
    ]


def _more_at_a_time(settings: Settings) -> str:
    return _("If money is left, everybody gets %(amount)s more to spend, again and again.") % {
        "amount": euro(settings.get("increment_cents", 100))
    }


def _completion(settings: Settings) -> str:
    if settings.get("completion", "none") == "greedy":
        return _("Money that is left then goes to the plans with the most votes that still fit.")
    return _("Money that is left then stays in the pot.")


_RULES: dict[str, Callable[[Settings], list[str]]] = {
    "greedy": _greedy,
    "greedy-per-euro": _greedy_per_euro,
    "equal-shares": _equal_shares,
}
_INCREMENTS = {"none": _once, "until_exhaustive": _until_exhaustive, "until_overspend": _until_overspend}


def _minimum(settings: Settings) -> list[str]:
    least = settings.get("min_votes", 0)
    return [_("A plan needs at least %(least)s.") % {"least": count_of_votes(least)}] if least else []


def _ties(settings: Settings) -> list[str]:
    tie = settings.get("tie", "lot")
    names = [tie] if isinstance(tie, str) else list(tie)
    sentences = {
        "lot": _("If plans are exactly level, a lot decides. Anybody can draw that lot again."),
        "lowest_cost": _("If plans are exactly level, the cheapest plan goes first."),
        "most_votes": _("If plans are exactly level, the plan with the most votes goes first."),
        "declared_order": _("If plans are exactly level, the lowest number on the ballot goes first."),
    }
    return [sentences[name] for name in names]


# --- Examples -----------------------------------------------------------------------------------------


def _greedy_example() -> list[str]:
    return [
        _("Suppose the pot is %(pot)s.") % {"pot": euro(1_000_000)},
        _("Plan A costs %(cost)s and has 50 votes.") % {"cost": euro(600_000)},
        _("Plan B costs %(cost)s and has 40 votes.") % {"cost": euro(500_000)},
        _("Plan C costs %(cost)s and has 30 votes.") % {"cost": euro(400_000)},
        _("Plan A is chosen. Then %(left)s is left.") % {"left": euro(400_000)},
        _("Plan B no longer fits. Plan C does."),
    ]


def _greedy_per_euro_example() -> list[str]:
    return [
        _("Suppose plan A costs %(cost)s and has 50 votes.") % {"cost": euro(500_000)},
        _("That is one vote for each %(amount)s.") % {"amount": euro(10_000)},
        _("Plan B costs %(cost)s and has 40 votes.") % {"cost": euro(200_000)},
        _("That is one vote for each %(amount)s, so plan B goes first.") % {"amount": euro(5_000)},
    ]


def _equal_shares_example() -> list[str]:
    return [
        _("Suppose ten people vote about %(pot)s.") % {"pot": euro(100_000)},
        _("Then everybody has %(share)s.") % {"share": euro(10_000)},
        _("Six people choose plan A of %(first)s and plan B of %(second)s.")
        % {"first": euro(60_000), "second": euro(40_000)},
        _("Four other people choose plan C of %(cost)s.") % {"cost": euro(40_000)},
        _("The six pay plan A together. They have nothing left for plan B."),
        _("The four pay plan C together. So A and C are chosen."),
    ]


_EXAMPLES = {
    "greedy": _greedy_example,
    "greedy-per-euro": _greedy_per_euro_example,
    "equal-shares": _equal_shares_example,
}
