"""Drafts: kept on the server, so that a form survives a log-in, a closed laptop and a double click."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction
from django.db.models import Q

from pages.uploads import Photo, forget_photo, read_stored, store_photo
from people.models import User
from people.verdict import NotAllowed, demand, refused
from proposals.models import ProposalsPage, Submission
from proposals.queries import frame_of, own_draft
from proposals.rules import may_write, may_write_anew

State = Submission.State

# Without an account a draft is only there for the visit; with one it waits half a year.
ANONYMOUS_DRAFTS_STAY = timedelta(days=7)
DRAFTS_STAY = timedelta(days=180)

FIELDS = ("title", "text", "theme", "area", "location_text", "latitude", "longitude", "image_alt")


def save_draft(
    page: ProposalsPage,
    user: User | None,
    key: UUID,
    data: dict[str, Any],
    *,
    cookie_key: UUID | None,
    photo: Photo | None = None,
    without_photo: bool = False,
    now: datetime,
) -> Submission:
    """Writes a draft under its request key; the same key again is the same draft.

    `data` may be unfinished. Raises `NotAllowed` when submitting is closed, or when the key is
    somebody else's or was submitted already.
    """
    demand(may_write(frame_of(page), user or _nobody(), now))
    draft = _draft_to_write(page, user, key, cookie_key, now)
    for name in FIELDS:
        if name in data:
            setattr(draft, name, data[name])
    draft.changed_at = now
    old_photo = _replace_photo(draft, photo, without_photo)
    draft.save()
    if old_photo:
        transaction.on_commit(lambda: forget_photo(draft.image.storage, old_photo))
    return draft


def write_anew(submission: Submission, user: User, now: datetime) -> Submission:
    """A draft with what somebody wrote before, and a copy of its image; once, so a second click finds what the first made.

    It may have been sent meanwhile. Raises `NotAllowed` unless the proposal is theirs and gone, and submitting is open.
    """
    demand(may_write_anew(submission, user))
    key = uuid5(submission.request_key, "anew")
    if (made := Submission.objects.filter(request_key=key, submitter=user).first()) is not None:
        return made
    written = {name: getattr(submission, name) for name in FIELDS}
    return save_draft(
        submission.page, user, key, written, cookie_key=None, photo=read_stored(submission.image), now=now
    )


def _nobody() -> Any:
    from django.contrib.auth.models import AnonymousUser

    return AnonymousUser()


def _draft_to_write(
    page: ProposalsPage, user: User | None, key: UUID, cookie_key: UUID | None, now: datetime
) -> Submission:
    """The visitor's own draft with this key, or a new one. A key of somebody else tells nothing about theirs."""
    if (own := own_draft(user or _nobody(), key, cookie_key)) is not None:
        return own
    try:
        with transaction.atomic():
            return Submission.objects.create(
                page=page, submitter=user, request_key=key, state=State.DRAFT, created_at=now, threshold=page.threshold
            )
    except IntegrityError as problem:
        # Two clicks at once: the other one made it a moment ago.
        if (own := own_draft(user or _nobody(), key, cookie_key)) is not None:
            return own
        raise NotAllowed(refused(_taken())) from problem


def _taken() -> str:
    from django.utils.translation import gettext as _

    return _("This form was sent already. Start a new proposal.")


def _replace_photo(draft: Submission, photo: Photo | None, without_photo: bool) -> str:
    """Puts the new photo in place; returns the name of the one that may go."""
    old = draft.image.name if draft.image else ""
    if photo is not None:
        store_photo(draft.image, photo)
    elif without_photo:
        draft.image, draft.image_alt = "", ""
    else:
        return ""
    return old or ""


def claim_draft(key: UUID, user: User) -> bool:
    """After log-in: the anonymous draft becomes the visitor's. The caller has checked the signed cookie."""
    return Submission.objects.filter(request_key=key, state=State.DRAFT, submitter=None).update(submitter=user) == 1


@transaction.atomic
def delete_draft(draft: Submission) -> bool:
    """Throws a draft away, with its photo. False when it was submitted meanwhile."""
    deleted, _by_model = Submission.objects.filter(pk=draft.pk, state=State.DRAFT).delete()
    if deleted and draft.image:
        transaction.on_commit(lambda: forget_photo(draft.image.storage, str(draft.image.name)))
    return bool(deleted)


def delete_old_drafts(now: datetime) -> int:
    """Retention: anonymous drafts go after a week, others after half a year without change or with the account."""
    forgotten = Q(changed_at__lt=now - DRAFTS_STAY)
    left_behind = Q(submitter=None, changed_at__lt=now - ANONYMOUS_DRAFTS_STAY)
    drafts = Submission.objects.filter(forgotten | left_behind | Q(submitter__erased_at__isnull=False))
    return sum(delete_draft(draft) for draft in drafts.filter(state=State.DRAFT).iterator())
