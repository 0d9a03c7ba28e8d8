"""How a question is counted, in plain words, from its own settings."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ballots.ballot_words import how_to_choose
from ballots.choice_words import CHOICE_RULE_NAMES, TIE_WORDS, choice_sentences
from ballots.counting import parse_settings
from ballots.frozen import FrozenQuestion, FrozenVote
from ballots.rules import is_question_complete
from pages.templatetags.components import euro

Settings = dict[str, Any]

RULE_NAMES = {
    **CHOICE_RULE_NAMES,
    "greedy": gettext_lazy("Most votes first"),
    "greedy-per-euro": gettext_lazy("Most votes per euro first"),
    "equal-shares": gettext_lazy("Equal shares"),
}

_TIES = {**TIE_WORDS, "lowest_cost": gettext_lazy("Equal? Then the cheapest one goes first.")}


@dataclass(frozen=True)
class QuestionInWords:
    """A question with its ballot and its count in sentences; no count where the settings are not complete yet."""

    frozen: FrozenQuestion
    how_to_choose: str
    how_counted: list[str]


def threshold_in_words(vote: FrozenVote) -> str:
    """What it takes before the outcome counts."""
    words = {"share": number_format(Decimal(vote.threshold_share).scaleb(-2).normalize())}
    return {
        "none": _("There is no minimum. The outcome counts, however many people vote."),
        "turnout": _("The outcome counts when %(share)s percent of the people on the list vote."),
        "outcome": _("The outcome counts when %(share)s percent of the people on the list vote for the winner."),
    }[vote.threshold_kind] % words


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
    if not rule.needs_budget:
        return choice_sentences(rule.key, settings)
    sentences = [_money(question), *_COUNTS[rule.key](settings)]
    if settings["min_votes"]:
        number = settings["min_votes"]
        least = ngettext("An option needs 1 vote to win.", "An option needs %(number)s votes at least to win.", number)
        sentences.append(least % {"number": number})
    return sentences + _exclusive(question, settings) + [str(_TIES[name]) for name in settings["tie"]]


def _money(question: FrozenQuestion) -> str:
    return _("The winners may cost %(budget)s together.") % {"budget": euro(question.budget)}


def _exclusive(question: FrozenQuestion, settings: Settings) -> list[str]:
    """One sentence per group of options of which one may win."""
    return [
        _("Of these only one can win: %(options)s.")
        % {"options": ", ".join(question.option_by_reference[reference].title for reference in group)}
        for group in settings.get("exclusive", ())
    ]


# --- Rules that spend money ---------------------------------------------------------------------------


def _greedy(settings: Settings) -> list[str]:
    return [_("The option with the most votes wins first, then the next."), _when_full(settings)]


def _per_euro(settings: Settings) -> list[str]:
    return [_("The option with the most votes per euro wins first, then the next."), _when_full(settings)]


def _when_full(settings: Settings) -> str:
    if settings["when_full"] == "skip":
        return _("An option that no longer fits is skipped.")
    return _("The count stops at the first option that no longer fits.")


def _shares(settings: Settings) -> list[str]:
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


_COUNTS: dict[str, Callable[[Settings], list[str]]] = {
    "greedy": _greedy,
    "greedy-per-euro": _per_euro,
    "equal-shares": _shares,
}
