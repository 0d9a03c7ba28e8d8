"""Groups of voters in the admin, on the page of a result, and in the published files."""

import json
from hashlib import sha256

import pytest
from django.urls import reverse
from django.utils import translation

from ballots.models import Electorate
from ballots.publishing import verify
from tests.ballots.published import hold, read_json, write_files, write_json
from tests.ballots.test_staff import text_of
from tests.factories.ballots import cast, make_vote, make_voters, open_by_two
from tests.factories.electorates import add_group, make_grouped_vote
from tests.factories.people import make_resident

pytestmark = pytest.mark.django_db


def url(name, vote, *args):
    return reverse(f"vote:{name}", args=[vote.pk, *args])


def titles(vote):
    return list(vote.electorates.values_list("number", "title"))


# --- Staff ----------------------------------------------------------------------------------------------------------


def test_group_is_made_changed_moved_and_deleted(site_root, places, dirk, client_for):
    vote, client = make_vote(), client_for(dirk)
    data = {"title": "Haven", "area": places.harbour.pk, "streets": "havenstraat", "minimum_age": "12"}
    assert client.post(url("add_group", vote), data).url == url("groups", vote)
    client.post(url("add_group", vote), {"title": "Rest", "streets": ""})
    first, second = vote.electorates.all()
    assert (first.area, first.streets, first.minimum_age) == (places.harbour, [{"street": "Havenstraat"}], 12)
    assert (second.area, second.streets, second.minimum_proof) == (None, [], None)
    client.post(url("edit_group", vote, 2), {"title": "Alle anderen", "streets": "", "minimum_proof": "1"})
    client.post(url("groups", vote), {"step": "up:2"})
    assert titles(vote) == [(1, "Alle anderen"), (2, "Haven")]
    client.post(url("groups", vote), {"step": "delete:1"})
    assert titles(vote) == [(1, "Haven")]


def test_every_neighbourhood_of_the_area_becomes_a_group(site_root, places, dirk, client_for):
    vote, small = make_vote(area=places.east), make_vote(area=places.harbour)
    client = client_for(dirk)
    client.post(url("groups", vote), {"step": "neighbourhoods"})
    assert titles(vote) == [(1, "Havenbuurt"), (2, "Weidebuurt")]
    answer = client.post(url("groups", small), {"step": "neighbourhoods"}, follow=True)
    assert "geen twee buurten" in text_of(answer)
    assert titles(small) == []


def test_unknown_street_of_a_group_is_said(site_root, places, dirk, client_for):
    vote = make_vote()
    answer = client_for(dirk).post(url("add_group", vote), {"title": "X", "streets": "Langestraat"})
    assert "Wij kennen hier geen straat “Langestraat”." in text_of(answer)
    assert titles(vote) == []


@pytest.mark.parametrize("name", ["groups", "add_group", "edit_group"])
def test_groups_of_an_opened_vote_cannot_be_changed(site_root, places, anna, dirk, client_for, name):
    """Form and action refuse; the trigger does in `test_groups`."""
    vote = open_by_two(make_grouped_vote(places.harbour))
    args = [1] if name == "edit_group" else []
    for answer in (client_for(dirk).get(url(name, vote, *args)), client_for(dirk).post(url(name, vote, *args))):
        assert answer.url == url("inspect", vote)
    assert titles(vote) == [(1, "Havenbuurt"), (2, "De rest")]


@pytest.mark.parametrize("number", [1, 3])
def test_list_of_groups_costs_the_same_for_any_number(
    site_root, places, dirk, client_for, django_assert_num_queries, number
):
    vote, client = make_vote(), client_for(dirk)
    for each in range(number):
        add_group(vote, f"Groep {each}", area=places.harbour)
    client.get(url("groups", vote))
    with django_assert_num_queries(16):
        client.get(url("groups", vote))


def test_staff_see_groups_in_round_numbers(site_root, places, dirk, client_for):
    make_voters(13, places.harbour)
    make_resident("Alleen", places.heath)
    shown = text_of(client_for(dirk).get(url("groups", make_grouped_vote(places.harbour))))
    assert [word in shown for word in ("minstens 10", "minder dan 10", "13")] == [True, True, False]


# --- The result -----------------------------------------------------------------------------------------------------


@pytest.fixture
def held(places, settings):
    """A published vote, numbers from 2 ballots on: the harbour (3 of 3), the meadow (2 of 4) and the rest (1 of 1) voted."""
    settings.BALLOTS_CELL_MINIMUM = 2
    vote = make_grouped_vote(places.harbour, places.meadow)
    people = [
        make_resident(f"{area} {n}", area)
        for area, many in ((places.harbour, 3), (places.meadow, 4))
        for n in range(many)
    ]
    people = [people[0], people[1], people[2], people[3], people[4], make_resident("Heide", places.heath)]
    open_by_two(vote)
    for person in people:
        cast(vote, person, [1, 2])
    return hold(vote)


def test_page_tells_of_large_groups_and_names_the_hidden_ones(site_root, held, client_for):
    shown = text_of(client_for().get(f"/en/stemmen/{held.pk}/"))
    section = shown.split("Per group of voters", 1)[1].split("Check it yourself", 1)[0]
    assert "Weidebuurt 4 2 50.0" in section
    assert "We do not show: Havenbuurt; De rest." in section


def test_verifier_sees_that_groups_fit(held, tmp_path, capsys):
    assert verify.main([str(write_files(held, tmp_path)), "--lang", "en"]) == 0
    assert "The numbers of 1 groups fit in the result." in capsys.readouterr().out


@pytest.mark.parametrize(
    "spoil",
    [
        lambda line: line.update(ballots=5),
        lambda line: line.update(roll=99),
        lambda line: line["votes"]["1"].update(A=7),
        lambda line: line["votes"]["1"].update(A=-1),
        lambda line: line.update(electorate="9"),
    ],
)
def test_verifier_finds_numbers_of_groups_that_do_not_fit(held, tmp_path, capsys, spoil):
    """Somebody writes other numbers and seals them again. Mutant: `check_groups` returns at once."""
    folder = write_files(held, tmp_path)
    result, about = read_json(folder, "result.json"), read_json(folder, "vote.json")
    spoil(next(line for line in result["electorates"] if "ballots" in line))
    write_json(folder, "result.json", result)
    about["result_digest"] = sha256((folder / "result.json").read_bytes()).hexdigest()
    write_json(folder, "vote.json", about)
    assert verify.main([str(folder), "--lang", "en"]) == 1
    said = capsys.readouterr().out
    assert [line for line in said.splitlines() if line.startswith("WRONG")] == [
        "WRONG: The numbers of groups do not fit in the result."
    ]


def test_hidden_group_has_no_number_in_the_seal(held):
    lines = json.loads(held.seal.result)["electorates"]
    assert [sorted(line) for line in lines] == [
        ["electorate"],
        ["ballots", "electorate", "roll", "votes"],
        ["electorate"],
    ]


def test_promises_say_what_becomes_of_the_group(site_root, places, anna, client_for):
    with translation.override("en"):
        vote = open_by_two(make_grouped_vote(places.harbour))
        shown = text_of(client_for().get(f"/en/stemmen/{vote.pk}/"))
    assert "Until the count a ballot says from which group of voters it came." in shown
    assert "You vote in the first group that you belong to." in shown
    assert Electorate.objects.filter(vote=vote).count() == 2
