"""What a vote promises, printed on its own page: only what is true now, from the vote's own settings.

`docs/explanation/ballot.md` has the whole list (P1 to P11), with the test of each and what follows later.
"""

import math
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ballots.days import DAYS_BEFORE, age_day, reference_day
from ballots.frozen import FrozenVote
from ballots.models import Vote
from ballots.roll import is_by_register
from ballots.rules import in_words
from people.models import Resident


@dataclass(frozen=True)
class Promise:
    """A promise, or a limit, in a few plain sentences."""

    key: str
    title: str
    text: str


def who_may_vote(vote: FrozenVote) -> list[str]:
    """The conditions of the roll, one per line; of groups of voters see `ballots.electorates.words`."""
    if vote.is_test:
        return [_("You have a test code. Staff gave it to you for this dry run.")]
    lines = [_("You live in %(area)s.") % {"area": vote.area} if vote.area else _("You live in the municipality.")]
    if vote.streets:
        lines.append(
            _("You live in one of these streets: %(streets)s.") % {"streets": "; ".join(map(str, vote.streets))}
        )
    if vote.minimum_age:
        day = date_format(age_day(vote), "j F Y")
        words = {"age": vote.minimum_age, "day": day}
        if any(group.minimum_age is not None for group in vote.electorates):
            lines.append(_("You are %(age)s or older on %(day)s, or as old as your group asks.") % words)
        else:
            lines.append(_("You are %(age)s or older on %(day)s.") % words)
    return [*lines, *(_register(vote) if is_by_register(vote) else _proof(vote))]


def _register(vote: FrozenVote) -> list[str]:
    """The real level of proof of a vote by code: a letter reached an address."""
    lines = [_("You stand in the register of residents of the municipality, with your address.")]
    if vote.opened_at:
        words = {"moment": in_words(timezone.localtime(vote.opened_at))}
        lines.append(_("The list of voters was made from it on %(moment)s.") % words)
    if day := reference_day(vote):
        lines.append(_("It says where people lived on %(day)s.") % {"day": date_format(day, "j F Y")})
    return [*lines, _("You vote with the code on the voting card that we sent to your address. You need no account.")]


def _proof(vote: FrozenVote) -> list[str]:
    sentences = {
        Resident.Proof.NONE: _("You have an account. Nobody checked where you live."),
        Resident.Proof.EMAIL: _("You confirmed your e-mail address. Nobody checked where you live."),
        Resident.Proof.LETTER: _("You proved where you live, with a code from a letter to your address."),
        Resident.Proof.COUNTER: _("You proved where you live, at the counter."),
    }
    return [sentences[Resident.Proof(vote.minimum_proof)], *_since_when(vote)]


def _since_when(vote: FrozenVote) -> list[str]:
    """When somebody had to meet the conditions."""
    if (day := reference_day(vote)) is None:
        moment = timezone.localtime(vote.opened_at) if vote.opened_at else None
        words = {"moment": in_words(moment) if moment else ""}
        return [_("You met this on %(moment)s. Then the list of voters was made.") % words] if moment else []
    words = {"day": date_format(day, "j F Y"), "number": str(DAYS_BEFORE)}
    lines = [_("You did this on %(day)s or before.") % words]
    if vote.reference_kind == Vote.Reference.DAY_43:
        lines.append(_("That is day %(number)s before the first day of voting.") % words)
    return lines


def promises(vote: FrozenVote, *, is_shredded: bool, has_roll: bool = True) -> list[Promise]:
    """What is promised, for where the vote stands: `is_shredded` once nothing ties a ballot to a person any more.

    `has_roll` until the term to object has passed, and the roll goes.
    """
    return [
        Promise("P1", _("Only who is on the list votes"), _("The list of voters no longer changes during the vote.")),
        Promise("P2", _("One ballot each"), _("The database refuses a second ballot of the same person.")),
        _counting(vote),
        _secrecy(vote, is_shredded),
        *_group(vote, is_shredded),
        _looking_up(vote),
        _recount(vote),
        _changing(vote),
        Promise("P8", _("No interim results"), _("Nobody sees a result before the end. Our staff do not either.")),
        Promise("P9", _("Nobody votes unseen in your name"), _how_to_see(vote, has_roll=has_roll)),
        Promise(
            "P10", _("Counting again gives the same"), _("The rules of the count are fixed before the vote opens.")
        ),
    ]


def _how_to_see(vote: FrozenVote, *, has_roll: bool) -> str:
    if not has_roll:
        return _("Until the list of voters was deleted, this page said if a ballot was cast in your name.")
    if is_by_register(vote):
        return _("Fill in your voting code, and this page says if a ballot was cast with your card.")
    return _("Log in, and this page says if a ballot was cast in your name.")


