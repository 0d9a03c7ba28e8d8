"""The pages of processes: what you can do now, the phases in words, the list with its filters."""

from datetime import date

import pytest
from django.test import Client
from django.utils import timezone, translation

from pages.models import ContentPage
from process import instruments
from process.discovery import processes_around, running_now
from process.instruments import InstrumentType
from process.listing import STATES, card_of
from process.models import ProcessPage
from process.showing import show
from tests.factories.process import make_index, make_phase, make_process

TODAY = date(2026, 3, 15)
MARCH = (date(2026, 3, 1), date(2026, 3, 31))
APRIL = (date(2026, 4, 1), date(2026, 4, 30))
FEBRUARY = (date(2026, 2, 1), date(2026, 2, 28))


@pytest.fixture(autouse=True)
def trial(monkeypatch):
    monkeypatch.setattr(timezone, "localdate", lambda *args: TODAY)
    monkeypatch.setattr(instruments, "_instruments", dict(instruments._instruments))
    verbs = {"trial.write": "Schrijf iets", "trial.vote": "Stem"}
    instruments.register(InstrumentType("trial", "Proef", verbs, pages=("pages.ContentPage",)))


@pytest.fixture
def index(site_root):
    return make_index(site_root)


def read(page):
    return Client().get(page.url).content.decode()


# --- One process -----------------------------------------------------------------------------------


def test_page_links_to_what_the_phase_opens(index):
    process = make_process(index, make_phase("Ideeën", *MARCH, opens=["trial.write"]), make_phase("Kiezen", *APRIL))
    writing = process.add_child(instance=ContentPage(title="Schrijven", slug="schrijven"))
    (link,) = show(process, on=TODAY).now.possibilities
    assert (link.label, link.url) == ("Schrijf iets", writing.url)
    content = read(process)
    assert "Now: Ideeën" in content or "Nu: Ideeën" in content
    assert f'href="{writing.url}">Schrijf iets</a>' in content
    assert content.count('aria-current="step"') == 1


def test_page_names_the_pages_when_there_are_two(index):
    process = make_process(index, make_phase("Ideeën", *MARCH, opens=["trial.write"]))
    for title in ("Noord", "Zuid"):
        process.add_child(instance=ContentPage(title=title, slug=title.lower()))
    labels = [link.label for link in show(process, on=TODAY).now.possibilities]
    assert labels == ["Schrijf iets: Noord", "Schrijf iets: Zuid"]


@pytest.mark.parametrize("state", ["unpublished", "private", "missing"])
def test_page_links_to_nothing_that_cannot_be_read(index, state):
    process = make_process(index, make_phase("Ideeën", *MARCH, opens=["trial.write"]))
    if state != "missing":
        page = process.add_child(instance=ContentPage(title="Geheim", slug="geheim", live=state == "private"))
    if state == "private":
        page.view_restrictions.create(restriction_type="login")
    assert [link.url for link in show(process, on=TODAY).now.possibilities] == [""]
    assert "Geheim" not in read(process)


def test_verb_of_instrument_left_out_is_not_shown(index, monkeypatch):
    process = make_process(index, make_phase("Ideeën", *MARCH, opens=["trial.write"]))
    monkeypatch.setattr(instruments, "_instruments", {})
    assert show(process, on=TODAY).now.possibilities == ()
    assert Client().get(process.url).status_code == 200


@pytest.mark.parametrize(
    ("phases", "state", "heading"),
    [
        ([], "coming", "This process is being prepared"),
        ([("Later", *APRIL)], "coming", "Nothing to do yet"),
        ([("Eerst", *FEBRUARY), ("Later", *APRIL)], "running", "Nothing to do yet"),
        ([("Eerst", *FEBRUARY)], "finished", "This process is finished"),
    ],
)
def test_page_says_so_when_no_phase_runs(index, phases, state, heading):
    process = make_process(index, *[make_phase(*phase) for phase in phases])
    assert show(process, on=TODAY).state == state
    with translation.override("en"):
        assert f"{heading}</h2>" in Client().get(process.url).content.decode()


