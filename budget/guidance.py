"""What a resident can do in a round now, and what follows: the sentences at the top of its page."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ballots.models import Vote
from budget.stages import RoundNow, Stage
from people.verdict import Verdict


@dataclass(frozen=True)
class Numbers:
    """How many public plans a round has, by what was decided about them."""

    plans: int
    feasible: int
    infeasible: int
    waiting: int
    won: int
    started: int
    done: int


@dataclass(frozen=True)
class Guidance:
    """A heading, sentences, and the one thing to do (`url`, `label`), if there is one."""

    heading: str
    sentences: list[str] = field(default_factory=list)
    url: str = ""
    label: str = ""


def guidance(situation: RoundNow, numbers: Numbers, may_submit: Verdict | None, *, is_known: bool) -> Guidance:
    """What to say. `may_submit` is the rule's answer while plans can be submitted; `is_known`: somebody is logged in."""
    if situation.vote is not None and situation.vote.state == Vote.State.ANNULLED:
        return Guidance(_("The vote has been annulled"), [situation.vote.annulment_reason, *_next(situation)])
    if situation.stage == Stage.SUBMIT:
        return _submit(situation, may_submit, is_known=is_known)
    return _OTHERS[situation.stage](situation, numbers)


def _before(situation: RoundNow, numbers: Numbers) -> Guidance:
    return Guidance(_("You cannot submit plans yet"), list(_next(situation)))


def _submit(situation: RoundNow, may_submit: Verdict | None, *, is_known: bool) -> Guidance:
    last = situation.last_day("budget.submit")
    sentences = [_("You can submit a plan until %(date)s.") % {"date": day(last)}] if last else []
    sentences += [_("Then the municipality looks whether each plan is feasible."), _("After that, residents vote.")]
    url = reverse("budget:new", args=[situation.round.pk])
    if may_submit or not is_known:
        return Guidance(_("Do you have a plan for your neighbourhood?"), sentences, url, _("Submit a plan"))
    reason = [may_submit.reason] if may_submit is not None else []
    return Guidance(_("Residents can submit plans now"), [*reason, *sentences])


def _assess(situation: RoundNow, numbers: Numbers) -> Guidance:
    if situation.vote_is_coming and situation.vote is not None:
        return Guidance(_("The plans are ready for the vote"), list(_next(situation)))
    if numbers.waiting:
        first = _("The municipality looks whether each plan is feasible. You read the answer with the plan.")
    else:
        first = _("The municipality has looked at every plan. You read the answer with the plan.")
    return Guidance(_("You can no longer submit plans"), [first, *_next(situation)])


def _vote(situation: RoundNow, numbers: Numbers) -> Guidance:
    assert situation.vote is not None
    until = date_format(timezone.localtime(situation.vote.closes_at), "DATETIME_FORMAT")
    sentences = [
        _("You can vote until %(moment)s.") % {"moment": until},
        _("After that we count. You read the result on this page."),
    ]
    return Guidance(_("You can vote now"), sentences, vote_url(situation.vote), _("Vote now"))


def _count(situation: RoundNow, numbers: Numbers) -> Guidance:
    sentences = [_("We count the votes and check the result."), _("Then you read the result on this page.")]
    return Guidance(_("You can no longer vote"), sentences)


def _result(situation: RoundNow, numbers: Numbers) -> Guidance:
    sentences = [
        ngettext("Residents chose %(n)s plan.", "Residents chose %(n)s plans.", numbers.won) % {"n": numbers.won}
    ]
    if situation.schedule.with_verb("budget.follow"):
        sentences.append(_("The municipality carries out what they chose."))
    return Guidance(_("The result is known"), sentences, result_url(situation), _("See the result"))


def _follow(situation: RoundNow, numbers: Numbers) -> Guidance:
    words = {"n": numbers.won, "done": numbers.done, "started": numbers.started}
    return Guidance(
        _("The chosen plans are carried out"),
        [_("Of the %(n)s chosen plans %(done)s are done. Work has started on %(started)s.") % words],
        result_url(situation),
        _("See the result of the vote"),
    )


_OTHERS: dict[Stage, Callable[[RoundNow, Numbers], Guidance]] = {
    Stage.BEFORE: _before,
    Stage.ASSESS: _assess,
    Stage.VOTE: _vote,
    Stage.COUNT: _count,
    Stage.RESULT: _result,
    Stage.FOLLOW: _follow,
}


def _next(situation: RoundNow) -> Iterator[str]:
    """What follows, as far as it is known."""
    if situation.stage == Stage.BEFORE and (first := situation.first_day("budget.submit")):
        yield _("You can submit a plan from %(date)s.") % {"date": day(first)}
    elif (first := first_day_of_vote(situation)) and first >= situation.on:
        yield _("You can vote from %(date)s.") % {"date": day(first)}


def first_day_of_vote(situation: RoundNow) -> date | None:
    """The first day to vote: of the opened vote, else of the phase."""
    if situation.vote_is_coming and situation.vote is not None:
        return timezone.localdate(situation.vote.opens_at)
    return situation.first_day("budget.vote")


def vote_url(vote: Vote) -> str:
    """The ballot box's page of a vote."""
    return reverse("ballots:vote", args=[vote.pk])


def result_url(situation: RoundNow) -> str:
    return reverse("budget:result", args=[situation.round.pk])


def day(on: date) -> str:
    return date_format(on, "j F Y")
