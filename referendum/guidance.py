"""The one thing to do on the page of a referendum now: a heading, a few sentences, and at most one button."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from ballots.frozen import frozen_vote
from ballots.live_turnout import live_turnout
from ballots.models import Vote
from ballots.rules import in_words
from referendum.standing import Stage, Standing


@dataclass(frozen=True)
class Guidance:
    """`url` is empty when there is nothing to do but wait."""

    heading: str
    sentences: tuple[str, ...]
    url: str = ""
    label: str = ""


def guidance(standing: Standing) -> Guidance:
    """What somebody can do now; while the vote is open now and then 1 query more."""
    if standing.vote is None or standing.frozen is None:
        return Guidance(_("The vote is being prepared"), (_("You can read about it here. The dates follow."),))
    return _GUIDES[standing.stage](standing.vote)


def _coming(vote: Vote) -> Guidance:
    sentence = _("You can vote from %(opens)s to %(closes)s.") % _moments(vote)
    return Guidance(
        _("You can vote soon"),
        (sentence,),
        reverse("ballots:practise", args=[vote.pk]),
        _("Practise with the ballot"),
    )


def _open(vote: Vote) -> Guidance:
    sentences = [_("You can vote until %(closes)s.") % _moments(vote)]
    if live := live_turnout(frozen_vote(vote.pk)):
        sentences.append(_("At least %(number)s people have voted.") % {"number": number_format(live.voted)})
        words = [
            f"{title}: {_('at least %(number)s') % {'number': number_format(number)}}" for title, number in live.groups
        ]
        sentences += [f"{'; '.join(words)}."] if words else []
    url = reverse("ballots:choose", args=[vote.pk])
    return Guidance(_("You can vote now"), tuple(sentences), url, _("Go to the ballot"))


def _counting(vote: Vote) -> Guidance:
    sentence = _("Voting closed on %(closes)s.") % _moments(vote)
    return Guidance(_("Voting is over"), (sentence, _("The result will be published here.")))


def _result(vote: Vote) -> Guidance:
    sentences = (_("Now the council decides what to do with it."), _("You read the decision here."))
    return Guidance(_("The result is here"), sentences, "#uitslag", _("See the result"))


def _decided(vote: Vote) -> Guidance:
    sentence = _("Read what the council does with the outcome.")
    return Guidance(_("The council has decided"), (sentence,), "#besluit", _("Read the decision"))


def _annulled(vote: Vote) -> Guidance:
    return Guidance(_("This vote has been annulled"), (vote.annulment_reason,))


_GUIDES: dict[Stage, Callable[[Vote], Guidance]] = {
    Stage.COMING: _coming,
    Stage.OPEN: _open,
    Stage.COUNT: _counting,
    Stage.RESULT: _result,
    Stage.DECISION: _decided,
    Stage.ANNULLED: _annulled,
}


def _moments(vote: Vote) -> dict[str, str]:
    return {"opens": in_words(vote.opens_at), "closes": in_words(vote.closes_at)}
