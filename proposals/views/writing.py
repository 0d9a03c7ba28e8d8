"""Writing a proposal: form → draft on the server → check page → submitted.

A file cannot travel through a check page, so the form's answer is a draft. A visitor without an
account writes the same way; after log-in the draft is claimed by the signed cookie.
"""

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from pages.chrome import page_trail
from pages.forms import CheckRow, in_words
from pages.uploads import photo_response
from people.models import User
from people.queries import resident_of
from people.verdict import NotAllowed, Verdict
from proposals import actions, draft_cookie, rules
from proposals.forms import ProposalForm
from proposals.listing import BADGES
from proposals.models import ProposalsPage, Submission
from proposals.queries import frame_of, of_submitter, own_draft, public_page_or_404
from proposals.rules import Frame

State = Submission.State
STEP, CHECK, SAVE = "_step", "check", "save"


@never_cache
@require_http_methods(["GET", "POST"])
def write(request: HttpRequest, page_id: int) -> HttpResponseBase:
    """An empty form. Whoever began without an account and comes back finds what they wrote."""
    frame = frame_of(public_page_or_404(page_id))
    if request.method == "POST":
        return _save(request, frame, None)
    if (begun := _begun(request, frame.page)) is not None:
        return redirect("proposals:draft", begun.request_key)
    verdict = rules.may_write(frame, request.user, timezone.now())
    if not verdict:
        return _refused(request, frame.page, verdict)
    return _form_page(request, frame, ProposalForm(place_within=frame.area), None)


@never_cache
@require_http_methods(["GET", "POST"])
def draft(request: HttpRequest, key: UUID) -> HttpResponseBase:
    """The form with a draft in it."""
    found = _own_draft_or_404(request, key)
    frame = frame_of(found.page)
    if request.method == "POST":
        return _save(request, frame, found)
    form = ProposalForm(draft=found, place_within=frame.area)
    form.autofocus_field = request.GET.get("field", "") if request.GET.get("field") in form.fields else ""
    return _form_page(request, frame, form, found)


@never_cache
@require_http_methods(["GET", "POST"])
def check(request: HttpRequest, key: UUID) -> HttpResponseBase:
    """What will be sent, and the button that sends it. Sending twice gives one proposal."""
    if (sent := _sent_before(request, key)) is not None:
        return redirect(sent)
    found = _own_draft_or_404(request, key)
    claimed = request.user.is_authenticated and found.submitter_id is None and actions.claim_draft(key, request.user)
    if claimed:
        found.submitter_id = request.user.pk
    response = _submit(request, found) if request.method == "POST" else _check_page(request, found)
    if claimed:
        draft_cookie.forget(response)
    return response


@never_cache
@require_http_methods(["GET", "POST"])
def discard(request: HttpRequest, key: UUID) -> HttpResponseBase:
    """Asks, and throws a draft away."""
    found = _own_draft_or_404(request, key)
    if request.method == "GET":
        return render(request, "proposals/discard_draft.html", {"draft": found})
    actions.delete_draft(found)
    messages.success(request, _("Your draft is deleted."))
    response = redirect(found.page.url)
    draft_cookie.forget(response)
    return response


@never_cache
@require_GET
def draft_photo(request: HttpRequest, key: UUID) -> HttpResponseBase:
    return photo_response(_own_draft_or_404(request, key).image, small=True, is_public=False)


@never_cache
@login_required
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """Everything the visitor wrote, drafts first."""
    found = list(of_submitter(cast(User, request.user))[:200])
    drafts = [submission for submission in found if submission.state == State.DRAFT]
    sent = [(submission, BADGES[State(submission.state)]) for submission in found if submission.state != State.DRAFT]
    return render(request, "proposals/mine.html", {"drafts": drafts, "sent": sent})


# --- Steps ----------------------------------------------------------------------------------------------


def _save(request: HttpRequest, frame: Frame, found: Submission | None) -> HttpResponseBase:
    """Keeps what was written. What is wrong in one field never costs another field, or the image."""
    saves_unfinished = request.POST.get(STEP) == SAVE and request.user.is_authenticated
    form = ProposalForm(request.POST, request.FILES, draft=found, place_within=frame.area, unfinished=saves_unfinished)
    is_complete = form.is_valid()
    if found is None and not request.user.is_authenticated and not (verdict := draft_cookie.may_start(request)):
        return _refused(request, frame.page, verdict, form)
    try:
        kept = _keep(request, frame.page, form, found)
    except NotAllowed as error:
        return _refused(request, frame.page, error.verdict, form)
    response = _after_saving(request, frame, form, kept, is_complete, saves_unfinished)
    if kept.submitter_id is None:
        draft_cookie.write(response, kept.request_key)
    return response


def _keep(request: HttpRequest, page: ProposalsPage, form: ProposalForm, found: Submission | None) -> Submission:
    key = found.request_key if found else form.cleaned_data["request_key"]
    return actions.save_draft(
        page,
        request.user if request.user.is_authenticated else None,
        key,
        form.draft_data,
        cookie_key=key,  # proved: by access to the draft, or by the signature of the form
        photo=form.cleaned_data.get("photo"),
        without_photo=form.cleaned_data.get("without_photo", False),
        now=timezone.now(),
    )


