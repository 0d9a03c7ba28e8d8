"""Voting in three pages without JavaScript: choose, check, receipt; and changing or looking up a ballot with its code.

Nothing is kept on the server before the ballot itself: choices and code travel in hidden fields, are checked at every step, and never
stand in an address, a session or a log. A receipt is the answer to the POST, so a refresh repeats the POST and gets it again.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from ballots import clock, kept_choices
from ballots.actions import (
    AlreadyVoted,
    BallotChanged,
    CastRefused,
    NotOnRoll,
    Receipt,
    StoredBallot,
    VotingClosed,
    cast_ballot,
    find_ballot,
    find_own_ballot,
)
from ballots.ballot_form import BallotForm
from ballots.ballot_words import AnswerInWords, in_words
from ballots.codes import in_groups, new_code
from ballots.forms import CodeForm
from ballots.frozen import FrozenVote, frozen_vote
from ballots.models import Vote
from ballots.option_order import seed_of
from ballots.roll import is_by_register
from ballots.rules import has_voted_already, takes_ballots, why_not_on_roll
from ballots.submission import Submission, read_submission, submission_of
from ballots.visitors import channel_of, is_known, voter_of
from ballots.voters import roll_entry
from people.verdict import NotAllowed

OK, BAD_REQUEST, FORBIDDEN, CONFLICT = 200, 400, 403, 409

AGAIN = ("change", "sum", "search")
"""Steps that show the ballot once more, as far as it is filled in."""

View = Callable[..., HttpResponse]


def secret_page(view: View) -> View:
    """A page with choices or a code on it: kept by no cache, and left out of error reports."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response.headers["Cache-Control"] = "no-store"
        return response

    return sensitive_post_parameters()(answer)


# --- Choosing and checking ------------------------------------------------------------------------------


@secret_page
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest, vote_id: UUID) -> HttpResponse:
    """The ballot to fill in; a POST leads to the check page, or back with what is wrong."""
    vote = vote_or_404(vote_id)
    given = read_submission(request.POST)
    try:
        _demand_may_vote(request, vote, given)
    except CastRefused as refusal:
        # Who comes back from logging in may be too late: what this device kept is theirs to copy.
        return _refusal(request, vote, refusal, given if given.fields else _kept(request, vote))
    if request.method != "POST":
        return _empty_ballot(request, vote)
    form = _form(request, vote, given)
    if request.POST.get("step") in AGAIN:
        return _ballot(request, vote, form.without_complaints(), given)
    if not form.is_valid():
        return _ballot(request, vote, form, given)
    if is_known(request, vote):
        return _check(request, vote, form, given)
    return _identify_first(request, vote, form, given)


def _demand_may_vote(request: HttpRequest, vote: FrozenVote, given: Submission) -> None:
    """What can be known before casting, so that nobody fills in a ballot for nothing."""
    if not (verdict := takes_ballots(clock.window(vote.id), vote)):
        raise VotingClosed(verdict)
    if not is_known(request, vote):
        return
    voter = voter_of(request, vote)
    entry = roll_entry(vote, voter.reference) if voter else None
    if entry is None:
        raise NotOnRoll(why_not_on_roll(vote, voter.resident if voter else None))
    if entry.has_cast and not given.code and not (voter and find_own_ballot(vote, voter)):
        raise AlreadyVoted(has_voted_already(vote))


def _empty_ballot(request: HttpRequest, vote: FrozenVote) -> HttpResponse:
    """A fresh ballot, or the choices this device kept while somebody logged in."""
    voter = voter_of(request, vote)
    cast_before = find_own_ballot(vote, voter) if voter else None
    given = kept_choices.kept(request, vote.id)
    if given is not None:
        given = replace(given, replaces=cast_before.version if cast_before else 0)
        return _ballot(request, vote, _form(request, vote, given).without_complaints(), given, kept=True)
    if cast_before is not None:
        return _ballot_again(request, vote, cast_before)
    return _ballot(request, vote, BallotForm(vote, seed=seed_of(vote, voter, "")), Submission())


def _ballot_again(request: HttpRequest, vote: FrozenVote, ballot: StoredBallot, code: str = "") -> HttpResponse:
    """The ballot with the choices it has now, to change them."""
    given = submission_of(vote, ballot.answers, code=code, replaces=ballot.version)
    return _ballot(request, vote, _form(request, vote, given).without_complaints(), given)


def _kept(request: HttpRequest, vote: FrozenVote) -> Submission:
    return kept_choices.kept(request, vote.id) or Submission()


