"""The result of a round, and the same as data. Before publication there is nothing here, for anybody."""

from typing import TypeVar

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone

from budget import exports
from budget.account import account_of
from budget.outcome import Outcome, outcome_of
from budget.queries import numbers_of, round_for
from budget.rule_texts import example_of, explain_rule, rule_name
from budget.stages import RoundNow
from budget.views import trail

R = TypeVar("R", bound=HttpResponseBase)


def result(request: HttpRequest, round_id: int) -> HttpResponse:
    """What the vote decided, in words, a picture and tables."""
    situation, outcome = _published(round_id)
    context = {
        "situation": situation,
        "outcome": outcome,
        "numbers": numbers_of(situation.round),
        "chart": outcome.chart(),
        "rule": rule_name(outcome.settings),
        "rule_text": explain_rule(outcome.settings),
        "example": example_of(outcome.settings),
        "account": account_of(outcome),
        "facts": outcome.facts(),
        "downloads": exports.downloads_of(outcome),
        "crumbs": [*trail(situation, request)[:-1], (outcome.heading, "")],
    }
    return render(request, "budget/result.html", context)


def csv_export(request: HttpRequest, round_id: int) -> StreamingHttpResponse:
    """The table of plans."""
    _situation, outcome = _published(round_id)
    response = StreamingHttpResponse(exports.csv_lines(outcome), content_type="text/csv; charset=utf-8")
    return _as_file(response, outcome, "csv")


def json_export(request: HttpRequest, round_id: int) -> HttpResponse:
    """The sealed count, byte for byte; with few ballots only what the page shows."""
    _situation, outcome = _published(round_id)
    response = HttpResponse(exports.json_text(outcome), content_type="application/json")
    return _as_file(response, outcome, "json")


def pb_export(request: HttpRequest, round_id: int) -> FileResponse:
    """Every ballot, without a person, in Pabulib's format; only when there are enough ballots."""
    _situation, outcome = _published(round_id)
    if not outcome.shows_single_ballots:
        raise Http404
    response = FileResponse(exports.pb_file(outcome), content_type="text/plain; charset=utf-8")
    return _as_file(response, outcome, "pb")


def _published(round_id: int) -> tuple[RoundNow, Outcome]:
    """404 until the result has been published, whoever asks: there are no interim results."""
    situation = round_for(round_id, timezone.now())
    outcome = outcome_of(situation.round)
    if outcome is None:
        raise Http404
    return situation, outcome


def _as_file(response: R, outcome: Outcome, form: str) -> R:
    response["Content-Disposition"] = f'attachment; filename="{outcome.file_name}.{form}"'
    return response
