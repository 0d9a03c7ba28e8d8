"""Pages of comments and reports. Who reads a conversation finds it on the page of its owner."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from conversation import actions, rules, threads
from conversation.forms import CommentForm, FlagForm
from conversation.models import Comment, Thread
from conversation.moderation import UnknownSubject, kind_named
from conversation.queries import cursor_to
from people.models import User
from people.roles import is_staff_member
from people.verdict import NotAllowed, Verdict


@require_POST
@login_required
def add(request: HttpRequest, thread_id: int) -> HttpResponseBase:
    """Adds a comment and goes to it. A refusal shows the reason and keeps the text to copy."""
    thread = _thread_or_404(thread_id)
    form = CommentForm(request.POST, may_be_official=is_staff_member(request.user))
    if not form.is_valid():
        return _comment_page(request, thread, form)
    try:
        comment = actions.add_comment(
            thread,
            cast(User, request.user),
            form.cleaned_data["text"],
            form.cleaned_data["request_key"],
            timezone.now(),
            is_official=form.cleaned_data.get("is_official", False),
        )
    except NotAllowed as error:
        return _comment_page(request, thread, form, error.verdict)
    if comment.state == Comment.State.HELD:
        messages.info(request, _("Thank you. A moderator will read your comment first. We let you know."))
    return redirect("conversation:show", comment.pk)


@require_GET
def show(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The lasting address of a comment: leads to its place in the conversation."""
    comment = get_object_or_404(Comment.objects.select_related("thread"), pk=pk)
    if comment.state == Comment.State.HELD and comment.author_id != request.user.pk:
        raise Http404
    found = threads.public_owner(comment.thread)
    if found is None:
        raise Http404
    kind, owner = found
    cursor = cursor_to(comment, request.user)
    query = f"?{urlencode({'after': cursor})}" if cursor else ""
    return redirect(f"{kind.url(owner)}{query}#comment-{comment.pk}")


@require_http_methods(["GET", "POST"])
@login_required
def delete(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Asks, and takes back the visitor's own comment. Somebody else's is not found."""
    comment = get_object_or_404(Comment.objects.select_related("thread"), pk=pk, author=request.user)
    url = threads.owner_url(comment.thread)
    verdict = rules.may_delete_comment(comment, request.user)
    if request.method == "POST" and verdict:
        actions.delete_comment(comment, cast(User, request.user), timezone.now())
        messages.success(request, _("Your comment is deleted."))
        return redirect(f"{url}#comments")
    context = {"comment": comment, "verdict": verdict, "back_url": url}
    return render(request, "conversation/delete_comment.html", context, status=200 if verdict else 409)


@require_http_methods(["GET", "POST"])
@login_required
def flag(request: HttpRequest, kind: str, pk: int) -> HttpResponseBase:
    """Reports something to the moderators."""
    subject, moderated = _public_subject_or_404(kind, pk)
    form = FlagForm(request.POST or None)
    verdict = rules.may_flag(subject, request.user, timezone.now())
    if request.method == "POST" and verdict and form.is_valid():
        try:
            actions.flag(subject, cast(User, request.user), form.cleaned_data["reason"], timezone.now())
        except NotAllowed as error:
            verdict = error.verdict
        else:
            messages.success(request, _("Thank you. A moderator will look at it."))
            return redirect(moderated.url(subject))
    context = {
        "form": form,
        "verdict": verdict,
        "subject_title": moderated.title(subject),
        "back_url": moderated.url(subject),
    }
    return render(request, "conversation/flag.html", context, status=200 if verdict else 409)


def _thread_or_404(thread_id: int) -> Thread:
    """A thread anybody may read; one below something hidden is not found."""
    thread = get_object_or_404(Thread, pk=thread_id)
    if threads.public_owner(thread) is None:
        raise Http404
    return thread


def _public_subject_or_404(kind: str, pk: int):  # type: ignore[no-untyped-def]
    try:
        moderated = kind_named(kind)
    except UnknownSubject:
        raise Http404 from None
    return get_object_or_404(moderated.model._default_manager.filter(moderated.public), pk=pk), moderated


def _comment_page(
    request: HttpRequest, thread: Thread, form: CommentForm, verdict: Verdict | None = None
) -> HttpResponse:
    context = {
        "form": form,
        "verdict": verdict,
        "text": form.data.get("text", ""),
        "action": reverse("conversation:add", args=[thread.pk]),
        "back_url": threads.owner_url(thread),
    }
    status = 409 if verdict is not None else 422
    return render(request, "conversation/comment_form.html", context, status=status)