def _changing(vote: FrozenVote) -> Promise:
    if vote.change_policy == Vote.ChangePolicy.CODE:
        text = _("Until %(moment)s, with your voting receipt code.") % {"moment": in_words(vote.closes_at)}
        return Promise("P7", _("You can change your vote"), text)
    if vote.change_policy == Vote.ChangePolicy.LOGIN:
        by_code = is_by_register(vote)  # a rehearsed poll
        text = _("Until %(moment)s, with your test code.") if by_code else _("Until %(moment)s, when you log in.")
        return Promise("P7", _("You can change your vote"), text % {"moment": in_words(vote.closes_at)})
    return Promise("P7", _("You cannot change your vote"), _("In this vote your first choice is final."))


def _counting(vote: FrozenVote) -> Promise:
    if vote.is_test:
        return Promise("P3", _("This is a dry run"), _("Your ballot is stored and counted, but it decides nothing."))
    text = _("Do you see your receipt? Then your ballot is stored and will be counted.")
    return Promise("P3", _("Your ballot counts"), text)


def _looking_up(vote: FrozenVote) -> Promise:
    title = _("You can look up your ballot")
    if vote.not_secret and is_by_register(vote):
        text = _("Fill in your test code for that, until the ballots are counted. After that nobody can find it.")
        return Promise("P5", title, text)
    if vote.not_secret:
        text = _(
            "Log in for that, until the ballots are counted. After that nobody can find it. So write its number down."
        )
        return Promise("P5", title, text)
    return Promise("P5", title, _("You need your voting receipt code for that."))


def _group(vote: FrozenVote, is_shredded: bool) -> list[Promise]:
    """What is done with the group on a ballot, in a vote with groups."""
    if not vote.electorates:
        return []
    if is_shredded:
        text = _("No ballot says any more from which group of voters it came.")
    else:
        text = _("Until the count a ballot says from which group of voters it came. Then we take that off.")
    return [Promise("P4", _("Your group does not give you away"), f"{text} {_least()}")]


def _least() -> str:
    words = {"number": settings.BALLOTS_CELL_MINIMUM}
    return _("We never publish the group of a ballot, and no numbers of fewer than %(number)s ballots.") % words


def _secrecy(vote: FrozenVote, is_shredded: bool) -> Promise:
    if vote.not_secret and not is_shredded:
        text = _(
            "Your ballot has no name on it, but as long as the poll runs we can find it."
            " After the count we destroy what leads to you. Then nobody can find out, our technicians neither."
        )
        return Promise("P4", _("Not secret while the poll runs"), text)
    if is_shredded:
        text = _("Your ballot has no name, account or time on it. What led from you to your ballot is gone.")
    else:
        text = _(
            "Your ballot has no name, account or time on it. After the count we destroy what could lead from you to your ballot."
            " Then nobody can find out, our technicians neither."
        )
    return Promise("P4", _("Your choice stays secret"), text)


def _recount(vote: FrozenVote) -> Promise:
    text = _(
        "With the result we publish all ballots, without names, and a program to check them."
        " With fewer than %(number)s ballots we publish only the totals and a hash of each."
    )
    return Promise("P6", _("Everybody can count again"), text % {"number": vote.publication_threshold})


def limits(vote: FrozenVote, *, is_shredded: bool) -> list[Promise]:
    """What is not promised, and must be said."""
    return [
        *([_lost_card()] if is_by_register(vote) else []),
        *([] if is_shredded else [_while_it_runs() if vote.not_secret else _while_open()]),
        Promise(
            "P11", _("Somebody beside you can look on"), _("We cannot prevent that somebody watches or presses you.")
        ),
    ]


def _while_it_runs() -> Promise:
    text = _(
        "Somebody with full access to our database can see what you chose, until we have counted and destroyed the links."
        " Staff who work on this site cannot do this: they see no ballots."
    )
    return Promise("P4", _("A technician can find out while the poll runs"), text)


def _lost_card() -> Promise:
    text = _(
        "We do not see who fills in the code. Is your card lost or stolen? Our counter gives you a new code."
        " From then on the old one no longer works."
    )
    return Promise("P1", _("Who has your voting card can vote with it"), text)


def _while_open() -> Promise:
    words = {
        "minutes": math.ceil(settings.BALLOTS_CHECKPOINT_SECONDS / 60),
        "number": settings.BALLOTS_HELD_BACK,
    }
    text = _(
        "Somebody with full access to our running database can link your ballot to you for about %(minutes)s minutes."
        " Then it is mixed with others. With fewer than %(number)s ballots that helps little."
        " Staff who work on this site cannot do this: they see no ballots."
    )
    return Promise("P4", _("A technician could find out while the vote is open"), text % words)
