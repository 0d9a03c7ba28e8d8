"""Public proposals as data: rows for CSV and JSON, features for maps. Nobody's name is in them."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.utils import translation

from proposals.models import Submission, SubmissionQuerySet

FIELDS = (
    "id", "url", "title", "text", "theme", "area", "area_code", "place", "latitude", "longitude", "state", "support",
    "threshold", "comments", "published_at", "answer",
)  # fmt: skip
# A cell that begins so is a formula to a spreadsheet.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def data_rows(rows: SubmissionQuerySet) -> Iterator[dict[str, Any]]:
    """One dict per submission with `FIELDS`, oldest first, read in batches."""
    chosen = rows.select_related("theme", "area", "response").defer("search").order_by("pk")
    for submission in chosen.iterator(chunk_size=500):
        yield data_row(submission)


def data_row(submission: Submission) -> dict[str, Any]:
    response = getattr(submission, "response", None)
    return {
        "id": submission.pk,
        "url": address_of(submission),
        "title": submission.title,
        "text": submission.text,
        "theme": submission.theme.name if submission.theme else "",
        "area": submission.area.name if submission.area else "",
        "area_code": submission.area.code if submission.area else "",
        "place": submission.location_text,
        "latitude": submission.latitude,
        "longitude": submission.longitude,
        "state": submission.state,
        "support": submission.support_count,
        "threshold": submission.threshold,
        "comments": submission.comment_count,
        "published_at": submission.published_at.isoformat() if submission.published_at else "",
        "answer": response.text if response else "",
    }


def address_of(submission: Submission) -> str:
    """The full address, in the site's first language."""
    with translation.override(settings.LANGUAGE_CODE):
        return f"{settings.BASE_URL}{submission.get_absolute_url()}"


def safe_cell(value: Any) -> str:
    """A value as text for CSV; text that would be a formula gets a quote before it. Numbers stay numbers."""
    text = "" if value is None else str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(FORMULA_SIGNS) else text


def features(submissions: Iterable[Submission]) -> dict[str, Any]:
    """A GeoJSON FeatureCollection (RFC 7946) of what has a point."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": submission.pk,
                "geometry": {"type": "Point", "coordinates": [submission.longitude, submission.latitude]},
                "properties": {"title": submission.title, "url": submission.get_absolute_url()},
            }
            for submission in submissions
            if submission.longitude is not None and submission.latitude is not None
        ],
    }
