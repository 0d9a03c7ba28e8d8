"""What the journeys start from: a process where proposals are open, and a budget whose vote is open for a moment."""

import json
from datetime import timedelta
from types import SimpleNamespace

from django.core.management import call_command
from django.utils import timezone
from wagtail.models import Site

from ballots.actions import count_vote, publish_result
from ballots.counting import Option, make_instance
from ballots.formats.pabulib import write_pb
from budget.imports import Wishes, import_budget
from budget.settling import settle
from pages.models import ContentPage, HomePage, NewsIndexPage, NewsPage
from panels.models import NeighbourhoodIndexPage, NeighbourhoodPage
from process.models import ProcessIndexPage
from tests.factories.budget import make_plan, make_process, make_round, make_round_vote, open_round
from tests.factories.people import make_resident
from tests.factories.proposals import make_proposals_page, make_theme
from tests.factories.referendum import STATES as REFERENDUM_STATES
from tests.factories.referendum import make_published_vote, make_referendum, make_referendum_in

COUNTING = {"rule": "equal-shares", "increment": "until_overspend", "completion": "greedy", "tie": ["lot"]}
PLANS = (("Speeltuin", 40_000_00), ("Bomenlaan", 25_000_00), ("Fietsenstalling", 60_000_00), ("Bankjes", 5_000_00))


def make_home(site_root):
    """The home page, as on every real site."""

    home = site_root.add_child(instance=HomePage(title="Doe mee", slug="doe-mee", intro="U beslist mee."))
    Site.objects.filter(is_default_site=True).update(root_page=home)
    Site.clear_site_root_paths_cache()
    return home


def make_index(home):
    return home.add_child(instance=ProcessIndexPage(title="Trajecten", slug="trajecten", show_in_menus=True))


def make_open_budget(index, opener, *, seconds: int | None = None, form="knapsack") -> SimpleNamespace:
    """A round with four feasible plans and an open vote, which closes after `seconds` or in two weeks."""
    process = make_process(index, stage="vote", title="Burgerbegroting")
    page = make_round(index, process=process)
    plans = [make_plan(page, title, cost=cost) for title, cost in PLANS]
    closes_at = timezone.now() + (timedelta(seconds=seconds) if seconds else timedelta(days=14))
    values = {"counting": COUNTING, "closes_at": closes_at, "form": form}
    if form == "approval":
        values |= {"max_options": 2, "max_sum": None}
    make_round_vote(page, opener, **values)
    return SimpleNamespace(process=process, page=page, plans=plans, vote=open_round(page, opener))


def make_proposals(index):
    make_theme()
    return make_proposals_page(index)


def make_neighbours(area, number: int) -> list:
    """Residents who also vote: alone on the roll nobody votes in secret."""
    return [make_resident(f"Buur {place}", area) for place in range(number)]


def make_published_budget(process, publisher, folder) -> SimpleNamespace:
    """A round of the past with a published result, from a file."""
    path = folder / "oost.pb"
    ballots = [["1", "2"]] * 14 + [["3"]] * 9 + [["2", "4"]] * 4
    options = [Option(str(place), cost, title) for place, (title, cost) in enumerate(PLANS, 1)]
    meta = {
        "description": "Wijkbegroting Oost",
        "vote_type": "approval",
        "rule": "equalshares/add1",
        "date_begin": "01.03.2026",
        "date_end": "20.03.2026",
        "currency": "EUR",
    }
    write_pb(path, meta, make_instance(options, 100_000_00, ballots))
    imported = import_budget(path, Wishes(process_id=process.pk), now=timezone.now(), watch=lambda line: None)
    count_vote(imported.vote)
    publish_result(type(imported.vote).objects.get(pk=imported.vote.pk), actor=publisher)
    settle(imported.round.pk, now=timezone.now())
    return SimpleNamespace(page=imported.round, vote=imported.vote)


def make_referendums(home, actor) -> list:
    """A page in every state, and a theme vote with its ranking."""
    themes = make_referendum(home, kind="themes")
    make_published_vote(themes, [{"1": 5, "2": 3, "3": 2}] * 20, actor, form="points")
    return [themes, *(make_referendum_in(home, state, actor) for state in REFERENDUM_STATES)]


def make_texts(home) -> SimpleNamespace:
    """A text page, a list of news with an item, and a page for each neighbourhood."""
    words = "U doet een voorstel: eenlangadreszonderspatieofstreepje@waterveen.example"
    body = json.dumps([{"type": "text", "value": f"<h2>Zo werkt het</h2><p>{words}</p>"}])
    content = home.add_child(
        instance=ContentPage(title="Hoe het werkt", slug="hoe", intro="In stappen.", body=body, show_in_menus=True)
    )
    statement = home.add_child(
        instance=ContentPage(title="Toegankelijkheid", slug="toegankelijk", role="accessibility", body=body)
    )
    news = home.add_child(instance=NewsIndexPage(title="Nieuws", slug="nieuws", show_in_menus=True))
    item = news.add_child(
        instance=NewsPage(
            title="De stemming is open", slug="open", date=timezone.localdate(), intro="U kunt stemmen.", body=body
        )
    )
    areas = home.add_child(instance=NeighbourhoodIndexPage(title="Buurten", slug="buurten", show_in_menus=True))
    call_command("make_neighbourhood_pages", verbosity=0)
    return SimpleNamespace(
        content=content, statement=statement, news=news, item=item, areas=areas, area=NeighbourhoodPage.objects.first()
    )
