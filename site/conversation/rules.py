"""Who may comment, report and moderate, each with its reason."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from conversation import threads
from conversation.models import Comment, ModerationCase
from conversation.moderation import all_kinds, kind_of
from people.models import User
from people.roles import is_staff_member
from people.verdict import ALLOWED, Verdict, refused

POSTS_PER_HOUR = 20
FLAGS_PER_DAY = 30


def may_comment(thread: Any, user: Any, now: datetime) -> Verdict:
    """Whether somebody may add a comment: the owner of the conversation decides, within a pace."""
    found = threads.public_owner(thread)
    if found is None:
        return refused(_("This conversation does not exist (any more)."))
    if not user.is_authenticated:
        return refused(_("Log in first."))
    if not thread.is_open:
        return refused(_("This conversation is closed."))
    kind, owner = found
    verdict = kind.may_comment(owner, user, now)
    return keeps_pace(user, now) if verdict else verdict


def may_speak_for_municipality(user: Any) -> Verdict:
    return ALLOWED if is_staff_member(user) else refused(_("Only the municipality's staff can do this."))


def keeps_pace(user: User, now: datetime) -> Verdict:
    """Not more contributions in an hour than a person writes; of every kind together."""
    since = now - timedelta(hours=1)
    if sum(kind.posts_since(user, since).count() for kind in all_kinds()) < POSTS_PER_HOUR:
        return ALLOWED
    return refused(_("You sent a lot in a short time. Try again in an hour."))


def may_delete_comment(comment: Comment, user: Any) -> Verdict:
    if not user.is_authenticated or comment.author_id != user.pk:
        return refused(_("You can only delete what you wrote yourself."))
    if comment.state not in (Comment.State.PUBLISHED, Comment.State.HELD):
        return refused(_("This comment is not there any more."))
    return ALLOWED


def may_flag(subject: Any, user: Any, now: datetime) -> Verdict:
    if not user.is_authenticated:
        return refused(_("Log in first."))
    kind = kind_of(subject)
    if not kind.is_public(subject):
        return refused(_("This is not public (any more)."))
    if kind.author(subject) == user:
        return refused(_("You wrote this yourself."))
    if user.flags.filter(created_at__gte=now - timedelta(days=1)).count() >= FLAGS_PER_DAY:
        return refused(_("You reported a lot today. Try again tomorrow."))
    return ALLOWED


def may_moderate(user: Any) -> Verdict:
    if user.is_authenticated and user.has_perm("conversation.change_moderationcase"):
        return ALLOWED
    return refused(_("Only moderators can do this."))


def may_decide(case: ModerationCase, user: Any) -> Verdict:
    """Nobody decides about what they wrote themselves, and a decision is made once."""
    if not (verdict := may_moderate(user)):
        return verdict
    if case.decision:
        return refused(_("Somebody decided on this already."))
    return may_judge(case.author_id, user)


def may_judge(author_id: int | None, user: Any) -> Verdict:
    if author_id is not None and author_id == user.pk:
        return refused(_("You wrote this yourself. Somebody else must decide."))
    return ALLOWED
