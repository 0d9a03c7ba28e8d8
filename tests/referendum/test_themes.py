"""Theme votes: a group of voters for every neighbourhood, and the rankings per neighbourhood that may be told of."""

import csv
from datetime import timedelta
from io import StringIO
from xml.etree import ElementTree as ET

import pytest
from django.urls import reverse
from django.utils import timezone

from ballots.actions import close_vote, count_vote, publish_result
from ballots.drafting import ONLY, write_only_question, write_options
from ballots.models import Option
from opendata import datasets
from referendum import actions
from tests.ballots.clocks import database_clock
from tests.factories.ballots import cast_answers, open_by_two
from tests.factories.people import make_resident, make_user
from tests.factories.referendum import COMMITMENT, OPTIONS, make_published_vote, make_referendum

pytestmark = pytest.mark.django_db

SVG = "{http://www.w3.org/2000/svg}"


def draft_of(page, actor):
    now = timezone.now()
    times = {"opens_at": now - timedelta(hours=1), "closes_at": now + timedelta(days=9)}
    vote = actions.make_vote(page, actor, title="Thema's", **times)
    vote.commitment, vote.publication_threshold = COMMITMENT, 4
    vote.save()
    question = write_only_question(
        vote, title="Wat is belangrijk?", form="points", points=10, counting={"rule": "points"}
    )
    rows = enumerate(OPTIONS["points"], start=1)
    write_options(question, [Option(reference=str(number), title=title) for number, title in rows])
    return vote


@pytest.fixture
def page(site_root):
    return make_referendum(site_root, kind="themes", title="Thema's voor de raad")


@pytest.fixture
def held(page, places, dirk, settings):
    """Harbour (5 of 6) and meadow (5 of 5) gave points; nobody of the heath did, so the meadow, the smaller one, is hidden along."""
    settings.BALLOTS_CELL_MINIMUM = 3
    vote = draft_of(page, dirk)
    people = {
        area: [make_resident(f"{area} {number}", area) for number in range(many)]
        for area, many in ((places.harbour, 6), (places.meadow, 5), (places.heath, 4))
    }
    open_by_two(vote)
    for voter in people[places.harbour][:5]:
        cast_answers(vote, voter, {ONLY: {"1": 2, "2": 8}})
    for voter in people[places.meadow][:5]:
        cast_answers(vote, voter, {ONLY: {"1": 6, "3": 4}})
    with database_clock(vote.closes_at):
        close_vote(vote)
    count_vote(vote)
    publish_result(vote, actor=make_user("Publiceert", roles=("clerk",)))
    return page


def test_draft_of_a_theme_vote_has_a_group_for_every_neighbourhood(page, places, dirk):
    vote = draft_of(page, dirk)
    assert [group.area for group in vote.electorates.all()] == [places.harbour, places.meadow, places.heath]


def test_groups_follow_the_area_of_the_page(page, places, dirk):
    vote = draft_of(page, dirk)
    page.area = places.east
    page.save_revision().publish()
    assert [group.area for group in vote.electorates.all()] == [places.harbour, places.meadow]


def test_page_ranks_themes_for_all_and_per_neighbourhood(held, client_for):
    """Mutant: leave `hidden_cells` out of the table; the meadow, hidden along with the heath, is told of too."""
    text = client_for().get("/en" + held.get_url().removeprefix("/en")).content.decode()
    assert "Per neighbourhood" in text
    assert "5 people voted: 83 percent of the list of voters here." in text
    assert "First: “Verkeer”." in text
    assert "We do not show: Weidebuurt; Heidebuurt." in text
    assert 'id="buurt-BU00010101-1"' in text


def test_picture_and_table_per_neighbourhood(held, client_for, django_assert_num_queries):
    client, args = client_for(), [held.pk]
    root = ET.fromstring(client.get(reverse("referendums:groups_picture", args=args)).content)
    texts = [element.text for element in root.iter(f"{SVG}text")]
    assert "Havenbuurt" in texts
    assert "1. Verkeer" in texts
    content = client.get(reverse("referendums:groups_table", args=args)).content.decode("utf-8-sig")
    rows = list(csv.reader(StringIO(content)))
    assert rows[1] == ["Havenbuurt", "6", "5", "Wat is belangrijk?", "Verkeer", "40", "1"]
    assert len(rows) == 4
    urls = [each.url for dataset in datasets.all_datasets() for each in dataset.downloads]
    assert reverse("referendums:groups_table", args=args) in urls


def test_theme_vote_without_numbers_about_groups_has_one_ranking(page, places, dirk, client_for):
    make_published_vote(page, [{"1": 5, "2": 3}] * 25, dirk, form="points")
    assert "Per neighbourhood" not in client_for().get("/en" + page.get_url().removeprefix("/en")).content.decode()
    for name in ("groups_picture", "groups_table"):
        assert client_for().get(reverse(f"referendums:{name}", args=[page.pk])).status_code == 404


def test_paper_of_a_theme_vote_is_told_as_left_out_of_the_neighbourhoods(page, places, dirk, settings, client_for):
    """Five of the harbour's six on the website, the sixth on paper. Mutant: `GroupOutcome.turnout` with a percentage."""
    from tests.ballots.paper_world import close, enter, reconcile, send_envelopes

    settings.BALLOTS_CELL_MINIMUM = 1
    vote = draft_of(page, dirk)
    vote.on_paper = True
    vote.save()
    people = [make_resident(f"Haven {number}", places.harbour) for number in range(6)]
    others = [make_resident(f"{area} {number}", area) for area in (places.meadow, places.heath) for number in range(4)]
    open_by_two(vote)
    for voter in (*people[:5], *others):
        cast_answers(vote, voter, {ONLY: {"1": 2, "2": 8}})
    send_envelopes(vote, people[5:])
    close(vote)
    enter(vote, {ONLY: {"3": 10}})
    reconcile(vote, opened=1)
    count_vote(vote)
    publish_result(vote, actor=make_user("Publiceert", roles=("clerk",)))

    shown = client_for().get(page.get_url()).content.decode()
    table = client_for().get(reverse("referendums:groups_table", args=[page.pk])).content.decode()
    picture = client_for().get(reverse("referendums:groups_picture", args=[page.pk])).content.decode()

    assert "A ballot on paper does not say which group it is from." in shown
    assert "5 people voted here, not counting paper." in shown
    assert "ballots_without_paper" in table
    assert "Without paper: Thema&#x27;s voor de raad" in picture
