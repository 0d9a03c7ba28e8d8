"""What staff do with a referendum besides editing its page: choosing or making the draft of its vote, writing down the decision."""

from contextlib import suppress
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from wagtail.log_actions import log

from ballots import locks
from ballots.electorates.drafting import make_neighbourhood_groups
from ballots.models import Vote
from pages import page_cache
from people.models import User
from people.verdict import NotAllowed, demand, refused
from places.streets import StreetsRefused
from referendum import rules
from referendum.models import CouncilDecision, ReferendumPage, ReferendumVote


@transaction.atomic
def make_vote(page: ReferendumPage, actor: User, *, title: str, opens_at: datetime, closes_at: datetime) -> Vote:
    """Makes the draft of a vote for this page; questions, commitment and threshold follow on the ballot box's own pages."""
    vote = Vote(title=title, opens_at=opens_at, closes_at=closes_at)
    vote.full_clean()
    vote.save()
    log(vote, "wagtail.create", user=actor)
    return choose_vote(page, actor, vote_id=vote.pk)


@transaction.atomic
def choose_vote(page: ReferendumPage, actor: User, *, vote_id: UUID) -> Vote:
    """Makes a draft the vote of this page: it gets the page's address, area and streets. Raises `NotAllowed`."""
    lock_page(page.pk)
    demand(rules.may_choose_vote(actor, page.vote))
    vote = Vote.objects.select_for_update(no_key=True).get(pk=vote_id)
    demand(rules.may_be_vote_of(page, vote))
    vote.url = rules.address_of(page)
    _take_place(vote, page)
    ReferendumVote.objects.update_or_create(page=page, defaults={"vote": vote, "told_at": None})
    log(page, "referendum.choose_vote", user=actor, data={"vote": str(vote.pk)})
    return vote


def _take_place(vote: Vote, page: ReferendumPage) -> None:
    """The vote is for who the page says; a theme vote has a group of voters for every neighbourhood.

    Streets from before they had to be known are for staff to write again.
    """
    with suppress(StreetsRefused):
        vote.area, vote.streets = page.area, page.plain_streets()
    vote.save(update_fields=["url", "area", "streets"])
    if page.kind == ReferendumPage.Kind.THEMES:
        make_neighbourhood_groups(vote)


@transaction.atomic
def follow_page(page: ReferendumPage) -> None:
    """The draft of a page that was published with another area or other streets takes them over, which undoes an agreement to open it."""
    lock_page(page.pk)
    vote = page.vote
    if vote is None:
        return
    locks.hold_alone(vote.pk)
    draft = Vote.objects.select_for_update(no_key=True).filter(pk=vote.pk, state=Vote.State.DRAFT).first()
    if draft is not None and any(rules.misplaced(page, draft)):
        _take_place(draft, page)


def refuse_misplaced(vote: Vote) -> None:
    """Page and vote say the same about who may vote, or the vote is not opened. Raises `NotAllowed`."""
    link = ReferendumVote.objects.select_related("page__area").filter(vote=vote).first()
    for problem in rules.misplaced(link.page, vote) if link else ():
        raise NotAllowed(refused(problem))


@transaction.atomic
def record_decision(
    page: ReferendumPage, actor: User, *, decided_on: date, text: str, document_url: str = "", now: datetime
) -> CouncilDecision:
    """Writes down what the council decided; a correction is a new row. Who voted hears it once, of the first row. Raises `NotAllowed`."""
    from referendum.tasks import tell_decision

    lock_page(page.pk)
    vote = page.vote
    demand(rules.may_record_decision(actor, vote))
    assert vote is not None
    demand(rules.is_day_of_decision(vote, decided_on, now))
    values: dict[str, Any] = {"decided_on": decided_on, "text": text.strip(), "document_url": document_url}
    decision = CouncilDecision(vote=vote, recorded_by=actor, recorded_at=now, **values)
    decision.full_clean()
    decision.save()
    log(page, "referendum.decide", user=actor, data={"decision": decision.pk, "decided_on": decided_on.isoformat()})
    page_cache.bump()
    # Without a broker the sweep tells it; the decision itself stands.
    transaction.on_commit(partial(tell_decision.delay, page.pk), robust=True)
    return decision


def lock_page(page_id: int) -> None:
    """One at a time per page, until the transaction ends: who chooses a vote and who records a decision wait for each other."""
    pages = ReferendumPage.objects.select_for_update(of=("self",), no_key=True)
    list(pages.filter(pk=page_id).values_list("pk"))