def test_page_tells_what_was_decided_latest_first(index):
    first = make_phase("Een", date(2026, 1, 1), date(2026, 1, 31), outcome="Er komt <b>gras</b>.\n\nGeen steen.")
    second = make_phase("Twee", *FEBRUARY, outcome="Er komen bomen.")
    process = make_process(index, first, second, make_phase("Drie", *MARCH))
    assert [phase.title for phase in show(process, on=TODAY).decisions] == ["Twee", "Een"]
    content = read(process)
    assert "Er komt &lt;b&gt;gras&lt;/b&gt;." in content
    assert content.index("Er komen bomen.") < content.index("Geen steen.")


def test_page_explains_both_ladders(index):
    process = make_process(index, make_phase("Ideeën", *MARCH, citizen_rung="advise", government_rung="let_go"))
    with translation.override("en"):
        facts = dict(show(process, on=TODAY).now.facts())
        assert facts["Your role"] == "Advise. You give advice. The municipality follows it, or explains why not."
        assert facts["Role of the municipality"].startswith("Let go.")
        assert [len(rungs) for _title, rungs in show(process, on=TODAY).ladders] == [5, 5]


def test_phase_of_one_day_shows_one_date(index):
    process = make_process(index, make_phase("Avond", TODAY, TODAY))
    with translation.override("en"):
        assert show(process, on=TODAY).now.period == "15 March 2026"


def test_page_costs_the_same_queries_for_one_and_three_phases(index, django_assert_num_queries):
    spans = [MARCH, APRIL, FEBRUARY]
    for number in (1, 3):
        phases = [make_phase(f"Fase {place}", *spans[place], opens=["trial.write"]) for place in range(number)]
        process = make_process(index, *phases, title=f"Traject {number}")
        for place in range(number):
            process.add_child(instance=ContentPage(title=f"Deel {place}", slug=f"deel-{place}"))
        process = ProcessPage.objects.get(pk=process.pk)
        assert process.url  # the addresses of sites are kept
        with django_assert_num_queries(PAGE_QUERIES):
            shown = show(process, on=TODAY)
            assert len(shown.phases) == number
            assert all(link.url for phase in shown.phases for link in phase.possibilities)


# phases, restrictions of pages, pages below
PAGE_QUERIES = 3


def test_script_in_every_text_is_text(index):
    nasty = "<script>alert(1)</script>"
    phase = make_phase(nasty, *MARCH, goal=nasty, audience=nasty, influence=nasty, outcome=nasty)
    process = make_process(index, phase, title="Naar", intro=nasty)
    assert "<script>alert" not in read(process)
    assert "<script>alert" not in read(index)


# --- The list ------------------------------------------------------------------------------------------


def names(response):
    return {group["key"]: [card["title"] for card in group["cards"]] for group in response.context["groups"]}


@pytest.fixture
def three(index, places):
    make_process(index, make_phase("A", *MARCH), title="Loopt", area=places.harbour, intro="Over fietspaden.")
    make_process(index, make_phase("B", *APRIL), title="Komt", area=places.west)
    make_process(index, make_phase("C", *FEBRUARY), title="Klaar")
    make_process(index, title="Zonder fasen", area=places.heath)
    return index


def test_list_groups_by_running_coming_finished(three):
    assert names(Client().get(three.url)) == {
        "running": ["Loopt"],
        "coming": ["Komt", "Zonder fasen"],
        "finished": ["Klaar"],
    }


def test_list_filters_by_area_with_its_parts_and_what_lies_around(three, places):
    """A neighbourhood also sees its district and the whole municipality; a district also its neighbourhoods."""
    found = {
        area: names(Client().get(three.url, {"area": getattr(places, area).slug}))
        for area in ("harbour", "heath", "west")
    }
    assert found["harbour"] == {"running": ["Loopt"], "finished": ["Klaar"]}
    assert found["heath"] == found["west"] == {"coming": ["Komt", "Zonder fasen"], "finished": ["Klaar"]}


def test_list_finds_words(three):
    assert names(Client().get(three.url, {"q": "fietspad"})) == {"running": ["Loopt"]}
    assert names(Client().get(three.url, {"q": "bestaat niet"})) == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("area", "nergens"),
        ("area", "' OR 1=1"),
        ("q", "\x00'\"&|!(:*"),
        ("q", "x" * 500),
        ("page", "9999"),
        ("page", "-1"),
    ],
)
def test_list_survives_strange_addresses(three, name, value):
    assert Client().get(three.url, {name: value}).status_code == 200


