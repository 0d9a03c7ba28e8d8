"""How the count of a round went, for who wants to follow it."""

from ballots.explaining import money
from budget.outcome import Outcome


def account_of(outcome: Outcome) -> money.Account:
    """The account of a published count. Figures of small groups of voters are left out when there are few ballots."""
    titles = {option.reference: option.title for option in outcome.options}
    return money.account_of(outcome.result, titles, shows_payments=outcome.shows_single_ballots)
