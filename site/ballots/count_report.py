"""A count as text, for the terminal and for a file: the whole protocol, in the order in which it happened."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any, Protocol

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ballots.counting import BudgetResult, CountResult, Explanation, Option, Round, SharesCourse, Tie
from ballots.formats.pabulib import PabulibMeta

ENDS = {
    "once": gettext_lazy("Counted once."),
    "overspend": gettext_lazy("The next increment would have cost %(refused)s, which is too much."),
    "exhaustive": gettext_lazy("Nothing else fits in the budget."),
    "all_elected": gettext_lazy("Everything that could win has won."),
}

REASONS = {
    "elected": gettext_lazy("elected in round %(round)s"),
    "elected_in_completion": gettext_lazy("elected in round %(round)s, from the money that was left"),
    "no_votes": gettext_lazy("nobody voted for it"),
    "below_minimum": gettext_lazy("fewer votes than the minimum"),
    "exceeds_budget": gettext_lazy("costs more than the whole budget"),
    "did_not_fit": gettext_lazy("did not fit: %(remaining)s was left at its turn"),
    "count_stopped": gettext_lazy("the count had stopped"),
    "excluded_by": gettext_lazy("only one of them may win, and %(excluded_by)s went before it"),
    "supporters_could_not_pay": gettext_lazy("its supporters could not pay it together"),
}


class WithOptions(Protocol):
    """What was counted, as far as a report looks at it."""

    @property
    def options(self) -> tuple[Option, ...]:
        """The options in declared order."""


def report(result: BudgetResult, instance: WithOptions, meta: PabulibMeta) -> list[str]:
    """The lines of the protocol. `meta` gives the currency, and what was odd in the file."""
    return list(_Report(result, instance, meta).lines())


class _Report:
    def __init__(self, result: BudgetResult, instance: WithOptions, meta: PabulibMeta) -> None:
        self.result, self.meta = result, meta
        self.names = {option.id: option.name for option in instance.options}

    def lines(self) -> Iterator[str]:
        yield from self._head()
        yield from section(_("Elected, in order"), map(self._round, self.result.rounds))
        lost = [each for each in self.result.explanations if not each.won]
        yield from section(_("Not elected"), map(self._reason, lost))
        won = [each for each in self.result.explanations if each.votes_to_spare is not None]
        yield from section(_("What the winners could have missed"), map(self._spare, won))
        yield from section(_("Ties"), map(tie_line, self.result.ties))
        yield from section(_("Odd in the file"), self.meta.warnings)

    def _head(self) -> Iterator[str]:
        result = self.result
        yield _("Rule: %(rule)s") % {"rule": result.rule}
        yield settings_line(result)
        yield _("Ballots: %(ballots)s") % {"ballots": number_format(result.voters)}
        yield _("Budget: %(budget)s, spent: %(cost)s, left: %(left)s") % {
            "budget": self._money(result.budget),
            "cost": self._money(result.cost),
            "left": self._money(result.budget - result.cost),
        }
        if result.shares:
            yield self._course(result.shares)

    def _course(self, course: SharesCourse) -> str:
        grown = ngettext("%(n)s increment", "%(n)s increments", course.increments)
        share = _("Share per voter: %(first)s, at the end %(last)s") % {
            "first": self._money(course.first_share),
            "last": self._money(course.last_share),
        }
        ended = ENDS[course.ended] % {"refused": self._money(course.refused_cost or 0)}
        return f"{share} ({grown % {'n': number_format(course.increments)}}). {ended}"

    def _round(self, bought: Round) -> str:
        line = _("%(number)s. %(option)s: %(cost)s, %(votes)s, %(left)s left") % {
            "number": bought.number,
            "option": self._option(bought.option),
            "cost": self._money(bought.cost),
            "votes": votes_text(bought.votes),
            "left": self._money(bought.remaining),
        }
        return line if bought.payment is None else f"{line}; {self._payment(bought)}"

    def _payment(self, bought: Round) -> str:
        full, rest = bought.payers_in_full or 0, bought.payers_with_less or 0
        words = {"full": number_format(full), "payment": self._money(bought.payment or 0), "rest": number_format(rest)}
        parts = [
            ngettext("%(full)s voter paid %(payment)s", "%(full)s voters paid %(payment)s each", full) if full else "",
            ngettext("%(rest)s voter paid all they had", "%(rest)s voters paid all they had", rest) if rest else "",
        ]
        price = _("price per utility %(rho)s") % {"rho": f"{float(bought.rho or 0):.3g}"}
        return f"{', '.join(part % words for part in parts if part)} ({price})"

    def _reason(self, option: Explanation) -> str:
        words = {
            "round": option.round,
            "remaining": self._money(option.remaining or 0),
            "excluded_by": option.excluded_by,
        }
        reason = REASONS[option.reason] % words
        changes = "".join(f"; {change}" for change in self._changes(option))
        cost, votes = self._money(option.cost), votes_text(option.votes)
        return f"{self._option(option.option)}: {cost}, {votes}: {reason}{changes}"

    def _changes(self, option: Explanation) -> Iterator[str]:
        if option.money_left is not None:
            yield _("they had %(left)s left, %(short)s too little") % {
                "left": self._money(option.money_left),
                "short": self._money(option.money_short or 0),
            }
        if option.votes_short is not None:
            yield _("%(votes)s short") % {"votes": votes_text(option.votes_short)}
        if option.cheaper_by is not None:
            yield _("elected if it had cost %(amount)s less") % {"amount": self._money(option.cheaper_by)}

    def _spare(self, option: Explanation) -> str:
        return f"{self._option(option.option)}: {votes_text(option.votes_to_spare or 0)}"

    def _option(self, option: str) -> str:
        return f"{option} {self.names[option]}".strip()

    def _money(self, cents: int | Fraction) -> str:
        """An amount in the currency of the file; decimals only where it is not whole."""
        amount = Decimal(round(cents)) / 100
        places = 0 if amount == amount.to_integral_value() else 2
        return f"{number_format(amount, places)} {self.meta.currency}".strip()


# --- What all reports have in common ----------------------------------------------------------------------


def settings_line(result: CountResult) -> str:
    """Everything that decides, on one line."""
    return "  " + ", ".join(f"{name} {_plain(value)}" for name, value in result.settings.items())


def section(title: str, lines: Iterable[str]) -> Iterator[str]:
    """A title with lines below it; nothing where there are no lines."""
    found = list(lines)
    if found:
        yield ""
        yield f"{title}:"
        yield from (f"  {line}" for line in found)


def tie_line(tie: Tie) -> str:
    """Who was level, and what decided."""
    words = {"round": tie.round, "options": ", ".join(tie.options), "by": tie.by}
    if tie.stage == "exclusion":
        line = _("round %(round)s: %(options)s were level; %(by)s put %(last)s out") % {
            **words,
            "last": tie.options[-1],
        }
    else:
        line = _("round %(round)s: %(options)s were level; %(by)s put %(first)s first") % {**words, "first": tie.first}
    return line + " " + _("(this decided who won)") if tie.decisive else line


def votes_text(votes: int) -> str:
    """A number of votes in words."""
    return ngettext("%(n)s vote", "%(n)s votes", votes) % {"n": number_format(votes)}


def _plain(value: Any) -> str:
    if not isinstance(value, list):
        return str(value)
    return ",".join("+".join(each) if isinstance(each, list) else str(each) for each in value) or "-"
