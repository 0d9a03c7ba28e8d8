"""Verbs of conversation and moderation. Each asks its rule first and raises `NotAllowed` with the reason."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from conversation import rules, threads
from conversation.holds import reasons_to_hold
from conversation.models import Comment, Flag, ModerationCase, Thread
from conversation.moderation import kind_of
from notices.actions import notify
from pages.freshness import bump
from people.models import User
from people.verdict import NotAllowed, demand, refused

State, Decision, Cause = Comment.State, ModerationCase.Decision, ModerationCase.Cause

# --- Comments -----------------------------------------------------------------------------------------


def add_comment(
    thread: Thread, author: User, text: str, request_key: UUID, now: datetime, *, is_official: bool = False
) -> Comment:
    """Adds a comment, held when a rule says so. The same `request_key` again gives the comment it made before.

    `is_official` is for staff: on behalf of the municipality, and never held.
    """
    if (earlier := Comment.objects.filter(request_key=request_key, author=author).first()) is not None:
        return earlier
    demand(rules.may_comment(thread, author, now))
    if is_official:
        demand(rules.may_speak_for_municipality(author))
    reasons = [] if is_official else reasons_to_hold(author, text, now=now)
    state = State.HELD if reasons else State.PUBLISHED
    try:
        with transaction.atomic():
            comment = Comment.objects.create(
                thread=thread,
                author=author,
                text=text,
                state=state,
                is_official=is_official,
                created_at=now,
                request_key=request_key,
            )
            _after_adding(comment, reasons, now)
    except IntegrityError:  # a second click got here first
        return Comment.objects.get(request_key=request_key, author=author)
    return comment


def _after_adding(comment: Comment, reasons: list[str], now: datetime) -> None:
    if reasons:
        hold(comment, reasons, now=now)
    else:
        threads.count(comment.thread_id, +1)
        bump()


@transaction.atomic
def delete_comment(comment: Comment, author: User, now: datetime) -> None:
    """The writer takes a comment back: the text goes, the place in the conversation stays."""
    comment = Comment.objects.select_for_update(no_key=True).get(pk=comment.pk)
    demand(rules.may_delete_comment(comment, author))
    if comment.state == State.PUBLISHED:
        threads.count(comment.thread_id, -1)
    Comment.objects.filter(pk=comment.pk).update(state=State.DELETED, text="")
    close_gone(comment, actor=author, now=now)
    bump()


def publish_comment(comment: Comment, *, actor: User, now: datetime) -> None:
    _move_comment(comment, {State.HELD, State.HIDDEN}, State.PUBLISHED, +1)


def hide_comment(comment: Comment, *, actor: User, reason: str, now: datetime) -> None:
    if not _move_comment(comment, {State.PUBLISHED}, State.HIDDEN, -1):
        _move_comment(comment, {State.HELD}, State.HIDDEN, 0)


def _move_comment(comment: Comment, sources: set[Comment.State], target: Comment.State, change: int) -> bool:
    """Compare-and-swap, so that the number of comments follows exactly once."""
    moved = Comment.objects.filter(pk=comment.pk, state__in=sources).update(state=target) == 1
    if moved and change:
        threads.count(comment.thread_id, change)
    return moved


# --- Reports --------------------------------------------------------------------------------------------


@transaction.atomic
def flag(subject: Any, reporter: User, reason: str, now: datetime) -> Flag:
    """Reports something to the moderators. It stays visible: only a moderator hides."""
    demand(rules.may_flag(subject, reporter, now))
    case = _open_case(subject, Cause.FLAGGED, ["flag"], now)
    try:
        with transaction.atomic():
            return Flag.objects.create(case=case, reporter=reporter, reason=reason, created_at=now)
    except IntegrityError as problem:
        sentence = _("You reported this already. A moderator will look at it.")
        raise NotAllowed(refused(sentence)) from problem


# --- Moderation -----------------------------------------------------------------------------------------


@transaction.atomic
def hold(subject: Any, reasons: Sequence[str], now: datetime | None = None) -> ModerationCase:
    """Puts something in the moderators' queue; the caller keeps it from the public until they decide.

    `reasons` are codes of `conversation.holds`.
    """
    return _open_case(subject, Cause.HELD, list(reasons), now or timezone.now())


def _open_case(subject: Any, cause: ModerationCase.Cause, reasons: list[str], now: datetime) -> ModerationCase:
    """The open case of a subject, made when there is none."""
    kind = kind_of(subject)
    case, _created = ModerationCase.objects.select_for_update(of=("self",), no_key=True).get_or_create(
        subject_type=ContentType.objects.get_for_model(kind.model),
        subject_id=subject.pk,
        decision="",
        defaults={
            "cause": cause,
            "reasons": reasons,
            "opened_at": now,
            "title": kind.title(subject)[:150],
            "author": kind.author(subject),
        },
    )
    return case


@transaction.atomic
def decide(
    case: ModerationCase, decision: ModerationCase.Decision, *, actor: User, reason: str, now: datetime
) -> ModerationCase:
    """Publishes or hides the subject of a case, tells its writer, and closes the case for good."""
    subject = _lock_subject(case)
    case = ModerationCase.objects.select_for_update(of=("self",), no_key=True).get(pk=case.pk)
    demand(rules.may_decide(case, actor))
    if decision == Decision.HIDE and not reason.strip():
        raise NotAllowed(refused(_("Give the reason for hiding this.")))
    if subject is None:
        return _close(case, Decision.GONE, actor=actor, reason=reason, now=now)
    was_public = kind_of(subject).is_public(subject)
    _carry_out(subject, decision, actor=actor, reason=reason, now=now)
    _close(case, decision, actor=actor, reason=reason, now=now)
    _tell(case, subject, decision, was_public=was_public)
    return case


@transaction.atomic
def review(
    subject: Any, decision: ModerationCase.Decision, *, actor: User, reason: str, now: datetime
) -> ModerationCase:
    """Hides something, or undoes that, without waiting for a report: a case of its own, decided at once."""
    demand(rules.may_moderate(actor))
    case = _open_case(subject, Cause.REVIEW, [], now)
    return decide(case, decision, actor=actor, reason=reason, now=now)


@transaction.atomic
def close_gone(subject: Any, *, actor: User, now: datetime) -> None:
    """Closes the open case of something its writer took back."""
    subject_type = ContentType.objects.get_for_model(subject)
    open_cases = ModerationCase.objects.filter(subject_type=subject_type, subject_id=subject.pk, decision="")
    for case in open_cases.select_for_update(of=("self",), no_key=True):
        _close(case, Decision.GONE, actor=actor, reason="", now=now)


def _lock_subject(case: ModerationCase) -> Any:
    """The subject, locked before its case: whoever takes something back locks in this order too."""
    model = case.subject_type.model_class()
    return (
        model._default_manager.select_for_update(of=("self",), no_key=True).filter(pk=case.subject_id).first()
        if model
        else None
    )


def _carry_out(subject: Any, decision: ModerationCase.Decision, *, actor: User, reason: str, now: datetime) -> None:
    kind = kind_of(subject)
    if decision == Decision.PUBLISH:
        kind.publish(subject, actor=actor, now=now)
    else:
        kind.hide(subject, actor=actor, reason=reason, now=now)
    log(subject, f"conversation.{decision}", user=actor, data={"reason": reason}, title=kind.title(subject)[:100])
    bump()


def _close(
    case: ModerationCase, decision: ModerationCase.Decision, *, actor: User, reason: str, now: datetime
) -> ModerationCase:
    case.decision, case.decision_reason, case.decided_by, case.decided_at = decision, reason.strip(), actor, now
    case.save(update_fields=["decision", "decision_reason", "decided_by", "decided_at"])
    return case


def _tell(case: ModerationCase, subject: Any, decision: ModerationCase.Decision, *, was_public: bool) -> None:
    """The writer hears what changed for them, everybody who reported it hears what was decided."""
    kind = kind_of(subject)
    author, news = kind.author(subject), _news(case, subject, decision, was_public=was_public)
    # In the site's first language: the mail is read by somebody else than who decides.
    with translation.override(settings.LANGUAGE_CODE):
        payload = {"title": kind.title(subject), "url": kind.url(subject), "reason": case.decision_reason}
    if author is not None and news:
        notify(news, author, key=f"{news}:{case.pk}", payload=payload)
    for report in case.flags.select_related("reporter"):
        key = f"conversation.report_answered:{report.pk}"
        answer = {**payload, "reason": "", "hidden": decision == Decision.HIDE}
        notify("conversation.report_answered", report.reporter, key=key, payload=answer)


def _news(case: ModerationCase, subject: Any, decision: ModerationCase.Decision, *, was_public: bool) -> str:
    """The kind of mail the writer gets, or "" when nothing changed for them.

    What was held was never public; its writer was promised to hear the decision, also when it stays hidden.
    """
    is_public = kind_of(subject).is_public(subject)
    if is_public and not was_public:
        return "conversation.published"
    was_waiting = case.cause == Cause.HELD and decision == Decision.HIDE
    return "conversation.hidden" if not is_public and (was_public or was_waiting) else ""