def test_list_without_processes_says_so(index):
    assert "pm-empty" in read(index)


def test_list_hides_what_is_not_public(three):
    ProcessPage.objects.get(title="Loopt").unpublish()
    ProcessPage.objects.get(title="Klaar").view_restrictions.create(restriction_type="login")
    assert names(Client().get(three.url)) == {"coming": ["Komt", "Zonder fasen"]}


def test_finished_processes_come_in_pages(index):
    for number in range(index.PER_PAGE + 1):
        make_process(index, make_phase("A", *FEBRUARY), title=f"Oud {number}")
    first, second = (names(Client().get(index.url, {"page": page})) for page in (1, 2))
    assert (len(first["finished"]), len(second["finished"])) == (index.PER_PAGE, 1)


def test_list_costs_the_same_queries_for_one_and_three(index, places, django_assert_num_queries, rf):
    from process.listing import list_processes

    for number in range(3):
        make_process(index, make_phase("A", *MARCH), title=f"Loopt {number}", area=places.harbour)
        if number == 1:
            continue
        assert index.url
        with django_assert_num_queries(LIST_QUERIES):
            listing = list_processes(index, rf.get("/").GET, on=TODAY)
            assert len(listing["groups"][0]["cards"]) == number + 1


# restrictions, number of finished ones, running with their phases, coming, finished
LIST_QUERIES = 5


def test_card_says_the_phase_and_its_end(index):
    process = make_process(index, make_phase("Ideeën", *MARCH), make_phase("Kiezen", *APRIL))
    with translation.override("en"):
        assert card_of(process, on=TODAY)["meta"] == [
            "Whole municipality",
            '<span lang="nl">Ideeën</span> until 31 March 2026',
        ]
        assert card_of(process, on=FEBRUARY[0])["meta"][1] == '<span lang="nl">Ideeën</span> from 1 March 2026'
        assert card_of(process, on=date(2026, 5, 1))["meta"][1] == "Ended on 30 April 2026"


# --- Elsewhere -------------------------------------------------------------------------------------------


def test_home_page_shows_where_one_can_join_in_and_what_ends_first(three):
    make_process(three, make_phase("D", TODAY, TODAY), title="Vandaag")
    make_process(three, make_phase("E", TODAY, TODAY, citizen_rung="inform"), title="Verslag")
    make_process(three, make_phase("F", *FEBRUARY), make_phase("G", *APRIL), title="In een pauze")
    assert [highlight.title for highlight in running_now(3)] == ["Vandaag", "Loopt"]


def test_neighbourhood_shows_its_processes_running_first(three, places):
    found = processes_around(places.harbour, 5)
    assert [happening.title for happening in found] == ["Loopt", "Klaar"]
    assert [happening.title for happening in processes_around(places.heath, 2)] == ["Komt", "Zonder fasen"]


def test_process_that_only_informs_does_not_run_in_its_neighbourhood(three, places):
    """Such as an imported budget of years ago, of which the result can be read."""
    phases = make_phase("Kiezen", *FEBRUARY), make_phase("Uitslag", TODAY, TODAY, citizen_rung="inform")
    make_process(three, *phases, title="Al beslist", area=places.harbour)
    found = processes_around(places.harbour, 5)
    assert [(happening.title, happening.state) for happening in found] == [
        ("Loopt", str(STATES["running"])),
        ("Al beslist", "Uitslag"),
        ("Klaar", str(STATES["finished"])),
    ]


def test_below_a_process_stand_texts_and_what_a_phase_opens():
    """No list of news or of processes: an editor who adds a page there is offered what makes sense."""
    offered = {model.__name__ for model in ProcessPage.allowed_subpage_models()}
    assert offered.isdisjoint({"NewsIndexPage", "NeighbourhoodIndexPage", "ProcessIndexPage", "HomePage"})
    assert {"BudgetRoundPage", "ProposalsPage", "ReferendumPage", "ContentPage"} <= offered
