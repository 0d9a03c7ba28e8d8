"""The public list as feed, table, data and map. Each reads the same filters as the page."""

import csv
import json
from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.utils import feedgenerator
from django.views.decorators.http import require_GET

from proposals.exports import FIELDS, address_of, data_rows, features, safe_cell
from proposals.listing import read_filters, rows_for
from proposals.models import ProposalsPage, SubmissionQuerySet
from proposals.queries import public_page_or_404, schedule_of_served

FEED_SIZE = 50
MAP_SIZE = 2000


class _Echo:
    """A file that gives back what is written, for streaming."""

    def write(self, value: str) -> str:
        return value


def _rows(request: HttpRequest, page_id: int) -> tuple[ProposalsPage, SubmissionQuerySet]:
    page = public_page_or_404(page_id)
    return page, rows_for(page, read_filters(request.GET, schedule_of_served(page)[1]))


@require_GET
def feed(request: HttpRequest, page_id: int) -> HttpResponse:
    """Atom (RFC 4287): the newest proposals."""
    page, rows = _rows(request, page_id)
    atom = feedgenerator.Atom1Feed(title=page.title, link=page.full_url or "", description=page.intro, language="nl")
    for submission in rows.defer("search").order_by("-published_at", "-pk")[:FEED_SIZE]:
        atom.add_item(
            title=submission.title,
            link=address_of(submission),
            description=submission.text[:500],
            pubdate=submission.published_at,
            updateddate=submission.published_at,
            unique_id=address_of(submission),
        )
    return HttpResponse(atom.writeString("utf-8"), content_type=feedgenerator.Atom1Feed.content_type)


@require_GET
def table(request: HttpRequest, page_id: int) -> HttpResponseBase:
    """CSV for a spreadsheet, with a byte-order mark so that accents survive."""
    _page, rows = _rows(request, page_id)
    return _download(_csv_lines(rows), "text/csv; charset=utf-8", "csv")


@require_GET
def data(request: HttpRequest, page_id: int) -> HttpResponseBase:
    """JSON: one array of objects."""
    _page, rows = _rows(request, page_id)
    return _download(_json_parts(rows), "application/json", "json")


@require_GET
def points(request: HttpRequest, page_id: int) -> JsonResponse:
    """GeoJSON for the map: the newest public proposals that have a point."""
    _page, rows = _rows(request, page_id)
    placed = rows.filter(latitude__isnull=False).only("id", "title", "latitude", "longitude")
    found = placed.order_by("-published_at", "-pk")[:MAP_SIZE]
    return JsonResponse(features(found), content_type="application/geo+json")


def _csv_lines(rows: SubmissionQuerySet) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(FIELDS)
    for row in data_rows(rows):
        yield writer.writerow([safe_cell(row[name]) for name in FIELDS])


def _json_parts(rows: SubmissionQuerySet) -> Iterator[str]:
    separator = "["
    for row in data_rows(rows):
        yield separator + json.dumps(row, ensure_ascii=False)
        separator = ",\n"
    yield "]" if separator != "[" else "[]"


def _download(parts: Iterator[str], content_type: str, ending: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(parts, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="voorstellen.{ending}"'
    return response
