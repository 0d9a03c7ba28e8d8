"""Groups of voters in one vote: who is in which, what is sealed of each, and what the database refuses."""

import json
from collections import Counter
from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from ballots.actions import BoxDamaged, close_vote, count_vote, rewrite_box, write_checkpoint
from ballots.frozen import freeze, frozen_vote, rules_hash, rules_of
from ballots.models import Ballot, Electorate, RollEntry, Vote
from ballots.register.loading import load_register
from ballots.roll import electorate, group_sizes, voter_key
from ballots.rules import can_have_roll, why_not_on_roll
from people.models import Resident
from people.rules import may_take_part
from people.verdict import NotAllowed
from tests.ballots.clocks import database_clock
from tests.ballots.test_guards import attack
from tests.factories.ballots import cast, make_open_vote, make_voters, open_by_two
from tests.factories.electorates import add_group, make_grouped_vote
from tests.factories.people import make_resident
from tests.factories.register import HEADER, extract, line, make_register_vote

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def entry_of(vote, person):
    return RollEntry.objects.get(vote=vote, voter_key=voter_key(bytes(vote.pepper), person.reference))


def counted(vote):
    with database_clock(vote.closes_at):
        close_vote(vote)
    count_vote(vote)
    vote.refresh_from_db()
    return vote


def table(vote):
    return json.loads(vote.seal.result).get("electorates", [])


# --- Who is in which -----------------------------------------------------------------------------------------------


def test_everybody_is_on_the_roll_once_in_the_first_group_they_belong_to(places):
    """Mutant: write a group's people group by group; who belongs to two would be refused by `one_roll_entry_per_voter`."""
    harbour, meadow, heath = (make_resident(area.name, area) for area in (places.harbour, places.meadow, places.heath))
    vote = open_by_two(make_grouped_vote(places.harbour, places.east))
    assert [entry_of(vote, person).electorate for person in (harbour, meadow, heath)] == [1, 2, 3]
    assert RollEntry.objects.filter(vote=vote).count() == 3


def test_group_asks_its_own_age_and_proof(places):
    young = make_resident("Jong", places.harbour, birth_date=date(timezone.localdate().year - 13, 1, 1))
    mail = make_resident("Mail", places.harbour, proof=1)
    vote = make_grouped_vote(minimum_age=16)
    Electorate.objects.filter(vote=vote).delete()
    add_group(vote, "Jongeren", minimum_age=12)
    add_group(vote, "Wie een adres heeft", minimum_proof=1)
    assert group_sizes(freeze(vote)) == {1: 1, 2: 1}
    open_by_two(vote)
    assert [entry_of(vote, person).electorate for person in (young, mail)] == [1, 2]


def test_group_lies_within_the_vote(places, bram, anna):
    vote = make_grouped_vote(places.heath, area=places.east)
    assert group_sizes(freeze(vote)) == {2: 1}
    open_by_two(vote)
    assert why_not_on_roll(frozen_vote(vote.pk), bram).reason == "This is for people who live in Wijk Oost."


def test_groups_and_rule_agree_on_everybody(places):
    """One query, and a rule in Python per group."""
    births = [date(2000, 1, 1), date(timezone.localdate().year - 13, 1, 1), None]
    for number, birth in enumerate(births):
        for area in (places.harbour, places.meadow, places.heath):
            for proof in (0, 2):
                make_resident(f"P{number} {area} {proof}", area, birth_date=birth, proof=proof)
    vote = make_grouped_vote(places.harbour, minimum_age=16)
    Electorate.objects.filter(vote=vote, number=2).update(area=places.west, minimum_age=12, minimum_proof=0)
    found = dict(electorate(freeze(vote)).values_list("pk", "group"))
    wanted = {}
    for person in Resident.objects.select_related("neighbourhood__parent__parent"):
        for number, area, age, proof in ((1, places.harbour, 16, 2), (2, places.west, 12, 0)):
            asked = {"area": area, "minimum_age": age, "minimum_proof": proof, "on": timezone.localdate()}
            if may_take_part(person, **asked):
                wanted.setdefault(person.pk, number)
    assert found == wanted
    assert Counter(found.values()) == {1: 1, 2: 4}


