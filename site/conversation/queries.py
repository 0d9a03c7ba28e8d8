"""Reads about conversations and moderation."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Min, Q, QuerySet
from django.http import QueryDict

from conversation.forms import CommentForm
from conversation.models import Comment, ModerationCase, Thread
from conversation.moderation import all_kinds
from conversation.rules import may_moderate
from pages.paging import KeysetPage, cursor_of, keyset_page
from people.roles import is_staff_member
from people.verdict import Verdict

PAGE_SIZE = 20


@dataclass(frozen=True)
class Conversation:
    """What `conversation/thread.html` shows. `form` is None when the visitor cannot comment; `verdict` says why."""

    thread: Thread
    page: KeysetPage[Comment]
    verdict: Verdict
    form: CommentForm | None
    count: int
    may_moderate: bool


def conversation_for(user: Any, thread: Thread, *, cursors: QueryDict, verdict: Verdict, count: int) -> Conversation:
    """One page of a conversation, oldest first, as this visitor may see it; one query."""
    page = keyset_page(comments_for(user, thread), order="created_at", size=PAGE_SIZE, cursors=cursors)
    may_write = bool(verdict) and thread.is_open and user.is_authenticated
    form = CommentForm(may_be_official=is_staff_member(user)) if may_write else None
    return Conversation(thread, page, verdict, form, count, bool(may_moderate(user)))


def comments_for(user: Any, thread: Thread) -> QuerySet[Comment]:
    """Everything but what is held; the writer also sees their own held comments."""
    seen = ~Q(state=Comment.State.HELD)
    if user.is_authenticated:
        seen |= Q(author=user)
    return thread.comments.filter(seen).select_related("author")


def cursor_to(comment: Comment, user: Any) -> str:
    """The cursor (`after`) of the page on which this visitor finds a comment between its neighbours; "" for the first.

    Pages are counted from the beginning, as somebody meets them who reads on; 2 queries.
    """
    rows = comments_for(user, comment.thread).order_by("created_at", "pk")
    earlier = Q(created_at__lt=comment.created_at) | Q(created_at=comment.created_at, pk__lt=comment.pk)
    on_pages_before = rows.filter(earlier).count() // PAGE_SIZE * PAGE_SIZE
    if not on_pages_before:
        return ""
    return cursor_of(rows[on_pages_before - 1], "created_at")


def open_cases() -> QuerySet[ModerationCase]:
    return ModerationCase.objects.filter(decision="")


def oldest_open_case() -> datetime | None:
    oldest: datetime | None = open_cases().aggregate(oldest=Min("opened_at"))["oldest"]
    return oldest


def with_subjects(cases: Iterable[ModerationCase]) -> dict[int, Any]:
    """Case id → subject, or None when it is gone; one query per kind."""
    cases = list(cases)
    by_type: dict[int, set[int]] = {}
    for case in cases:
        by_type.setdefault(case.subject_type_id, set()).add(case.subject_id)
    found = {content_type: _subjects(content_type, ids) for content_type, ids in by_type.items()}
    return {case.pk: found[case.subject_type_id].get(case.subject_id) for case in cases}


def _subjects(content_type_id: int, ids: set[int]) -> dict[int, Any]:
    from django.contrib.contenttypes.models import ContentType

    model = ContentType.objects.get_for_id(content_type_id).model_class()
    kind = next((kind for kind in all_kinds() if kind.model is model), None)
    return kind.model._default_manager.in_bulk(ids) if kind else {}


def why_hidden(subject: Any) -> str:
    """What the moderator who hid this said to its writer; "" when nobody did."""
    kind = ContentType.objects.get_for_model(subject)
    cases = ModerationCase.objects.filter(
        subject_type=kind, subject_id=subject.pk, decision=ModerationCase.Decision.HIDE
    )
    return cases.order_by("-decided_at").values_list("decision_reason", flat=True).first() or ""
