"""Four direct votes: a referendum that the council has decided about; a preferendum, a theme vote and a street referendum that are open."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from ballots.actions import count_vote, import_closed_vote
from ballots.box import Answers
from ballots.drafting import ONLY
from ballots.models import Vote
from config.demo.contributions import Cast
from config.demo.polls import at_nine, make_draft, open_by_two
from config.demo.publishing import publish_in_time
from config.demo.register import load_extract
from config.demo.site_pages import Tree, add_process, make_phase
from config.demo.texts import text_of
from pages.blocks import text_body
from people.models import User
from places.models import Area
from process.models import Phase
from referendum.actions import choose_vote, record_decision
from referendum.models import ReferendumPage

PAGE_FIELDS = ("title", "slug", "kind", "intro", "streets", "excluded_subjects", "committee")
TEXTS = ("body", "arguments_for", "arguments_against")


def make_referendums(tree: Tree, cast: Cast) -> list[ReferendumPage]:
    """First the one of the past, then the open ones, which opened after the council decided about the first."""
    return [
        _make_decided(tree, cast),
        _make_open(tree, cast, "themes", days=11),
        _make_open(tree, cast, "open", days=4),
        _make_open(tree, cast, "street", days=2),
    ]


def _make_decided(tree: Tree, cast: Cast) -> ReferendumPage:
    entry = text_of("referendums")["decided"]
    opens_at = at_nine(cast.now - timedelta(days=80))
    page, vote = _make(tree, cast, entry, opens_at, opens_at + timedelta(days=21))
    import_closed_vote(vote, ballots=_ballots(entry), source=entry["source"])
    count_vote(vote)
    publish_in_time(vote, actor=User.objects.get(email="griffie@waterveen.example"))
    words = {"text": entry["decision"], "document_url": entry["document_url"]}
    decided_on = timezone.localdate(cast.now - timedelta(days=20))
    record_decision(page, cast.officer, decided_on=decided_on, **words, now=cast.now)
    return page


def _ballots(entry: dict[str, Any]) -> Iterator[Answers]:
    """So many ballots for each option; "" is blank."""
    for option, number in entry["ballots"].items():
        yield from [{ONLY: [option] if option else []}] * number


def _make_open(tree: Tree, cast: Cast, name: str, *, days: int) -> ReferendumPage:
    """Opened so many days ago."""
    opens_at = at_nine(cast.now - timedelta(days=days))
    entry = text_of("referendums")[name]
    page, vote = _make(tree, cast, entry, opens_at, opens_at + timedelta(days=28))
    if vote.roll_source == Vote.RollSource.REGISTER:
        load_extract(vote, cast)
    open_by_two(vote, cast)
    return page


def _make(
    tree: Tree, cast: Cast, entry: dict[str, Any], opens_at: datetime, closes_at: datetime
) -> tuple[ReferendumPage, Vote]:
    """A process with a page and the draft of its vote."""
    phases = list(_phases(opens_at.date(), closes_at.date()))
    process = add_process(tree, entry["process"], entry["process_intro"], phases)
    texts = {name: text_body(entry[name]) for name in TEXTS if entry[name]}
    own: dict[str, Any] = {name: entry[name] for name in PAGE_FIELDS if name in entry}
    if "area" in entry:
        own["area"] = Area.objects.get(name=entry["area"])
    page = process.add_child(instance=ReferendumPage(**own, **texts))
    vote = make_draft(entry, opens_at, closes_at)
    return page, choose_vote(page, cast.officer, vote_id=vote.pk)


def _phases(first: date, last: date) -> Iterator[Phase]:
    """Three weeks to read, the vote, and three months for the result and the decision."""
    day, influence = timedelta(days=1), "De raad zei vooraf wat die met de uitslag doet."
    spans = {
        "inform": ("Lezen", first - 21 * day, first - day, "U leest wat voor en wat tegen het plan is."),
        "vote": ("Stemmen", first, last, "U stemt."),
        "result": ("Uitslag en besluit", last + day, last + 90 * day, "U ziet de uitslag, en wat de raad besluit."),
    }
    for verb, (title, starts_on, ends_on, goal) in spans.items():
        yield make_phase(title, (starts_on, ends_on), [f"referendum.{verb}"], goal=goal, influence=influence)
