"""Who may do what with a vote, and when; each refusal has its reason."""

from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ballots.answers import ballot_problems
from ballots.box import Answers
from ballots.clock import Window
from ballots.combinations import needs_money, rules_for
from ballots.counting import SettingsError, parse_settings
from ballots.frozen import FrozenQuestion, FrozenVote
from ballots.models import Question, RollEntry, Vote
from pages.templatetags.components import euro
from people.models import Resident
from people.rules import may_take_part
from people.verdict import ALLOWED, Verdict, refused

State, Form = Vote.State, Question.Form


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


def is_valid_ballot(vote: FrozenVote, answers: Answers) -> Verdict:
    """Whether these answers make a ballot of this vote; blank answers do."""
    found = ballot_problems(vote, answers)
    return refused(found[0].text) if found else ALLOWED


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


def is_complete(vote: FrozenVote) -> Verdict:
    """Whether a count can follow from the questions, their options and their counting rules."""
    if not vote.questions:
        return refused(_("Give the vote a question first."))
    verdicts = (is_question_complete(question) for question in vote.questions)
    return next((verdict for verdict in verdicts if not verdict), ALLOWED)


def is_question_complete(question: FrozenQuestion) -> Verdict:
    """Whether a count can follow from this question."""
    try:
        rule, _settings = parse_settings(question.counting)
    except SettingsError as problem:
        return refused(_("The counting rule is not right: %(problem)s.") % {"problem": problem})
    if rule.key not in rules_for(question.form):
        return refused(_("This rule cannot count this form of ballot."))
    if not question.options:
        return refused(_("Give the vote its options first."))
    if needs_money(rule.key) and not question.budget:
        return refused(_("Say what the chosen options may cost together."))
    return _costs_fit(question) if needs_money(rule.key) or question.form == Form.KNAPSACK else ALLOWED


def _costs_fit(question: FrozenQuestion) -> Verdict:
    limit = min(amount for amount in (question.budget, question.max_sum) if amount)
    for option in question.options:
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
    if vote.opened_by_id == user.pk and vote.questions.filter(budget__gt=0).exists():
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
