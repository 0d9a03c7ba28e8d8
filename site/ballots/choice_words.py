"""How a vote without a budget is counted, in plain words, from its own settings."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

Settings = Mapping[str, Any]

CHOICE_RULE_NAMES: dict[str, str | Promise] = {
    "plurality": gettext_lazy("One vote each"),
    "approval": gettext_lazy("A vote for everything you like"),
    "score": gettext_lazy("Scores added up"),
    "points": gettext_lazy("Points to divide"),
    "borda": gettext_lazy("Points for places (Borda)"),
    "instant-runoff": gettext_lazy("Run-off by ranking"),
    "scottish-stv": gettext_lazy("Seats in proportion (Scottish rule)"),
    "schulze": gettext_lazy("Two by two (Schulze)"),
    "ranked-pairs": gettext_lazy("Two by two (ranked pairs)"),
    "copeland": gettext_lazy("Two by two (Copeland)"),
}

TIE_WORDS = {
    "lot": gettext_lazy("Equal? Then a lot decides. It is drawn from all ballots together, so nobody can choose it."),
    "most_votes": gettext_lazy("Equal? Then the one with the most votes goes first."),
    "declared_order": gettext_lazy("Equal? Then the one that stands higher on the ballot goes first."),
    "earlier_stages": gettext_lazy("Equal? Then the one that had more votes in the round before goes first."),
}


def choice_sentences(rule: str, settings: Settings) -> list[str]:
    """How the winners are found; `settings` are those of the rule with all defaults."""
    seats = settings["seats"]
    first = ngettext("%(seats)s option wins.", "%(seats)s options win.", seats) % {"seats": seats}
    sentences = [first, *_RULES[rule](settings)]
    if settings.get("min_votes"):
        sentences.append(_minimum(rule) % {"number": settings["min_votes"]})
    return sentences + [str(TIE_WORDS[name]) for name in settings["tie"]]


def _minimum(rule: str) -> str:
    if rule in ("score", "points"):
        return _("An option with fewer than %(number)s points cannot win.")
    return _("An option with fewer than %(number)s votes cannot win.")


# --- Votes and points ---------------------------------------------------------------------------------


def _plurality(settings: Settings) -> list[str]:
    return [_("Everybody has one vote."), _("The option with the most votes goes first.")]


def _approval(settings: Settings) -> list[str]:
    return [_("Every option that you choose gets one vote."), _("The option with the most votes goes first.")]


def _score(settings: Settings) -> list[str]:
    sentences = [
        _("You give every option a score. No score counts as zero."),
        _("The option with the most points goes first."),
    ]
    if settings["highest"]:
        sentences.insert(1, _("The highest score is %(points)s.") % {"points": settings["highest"]})
    return sentences


def _points(settings: Settings) -> list[str]:
    sentences = [_("You divide points over the options."), _("The option with the most points goes first.")]
    if settings["per_ballot"]:
        sentences.insert(1, _("You have %(points)s points.") % {"points": settings["per_ballot"]})
    return sentences


def _borda(settings: Settings) -> list[str]:
    convention = {
        "average": _("The first place gets the most points. Options that you leave out share what is left over."),
        "zero": _("The first place gets the most points. Options that you leave out get none."),
        "from_n": _("The first place gets a point for every option. Options that you leave out get none."),
        "modified": _("The first place gets a point for every option that you put in order."),
    }[settings["convention"]]
    return [
        _("You put the options in order. Every place is worth points."),
        convention,
        _("The option with the most points goes first."),
    ]


# --- Transfers ----------------------------------------------------------------------------------------


def _runoff(settings: Settings) -> list[str]:
    return [
        _("You put the options in order. Your vote counts for your first choice."),
        _("The option with the fewest votes goes out. Its votes go to the next choice on the ballot."),
        _("An option wins when it has more than half of the votes that still count."),
        *_doubtful_ranks(settings),
    ]


def _scottish(settings: Settings) -> list[str]:
    return [
        _("You put the options in order. Your vote counts for your first choice."),
        _("An option wins when it reaches the quota: just enough votes that no more options can."),
        _("What a winner has more than the quota goes on to the next choices, as parts of votes."),
        _("Is there nothing to hand on? Then the option with the fewest votes goes out."),
        *_doubtful_ranks(settings),
    ]


def _doubtful_ranks(settings: Settings) -> list[str]:
    overvote = {
        "stop": _("Two options in one place? There your ballot stops."),
        "skip": _("Two options in one place? That place is passed over."),
    }[settings["overvote"]]
    skipped = {
        "skip": _("A place left empty? Then your next choice counts."),
        "stop": _("A place left empty? There your ballot stops."),
        "stop_at_two": _("Two places left empty in a row? There your ballot stops."),
    }[settings["skipped_rank"]]
    return [overvote, skipped]


# --- Two by two ---------------------------------------------------------------------------------------


def _two_by_two(settings: Settings) -> list[str]:
    return [
        _("You put the options in order. What you leave out comes last."),
        _("Every two options are compared. The one that more voters prefer beats the other."),
        _("An option that beats all others goes first."),
    ]


def _schulze(settings: Settings) -> list[str]:
    chains = _(
        "Is there no such option? Then chains of victories are compared. A chain is as strong as its weakest link."
    )
    return [*_two_by_two(settings), chains, _strength(settings)]


def _ranked_pairs(settings: Settings) -> list[str]:
    locking = _("Is there no such option? Then the strongest victories stand. Weaker ones that contradict them do not.")
    return [*_two_by_two(settings), locking, _strength(settings)]


def _strength(settings: Settings) -> str:
    if settings["strength"] == "margins":
        return _("A victory is as strong as the difference in votes.")
    return _("A victory is as strong as the number of votes for it.")


def _copeland(settings: Settings) -> list[str]:
    draw = {
        "half": _("A pair that ends level counts as half a victory for both."),
        "nothing": _("A pair that ends level counts for neither."),
        "full": _("A pair that ends level counts as a victory for both."),
    }[settings["draw"]]
    return [
        *_two_by_two(settings),
        _("Is there no such option? Then the one with the most victories goes first."),
        draw,
    ]


_RULES: dict[str, Callable[[Settings], list[str]]] = {
    "plurality": _plurality,
    "approval": _approval,
    "score": _score,
    "points": _points,
    "borda": _borda,
    "instant-runoff": _runoff,
    "scottish-stv": _scottish,
    "schulze": _schulze,
    "ranked-pairs": _ranked_pairs,
    "copeland": _copeland,
}
