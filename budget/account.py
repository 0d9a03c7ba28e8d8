"""How the count went, round by round, in words: for who wants to follow it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from budget.outcome import Outcome
from budget.reasons import rounded
from pages.templatetags.components import euro


@dataclass(frozen=True)
class CountedRound:
    """One election in the count; money in cents."""

    number: int
    title: str
    votes: int
    cost: int
    remaining: int
    text: str


@dataclass(frozen=True)
class Account:
    """The count as it went: what happened before the first round, the rounds, the ties."""

    course: list[str]
    rounds: list[CountedRound]
    ties: list[str]

    @property
    def has_texts(self) -> bool:
        """Whether there is anything to say beside the figures."""
        return any(each.text for each in self.rounds)


def account_of(outcome: Outcome) -> Account:
    """The account of a published count. Figures of small groups of voters are left out when there are few ballots."""
    titles = {option.reference: option.title for option in outcome.options}
    return Account(
        course=list(_course(outcome)),
        rounds=[_round(entry, titles, outcome) for entry in outcome.result["rounds"]],
        ties=[_tie(entry, titles) for entry in outcome.result["ties"]],
    )


def _round(entry: Mapping[str, Any], titles: Mapping[str, str], outcome: Outcome) -> CountedRound:
    return CountedRound(
        number=entry["round"],
        title=titles[entry["option"]],
        votes=entry["votes"],
        cost=entry["cost_cents"],
        remaining=entry["remaining_cents"],
        text=_payment(entry) if outcome.shows_single_ballots else "",
    )


def _payment(entry: Mapping[str, Any]) -> str:
    """By Equal Shares: who paid what; "" otherwise."""
    if entry["stage"] == "completion":
        return _("From the money that was left.")
    if "payment_cents" not in entry:
        return ""
    full, less = entry["payers_in_full"], entry["payers_with_less"]
    paid = ngettext("%(n)s voter paid %(amount)s.", "%(n)s voters paid %(amount)s each.", full) % {
        "n": number_format(full),
        "amount": _share(entry["payment_cents"]),
    }
    if not less:
        return paid
    rest = ngettext("%(n)s voter paid what was left.", "%(n)s voters paid what they had left.", less)
    return f"{paid} {rest % {'n': number_format(less)}}" if full else rest % {"n": less}


def _course(outcome: Outcome) -> Iterator[str]:
    """By Equal Shares: what everybody could spend, and why the shares stopped growing."""
    shares = outcome.result.get("shares")
    if not shares:
        return
    yield _("Every voter could spend %(share)s at first.") % {"share": _share(shares["first_share_cents"])}
    if shares["increments"]:
        yield _("In the end everybody could spend %(share)s.") % {"share": _share(shares["last_share_cents"])}
    yield _ended(shares)


def _ended(shares: Mapping[str, Any]) -> str:
    sentences = {
        "once": _("The money was divided once."),
        "overspend": _("With the next step the plans would have cost more than the pot."),
        "exhaustive": _("Then no other plan fitted in the pot."),
        "all_elected": _("Then every plan that could win had won."),
    }
    return sentences[shares["ended"]]


def _share(cents: str) -> str:
    """What one voter has or pays: small amounts, so with cents."""
    whole = rounded(cents)
    return _("less than 1 cent") if whole == 0 and Decimal(cents) > 0 else euro(whole)


def _tie(entry: Mapping[str, Any], titles: Mapping[str, str]) -> str:
    words = {
        "round": entry["round"],
        "plans": ", ".join(f"“{titles[option]}”" for option in entry["options"]),
        "first": titles[entry["first"]],
        "by": _TIE_WORDS[entry["by"]](),
    }
    return _("In round %(round)s these plans were level: %(plans)s. %(by)s “%(first)s” went first.") % words


_TIE_WORDS = {
    "lot": lambda: _("A lot decided."),
    "lowest_cost": lambda: _("The lowest cost decided."),
    "most_votes": lambda: _("The number of votes decided."),
    "declared_order": lambda: _("The order on the ballot decided."),
}
