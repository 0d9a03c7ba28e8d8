"""Proposals: a page below a process with a phase, submissions in any state, supporters, comments."""

import uuid
from datetime import timedelta
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image
from wagtail.models import Page, Site

from conversation import threads
from conversation.models import Comment, Thread
from pages.models import HomePage
from process.models import Phase, ProcessIndexPage, ProcessPage
from proposals.models import Endorsement, ProposalsPage, StateChange, Submission, Theme

VERBS = ("proposals.submit", "proposals.support", "proposals.comment")
State = Submission.State


def make_proposals_page(root: Page, *, area=None, opens=VERBS, starts=-10, ends=10, **fields) -> ProposalsPage:
    """A proposals page below a process; its one phase runs from `starts` to `ends` (days from today)."""
    home = HomePage.objects.first() or root.add_child(instance=HomePage(title="Home", slug="begin", intro="Welkom"))
    Site.objects.filter(is_default_site=True).update(root_page=home)
    Site.clear_site_root_paths_cache()
    index = ProcessIndexPage.objects.first() or home.add_child(
        instance=ProcessIndexPage(title="Trajecten", slug="trajecten")
    )
    number = ProcessPage.objects.count() + 1
    process = index.add_child(
        instance=ProcessPage(title=f"Traject {number}", slug=f"traject-{number}", intro="Een traject", area=area)
    )
    make_phase(process, opens=opens, starts=starts, ends=ends)
    page = ProposalsPage(title="Voorstellen", slug="voorstellen", **{"threshold": 3, **fields})
    return process.add_child(instance=page)


def make_phase(process: ProcessPage, *, opens=VERBS, starts=-10, ends=10) -> Phase:
    today = timezone.localdate()
    return Phase.objects.create(
        process=process,
        title="Ideeën",
        goal="Ideeën verzamelen",
        starts_on=today + timedelta(days=starts),
        ends_on=today + timedelta(days=ends),
        citizen_rung=Phase.CitizenRung.ADVISE,
        audience="Iedereen",
        influence="De gemeente antwoordt",
        opens=list(opens),
    )


def close_phases(page: ProposalsPage) -> None:
    """Moves the phase around a page into the past."""
    yesterday = timezone.localdate() - timedelta(days=1)
    Phase.objects.filter(process__in=ProcessPage.objects.ancestor_of(page)).update(ends_on=yesterday)


def make_theme(name="Groen") -> Theme:
    return Theme.objects.create(name=name, slug=name.lower())


def make_submission(page: ProposalsPage, submitter=None, *, state=State.COLLECTING, now=None, **fields) -> Submission:
    """A submission in a state, with thread, times and one step of history; `submitter` is an account or a resident."""
    now = now or timezone.now()
    is_draft = state == State.DRAFT
    was_public = state not in (State.DRAFT, State.HELD)
    values = {
        "title": "Een bankje in het park",
        "text": "Zet een bankje in het park, zodat iedereen kan rusten.",
        "threshold": page.threshold,
        "submitted_at": None if is_draft else now,
        "published_at": now if was_public else None,
        "thread": Thread.objects.create() if was_public else None,
        **fields,
    }
    submission = Submission.objects.create(
        page=page,
        submitter=getattr(submitter, "user", submitter),
        state=state,
        created_at=now,
        changed_at=now,
        **values,
    )
    if not is_draft:
        StateChange.objects.create(submission=submission, state=State.COLLECTING if was_public else state, at=now)
    return submission


def make_many(page: ProposalsPage, number: int, **fields) -> None:
    """Many public submissions at once, a minute apart; no threads and no history."""
    now = timezone.now()
    Submission.objects.bulk_create(
        Submission(
            page=page,
            title=f"Voorstel {index}",
            text="Een plan voor de buurt. " * 10,
            state=State.COLLECTING,
            threshold=page.threshold,
            submitted_at=now - timedelta(minutes=index),
            published_at=now - timedelta(minutes=index),
            support_count=index % 7,
            **fields,
        )
        for index in range(number)
    )


def make_support(submission: Submission, *residents) -> None:
    for resident in residents:
        Endorsement.objects.create(submission=submission, resident=resident)
    Submission.objects.filter(pk=submission.pk).update(support_count=submission.endorsements.count())


def make_comment(thread: Thread, author, text="Goed plan.", *, state=Comment.State.PUBLISHED, **fields) -> Comment:
    """A comment in any state, counted when it is published; `author` is an account or a resident."""
    comment = Comment.objects.create(
        thread=thread,
        author=getattr(author, "user", author),
        text=text,
        state=state,
        request_key=fields.pop("request_key", uuid.uuid4()),
        **fields,
    )
    if state == Comment.State.PUBLISHED:
        threads.count(thread.pk, +1)
    return comment


def make_image(kind="JPEG", size=(60, 40), *, exif: bytes | None = None, colour=(10, 120, 200)) -> bytes:
    """The bytes of a picture."""
    target = BytesIO()
    options = {"exif": exif} if exif else {}
    Image.new("RGB", size, colour).save(target, kind, **options)
    return target.getvalue()


def make_upload(content: bytes | None = None, name="foto.jpg", content_type="image/jpeg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, make_image() if content is None else content, content_type)
