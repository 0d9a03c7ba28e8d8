"""Reading a proposal."""

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from conversation.queries import Conversation, conversation_for
from conversation.rules import may_moderate
from pages.chrome import page_trail
from pages.templatetags.components import written
from pages.uploads import photo_response
from people.models import Resident
from people.queries import resident_of
from process.clocks import in_words, is_late
from proposals import answer_term, followups, rules
from proposals.exports import features
from proposals.listing import BADGES, support_label
from proposals.models import Submission
from proposals.queries import for_reading, frame_of, supports
from proposals.rules import Frame

State = Submission.State
GONE = 410


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A proposal with everything that happened to it. What was withdrawn says so, without its text."""
    submission = for_reading(request.user, pk)
    is_own = request.user.is_authenticated and submission.submitter_id == request.user.pk
    history = list(submission.history.all())
    context = {
        "submission": submission,
        "history": history,
        "is_own": is_own,
        "badge_kind": BADGES[State(submission.state)],
        "title": submission.title,
        "crumbs": [*page_trail(submission.page, request), (written(submission.title), "")],
    }
    if submission.state == State.WITHDRAWN and not is_own:
        return render(request, "proposals/withdrawn.html", context, status=GONE)
    return render(request, "proposals/detail.html", {**context, **_taking_part(request, submission)})


@require_GET
def photo(request: HttpRequest, pk: int, small: bool = False) -> HttpResponseBase:
    """The image, for whoever may read the proposal."""
    submission = for_reading(request.user, pk)
    if submission.state == State.WITHDRAWN and submission.submitter_id != request.user.pk:
        raise Http404
    return photo_response(submission.image, small=small, is_public=submission.is_public)


@require_GET
def place(request: HttpRequest, pk: int) -> JsonResponse:
    """Where it is, for the map on the page."""
    submission = for_reading(request.user, pk)
    if not submission.is_public:
        raise Http404
    return JsonResponse(features([submission]), content_type="application/geo+json")


def _taking_part(request: HttpRequest, submission: Submission) -> dict[str, Any]:
    """What this visitor can do here, with the reason beside what they cannot."""
    frame, now, user = frame_of(submission.page), timezone.now(), request.user
    resident = resident_of(user)
    return {
        "page_url": request.build_absolute_uri(submission.get_absolute_url()),
        "facts": _facts(submission),
        "response": getattr(submission, "response", None),
        "answer_term": _answer_term(submission, timezone.localdate(now)),
        "place_url": reverse("proposals:place", args=[submission.pk]),
        "support_label": support_label(submission),
        "followups": followups.of(submission),
        "may_support": rules.may_support(frame, submission, user, resident, now),
        "support_open": rules.may_take_support_back(frame, submission, now),
        "supports": supports(resident, submission),
        "may_write_anew": bool(rules.may_write_anew(submission, user)),
        "may_withdraw": rules.may_withdraw(submission, user),
        "may_moderate": bool(may_moderate(user)),
        "may_answer": bool(rules.may_answer(user)),
        "conversation": _conversation(request, frame, submission, resident),
        "login_url": f"{reverse('account_login')}?{urlencode({'next': submission.get_absolute_url()})}",
    }


def _answer_term(submission: Submission, today: date) -> dict[str, Any] | None:
    """Until when the municipality answers; None where nothing waits."""
    clock = answer_term.running_for(submission) if submission.state in answer_term.WAITING else None
    return {"lines": in_words(clock, today), "is_late": is_late(clock, today)} if clock else None


def _facts(submission: Submission) -> list[tuple[str, str]]:
    facts = [
        (_("Theme"), submission.theme),
        (_("Area"), submission.area),
        (_("Place"), submission.location_text),
    ]
    return [(name, str(value)) for name, value in facts if value]


def _conversation(
    request: HttpRequest, frame: Frame, submission: Submission, resident: Resident | None
) -> Conversation | None:
    if submission.thread is None:
        return None
    now, user = timezone.now(), request.user
    if user.is_authenticated:
        verdict = rules.may_comment(frame, user, resident, now)
    else:  # whether it is open at all; the page offers to log in
        verdict = frame.opens(rules.COMMENT, timezone.localdate(now))
    return conversation_for(
        user, submission.thread, cursors=request.GET, verdict=verdict, count=submission.comment_count
    )
