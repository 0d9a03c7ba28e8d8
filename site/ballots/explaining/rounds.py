"""Votes that move, round by round: sentences, the votes of every option after every round, and the flow as a picture."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ballots.explaining.figures import Place, Sealed, Titles, Votes, figure, listed, named, votes_text
from ballots.explaining.flow import Flow, flow_of
from ballots.explaining.lots import tie_sentence

MOST_ROUNDS = 16
"""So many rounds are in the table and the picture, the last ones; the sentences tell all."""

Stage = dict[str, Any]


@dataclass(frozen=True)
class Step:
    """One round in sentences."""

    number: int
    sentences: list[str]


@dataclass(frozen=True)
class Line:
    """One row of the table: `number` of the option in the picture (0 for what is no option), a (heading, votes) pair per round."""

    number: int
    title: str
    cells: list[tuple[str, str]]


@dataclass(frozen=True)
class Rounds:
    """How votes moved. `notes` say what is not in the table, or how it is rounded."""

    key: str
    caption: str
    intro: list[str]
    steps: list[Step]
    headings: list[str]
    lines: list[Line]
    notes: list[str]
    flow: Flow


def rounds_of(sealed: Sealed, titles: Titles, place: Place) -> Rounds:
    """The rounds of a run-off or of transfers."""
    shown = sealed["rounds"][-MOST_ROUNDS:]
    order = by_first_votes(sealed)
    elected = {line["option"]: line["round"] for line in sealed["options"] if line["won"]}
    return Rounds(
        key=place.key,
        caption=place.titled(_("Votes after every round")),
        intro=list(_intro(sealed)),
        steps=[_step(sealed, number, titles) for number in range(len(sealed["rounds"]))],
        headings=[_heading(stage) for stage in shown],
        lines=list(_lines(shown, order, titles)),
        notes=list(_notes(sealed)),
        flow=flow_of(shown, order, elected, titles, place),
    )


def by_first_votes(sealed: Sealed) -> list[str]:
    """The options by their votes in the first round: the order of the table and of the picture."""
    votes = sealed["rounds"][0]["votes"]
    return sorted(votes, key=lambda option: -Decimal(votes[option]))


def _intro(sealed: Sealed) -> Iterator[str]:
    if "quota" in sealed:
        words = {"valid": figure(sealed["valid"]), "quota": figure(sealed["quota"]), "seats": sealed["seats"]}
        yield _("%(valid)s ballots have a first choice.") % words
        yield (
            ngettext(
                "%(seats)s place is to be filled. An option needs %(quota)s votes for it.",
                "%(seats)s places are to be filled. An option needs %(quota)s votes for one.",
                sealed["seats"],
            )
            % words
        )
    if not sealed["winners"]:
        yield _("No option wins.")


# --- Sentences ----------------------------------------------------------------------------------------------


def _step(sealed: Sealed, place: int, titles: Titles) -> Step:
    stage = sealed["rounds"][place]
    before = sealed["rounds"][place - 1]["votes"] if place else {}
    ties = [tie_sentence(tie, titles) for tie in sealed["ties"] if tie["round"] == stage["round"]]
    won = (_elected(sealed, stage, option, titles) for option in stage["elected"])
    return Step(stage["round"], [*ties, *_moved(sealed, stage, before, titles), *won])


def _moved(sealed: Sealed, stage: Stage, before: dict[str, Votes], titles: Titles) -> Iterator[str]:
    """What happened to votes in this round."""
    if stage["stage"] == "first_preferences":
        yield _("All first choices are counted.")
        return
    option = stage["option"]
    words = {"option": named(option, titles), "votes": figure(before[option])}
    if stage["stage"] == "surplus":
        over = Decimal(before[option]) - Decimal(sealed["quota"])
        yield _("%(option)s has %(over)s more than it needs. These go on to the next choices, as parts of votes.") % {
            **words,
            "over": votes_text(str(over)),
        }
    else:
        yield _("%(option)s has the fewest votes: %(votes)s. It goes out.") % words
    yield from _received(stage, titles)


def _received(stage: Stage, titles: Titles) -> Iterator[str]:
    """Who got the votes, most first, and how many went to nobody."""
    moves = sorted(stage["transfers"], key=lambda move: -Decimal(move["votes"]))
    to = [f"{named(move['to'], titles)} ({figure(move['votes'])})" for move in moves if move["to"] is not None]
    if to:
        yield _("The next choices get: %(options)s.") % {"options": listed(to)}
    for move in moves:
        if move["to"] is None:
            words = {"votes": votes_text(move["votes"])}
            yield _("No other choice that is still in: %(votes)s. They no longer count.") % words


def _elected(sealed: Sealed, stage: Stage, option: str, titles: Titles) -> str:
    reasons = {line["option"]: line["reason"] for line in sealed["options"]}
    words = {"option": named(option, titles), "votes": votes_text(stage["votes"][option])}
    if reasons[option] == "elected_with_quota":
        return _("%(option)s has enough votes and wins a place: %(votes)s.") % words
    if reasons[option] == "elected_to_last_seat":
        return _("No more options are left than places. So %(option)s wins too, with %(votes)s.") % words
    words["all"] = figure(sum(stage["votes"].values()))
    return _("%(option)s has more than half of the votes that still count: %(votes)s of %(all)s. It wins.") % words


# --- Table ---------------------------------------------------------------------------------------------------


def _heading(stage: Stage) -> str:
    return _("Round %(round)s") % {"round": stage["round"]}


def _lines(shown: Sequence[Stage], order: list[str], titles: Titles) -> Iterator[Line]:
    for number, option in enumerate(order, start=1):
        yield Line(number, titles[option], [(_heading(stage), _cell(stage, option)) for stage in shown])
    yield _other_line(_("No longer count"), shown, "exhausted")
    if any(Decimal(stage["lost"]) for stage in shown):
        yield _other_line(_("Lost in rounding"), shown, "lost")


def _cell(stage: Stage, option: str) -> str:
    if option in stage["excluded"]:
        return _("goes out")
    if option not in stage["votes"]:
        return _("out")
    votes = figure(stage["votes"][option])
    return _("%(votes)s, wins") % {"votes": votes} if option in stage["elected"] else votes


def _other_line(title: str, shown: Sequence[Stage], name: str) -> Line:
    return Line(0, title, [(_heading(stage), figure(stage[name])) for stage in shown])


def _notes(sealed: Sealed) -> Iterator[str]:
    left_out = len(sealed["rounds"]) - MOST_ROUNDS
    if left_out > 0:
        words = {"shown": MOST_ROUNDS, "all": len(sealed["rounds"])}
        yield _("Picture and table show the last %(shown)s of %(all)s rounds.") % words
    if "quota" in sealed:
        yield _("Parts of votes are rounded here to two decimals. The count has five.")
