"""A poll that is not secret while it runs: changed by logging in, said everywhere, and after shredding as secret as any vote."""

import json
import re

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import translation

from ballots.actions import (
    AlreadyVoted,
    BallotChanged,
    CodeRefused,
    annul_vote,
    close_vote,
    count_vote,
    find_own_ballot,
    open_test,
    rewrite_box,
)
from ballots.codes import code_from, new_code, tag_of, tracker_of
from ballots.frozen import freeze, frozen_vote
from ballots.models import Ballot, Vote
from ballots.promises import promises
from ballots.rules import is_complete
from ballots.voters import mark_roll, voter_behind
from people.models import Resident
from tests.ballots.clocks import database_clock
from tests.ballots.test_voting_pages import hidden_fields, text_of
from tests.factories.ballots import cast, make_open_vote, make_opener, make_vote
from tests.factories.referendum import make_referendum, make_vote_of

pytestmark = pytest.mark.django_db

POLL = {"form": "approval", "max_options": 2, "max_sum": None, "budget": None, "counting": {"rule": "approval"}}
LOGIN = {"change_policy": "login", "not_secret": True}
NOTICE = "Not secret while the poll runs"


@pytest.fixture
def poll(site_root, anna, bram):
    return make_open_vote(**POLL, **LOGIN)


def url(name, vote):
    with translation.override("en"):
        return reverse(f"ballots:{name}", args=[vote.pk])


def chosen(vote):
    return [
        json.loads(payload)["answers"]["1"]
        for payload in Ballot.objects.filter(vote=vote).values_list("payload", flat=True)
    ]


# --- The box ---------------------------------------------------------------------------------------------------


def test_code_follows_from_the_voter_and_is_stored_nowhere(poll, anna, bram):
    cast(poll, anna, [1])
    cast(poll, bram, [2])
    assert find_own_ballot(frozen_vote(poll.pk), voter_behind(anna)).answers == {"1": ["A"]}
    assert find_own_ballot(frozen_vote(poll.pk), voter_behind(bram)).answers == {"1": ["B"]}
    code = code_from(bytes(poll.pepper), anna.reference)
    row = Ballot.objects.get(vote=poll, tag=tag_of(poll.pk, code))
    stored = " ".join(str(getattr(row, field.attname)) for field in Ballot._meta.concrete_fields)
    assert code not in stored
    assert str(anna.reference) not in stored
    assert code_from(b"another pepper".ljust(32), anna.reference) != code


def test_logging_in_changes_the_ballot_and_an_old_page_does_not(poll, anna):
    first = cast(poll, anna, [1], replaces=0)
    assert cast(poll, anna, [1], replaces=0) == first
    with pytest.raises(BallotChanged):
        cast(poll, anna, [2], replaces=0)
    assert cast(poll, anna, [2], new_code(), replaces=1).version == 2
    assert chosen(poll) == [["B"]]


def test_who_voted_on_paper_does_not_vote_again(poll, anna):
    """Their mark is on the roll, and no ballot has their code. Mutant killed: whoever is logged in puts in a ballot."""
    with transaction.atomic():
        mark_roll(frozen_vote(poll.pk), anna.reference)
    with pytest.raises(AlreadyVoted, match="niet op deze site"):
        cast(poll, anna, [1])
    assert chosen(poll) == []


def test_secret_vote_finds_no_ballot_by_the_person(anna):
    vote = make_open_vote()
    cast(vote, anna, [1])
    assert find_own_ballot(frozen_vote(vote.pk), voter_behind(anna)) is None
    with pytest.raises(CodeRefused):
        cast(vote, anna, [1], "no code")


@pytest.mark.parametrize("end", ["count", "annul"])
def test_after_shredding_nothing_leads_from_person_to_ballot(poll, anna, bram, end):
    """The attacker has the database, the pepper and everybody's reference. Mutant killed: a tracker that follows from the code."""
    cast(poll, anna, [1])
    cast(poll, bram, [2])

    def found():
        codes = [
            code_from(bytes(poll.pepper), reference)
            for reference in Resident.objects.values_list("reference", flat=True)
        ]
        names = {tag_of(poll.pk, code) for code in codes} | {tracker_of(poll.pk, code) for code in codes}
        rows = Ballot.objects.filter(vote=poll).values_list("tag", "tracker")
        return sum(bool({tag and bytes(tag), tracker} & names) for tag, tracker in rows)

    assert found() == 2
    if end == "count":
        with database_clock(poll.closes_at):
            close_vote(poll)
        count_vote(poll)
    else:
        annul_vote(poll, actor=make_opener("Gerda"), reason="Fout")
    rewrite_box(poll)
    assert Vote.objects.get(pk=poll.pk).pepper is not None
    assert found() == 0
    assert find_own_ballot(frozen_vote(poll.pk), voter_behind(anna)) is None


# --- Where it is not possible ------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", [{"change_policy": "login"}, {"not_secret": True}])
def test_label_and_policy_go_together(wrong):
    """Constraint login_changes_only_what_is_not_secret."""
    with pytest.raises(IntegrityError), transaction.atomic():
        make_vote(**POLL, **wrong)


