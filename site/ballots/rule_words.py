"""How a question is counted, in plain words, from its own settings."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ballots.ballot_words import how_to_choose
from ballots.combinations import needs_money
from ballots.counting import parse_settings
from ballots.frozen import FrozenQuestion, FrozenVote
from ballots.rules import is_question_complete
from pages.templatetags.components import euro

Settings = dict[str, Any]

RULE_NAMES = {
    "plurality": gettext_lazy("Most votes"),
    "approval": gettext_lazy("Most votes, several per ballot"),
    "score": gettext_lazy("Highest total of scores"),
    "points": gettext_lazy("Most points"),
    "borda": gettext_lazy("Points for each place (Borda)"),
    "instant-runoff": gettext_lazy("Fewest votes drop out, for one winner"),
    "scottish-stv": gettext_lazy("Fewest votes drop out, for several winners (Scottish rules)"),
    "schulze": gettext_lazy("Compare every two options (Schulze)"),
    "ranked-pairs": gettext_lazy("Compare every two options, clearest victory first (ranked pairs)"),
    "copeland": gettext_lazy("Compare every two options, most victories (Copeland)"),
    "greedy": gettext_lazy("Most votes first"),
    "greedy-per-euro": gettext_lazy("Most votes per euro first"),
    "equal-shares": gettext_lazy("Equal shares"),
}

_TIES = {
    "lot": gettext_lazy("Equal? Then a lot decides. It is drawn from all ballots together, so nobody can choose it."),
    "lowest_cost": gettext_lazy("Equal? Then the cheapest one goes first."),
    "most_votes": gettext_lazy("Equal? Then the one with the most votes goes first."),
    "declared_order": gettext_lazy("Equal? Then the one that stands higher on the ballot goes first."),
    "earlier_stages": gettext_lazy("Equal? Then the one that had more in an earlier round goes first."),
}


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
    sentences = [_money(question) if needs_money(rule.key) else _seats(settings["seats"])]
    sentences += _COUNTS[rule.key](settings)
    if settings.get("min_votes"):
        sentences.append(_least(rule.key, settings["min_votes"]))
    return sentences + _exclusive(question, settings) + [str(_TIES[name]) for name in settings["tie"]]


def _money(question: FrozenQuestion) -> str:
    return _("The winners may cost %(budget)s together.") % {"budget": euro(question.budget)}


def _seats(number: int) -> str:
    return ngettext("%(number)s option wins.", "%(number)s options win.", number) % {"number": number}


def _least(rule: str, number: int) -> str:
    sentence = (
        _("An option needs %(number)s points at least to win.")
        if rule in ("score", "points")
        else _("An option needs %(number)s votes at least to win.")
    )
    return sentence % {"number": number}


def _exclusive(question: FrozenQuestion, settings: Settings) -> list[str]:
    """One sentence per group of options of which one may win."""
    return [
        _("Of these only one can win: %(options)s.")
        % {"options": ", ".join(question.option_by_reference[reference].title for reference in group)}
        for group in settings.get("exclusive", ())
    ]


# --- Rules without money ------------------------------------------------------------------------------


def _most(settings: Settings) -> list[str]:
    return [_("The option with the most votes goes first.")]


def _totals(settings: Settings) -> list[str]:
    return [_("We add up what all voters gave an option. The highest total goes first.")]


def _borda(settings: Settings) -> list[str]:
    unranked = {
        "average": _("Options that somebody left out share what is left over."),
        "zero": _("Options that somebody left out get nothing from that ballot."),
        "from_n": _("Options that somebody left out get nothing from that ballot."),
        "modified": _("Who gives fewer options a place, gives fewer points."),
    }
    points = _("Each place on a ballot is worth points: the higher the place, the more.")
    return [points, unranked[settings["convention"]], _("The option with the most points goes first.")]


def _runoff(settings: Settings) -> list[str]:
    return [
        _("We count first choices. Does an option have more than half? Then it wins."),
        _("If not, the option with the fewest votes drops out. Its ballots go to their next choice."),
        _("We repeat this until an option wins."),
    ]


def _scottish(settings: Settings) -> list[str]:
    return [
        _("An option wins as soon as it has enough votes: the quota."),
        _("What it has above the quota goes to the next choices, in equal parts."),
        _("Does no option reach the quota? Then the one with the fewest votes drops out."),
        _("Its ballots go to their next choice."),
    ]


def _compared() -> str:
    return _("We compare every two options and see which one stands higher on more ballots.")


def _schulze(settings: Settings) -> list[str]:
    return [_compared(), _("The winner is beaten by nobody, or beats them back by a stronger row of victories.")]


def _ranked_pairs(settings: Settings) -> list[str]:
    return [
        _compared(),
        _("The clearest victories are fixed first."),
        _("A victory that contradicts those before it is passed over."),
    ]


def _copeland(settings: Settings) -> list[str]:
    draw = {
        "half": _("A draw is worth half a point."),
        "nothing": _("A draw is worth nothing."),
        "full": _("A draw is worth a point too."),
    }
    return [_compared(), _("A victory is worth a point. Most points go first."), draw[settings["draw"]]]


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
    "plurality": _most,
    "approval": _most,
    "score": _totals,
    "points": _totals,
    "borda": _borda,
    "instant-runoff": _runoff,
    "scottish-stv": _scottish,
    "schulze": _schulze,
    "ranked-pairs": _ranked_pairs,
    "copeland": _copeland,
    "greedy": _greedy,
    "greedy-per-euro": _per_euro,
    "equal-shares": _shares,
}