def test_who_belongs_to_no_group_reads_which_there_are(places, anna, chaima):
    vote = make_grouped_vote(places.harbour)
    Electorate.objects.filter(vote=vote, number=2).update(area=places.meadow, title="Weide")
    heath = make_resident("Heide", places.heath)
    open_by_two(vote)
    frozen = frozen_vote(vote.pk)
    said = [why_not_on_roll(frozen, person).reason for person in (heath, chaima)]
    assert said == [
        "You belong to none of the groups of voters: Havenbuurt; Weide.",
        "You can take part from the age of 16.",
    ]


def test_small_group_is_merged_at_opening_and_the_page_says_so(places, client_for, site_root):
    """Mutant: write the group as it was before merging; the database refuses it (`voter_is_in_a_group`)."""
    make_voters(3, places.harbour)
    lonely = make_resident("Alleen", places.heath)
    vote = open_by_two(make_grouped_vote(places.harbour, places.heath, least=2))
    assert list(vote.electorates.values_list("number", "merged_into")) == [(1, None), (2, 1), (3, 1)]
    assert entry_of(vote, lonely).electorate == 1
    page = client_for().get(f"/en/stemmen/{vote.pk}/").content.decode()
    assert "This group has fewer than 2 people, so it is counted with Havenbuurt." in page


def test_one_group_alone_is_refused(anna):
    vote = make_grouped_vote()
    assert "One group of voters is no group" in can_have_roll(freeze(vote), timezone.now()).reason
    with pytest.raises(NotAllowed):
        open_by_two(vote)


def test_groups_are_in_the_rules_and_what_they_were_merged_into_is_not(places):
    vote = make_grouped_vote(places.harbour)
    before = rules_hash(freeze(vote))
    vote.electorates.filter(number=2).update(merged_into=1)
    assert rules_hash(freeze(vote)) == before
    for change in (
        {"title": "Anders"},
        {"area": places.heath},
        {"streets": [{"street": "Kade"}]},
        {"minimum_age": 1},
        {"minimum_proof": 1},
    ):
        vote.electorates.filter(number=1).update(**change)
        assert rules_hash(freeze(vote)) != before, change
        before = rules_hash(freeze(vote))
    assert [each["reference"] for each in rules_of(freeze(vote))["electorates"]] == ["1", "2"]


# --- From the ballot to the seal ------------------------------------------------------------------------------------


@pytest.fixture
def busy(places, settings):
    """An open vote of the harbour (4 voted), the meadow (3 of 5) and the rest (1 of 2), where two are enough to be told of."""
    settings.BALLOTS_CELL_MINIMUM = 2
    harbour, meadow, heath = (
        [make_resident(f"{area} {number}", area) for number in range(people)]
        for area, people in ((places.harbour, 4), (places.meadow, 5), (places.heath, 2))
    )
    vote = open_by_two(make_grouped_vote(places.harbour, places.meadow))
    for person in (*harbour, *meadow[:3]):
        cast(vote, person, [1])
    cast(vote, heath[0], [2])
    return vote


def test_ballot_gets_the_group_of_its_roll_entry_and_shredding_takes_it(busy):
    assert Counter(busy.ballots.values_list("electorate", flat=True)) == {1: 4, 2: 3, 3: 1}
    write_checkpoint(busy)
    assert Counter(busy.ballots.values_list("electorate", flat=True)) == {1: 4, 2: 3, 3: 1}
    counted(busy)
    rewrite_box(busy)
    assert Counter(busy.ballots.values_list("electorate", flat=True)) == {None: 8}
    assert Counter(busy.roll.values_list("electorate", flat=True)) == {1: 4, 2: 5, 3: 2}


def test_cast_in_a_vote_with_groups_is_four_statements(vote, bram):
    with CaptureQueriesContext(connection) as queries:
        cast(vote, bram, [1])
    assert len([query for query in queries if "SAVEPOINT" not in query["sql"]]) == 4


def test_seal_tells_of_groups_that_are_large_enough_and_hides_a_second_one(busy):
    """The rest (1 ballot) is hidden, and the harbour with it: it has the fewest on the roll. Mutant: `hidden_cells` without the loop."""
    vote = counted(busy)
    assert [line.get("ballots") for line in table(vote)] == [None, 3, None]
    assert table(vote)[1] == {
        "electorate": "2",
        "roll": 5,
        "ballots": 3,
        "votes": {"1": {"A": 3, "B": 0, "C": 0, "D": 0}},
    }


