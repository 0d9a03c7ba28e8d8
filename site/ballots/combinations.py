"""Which counting rule can count which form of ballot. A rule that this house does not have is not offered."""

from ballots.counting import RULES
from ballots.models import Question

Form = Question.Form

BUDGET_RULES = ("greedy", "greedy-per-euro", "equal-shares")
"""Rules that spend money: the question needs a budget, and every option a cost."""

ORDERS = ("borda", "instant-runoff", "scottish-stv", "schulze", "ranked-pairs", "copeland")

_RULES: dict[Form, tuple[str, ...]] = {
    Form.YES_NO: ("plurality",),
    Form.CHOICE: ("plurality",),
    Form.APPROVAL: ("approval", *BUDGET_RULES),
    Form.RANKING: ORDERS,
    Form.SCORE: ("score", *BUDGET_RULES),
    Form.POINTS: ("points", *BUDGET_RULES),
    Form.KNAPSACK: BUDGET_RULES,
}


def rules_for(form: str) -> list[str]:
    """Keys of the rules that can count this form, in the order in which they are offered."""
    return [key for key in _RULES[Form(form)] if key in RULES]


def needs_money(rule: str) -> bool:
    """Whether this rule divides a budget."""
    return rule in BUDGET_RULES
