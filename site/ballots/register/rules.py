"""What may be done with a register extract and with voting codes, and when; each refusal has its reason."""

from datetime import datetime

from django.utils.translation import gettext as _

from ballots.models import Vote
from ballots.register.models import RegisteredVoter
from ballots.rules import in_words
from people.verdict import ALLOWED, Verdict, refused

State, Source = Vote.State, Vote.RollSource


def may_change_register(vote: Vote) -> Verdict:
    """Only a draft of a vote whose roll comes from the register takes persons: an extract, or somebody it misses."""
    if vote.state != State.DRAFT:
        words = {"moment": in_words(vote.opened_at or vote.opens_at)}
        return refused(
            _("The list of voters was made on %(moment)s and no longer changes. Nobody can be added.") % words
        )
    if vote.roll_source != Source.REGISTER:
        return refused(_("The voters of this vote are accounts on this site. Choose the register first."))
    return ALLOWED


def may_issue_codes(vote: Vote, now: datetime) -> Verdict:
    """Codes are made between opening, when it is fixed who votes, and closing. `now` is the database clock."""
    if vote.roll_source != Source.REGISTER:
        return refused(_("In this vote people vote with their account, without a code."))
    if vote.state == State.DRAFT:
        return refused(_("Open the vote first: then the list of voters is fixed, and the cards can be printed."))
    if vote.state != State.OPEN or now >= vote.closes_at:
        return refused(_("This vote is over, so there are no new codes."))
    return ALLOWED


def has_people(vote: Vote) -> Verdict:
    """Whether a draft whose roll comes from the register has an extract, of people of whom is known where they live."""
    if vote.roll_source != Source.REGISTER:
        return ALLOWED
    people = RegisteredVoter.objects.filter(vote=vote)
    if not people.exists():
        return refused(_("Load the extract of the register first."))
    unknown = people.exclude(electorate="").exclude(electorate__in=vote.electorates.values("reference"))
    if vote.electorates.exists() and (named := unknown.values_list("electorate", flat=True).first()):
        return refused(_("The extract names the group “%(group)s”, which this vote does not have.") % {"group": named})
    homeless = people.filter(postcode="", is_test=False).count()
    if (vote.area is not None or vote.streets) and homeless:
        words = {"count": homeless}
        return refused(
            _("Of %(count)s persons with a secret address the extract has no postcode. A vote for an area needs that.")
            % words
        )
    return ALLOWED


def may_have_test_voters(vote: Vote) -> Verdict:
    """Who stands for nobody decides about nothing."""
    return ALLOWED if vote.is_test else refused(_("Test voters vote in a dry run only."))