def test_one_count_over_all_ballots_decides(busy):
    result = json.loads(counted(busy).seal.result)["questions"]["1"]
    assert {option["option"]: option["votes"] for option in result["options"]}["A"] == 7


def test_nothing_is_told_of_groups_when_there_are_few_ballots(places):
    people = make_voters(2, places.harbour)
    vote = make_grouped_vote(places.harbour, least=0)
    Vote.objects.filter(pk=vote.pk).update(publication_threshold=3)
    vote.electorates.filter(number=2).update(area=places.heath)
    for number in range(3):
        make_resident(f"Heide {number}", places.heath)
    make_resident("Nog een", places.harbour)
    open_by_two(vote)
    cast(vote, people[0], [1])
    assert table(counted(vote)) == []


def test_no_published_file_has_the_group_of_a_ballot(busy, dirk):
    from ballots.actions import publish_result
    from ballots.publishing.files import files_of

    vote = publish_result(counted(busy), actor=dirk)
    for file in files_of(vote):
        text = b"".join(file.content()).decode()
        if file.name in ("ballots.jsonl", "leaves.jsonl", "superseded.jsonl", "log.json"):
            assert "electorate" not in text


# --- Behind Python's back ----------------------------------------------------------------------------------------------


@pytest.fixture
def vote(places, anna, bram):
    """Anna (harbour, group 1) has voted and Bram (group 2) has not."""
    vote = open_by_two(make_grouped_vote(places.harbour))
    cast(vote, anna, [1])
    return vote


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE ballots_electorate SET title = 'Anders' WHERE vote_id = %s",
        "UPDATE ballots_electorate SET merged_into = 2 WHERE vote_id = %s AND number = 1",
        "UPDATE ballots_electorate SET minimum_age = 1 WHERE vote_id = %s",
        "DELETE FROM ballots_electorate WHERE vote_id = %s",
        (
            'INSERT INTO ballots_electorate SELECT (jsonb_populate_record(e, \'{"id": -1, "number": 9, "reference": "9"}\')).*'
            " FROM ballots_electorate e WHERE vote_id = %s AND number = 1"
        ),
    ],
)
def test_groups_of_an_opened_vote_are_frozen(vote, sql):
    """Mutant: drop trigger `ballots_guard_electorate`."""
    attack(sql, vote.pk)


def test_group_cannot_move_into_an_opened_vote(vote, places):
    draft = make_grouped_vote(places.harbour)
    attack(
        "UPDATE ballots_electorate SET vote_id = %s, number = 9, reference = '9' WHERE vote_id = %s AND number = 1",
        vote.pk,
        draft.pk,
    )


@pytest.mark.parametrize("value", ["1", "NULL", "9"])
def test_voter_keeps_their_group(vote, value):
    """Mutants: drop `ballots_guard_group_of_entry`; drop `ballots_guard_groups_of_moved_entries`."""
    attack(f"UPDATE ballots_rollentry SET electorate = {value} WHERE vote_id = %s AND electorate = 2", vote.pk)
    attack(
        "WITH gone AS (DELETE FROM ballots_rollentry WHERE vote_id = %s AND electorate = 2 RETURNING *)"
        " INSERT INTO ballots_rollentry (id, vote_id, voter_key, has_cast, told, electorate)"
        f" SELECT gen_random_uuid(), vote_id, voter_key, has_cast, told, {value}::smallint FROM gone",
        vote.pk,
    )


@pytest.mark.parametrize("value", [None, 9])
def test_roll_of_a_vote_with_groups_names_one_of_them(places, value):
    """Mutant: drop `ballots_guard_groups_of_entries`."""
    draft = make_grouped_vote(places.harbour)
    with pytest.raises(IntegrityError), transaction.atomic():
        RollEntry.objects.create(vote=draft, voter_key=b"k" * 32, electorate=value)


def test_roll_of_a_vote_without_groups_names_none(places, anna):
    from tests.factories.ballots import make_vote

    with pytest.raises(IntegrityError), transaction.atomic():
        RollEntry.objects.create(vote=make_vote(), voter_key=b"k" * 32, electorate=1)


