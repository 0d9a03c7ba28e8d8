"""Downloading what was published of a vote."""

from uuid import UUID

from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.views.decorators.http import require_safe

from ballots.log_views import vote_or_404
from ballots.publishing.archive import zip_of
from ballots.publishing.files import TEST_PREFIX, PublishedFile, files_of, is_published

ARCHIVE = "stemming.zip"


@require_safe
def published_file(request: HttpRequest, vote_id: UUID, name: str) -> StreamingHttpResponse:
    """One file, or all of them in a zip. Before publication there is nothing here, for anybody."""
    vote = vote_or_404(vote_id)
    if not is_published(vote):
        raise Http404
    files = {file.name: file for file in files_of(vote)}
    files[ARCHIVE] = PublishedFile(ARCHIVE, "application/zip", lambda: zip_of(files_of(vote)))
    if name not in files:
        raise Http404
    response = StreamingHttpResponse(files[name].content(), content_type=files[name].media_type)
    marked = f"{TEST_PREFIX}-{name}" if vote.is_test and not name.startswith(TEST_PREFIX) else name
    response["Content-Disposition"] = f'attachment; filename="{marked}"'
    return response
