"""How a question is counted, in plain words, from its own settings."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ballots.ballot_words import how_to_choose
from ballots.counting import parse_settings
from ballots.frozen import FrozenQuestion, FrozenVote
from ballots.rules import is_question_complete
from pages.templatetags.components import euro

RULE_NAMES = {
    "greedy": gettext_lazy("Most votes first"),
    "greedy-per-euro": gettext_lazy("Most votes per euro first"),
    "equal-shares": gettext_lazy("Equal shares"),
}

_TIES = {
    "lot": gettext_lazy("Equal? Then a lot decides. It is drawn from all ballots together, so nobody can choose it."),
    "lowest_cost": gettext_lazy("Equal? Then the cheapest one goes first."),
    "most_votes": gettext_lazy("Equal? Then the one with the most votes goes first."),
    "declared_order": gettext_lazy("Equal? Then the one that stands higher on the ballot goes first."),
}


@dataclass(frozen=True)
class QuestionInWords:
    """A question with its ballot and its count in sentences; no count where the settings are not complete yet."""

    frozen: FrozenQuestion
    how_to_choose: str
    how_counted: list[str]


def questions_in_words(vote: FrozenVote) -> list[QuestionInWords]:
    """Every question of a vote, of a draft too."""
    return [
        QuestionInWords(each, how_to_choose(each), how_counted(each) if is_question_complete(each) else [])
        for each in vote.questions
    ]


def how_counted(question: FrozenQuestion) -> list[str]:
    """How the winners are found, in sentences."""
    rule, parsed = parse_settings(question.counting)
    settings = parsed.to_dict()
    sentences = [_("The winners may cost %(budget)s together.") % {"budget": euro(question.budget)}]
    sentences += _shares(settings) if rule.key == "equal-shares" else _greedy(rule.key, settings)
    if settings["min_votes"]:
        words = {"number": settings["min_votes"]}
        sentences.append(_("An option needs %(number)s votes at least to win.") % words)
    return sentences + [str(_TIES[name]) for name in settings["tie"]]


def _greedy(rule: str, settings: dict[str, Any]) -> list[str]:
    first = {
        "greedy": _("The option with the most votes wins first, then the next."),
        "greedy-per-euro": _("The option with the most votes per euro wins first, then the next."),
    }[rule]
    if settings["when_full"] == "skip":
        return [first, _("An option that no longer fits is skipped.")]
    return [first, _("The count stops at the first option that no longer fits.")]


def _shares(settings: dict[str, Any]) -> list[str]:
    sentences = [
        _("Every voter gets an equal share of the budget."),
        _("The voters of an option pay for it together. An option wins when they can pay."),
    ]
    if settings["increment"] == "until_overspend":
        sentences.append(_("Is there money left? Then every share grows, until the next step would cost too much."))
    if settings["increment"] == "until_exhaustive":
        sentences.append(_("Is there money left? Then every share grows until no other option fits."))
    if settings["completion"] == "greedy":
        sentences.append(_("What is left after that goes to the options with the most votes that fit."))
    return sentences
