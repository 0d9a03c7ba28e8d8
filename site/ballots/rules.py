"""Who may do what with a vote, and when; each refusal has its reason."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ballots.clock import Window
from ballots.counting import SettingsError, parse_settings
from ballots.frozen import FrozenOption, FrozenVote, rules_hash
from ballots.models import RollEntry, Vote
from pages.templatetags.components import euro
from people.models import Resident
from people.rules import may_take_part
from people.verdict import ALLOWED, Verdict, refused

State = Vote.State


def opening_day(vote: Vote | FrozenVote) -> date:
    """The day on which somebody's age counts."""
    return timezone.localtime(vote.opens_at).date()


# --- Casting ------------------------------------------------------------------------------------------


def takes_ballots(window: Window, vote: FrozenVote) -> Verdict:
    """Whether the box is open at this moment of the database clock."""
    if window.is_open:
        return ALLOWED
    if window.state == State.ANNULLED:
        return refused(_("This vote has been annulled."))
    if window.state == State.OPEN and not window.has_begun:
        return refused(_("Voting opens on %(moment)s.") % {"moment": in_words(vote.opens_at)})
    return refused(_("Voting closed on %(moment)s.") % {"moment": in_words(vote.closes_at)})


def is_valid_ballot(vote: FrozenVote, numbers: Iterable[int]) -> Verdict:
    """Whether these option numbers make a ballot of this vote. No number at all is a blank ballot."""
    given = list(numbers)
    if len(set(given)) != len(given) or not set(given) <= vote.option_by_number.keys():
        return refused(_("Your choices name something that is not on the ballot. Choose again."))
    chosen = [vote.option_by_number[number] for number in given]
    return _within_maximum(vote, len(chosen)) if vote.form == Vote.Form.APPROVAL else _within_sum(vote, chosen)


def _within_maximum(vote: FrozenVote, number: int) -> Verdict:
    too_many = number - (vote.max_options or 0)
    if too_many <= 0:
        return ALLOWED
    sentence = ngettext(
        "You chose %(number)s. You can choose %(maximum)s at most: take %(too_many)s away.",
        "You chose %(number)s. You can choose %(maximum)s at most: take %(too_many)s away.",
        too_many,
    )
    return refused(sentence % {"number": number, "maximum": vote.max_options, "too_many": too_many})


def _within_sum(vote: FrozenVote, chosen: Iterable[FrozenOption]) -> Verdict:
    total, limit = sum(option.cost or 0 for option in chosen), vote.max_sum or 0
    if total <= limit:
        return ALLOWED
    sentence = _("Your choices cost %(total)s together. That is %(over)s too much: you can spend %(limit)s.")
    return refused(sentence % {"total": euro(total), "over": euro(total - limit), "limit": euro(limit)})


def why_not_on_roll(vote: FrozenVote, resident: Resident | None) -> Verdict:
    """The reason why somebody is not on the roll of this vote; never allowed."""
    verdict = may_take_part(
        resident,
        area=vote.area,
        minimum_age=vote.minimum_age,
        minimum_proof=vote.minimum_proof,
        on=opening_day(vote),
    )
    if not verdict:
        return verdict
    moment = in_words(vote.opened_at or vote.opens_at)
    return refused(_("The list of voters was made on %(moment)s. You were not on it then.") % {"moment": moment})


def has_voted_already(vote: FrozenVote) -> Verdict:
    """The reason for who has voted; it says whether the vote can be changed."""
    if vote.change_policy == Vote.ChangePolicy.CODE:
        return refused(_("You have voted already. You can change your vote with your voting receipt code."))
    return refused(_("You have voted already. In this vote you cannot change your vote."))


# --- Staff ----------------------------------------------------------------------------------------------


def may_edit(vote: Vote) -> Verdict:
    if vote.state == State.DRAFT:
        return ALLOWED
    return refused(_("This vote has been opened, so its rules stay as they are."))


def may_open(vote: Vote, frozen: FrozenVote, now: datetime) -> Verdict:
    """Whether a draft is complete. `now` is the database clock."""
    if vote.state != State.DRAFT:
        return refused(_("This vote has been opened already."))
    if vote.closes_at <= now:
        return refused(_("The closing time has passed. Choose a later one."))
    return is_complete(frozen)


