"""Who may do what with a referendum, and when; each refusal has its reason."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ballots.models import Question, Vote
from people.verdict import ALLOWED, Verdict, refused
from places.streets import StreetsRefused
from referendum.models import ReferendumPage

Kind, Form = ReferendumPage.Kind, Question.Form

FORMS: dict[str, tuple[Question.Form, ...]] = {
    Kind.REFERENDUM: (Form.YES_NO,),
    Kind.PREFERENDUM: (Form.CHOICE, Form.RANKING, Form.APPROVAL),
    Kind.STREET: (Form.YES_NO, Form.CHOICE, Form.RANKING, Form.APPROVAL),
    Kind.THEMES: (Form.POINTS,),
}
"""The forms of ballot that belong to each kind."""


def may_choose_vote(user: Any, vote: Vote | None) -> Verdict:
    """Whether staff may give a page a vote, or another one: `vote` is the one it has."""
    if not user.has_perm("referendum.add_referendumvote"):
        return refused(_("You may not choose the vote of a referendum."))
    if vote is not None and vote.state not in (Vote.State.DRAFT, Vote.State.ANNULLED):
        return refused(_("The vote has been opened, so it stays with this page."))
    return ALLOWED


def may_be_vote_of(page: ReferendumPage, vote: Vote) -> Verdict:
    """Whether a vote can become the vote of this page: a draft that is about no other page."""
    if vote.state != Vote.State.DRAFT:
        return refused(_("This vote has been opened, so its rules stay as they are."))
    if vote.url not in ("", address_of(page)):
        return refused(_("This vote belongs to another page."))
    if vote.not_secret:
        return refused(_("This is a poll that is not secret. A referendum is."))
    return ALLOWED


def may_record_decision(user: Any, vote: Vote | None) -> Verdict:
    if not user.has_perm("referendum.add_councildecision"):
        return refused(_("You may not write down what the council decided."))
    if vote is None or vote.state != Vote.State.PUBLISHED:
        return refused(_("The council decides after the result has been published."))
    return ALLOWED


def is_day_of_decision(vote: Vote, day: date, now: datetime) -> Verdict:
    """Not before the result was published, and not in the future; before publication there is no such day."""
    if vote.published_at is None:
        return refused(_("The council decides after the result has been published."))
    published = timezone.localdate(vote.published_at)
    if day < published:
        sentence = _("The council cannot decide before the result was published on %(day)s.")
        return refused(sentence % {"day": date_format(published)})
    if day > timezone.localdate(now):
        return refused(_("This day has not been yet."))
    return ALLOWED


def misfits(page: ReferendumPage, vote: Vote) -> Iterator[str]:
    """Where a draft does not fit its page, in sentences for staff; the ballot box knows nothing of pages, so they must look."""
    forms = set(vote.questions.values_list("form", flat=True))
    if not forms <= set(FORMS[page.kind]):
        labels = ", ".join(str(Form(form).label) for form in FORMS[page.kind])
        yield _("This kind of page goes with these forms of ballot: %(forms)s.") % {"forms": labels}
    yield from misplaced(page, vote)
    if vote.url != address_of(page):
        yield _("The vote does not lead to this page.")


def misplaced(page: ReferendumPage, vote: Vote) -> Iterator[str]:
    """Where page and vote do not say the same about who may vote; such a vote is not opened."""
    if vote.area_id != page.area_id:
        yield _("The page and the vote name different areas.")
    try:
        if vote.streets != page.plain_streets():
            yield _("The page and the vote name different streets.")
    except StreetsRefused as refusal:
        yield from refusal.problems


def address_of(page: ReferendumPage) -> str:
    """The page's path, in the language without a prefix."""
    with translation.override(settings.LANGUAGE_CODE):
        return page.get_url() or ""