def _after_saving(
    request: HttpRequest, frame: Frame, form: ProposalForm, kept: Submission, is_complete: bool, stays: bool
) -> HttpResponseBase:
    if not is_complete:
        form.has_photo = bool(kept.image)
        return _form_page(request, frame, form, kept, status=422)
    if stays:
        messages.success(request, _("Your draft is saved. You find it under My proposals."))
        return redirect("proposals:draft", kept.request_key)
    return redirect("proposals:check", kept.request_key)


def _submit(request: HttpRequest, found: Submission) -> HttpResponseBase:
    if not request.user.is_authenticated:
        return redirect(_login_url(reverse("proposals:check", args=[found.request_key])))
    try:
        sent = actions.submit(found, request.user, timezone.now())
    except NotAllowed as error:
        return _refused(request, found.page, error.verdict, rows=_rows(found))
    if sent.state == State.HELD:
        messages.info(request, _("Thank you. A moderator reads your proposal first. We let you know."))
    else:
        messages.success(request, _("Thank you. Your proposal is on the site."))
    return redirect(sent)


# --- Pages ----------------------------------------------------------------------------------------------


def _form_page(
    request: HttpRequest, frame: Frame, form: ProposalForm, found: Submission | None, status: int = 200
) -> HttpResponse:
    action = reverse("proposals:draft", args=[found.request_key]) if found else request.path
    context = {
        "form": form,
        "draft": found,
        "action": action,
        "title": _("Submit a proposal"),
        "crumbs": [*page_trail(frame.page, request), (_("Submit a proposal"), "")],
        "proposals_page": frame.page,
        "step": STEP,
        "own_drafts": _own_drafts(request, frame.page, found),
    }
    return render(request, "proposals/write.html", context, status=status)


def _own_drafts(request: HttpRequest, page: ProposalsPage, found: Submission | None) -> list[Submission]:
    """Drafts somebody may have forgotten, beside an empty form."""
    if found is not None or not request.user.is_authenticated:
        return []
    return list(request.user.submissions.filter(page=page, state=State.DRAFT).order_by("-changed_at")[:5])


def _check_page(request: HttpRequest, found: Submission) -> HttpResponse:
    frame, now = frame_of(found.page), timezone.now()
    path = reverse("proposals:check", args=[found.request_key])
    is_complete = bool(found.title and found.text and (not found.image or found.image_alt))
    context = {
        "draft": found,
        "rows": _rows(found),
        "is_complete": is_complete,
        "verdict": rules.may_submit(frame, request.user, resident_of(request.user), now),
        "login_url": "" if request.user.is_authenticated else _login_url(path),
        "change_url": reverse("proposals:draft", args=[found.request_key]),
        "title": _("Check your proposal"),
        "crumbs": [*page_trail(found.page, request), (_("Check your proposal"), "")],
    }
    return render(request, "proposals/check.html", context)


def _rows(found: Submission) -> list[CheckRow]:
    point = _("a point on the map") if found.latitude is not None and not found.location_text else ""
    place = ", ".join(str(part) for part in (found.location_text, found.area, point) if part)
    values: dict[str, tuple[Any, Any]] = {
        "title": (_("Title"), found.title),
        "text": (_("Your proposal"), found.text),
        "theme": (_("Theme"), found.theme),
        "area": (_("Place"), place),
    }
    if found.image:
        values["image_alt"] = (_("What does the image show?"), found.image_alt)
    return [CheckRow(name, str(label), in_words(value)) for name, (label, value) in values.items()]


def _refused(
    request: HttpRequest,
    page: ProposalsPage,
    verdict: Verdict,
    form: ProposalForm | None = None,
    rows: list[CheckRow] | None = None,
) -> HttpResponse:
    """The reason, and what was written so that it can be copied."""
    typed = rows if rows is not None else (_typed(form) if form else [])
    context = {
        "title": _("Submit a proposal"),
        "verdict": verdict,
        "typed": [row for row in typed if row.value],
        "crumbs": [*page_trail(page, request), (_("Submit a proposal"), "")],
        "view": {"back_url": page.url},
    }
    return render(request, "pages/form_refused.html", context, status=200 if form is None and rows is None else 409)


def _typed(form: ProposalForm) -> list[CheckRow]:
    return [
        CheckRow(bound.name, str(bound.label), str(bound.value() or ""))
        for bound in form.visible_fields()
        if bound.name not in ("photo", "without_photo")
    ]


# --- Access ---------------------------------------------------------------------------------------------


def _own_draft_or_404(request: HttpRequest, key: UUID) -> Submission:
    found = own_draft(request.user, key, draft_cookie.read(request))
    if found is None:
        raise Http404
    return found


def _begun(request: HttpRequest, page: ProposalsPage) -> Submission | None:
    """The draft a visitor began here without an account."""
    key = draft_cookie.read(request)
    found = own_draft(request.user, key, key) if key else None
    return found if found is not None and found.page_id == page.pk else None


def _sent_before(request: HttpRequest, key: UUID) -> Submission | None:
    """The visitor's own submission that this draft became."""
    if not request.user.is_authenticated:
        return None
    return request.user.submissions.filter(request_key=key).exclude(state=State.DRAFT).first()


def _login_url(path: str) -> str:
    from django.utils.http import urlencode

    return f"{reverse('account_login')}?{urlencode({'next': path})}"