def may_agree(user: Any, vote: Vote, frozen: FrozenVote, now: datetime) -> Verdict:
    """Whether somebody can be the first of the two who open a vote."""
    if not user.has_perm("ballots.open_vote"):
        return refused(_("You may not open votes."))
    if not (verdict := may_open(vote, frozen, now)):
        return verdict
    if vote.agreed_by_id == user.pk and _agreed_to(vote) == rules_hash(frozen):
        return refused(_("You agreed to this vote already. Somebody else opens it."))
    return ALLOWED


def may_open_as(user: Any, vote: Vote, frozen: FrozenVote) -> Verdict:
    """Whether somebody can be the second: another person agreed to the vote as it is now, and one of the two is the clerk."""
    if not user.has_perm("ballots.open_vote"):
        return refused(_("You may not open votes."))
    if vote.agreed_by is None:
        return refused(_("Two persons open a vote. Nobody agreed to it yet."))
    if _agreed_to(vote) != rules_hash(frozen):
        return refused(_("The vote was changed after somebody agreed to it. Somebody must agree again."))
    if vote.agreed_by_id == user.pk:
        return refused(_("You agreed to this vote, so somebody else opens it."))
    if not any(person.has_perm("ballots.guard_vote") for person in (user, vote.agreed_by)):
        return refused(_("One of the two who open a vote must be the clerk."))
    return ALLOWED


def _agreed_to(vote: Vote) -> bytes:
    return bytes(vote.agreed_hash or b"")


def is_complete(vote: FrozenVote) -> Verdict:
    """Whether a count can follow from the options and the counting rule, and people know what it is for."""
    if not vote.commitment.strip():
        return refused(_("Say first what the council does with the outcome."))
    try:
        parse_settings(vote.counting)
    except SettingsError as problem:
        return refused(_("The counting rule is not right: %(problem)s.") % {"problem": problem})
    if not vote.options:
        return refused(_("Give the vote its options first."))
    if not vote.budget:
        return refused(_("Say what the chosen options may cost together."))
    return _costs_fit(vote)


def _costs_fit(vote: FrozenVote) -> Verdict:
    limit = min(vote.budget or 0, vote.max_sum or vote.budget or 0)
    for option in vote.options:
        if option.cost is None:
            return refused(_("Option %(option)s has no cost.") % {"option": option.title})
        if option.cost > limit:
            words = {"option": option.title, "limit": euro(limit)}
            return refused(_("Option %(option)s costs more than %(limit)s, so it can never win.") % words)
    return ALLOWED


def may_annul(vote: Vote) -> Verdict:
    if vote.state in (State.DRAFT, State.ANNULLED):
        return refused(_("Only an opened vote can be annulled."))
    return ALLOWED


def may_see_result(user: Any, vote: Vote) -> Verdict:
    """Nobody sees a result before publication but who may publish it, after the count (promise P8)."""
    if vote.state == State.PUBLISHED:
        return ALLOWED
    if vote.state == State.COUNTED and user.has_perm("ballots.publish_vote"):
        return ALLOWED
    return refused(_("There is no published result."))


def may_publish(user: Any, vote: Vote) -> Verdict:
    """Who opened a vote about money does not publish its result: that takes a second person."""
    if vote.state != State.COUNTED:
        return refused(_("Only a counted vote can be published."))
    if not user.has_perm("ballots.publish_vote"):
        return refused(_("You may not publish results."))
    if vote.budget and vote.opened_by_id == user.pk:
        return refused(_("You opened this vote, so somebody else publishes the result."))
    return ALLOWED


def may_publish_single_ballots(vote: Vote) -> Verdict:
    """Few ballots say who cast them; so single ballots are published from the threshold on."""
    seal = getattr(vote, "seal", None)
    if vote.state != State.PUBLISHED or seal is None:
        return refused(_("There is no published result."))
    if seal.ballots < vote.publication_threshold:
        return refused(_("There are fewer than %(number)s ballots.") % {"number": vote.publication_threshold})
    return ALLOWED


def may_forget_roll(vote: Vote, now: datetime) -> Verdict:
    """The roll goes when the term to object has passed (`BALLOTS_APPEAL_DAYS` after publication or annulment)."""
    ended = vote.annulled_at or vote.published_at
    if ended is None or now < ended + timedelta(days=settings.BALLOTS_APPEAL_DAYS):
        return refused(_("The term to object has not passed yet."))
    if not RollEntry.objects.filter(vote=vote).exists():
        return refused(_("There is no roll any more."))
    return ALLOWED


def in_words(moment: datetime) -> str:
    """A moment as people read it; in English too without a full stop at its end."""
    return date_format(timezone.localtime(moment), "j F Y, H:i")