def test_money_is_voted_in_secret(anna):
    """The rule says why; behind its back trigger ballots_guard_secrecy refuses."""
    draft = make_vote(**LOGIN)
    with translation.override("en"):
        assert (
            is_complete(freeze(draft)).reason
            == "A vote about money is secret. So people cannot change it by logging in."
        )
    opened = "state = 'open', opened_at = now(), rules_hash = '\\x00', agreed_by_id = %s, opened_by_id = %s"
    change = f"UPDATE ballots_vote SET {opened} WHERE id = %s"
    persons = [make_opener("Gerda").pk, make_opener("Otto").pk]
    with pytest.raises(IntegrityError, match="about money"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change, [*persons, draft.pk])
    allowed = make_vote(**POLL, **LOGIN)
    with connection.cursor() as cursor:
        cursor.execute(change, [*persons, allowed.pk])


def test_referendum_is_secret_from_both_sides(site_root, dirk, client_for):
    """Triggers referendum_guard_secrecy and referendum_guard_vote; staff read a sentence."""
    from referendum.models import ReferendumVote
    from referendum.rules import may_be_vote_of

    page = make_referendum(site_root)
    poll = make_vote(**POLL, **LOGIN)
    with pytest.raises(IntegrityError), transaction.atomic():
        ReferendumVote.objects.create(page=page, vote=poll)
    with translation.override("en"):
        assert may_be_vote_of(page, poll).reason == "This is a poll that is not secret. A referendum is."
    vote = make_vote_of(page)
    with pytest.raises(IntegrityError), transaction.atomic():
        Vote.objects.filter(pk=vote.pk).update(**LOGIN)
    data = {"title": vote.title, "opens_at": "2026-11-01 09:00", "closes_at": "2099-11-01 09:00", "minimum_age": 16}
    data |= {
        "minimum_proof": 2,
        "publication_threshold": 20,
        "threshold_kind": "none",
        "reference_kind": "opening",
        "commitment": "x",
        "change_policy": "login",
    }
    with translation.override("en"):
        answer = client_for(dirk).post(reverse("vote:edit", args=[vote.pk]), {**data, "not_secret": "on"})
    assert answer.status_code == 200
    assert "om geheimhouding vraagt" in answer.content.decode()
    assert Vote.objects.get(pk=vote.pk).not_secret is False


# --- The pages ---------------------------------------------------------------------------------------------------------


def test_every_page_says_so_and_the_ballot_is_changed_without_a_code(poll, anna, client_for):
    client = client_for(anna)
    assert NOTICE in text_of(client.get(url("vote", poll)))
    assert NOTICE in text_of(client.get(url("choose", poll)))
    checked = client.post(url("choose", poll), {"choice-1": [1], "step": "check"})
    receipt = client.post(url("cast", poll), hidden_fields(checked, url("cast", poll)))
    own = client.get(url("look_up", poll))
    for page in (checked, receipt, own, client_for().get(url("practise", poll))):
        assert NOTICE in text_of(page)
        assert "voting receipt code" not in text_of(page)
        assert page.headers["Cache-Control"] == "no-store"
    assert "Speeltuin" in text_of(own)
    assert "Change your vote" in text_of(client.get(url("vote", poll)))
    again = client.get(url("choose", poll))
    fields = {
        name: values
        for name, values in hidden_fields(again, url("choose", poll)).items()
        if name != "csrfmiddlewaretoken"
    }
    assert (fields["replaces"], re.findall(r'value="(\d+)"[^>]* checked', again.content.decode())) == (["1"], ["1"])
    checked = client.post(url("choose", poll), {**fields, "choice-1": [2], "step": "check"})
    assert "Your vote has not been changed yet" in text_of(checked)
    client.post(url("cast", poll), hidden_fields(checked, url("cast", poll)))
    assert chosen(poll) == [["B"]]


def test_own_ballot_is_for_who_is_logged_in_and_nobody_else(poll, anna, bram, client_for):
    """Mutant killed: the ballot of whoever voted last."""
    cast(poll, anna, [1])
    assert client_for().get(url("look_up", poll)).status_code == 302
    assert "There is no ballot of you in this poll." in text_of(client_for(bram).get(url("look_up", poll)))
    assert "Speeltuin" in text_of(client_for(anna).get(url("look_up", poll)))
    with database_clock(poll.closes_at):
        close_vote(poll)
        assert "Speeltuin" in text_of(client_for(anna).get(url("look_up", poll)))
        assert "Voting closed" in text_of(client_for(anna).get(url("choose", poll)))
    count_vote(poll)
    rewrite_box(poll)
    assert "we cannot find it any more" in text_of(client_for(anna).get(url("look_up", poll)))


def test_promises_are_those_of_such_a_poll(poll, client_for):
    text = text_of(client_for().get(url("vote", poll)))
    for words in (
        "as long as the poll runs we can find it",
        "Log in for that, until the ballots are counted.",
        "when you log in.",
        "A technician can find out while the poll runs",
    ):
        assert words in text
    assert "Your choice stays secret" not in text
    ordinary = text_of(client_for().get(url("vote", make_open_vote(**POLL))))
    assert "Your choice stays secret" in ordinary
    assert NOTICE not in ordinary


def test_dry_run_of_such_a_poll_promises_by_test_code(dirk):
    """Nobody who rehearses it has an account to log in with."""
    test, _codes = open_test(make_vote(**POLL, **LOGIN), actor=dirk, voters=2)
    with translation.override("en"):
        said = {promise.key: promise.text for promise in promises(frozen_vote(test.pk), is_shredded=False)}
    assert "with your test code" in said["P7"]
    assert "your test code" in said["P5"]
    assert not any("log in" in text.lower() for text in said.values())
