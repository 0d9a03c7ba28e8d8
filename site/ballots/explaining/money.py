"""How a budget was divided, round by round: what was bought, who paid what, what was level."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ballots.explaining.figures import Sealed, Titles
from ballots.explaining.lots import tie_sentence
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


def account_of(sealed: Sealed, titles: Titles, *, shows_payments: bool) -> Account:
    """The account of a sealed count. Without `shows_payments` figures of small groups of voters are left out."""
    return Account(
        course=list(_course(sealed)),
        rounds=[_round(entry, titles, shows_payments=shows_payments) for entry in sealed["rounds"]],
        ties=[tie_sentence(entry, titles) for entry in sealed["ties"]],
    )


def _round(entry: Sealed, titles: Titles, *, shows_payments: bool) -> CountedRound:
    return CountedRound(
        number=entry["round"],
        title=titles[entry["option"]],
        votes=entry["votes"],
        cost=entry["cost_cents"],
        remaining=entry["remaining_cents"],
        text=_payment(entry) if shows_payments else "",
    )


def _payment(entry: Sealed) -> str:
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


def _course(sealed: Sealed) -> Iterator[str]:
    """By Equal Shares: what everybody could spend, and why the shares stopped growing."""
    shares = sealed.get("shares")
    if not shares:
        return
    yield _("Every voter could spend %(share)s at first.") % {"share": _share(shares["first_share_cents"])}
    if shares["increments"]:
        yield _("In the end everybody could spend %(share)s.") % {"share": _share(shares["last_share_cents"])}
    yield _ended(shares)


def _ended(shares: Sealed) -> str:
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


def rounded(cents: str) -> int:
    """Whole cents from the decimal text of a count."""
    return int(Decimal(cents).to_integral_value(ROUND_HALF_UP))