def _form(request: HttpRequest, vote: FrozenVote, given: Submission) -> BallotForm:
    """The ballot as it was sent, its options in the order of this visitor."""
    seed = seed_of(vote, voter_of(request, vote), given.order)
    return BallotForm(vote, given.data, seed=seed, searches=given.searches)


def _ballot(
    request: HttpRequest, vote: FrozenVote, form: Any, given: Submission, *, kept: bool = False, status: int = OK
) -> HttpResponse:
    own = {"kept": kept, "is_known": is_known(request, vote), "by_code": is_by_register(vote)}
    context = {"form": form, "given": given, "order": form.seed, **own, **frame(vote, _("Fill in your ballot"))}
    return render(request, "ballots/choose.html", context, status=status)


def _check(request: HttpRequest, vote: FrozenVote, form: BallotForm, given: Submission) -> HttpResponse:
    """The choices once more, with the code that becomes the receipt. Nothing has been stored."""
    code = "" if vote.not_secret else given.code or new_code()
    context = {
        "given": given,
        "answers": in_words(vote, form.answers),
        "order": form.seed,
        "code": code,
        "code_in_groups": in_groups(code),
        **frame(vote, _("Check your ballot")),
    }
    return render(request, "ballots/check.html", context)


def _identify_first(request: HttpRequest, vote: FrozenVote, form: BallotForm, given: Submission) -> HttpResponse:
    """Valid choices of somebody who did not log in, or filled in no voting code.

    This device keeps them, unless they are more than it can keep; then the page says so.
    """
    by_code = is_by_register(vote)
    title = _("Fill in your voting code") if by_code else _("Log in to vote")
    choices = kept_choices.packed(given)
    context = {"kept": bool(choices), "answers": in_words(vote, form.answers), **frame(vote, title)}
    template = "ballots/code_first.html" if by_code else "ballots/log_in.html"
    response = render(request, template, context, status=FORBIDDEN)
    if choices:
        kept_choices.keep(response, vote.id, choices)
    return response


# --- Casting ------------------------------------------------------------------------------------------------


@secret_page
@require_http_methods(["GET", "HEAD", "POST"])
def cast(request: HttpRequest, vote_id: UUID) -> HttpResponse:
    """Casts the ballot and shows the receipt; the same again at every repetition."""
    vote = vote_or_404(vote_id)
    if request.method != "POST":
        # Somebody typed this address, or changed the language on a receipt.
        return redirect("ballots:vote", vote.id)
    given = read_submission(request.POST)
    form = _form(request, vote, given)
    if not form.is_valid():
        return _cast_invalid(request, vote, form, given)
    if not is_known(request, vote):
        return _identify_first(request, vote, form, given)
    try:
        receipt = _cast(request, vote, form, given)
    except CastRefused as refusal:
        return _refusal(request, vote, refusal, given)
    context = {
        "receipt": receipt,
        "answers": in_words(vote, receipt.answers),
        "code_in_groups": in_groups(receipt.code),
        "tracker": in_groups(receipt.tracker),
        **frame(vote, _("Your vote has been received")),
    }
    response = render(request, "ballots/receipt.html", context)
    if kept_choices.NAME in request.COOKIES:
        kept_choices.forget(response, vote.id)
    return response


def _cast_invalid(request: HttpRequest, vote: FrozenVote, form: BallotForm, given: Submission) -> HttpResponse:
    """What is wrong, unless this person cannot vote at all: that reason comes first."""
    try:
        _demand_may_vote(request, vote, given)
    except CastRefused as refusal:
        return _refusal(request, vote, refusal, given)
    return _ballot(request, vote, form, given, status=BAD_REQUEST)


def _cast(request: HttpRequest, vote: FrozenVote, form: BallotForm, given: Submission) -> Receipt:
    voter = voter_of(request, vote)
    if voter is None:
        raise NotOnRoll(why_not_on_roll(vote, None))
    replaces = given.replaces if "replaces" in request.POST else None
    channel = channel_of(request, vote)
    return cast_ballot(vote.id, voter=voter, answers=form.answers, code=given.code, replaces=replaces, channel=channel)


def _refusal(request: HttpRequest, vote: FrozenVote, refusal: NotAllowed, given: Submission) -> HttpResponse:
    """The reason, the ways on, and the choices to copy."""
    context = {
        "reason": str(refusal),
        "answers": _typed(vote, given),
        "has_voted": isinstance(refusal, AlreadyVoted | BallotChanged),
        "not_on_roll": isinstance(refusal, NotOnRoll),
        "can_change": vote.change_policy == Vote.ChangePolicy.CODE,
        **frame(vote, _("You cannot vote now") if not isinstance(refusal, AlreadyVoted) else _("You have voted")),
    }
    status = FORBIDDEN if isinstance(refusal, NotOnRoll) else CONFLICT
    return render(request, "ballots/refused.html", context, status=status if request.method == "POST" else OK)


