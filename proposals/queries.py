"""Reads that pages, actions and the admin share."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Min, Q, QuerySet
from django.http import Http404

from people.models import Resident, User
from process.clocks import running
from process.models import Phase, ProcessPage
from process.queries import Schedule, schedule_of
from proposals import answer_term
from proposals.models import Announcement, ProposalsPage, StateChange, Submission, SubmissionQuerySet
from proposals.rules import Frame

State = Submission.State


def frame_of(page: ProposalsPage) -> Frame:
    """The phases and the area around a page; 3 queries."""
    process = ProcessPage.objects.ancestor_of(page).select_related("area__parent").first()
    return Frame(page, schedule_of(page), process.area if process else None)


def schedule_of_served(page: ProposalsPage) -> tuple[Schedule, int | None]:
    """The phases around a page that is being served, so that is public; and the id of the process's area. 1 query."""
    names = ("area", "phases__starts_on", "phases__ends_on", "phases__opens")
    rows = list(ProcessPage.objects.ancestor_of(page).order_by("phases__starts_on").values_list(*names))
    phases = [Phase(starts_on=first, ends_on=last, opens=opens) for _area, first, last, opens in rows if first]
    return Schedule(tuple(phases)), rows[0][0] if rows else None


def public_page_or_404(pk: int) -> ProposalsPage:
    """A published page that is not behind a password or log-in."""
    page = ProposalsPage.objects.live().filter(pk=pk).first()
    if page is None or not is_readable(page):
        raise Http404
    return page


def is_readable(page: ProposalsPage) -> bool:
    """Whether everybody may read this page: published, so are the pages above it, and nothing asks for a password."""
    line = page.get_ancestors(inclusive=True).filter(depth__gt=1)
    closed = Q(live=False) | Q(view_restrictions__isnull=False)
    return not line.filter(closed).exists()


def public_submissions() -> SubmissionQuerySet:
    """What everybody may read anywhere on the site; for search, the home page and neighbourhoods."""
    return Submission.objects.public().filter(page__in=ProposalsPage.objects.live().public())


def for_reading(user: Any, pk: int) -> Submission:
    """A submission as this visitor may read it, else 404: public, their own, or one that was withdrawn."""
    rows = Submission.objects.select_related("page", "theme", "area", "submitter", "thread", "response__author")
    found = rows.filter(pk=pk).exclude(state=State.DRAFT).first()
    if found is None:
        raise Http404
    is_own = user.is_authenticated and found.submitter_id == user.pk
    was_public = found.state == State.WITHDRAWN and found.published_at is not None
    if not (is_own or ((found.is_public or was_public) and is_readable(found.page))):
        raise Http404
    return found


def own_draft(user: Any, key: UUID, cookie_key: UUID | None) -> Submission | None:
    """The draft with this key, when it is the visitor's own: by account, or by the signed cookie."""
    drafts = Submission.objects.select_related("page", "theme", "area").filter(request_key=key, state=State.DRAFT)
    draft = drafts.first()
    if draft is None:
        return None
    if draft.submitter_id is None:
        return draft if cookie_key == key else None
    return draft if user.is_authenticated and draft.submitter_id == user.pk else None


def of_submitter(user: User) -> QuerySet[Submission]:
    """Everything somebody wrote, drafts included, last changed first."""
    return user.submissions.select_related("page", "theme").order_by("-changed_at", "-pk")


def supports(resident: Resident | None, submission: Submission) -> bool:
    return resident is not None and submission.endorsements.filter(resident=resident).exists()


def state_before_hiding(submission: Submission) -> str:
    """The last public state in the history; without one it starts to collect support."""
    states = submission.history.filter(state__in=Submission.PUBLIC_STATES).order_by("-at", "-pk")
    return states.values_list("state", flat=True).first() or State.COLLECTING


def supporters_of(submission: Submission) -> QuerySet[User]:
    """The accounts of everybody who supports, except the submitter (who hears it anyway), by account id."""
    found = User.objects.filter(resident__in=submission.endorsements.values("resident"), is_active=True)
    return found.exclude(pk=submission.submitter_id).order_by("pk") if submission.submitter_id else found.order_by("pk")


def waiting_announcements() -> QuerySet[Announcement]:
    return Announcement.objects.filter(done_at=None).order_by("pk")


def awaiting_answer() -> QuerySet[Submission]:
    """Enough support, and the municipality has not said anything yet."""
    return Submission.objects.filter(state=State.REACHED)


def first_answer_due() -> date | None:
    """The last day of the term that is over first, of proposals that nobody has taken up."""
    waiting = running(answer_term.KIND).filter(subject_id__in=awaiting_answer().values("pk"))
    return waiting.values_list("due_on", flat=True).first()


def oldest_awaiting_answer() -> datetime | None:
    """Since when the oldest of them waits."""
    reached = StateChange.objects.filter(state=State.REACHED, submission__state=State.REACHED)
    oldest: datetime | None = reached.aggregate(oldest=Min("at"))["oldest"]
    return oldest
