"""Published votes with paper: both verifiers find them right, and find every kind of tampering with what paper adds."""

import pytest

from ballots.actions import count_vote, publish_result
from ballots.channels import published
from ballots.publishing import verify
from tests.ballots.paper_world import close, enter, reconcile, send_envelopes
from tests.ballots.published import read_json, read_lines, write_files, write_json, write_lines
from tests.ballots.second_verifier import problems_in
from tests.factories.ballots import cast_answers, make_forms_vote, make_voters, open_by_two
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db

PAPER = [
    {"1": ["1a"], "2": ["2b", "2a"]},
    {"1": None, "2": ["2c"]},
    {"1": [], "2": None},
    {"1": None, "2": None},
    *[{"1": ["1b"], "2": ["2d", "2a"]} for _ballot in range(7)],
]


@pytest.fixture
def vote(places):
    voters = make_voters(24, places.harbour)
    vote = open_by_two(make_forms_vote("yes_no", "ranking", on_paper=True))
    for voter in voters[:11]:
        cast_answers(vote, voter, {"1": ["1a"], "2": ["2a", "2d"]})
    send_envelopes(vote, voters[11:23])
    close(vote)
    enter(vote, *PAPER)
    reconcile(vote, opened=12, reason="Een envelop was leeg.")
    count_vote(vote)
    publish_result(vote, actor=make_user("Publiceert", roles=("clerk",)))
    vote.refresh_from_db()
    return vote


@pytest.fixture
def folder(vote, tmp_path):
    return write_files(vote, tmp_path)


def run(folder):
    said = []
    return verify.main([str(folder)], said.append), "\n".join(said)


def test_honest_vote_with_paper_is_right(folder):
    status, said = run(folder)
    assert status == 0, said
    assert "Per kanaal: paper 11, web 11." in said
    assert ("Vraag 1: 1 blanco en 2 ongeldig." in said, "Vraag 2: 0 blanco en 2 ongeldig." in said) == (True, True)
    assert problems_in(folder) == []
    assert (folder / "proces-verbaal.pdf").read_bytes().startswith(b"%PDF")


def test_same_bytes_whenever_it_is_asked(vote, folder, tmp_path):
    again = tmp_path / "again"
    again.mkdir()
    write_files(vote, again)
    for file in again.iterdir():
        assert file.read_bytes() == (folder / file.name).read_bytes()


def test_result_page_tells_valid_blank_invalid_and_channels(vote, client):
    page = client.get(f"/stemmen/{vote.pk}/").content.decode()
    assert "Geldig: 19. Blanco: 1. Ongeldig: 2." in page
    assert "2 stembiljetten waren ongeldig." in page
    assert ("papier: 11" in page, "website: 11" in page, "proces-verbaal.pdf" in page) == (True, True, True)


def make_valid(folder):
    ballots = read_lines(folder, "ballots.jsonl")
    target = next(each for each in ballots if each["ballot"]["answers"]["1"] is None)
    target["ballot"]["answers"]["1"] = ["1b"]
    write_lines(folder, "ballots.jsonl", ballots)


def make_invalid(folder):
    ballots = read_lines(folder, "ballots.jsonl")
    target = next(each for each in ballots if each["ballot"]["answers"]["1"] == ["1a"])
    target["ballot"]["answers"]["1"] = None
    write_lines(folder, "ballots.jsonl", ballots)


def leave_out(folder):
    ballots = read_lines(folder, "ballots.jsonl")
    gone = next(each for each in ballots if None in each["ballot"]["answers"].values())
    write_lines(folder, "ballots.jsonl", [each for each in ballots if each is not gone])


def about(**changes):
    def change(folder):
        found = read_json(folder, "vote.json")
        write_json(folder, "vote.json", {**found, **changes})

    change.__name__ = "_".join(changes)
    return change


def without_paper(folder):
    found = read_json(folder, "vote.json")
    del found["rules"]["on_paper"]
    write_json(folder, "vote.json", found)


TAMPERING = [
    make_valid,
    make_invalid,
    leave_out,
    without_paper,
    about(format="participatiemix-vote/1"),
    about(channels={"web": 12, "paper": 11}),
    about(channels={"web": 20, "paper": 2}),
    about(channels={"web": 22}),
    about(answers={"1": {"blank": 0, "invalid": 3}, "2": {"blank": 0, "invalid": 2}}),
    about(missing=3),
    about(missing=-1),
]


@pytest.mark.parametrize("tamper", TAMPERING)
def test_tampering_with_paper_is_found(folder, tamper):
    tamper(folder)
    status, said = run(folder)
    assert status in (1, 2), said
    assert problems_in(folder) != []


@pytest.mark.parametrize(
    ("numbers", "shown"),
    [
        ({"web": 100, "paper": 20}, {"web": 100, "paper": 20}),
        ({"web": 100, "paper": 9}, {"web": None, "paper": None}),
        ({"web": 100, "paper": 9, "counter": 30}, {"web": 100, "paper": None, "counter": None}),
        ({"web": 100, "paper": 9, "counter": 3}, {"web": 100, "paper": None, "counter": None}),
        ({"web": 100, "paper": 0}, {"web": 100, "paper": 0}),
        ({"web": 5, "paper": 0}, {"web": None, "paper": 0}),
    ],
)
def test_numbers_about_few_people_are_left_out_and_cannot_be_computed(numbers, shown):
    assert published(numbers) == shown
