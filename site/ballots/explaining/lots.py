"""Options that were level: who, what decided, and how anybody draws the same lot again.

The lot of an option is SHA-256 of "<seed>:<option reference>", lowest first (`ballots.counting.ties`).
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ballots.explaining.figures import Sealed, Titles, listed, named

_DECIDED: dict[str, str | Promise] = {
    "lot": gettext_lazy("A lot decided."),
    "lowest_cost": gettext_lazy("The lowest cost decided."),
    "most_votes": gettext_lazy("The number of votes decided."),
    "declared_order": gettext_lazy("The order on the ballot decided."),
    "earlier_stages": gettext_lazy("The votes in an earlier round decided."),
}


@dataclass(frozen=True)
class Lot:
    """The lot of one option, as it was drawn: `digest` (hex) is the SHA-256 of `text`."""

    title: str
    text: str
    digest: str


@dataclass(frozen=True)
class Ties:
    """Every tie in a sentence; the lots of all options that a lot decided about, the lowest (which goes first) in front."""

    sentences: list[str]
    lots: list[Lot]
    seed: str


def ties_of(sealed: Sealed, titles: Titles) -> Ties | None:
    """None when no options were level."""
    if not sealed["ties"]:
        return None
    seed = sealed["settings"]["seed"]
    drawn = {option for tie in sealed["ties"] if tie["by"] == "lot" for option in tie["options"]}
    lots = sorted((_lot(seed, option, titles) for option in drawn), key=lambda lot: lot.digest)
    return Ties([tie_sentence(tie, titles) for tie in sealed["ties"]], lots, seed)


def _lot(seed: str, option: str, titles: Titles) -> Lot:
    text = f"{seed}:{option}"
    return Lot(titles[option], text, hashlib.sha256(text.encode()).hexdigest())


def tie_sentence(tie: Sealed, titles: Titles) -> str:
    """Who was level, what decided, and what followed."""
    words = {
        "round": tie["round"],
        "options": listed(named(option, titles) for option in tie["options"]),
        "first": named(tie["first"], titles),
        "last": named(tie["options"][-1], titles),
    }
    level, then = _STAGES.get(tie["stage"], _in_round)()
    sentences = [level % words, str(_DECIDED[tie["by"]]), then % words]
    return " ".join([*sentences, *_consequence(tie)])


def _consequence(tie: Sealed) -> list[str]:
    if tie["decisive"] is None:
        return []
    if tie["decisive"]:
        return [_("Without this there could have been another winner.")]
    return [_("In another order the same options would have won.")]


def _in_round() -> tuple[str, str]:
    return _("In round %(round)s these were level: %(options)s."), _("%(first)s went first.")


def _for_place() -> tuple[str, str]:
    return _("For place %(round)s these were level: %(options)s."), _("%(first)s went first.")


def _going_out() -> tuple[str, str]:
    return _("In round %(round)s these had the fewest votes: %(options)s."), _("%(last)s went out.")


def _surplus() -> tuple[str, str]:
    return _("In round %(round)s these had equally much to hand on: %(options)s."), _("%(first)s went first.")


def _pairs() -> tuple[str, str]:
    level = _("Some victories were equally strong, and not all could stand. They were between: %(options)s.")
    return level, _("The victories of %(first)s went first.")


_STAGES: dict[str, Callable[[], tuple[str, str]]] = {
    "count": _for_place,
    "exclusion": _going_out,
    "surplus": _surplus,
    "pairs": _pairs,
}