# --- With a code ---------------------------------------------------------------------------------------------


@secret_page
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, vote_id: UUID) -> HttpResponse:
    """Changing a ballot begins with its code; then it is chosen, checked and cast like the first time."""
    vote = vote_or_404(vote_id)
    if not is_known(request, vote):
        return redirect("ballots:voting_code", vote.id) if is_by_register(vote) else redirect_to_login(request.path)
    form = CodeForm(request.POST or None)
    if not (verdict := takes_ballots(clock.window(vote.id), vote)):
        return _refusal(request, vote, VotingClosed(verdict), Submission())
    if vote.not_secret:
        return redirect("ballots:choose", vote.id)
    if vote.change_policy != Vote.ChangePolicy.CODE:
        return _refusal(request, vote, AlreadyVoted(has_voted_already(vote)), Submission())
    ballot = _ballot_of(form, vote)
    if ballot is None:
        return _ask_code(request, vote, form, _("Change your vote"))
    return _ballot_again(request, vote, ballot, form.cleaned_data["code"])


@secret_page
@require_http_methods(["GET", "HEAD", "POST"])
def look_up(request: HttpRequest, vote_id: UUID) -> HttpResponse:
    """Your own ballot as it lies in the box (P5). The code is enough: no log-in, before and after closing."""
    vote = vote_or_404(vote_id)
    if vote.not_secret:
        return _look_up_own(request, vote)
    form = CodeForm(request.POST or None)
    ballot = _ballot_of(form, vote)
    if ballot is None:
        return _ask_code(request, vote, form, _("Look up your ballot"))
    return _found(request, vote, ballot)


def _look_up_own(request: HttpRequest, vote: FrozenVote) -> HttpResponse:
    """In a poll that is not secret: by being logged in, until shredding."""
    voter = voter_of(request, vote)
    if voter is None and is_by_register(vote):
        return redirect("ballots:voting_code", vote.id)
    if voter is None and not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    ballot = find_own_ballot(vote, voter) if voter else None
    if ballot is not None:
        return _found(request, vote, ballot)
    is_over = Vote.objects.filter(pk=vote.id, shredding__isnull=False).exists()
    return render(request, "ballots/no_ballot.html", {"is_over": is_over, **frame(vote, _("Your ballot"))})


def _found(request: HttpRequest, vote: FrozenVote, ballot: StoredBallot) -> HttpResponse:
    context = {
        "answers": in_words(vote, ballot.answers),
        "tracker": in_groups(ballot.tracker),
        "version": ballot.version,
        "state": Vote.objects.values_list("state", flat=True).get(pk=vote.id),
        **frame(vote, _("Your ballot")),
    }
    return render(request, "ballots/ballot.html", context)


def _ballot_of(form: CodeForm, vote: FrozenVote) -> StoredBallot | None:
    """The ballot of the code in the form; None with an error on the form when there is none."""
    if not form.is_bound or not form.is_valid():
        return None
    ballot = find_ballot(vote.id, form.cleaned_data["code"])
    if ballot is None:
        form.add_error("code", _("No ballot of this vote has this code. Check what you typed."))
    return ballot


def _ask_code(request: HttpRequest, vote: FrozenVote, form: CodeForm, title: str) -> HttpResponse:
    return render(request, "ballots/code.html", {"form": form, **frame(vote, title)})


# --- Parts -----------------------------------------------------------------------------------------------------


def vote_or_404(vote_id: UUID) -> FrozenVote:
    """An opened vote, of which everybody may see the ballot."""
    try:
        return frozen_vote(vote_id)
    except Vote.DoesNotExist:
        raise Http404 from None


def _typed(vote: FrozenVote, given: Submission) -> list[AnswerInWords]:
    """What was sent, to copy; [] when that was nothing."""
    return in_words(vote, BallotForm(vote, given.data).typed) if given.fields else []


def frame(vote: FrozenVote, title: str) -> dict[str, Any]:
    crumbs = [(_("Votes"), reverse("ballots:list")), (vote.title, reverse("ballots:vote", args=[vote.id])), (title, "")]
    return {"vote": vote, "title": title, "crumbs": crumbs}
