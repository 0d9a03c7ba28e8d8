"""The published result to take along: a picture, a frame for other sites, a table. Before publication there is nothing, for anybody."""

import csv
from dataclasses import replace
from io import StringIO
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from pages.chrome import frame_for
from people.letters.files import safe_cell
from referendum.card import draw_card
from referendum.outcome import Outcome, outcome_of
from referendum.picture import draw
from referendum.queries import standing_for
from referendum.standing import Standing

# The picture needs nothing; the frame only our own style sheets. Any site may show the frame: in it is nothing to press but a link.
PICTURE_POLICY = "default-src 'none'; frame-ancestors 'none'"
FRAME_POLICY = (
    "default-src 'none'; style-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors *"
)


@require_safe
def picture(request: HttpRequest, referendum_id: int) -> HttpResponse:
    """The result as an SVG."""
    standing, outcome = _published(referendum_id)
    response = HttpResponse(draw(standing.page.title, outcome), content_type="image/svg+xml")
    # Set here, and so kept with the page: a kept page does not come by the view again.
    response["Content-Security-Policy"] = PICTURE_POLICY
    return response


@require_safe
def groups_picture(request: HttpRequest, referendum_id: int) -> HttpResponse:
    """The rankings per neighbourhood as an SVG."""
    standing, outcome = _with_groups(referendum_id)
    title = standing.page.title
    if outcome.about_paper:
        title = _("Without paper: %(title)s") % {"title": title}
    content = draw(title, replace(outcome, questions=outcome.groups))
    response = HttpResponse(content, content_type="image/svg+xml")
    response["Content-Security-Policy"] = PICTURE_POLICY
    return response


@require_safe
def card(request: HttpRequest, referendum_id: int) -> HttpResponse:
    """The result as a PNG, for social media."""
    standing, outcome = _published(referendum_id)
    content = draw_card(standing.page.title, outcome, foot=frame_for(request).organisation)
    response = HttpResponse(content, content_type="image/png")
    response["Content-Security-Policy"] = PICTURE_POLICY
    return response


@require_safe
@xframe_options_exempt
def frame(request: HttpRequest, referendum_id: int) -> HttpResponse:
    """The result for a frame on another site; it reads and sets no cookie."""
    standing, outcome = _published(referendum_id)
    page_url = f"{settings.BASE_URL}{standing.page.get_url() or '/'}"
    response = render(
        request, "referendum/embed.html", {"standing": standing, "outcome": outcome, "page_url": page_url}
    )
    response["Content-Security-Policy"] = FRAME_POLICY
    return response


@require_safe
def table(request: HttpRequest, referendum_id: int) -> HttpResponse:
    """What every option received, for a spreadsheet."""
    standing, outcome = _published(referendum_id)
    rows = [
        [question.title, place.title, place.received, place.rank, "yes" if place.won and question.reach_met else "no"]
        for question in outcome.questions
        for place in question.places
    ]
    return _spreadsheet(standing, ["question", "option", "received", "place", "won"], rows)


@require_safe
def groups_table(request: HttpRequest, referendum_id: int) -> HttpResponse:
    """What every option received per neighbourhood, for a spreadsheet."""
    standing, outcome = _with_groups(referendum_id)
    rows = [
        [
            each.group.title,
            each.group.roll,
            each.group.ballots,
            each.result.question.title,
            place.title,
            place.received,
            place.rank,
        ]
        for each in outcome.groups
        for place in each.places
    ]
    ballots = "ballots_without_paper" if outcome.about_paper else "ballots"
    return _spreadsheet(standing, ["group", "on_list", ballots, "question", "option", "received", "place"], rows)


def _spreadsheet(standing: Standing, headings: list[str], rows: list[list[Any]]) -> HttpResponse:
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(headings)
    writer.writerows([safe_cell(str(cell)) for cell in row] for row in rows)
    # Excel reads UTF-8 only after this mark.
    response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    name = slugify(standing.page.title) or "uitslag"
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _with_groups(page_id: int) -> tuple[Standing, Outcome]:
    """404 too when nothing is told of neighbourhoods."""
    standing, outcome = _published(page_id)
    if not outcome.groups:
        raise Http404
    return standing, outcome


def _published(page_id: int) -> tuple[Standing, Outcome]:
    """404 until the result has been published, whoever asks."""
    standing = standing_for(page_id)
    outcome = outcome_of(standing)
    if outcome is None:
        raise Http404
    return standing, outcome
