"""Which counting rule can count which form of ballot. A rule that this house does not have is not offered."""

from ballots.counting import RULES
from ballots.models import Question

Form = Question.Form

BUDGET_RULES = ("greedy", "greedy-per-euro", "equal-shares")
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


def offered_rules() -> list[str]:
    """Every rule that can count some form, each once."""
    return list(dict.fromkeys(key for form in Form for key in rules_for(form)))


def needs_money(rule: str) -> bool:
    """Whether this rule divides a budget: then the question needs one, and every option a cost."""
    return RULES[rule].needs_budget
