"""Where referendums are found besides their own pages: neighbourhood pages and open data. Only what anybody may see."""

from collections.abc import Iterator

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from ballots.electorates.results import tells_of_groups
from ballots.models import Vote
from ballots.publishing.files import files_of, is_published
from opendata.datasets import Dataset, Download
from places.models import Area
from places.queries import within
from process.neighbourhood import Happening
from referendum.models import ReferendumPage, ReferendumVote
from referendum.queries import links_in, public_pages
from referendum.rules import address_of


def referendums_around(area: Area, limit: int) -> list[Happening]:
    """The newest direct votes about an area or a part of it."""
    pages = public_pages().filter(area__in=within(area)).select_related("referendum_vote__vote")
    newest = pages.order_by("-first_published_at", "-pk")[:limit]
    return [_happening(page) for page in newest]


def _happening(page: ReferendumPage) -> Happening:
    link: ReferendumVote | None = getattr(page, "referendum_vote", None)
    state = str(link.vote.get_state_display()) if link else _("being prepared")
    when = link.vote.opens_at if link and link.vote.state != Vote.State.DRAFT else page.first_published_at
    return Happening(page.title, page.get_url() or "", text=page.streets_in_words, state=state, when=when)


def datasets() -> Iterator[Dataset]:
    """The published results, newest first."""
    visible: QuerySet[ReferendumPage] = public_pages()
    links = links_in(Vote.State.PUBLISHED).filter(page__in=visible).select_related("page", "vote__seal")
    for link in links.order_by("-vote__published_at"):
        yield Dataset(
            title=_("Result of the vote: %(title)s") % {"title": link.page.title},
            description=_("What every option received, the ballots without names, and a program to count again."),
            page_url=address_of(link.page),
            downloads=tuple(_downloads(link)),
        )


def _downloads(link: ReferendumVote) -> Iterator[Download]:
    yield Download("CSV", "text/csv", reverse("referendums:table", args=[link.page_id]))
    if link.page.kind == ReferendumPage.Kind.THEMES and tells_of_groups(link.vote.seal):
        yield Download(_("CSV per neighbourhood"), "text/csv", reverse("referendums:groups_table", args=[link.page_id]))
    if is_published(link.vote):
        for file in files_of(link.vote):
            yield Download(file.name, file.media_type, reverse("ballots:file", args=[link.vote_id, file.name]))
