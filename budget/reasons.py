"""Why a plan won or lost, in sentences anybody understands.

Everything comes from the sealed count (`CountResult.to_dict()` of `ballots.counting`), whose own reasons are exact: each sentence
about votes or money that would have changed the outcome holds for all other votes staying the same.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ballots.explaining.money import rounded
from pages.templatetags.components import euro

Explained = Mapping[str, Any]
"""One entry of `options` in the sealed result."""

GREEDY_RULES = ("greedy", "greedy-per-euro")


def why(option: Explained, result: Mapping[str, Any]) -> list[str]:
    """The sentences for one option: what happened, then what would have changed it."""
    if option["won"]:
        return [_won(option, result), *_to_spare(option)]
    return [_LOST[option["reason"]](option, result), *_would_have_changed(option, result)]


def count_of_votes(votes: int) -> str:
    """A number of votes in words, such as "1.861 votes"."""
    return ngettext("%(n)s vote", "%(n)s votes", votes) % {"n": number_format(votes)}


# --- Won ----------------------------------------------------------------------------------------------


def _won(option: Explained, result: Mapping[str, Any]) -> str:
    if option["reason"] == "elected_in_completion":
        return _(
            "After the division there was money left. This plan had the most votes of the plans that still fitted."
        )
    if result["rule"] == "equal-shares":
        return _("The voters of this plan paid it together from their own share of the pot.")
    return _("The plan had enough votes, and there was enough money when it was its turn.")


def _to_spare(option: Explained) -> list[str]:
    spare = option.get("votes_to_spare")
    if spare is None:
        return []
    if spare == 0:
        return [_("It could not miss a single vote.")]
    return [_("It could have missed %(votes)s.") % {"votes": count_of_votes(spare)}]


# --- Lost ---------------------------------------------------------------------------------------------


def _no_votes(option: Explained, result: Mapping[str, Any]) -> str:
    return _("Nobody voted for this plan.")


def _below_minimum(option: Explained, result: Mapping[str, Any]) -> str:
    least = max(1, result["settings"].get("min_votes", 0))
    return _("A plan needed at least %(least)s. This plan had %(votes)s.") % {
        "least": count_of_votes(least),
        "votes": count_of_votes(option["votes"]),
    }


def _exceeds_budget(option: Explained, result: Mapping[str, Any]) -> str:
    return _("The plan costs %(cost)s. That is more than the whole pot of %(pot)s.") % {
        "cost": euro(option["cost_cents"]),
        "pot": euro(result["budget_cents"]),
    }


def _did_not_fit(option: Explained, result: Mapping[str, Any]) -> str:
    return _("When it was this plan's turn, %(left)s was left. The plan costs %(cost)s.") % {
        "left": euro(option["remaining_cents"]),
        "cost": euro(option["cost_cents"]),
    }


def _count_stopped(option: Explained, result: Mapping[str, Any]) -> str:
    return _("A plan with more votes did not fit. The rule says that the count then stops.")


def _supporters_could_not_pay(option: Explained, result: Mapping[str, Any]) -> str:
    left, short = option.get("money_left_cents"), option.get("money_short_cents")
    if left is None or short is None:
        return _("The voters of this plan did not have enough left to pay it together.")
    return _("The voters of this plan had %(left)s left together. That is %(short)s too little.") % {
        "left": euro(rounded(left)),
        "short": euro(rounded(short)),
    }


def _excluded_by(option: Explained, result: Mapping[str, Any]) -> str:
    return _("Of this plan and plan %(other)s only one could win, and that one went first.") % {
        "other": option["excluded_by"]
    }


_LOST: dict[str, Callable[[Explained, Mapping[str, Any]], str]] = {
    "no_votes": _no_votes,
    "below_minimum": _below_minimum,
    "exceeds_budget": _exceeds_budget,
    "did_not_fit": _did_not_fit,
    "count_stopped": _count_stopped,
    "supporters_could_not_pay": _supporters_could_not_pay,
    "excluded_by": _excluded_by,
}


# --- What would have changed it ----------------------------------------------------------------------


def _would_have_changed(option: Explained, result: Mapping[str, Any]) -> list[str]:
    sentences = [_with_more_votes(option, result), _if_cheaper(option)]
    return [sentence for sentence in sentences if sentence]


def _with_more_votes(option: Explained, result: Mapping[str, Any]) -> str:
    """By Equal Shares more votes need money too, so reaching the minimum does not yet win."""
    short = option.get("votes_short")
    if not short:
        return ""
    if result["rule"] in GREEDY_RULES:
        return _("With %(votes)s more it would have been chosen.") % {"votes": count_of_votes(short)}
    return _("It was %(votes)s short of the minimum.") % {"votes": count_of_votes(short)}


def _if_cheaper(option: Explained) -> str:
    cheaper = option.get("cheaper_by_cents")
    if not cheaper:
        return ""
    return _("It would have been chosen if it had cost %(amount)s less.") % {"amount": euro(cheaper)}