@pytest.mark.parametrize("value", ["2", "NULL", "9"])
def test_ballot_keeps_its_group_while_the_vote_is_open(vote, value):
    """Mutant: drop `ballots_guard_groups_of_moved_ballots`; somebody moves a ballot to another group before the count."""
    attack(f"UPDATE ballots_ballot SET electorate = {value} WHERE vote_id = %s", vote.pk)
    attack(f"UPDATE ballots_ballot SET electorate = {value}, version = version + 1 WHERE vote_id = %s", vote.pk)
    attack(
        "WITH gone AS (DELETE FROM ballots_ballot WHERE vote_id = %s RETURNING *)"
        " INSERT INTO ballots_ballot (id, vote_id, tag, tracker, version, nonce, payload, leaf, channel, batch, electorate)"
        " SELECT gen_random_uuid(), vote_id, tag, tracker, version, nonce, payload, leaf, channel, batch,"
        f" {value}::smallint FROM gone",
        vote.pk,
    )


@pytest.mark.parametrize(
    ("channel", "value", "fits"),
    [("web", 1, True), ("web", None, False), ("web", 9, False), ("counter", None, False)],
)
def test_ballot_is_of_a_group_of_its_vote(vote, channel, value, fits):
    """Mutant: drop `ballots_guard_groups_of_ballots`."""
    from tests.ballots.test_guards import ballot_row

    row = ballot_row(vote, channel=channel, electorate=value)
    if fits:
        Ballot.objects.create(**row)
    else:
        with pytest.raises(IntegrityError), transaction.atomic():
            Ballot.objects.create(**row)


def test_shredded_ballot_gets_no_group_again(vote):
    rewrite_box(counted(vote))
    attack("UPDATE ballots_ballot SET electorate = 1 WHERE vote_id = %s", vote.pk)
    attack(
        "WITH gone AS (DELETE FROM ballots_ballot WHERE vote_id = %s RETURNING *)"
        " INSERT INTO ballots_ballot (id, vote_id, tag, tracker, version, nonce, payload, leaf, channel, batch, electorate)"
        " SELECT gen_random_uuid(), vote_id, tag, tracker, version, nonce, payload, leaf, channel, batch, 1 FROM gone",
        vote.pk,
    )


def test_box_whose_groups_do_not_fit_the_roll_is_not_counted(vote):
    """With the guards off a ballot goes to a group in which nobody voted. Mutant: leave the groups out of `_reconciled_roll`."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE ballots_ballot DISABLE TRIGGER USER")
        cursor.execute("UPDATE ballots_ballot SET electorate = 2 WHERE vote_id = %s", [vote.pk])
        cursor.execute("ALTER TABLE ballots_ballot ENABLE TRIGGER USER")
    with pytest.raises(BoxDamaged, match="more ballots than people"):
        counted(vote)


def test_vote_without_groups_stays_as_it_was(anna):
    vote = make_open_vote()
    cast(vote, anna, [1])
    assert list(vote.ballots.values_list("electorate", flat=True)) == [None]
    assert json.loads(counted(vote).seal.result).keys() == {"questions"}


# --- The register ---------------------------------------------------------------------------------------------------------


WITH_GROUP = f"{HEADER};kiesgroep"


def test_group_in_the_extract_decides_else_the_address_does(places):
    """Entrepreneurs are known from the register only. Mutant: leave `_is_named` out of `registered_electorate`."""
    vote = make_register_vote(publication_threshold=1)
    add_group(vote, "Ondernemers", area=places.heath)
    add_group(vote, "Bewoners")
    lines = [f"{line('1004')};1", f"{line('1002')};", f"{line('1003')};2"]
    load_register(vote, extract(*lines, header=WITH_GROUP), actor=None)
    open_by_two(vote)
    assert Counter(vote.roll.values_list("electorate", flat=True)) == {1: 1, 2: 2}


def test_unknown_group_in_the_extract_is_refused(places):
    vote = make_register_vote()
    add_group(vote, "Ondernemers")
    add_group(vote, "Bewoners")
    vote.register.all().update(electorate="9")
    with pytest.raises(NotAllowed, match="names the group “9”"):
        open_by_two(vote)


def test_register_without_conditions_is_everybody_in_it(places):
    """Mutant: an empty `Q` for no condition; then only test persons would be on the roll."""
    vote = make_register_vote(line("1001", birth_date="2020-01-01"), minimum_age=0)
    assert open_by_two(vote).roll.count() == 1
