"""Voting with a code from a card, without an account: the same ballot, and one answer for every code that is not right."""

import re
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.cache.backends.base import BaseCache
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import translation

from ballots import code_tries, kept_code
from ballots.actions import annul_vote, find_ballot
from ballots.codes import in_groups
from ballots.frozen import frozen_vote
from ballots.models import Ballot, Vote
from ballots.publishing import verify
from ballots.register.codes import code_hash, new_voting_code, read_voting_code
from ballots.register.issuing import (
    NothingToExport,
    export_next,
    figures_of,
    issue_at_counter,
    make_test_voters,
    person_with_number,
    replace_card,
)
from ballots.register.models import RegisteredVoter, VotingCode
from ballots.voters import voter_with_code, voter_with_number
from people.verdict import NotAllowed
from tests.ballots.clocks import database_clock
from tests.ballots.published import hold, read_json, write_files
from tests.ballots.test_voting_pages import code_on, en, hidden_fields, text_of, url
from tests.factories.ballots import cast, make_open_vote, make_opener, open_by_two
from tests.factories.register import codes_of, line, make_register_vote, open_with_codes, voter_of

pytestmark = pytest.mark.django_db

NO_HOME = {"street": "", "house_number": "", "postcode": "", "city": ""}


@pytest.fixture
def opened(site_root):
    """An open vote with two cards, and their codes."""
    return open_with_codes(line("1"), line("2"))


def enter(client, vote, code, **headers):
    return client.post(en("voting_code", vote), {"code": code}, **headers)


def answer_to(vote, code, client=None):
    """What somebody reads after a code that is not right."""
    response = enter(client or Client(), vote, code)
    assert not response.cookies.keys() & {"voting-code-nl", "voting-code-en"}
    return response.status_code, text_of(response).replace(code, "")


def refusal(work) -> str:
    with pytest.raises(NotAllowed) as caught, translation.override("en"):
        work()
    return str(caught.value)


# --- Codes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    [
        "01QD-2M9X-4TBW",
        "oiqd 2m9x 4tbw",
        " OLQD–2M9X–4TBW ",
        "https://gemeente.example/stemmen/x/stemcode/#01QD-2M9X-4TBW",
    ],
)
def test_lookalikes_and_what_a_scanner_reads_are_put_right(typed):
    assert read_voting_code(typed) == "01QD2M9X4TBW"


@pytest.mark.parametrize("typed", ["", "01QD-2M9X", "U" * 12, "01QD2M9X4TBW9", "x" * 1000])
def test_what_is_no_code_is_none(typed):
    assert read_voting_code(typed) is None


def test_only_a_keyed_hash_is_stored(opened, settings):
    vote, [code, _other] = opened
    with connection.cursor() as cursor:
        cursor.execute("SELECT ballots_votingcode::text FROM ballots_votingcode")
        rows = " ".join(row[0] for row in cursor.fetchall())
    assert code not in rows
    assert code_hash(vote.pk, code).hex() in rows
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another" * 10
    assert voter_of(vote, code) is not None
    settings.SECRET_KEY_FALLBACKS = []
    assert voter_of(vote, code) is None


# --- Giving codes ---------------------------------------------------------------------------------------------------


def test_every_person_on_the_roll_gets_one_card_once(site_root):
    vote = make_register_vote(line("1"), line("2", name="Zus"), line("3", house_number="2", secret="ja"))
    assert "Open the vote first" in refusal(lambda: export_next(vote, actor=None))
    open_by_two(vote)
    first = export_next(vote, actor=None, limit=1)
    rest = export_next(vote, actor=None)
    assert [card.lines for card in first + rest] == [
        ("Kiezer 1", "Havenstraat 1", "1234 AB  WATERVEEN"),
        ("Zus", "Havenstraat 1", "1234 AB  WATERVEEN"),
    ]
    with pytest.raises(NothingToExport):
        export_next(vote, actor=None)
    figures = figures_of(vote)
    assert (figures.persons, figures.secret, figures.waiting, figures.by_letter) == (3, 1, 0, 2)


def test_failed_export_leaves_everything_to_export(site_root):
    vote = open_by_two(make_register_vote())
    with transaction.atomic():
        export_next(vote, actor=None)
        transaction.set_rollback(True)
    assert figures_of(vote).waiting == 1


def test_new_card_makes_the_old_code_void(opened):
    """Mutant killed: a code that is found although it is void."""
    vote, [code, other] = opened
    person = RegisteredVoter.objects.get(pk=voter_of(vote, code).reference)
    replace_card(vote, person, actor=None)
    assert voter_of(vote, code) is None
    [new] = codes_of(vote)
    assert voter_of(vote, new).reference == person.pk
    assert voter_of(vote, other) is not None
    assert figures_of(vote).void == 1


def test_secret_address_gets_a_code_at_the_counter_and_no_letter(site_root):
    vote = open_by_two(make_register_vote(line("1"), line("2", secret="ja", **NO_HOME)))
    assert len(codes_of(vote)) == 1
    person = person_with_number(vote, " 2 ")
    assert "secret address" in refusal(lambda: replace_card(vote, person, actor=None))
    first = issue_at_counter(vote, person, actor=None)
    second = issue_at_counter(vote, person, actor=None)
    assert voter_of(vote, first) is None
    assert voter_of(vote, second).reference == person.pk
    assert figures_of(vote).at_counter == 1


def test_staff_find_the_voter_by_number_or_card(opened):
    """What the counter and the paper channel need."""
    vote, [code, _other] = opened
    frozen = frozen_vote(vote.pk)
    assert voter_with_number(frozen, "1") == voter_with_code(frozen, f"https://x/#{in_groups(code)}")
    assert voter_with_number(frozen, "99") is None
    assert voter_with_number(frozen_vote(open_with_codes(line("1"))[0].pk), "1") != voter_with_number(frozen, "1")


def test_no_codes_after_closing_by_action_or_database(opened):
    vote, _codes = opened
    person = RegisteredVoter.objects.filter(vote=vote).first()
    with database_clock(vote.closes_at):
        assert "over" in refusal(lambda: issue_at_counter(vote, person, actor=None))
    VotingCode.objects.filter(voter=person).update(voided_at=vote.opened_at)
    annul_vote(vote, actor=make_opener("Gerda"), reason="Fout")
    with pytest.raises(IntegrityError, match="after closing"), transaction.atomic():
        VotingCode.objects.create(voter=person, code_hash=b"x" * 32, way="letter")


@pytest.mark.parametrize("change", [{"code_hash": b"y" * 32}, {"voided_at": None}])
def test_void_code_never_comes_back(opened, change):
    vote, _codes = opened
    codes = VotingCode.objects.filter(voter__vote=vote)
    codes.update(voided_at=vote.opened_at)
    with pytest.raises(IntegrityError, match="only becomes void"), transaction.atomic():
        codes.update(**change)
    with pytest.raises(IntegrityError, match="pepper"), transaction.atomic():
        codes.all().delete()


def test_one_valid_code_per_person(opened):
    vote, _codes = opened
    person = RegisteredVoter.objects.filter(vote=vote).first()
    with pytest.raises(IntegrityError, match="one_valid_code_per_voter"), transaction.atomic():
        VotingCode.objects.create(voter=person, code_hash=b"x" * 32, way="letter")


def test_test_voters_never_vote_in_a_real_vote(site_root):
    """By action and behind Python's back; `test_dry_runs` shows where they do. Mutants killed: each guard apart."""
    vote = make_register_vote(line("1"))
    assert "dry run only" in refusal(lambda: make_test_voters(vote, 3))
    with pytest.raises(IntegrityError, match="test voters"), transaction.atomic():
        RegisteredVoter.objects.create(vote=vote, number_hash=b"x" * 32, is_test=True)
    with pytest.raises(IntegrityError, match="test voters"), transaction.atomic():
        RegisteredVoter.objects.filter(vote=vote).update(is_test=True)


# --- Voting ---------------------------------------------------------------------------------------------------------


def test_vote_with_a_code_from_the_card_to_the_receipt(opened, caplog):
    """The whole way; the code stands in no address, session or log. Mutant killed: the code in the cookie."""
    vote, [code, _other] = opened
    client = Client()
    assert "Vul uw stemcode in" in text_of(client.get(url("vote", vote)))
    response = client.post(url("voting_code", vote), {"code": in_groups(code).lower()})
    assert (response.status_code, response["Location"]) == (302, url("choose", vote))
    assert response["Cache-Control"] == "no-store"
    client.get(response["Location"])
    checked = client.post(url("choose", vote), {"choice-1": ["1"], "step": "check"})
    receipt = client.post(url("cast", vote), hidden_fields(checked, url("cast", vote)))
    again = client.post(url("cast", vote), hidden_fields(checked, url("cast", vote)))
    assert receipt.status_code == again.status_code == 200
    assert Ballot.objects.filter(vote=vote).count() == 1
    assert find_ballot(vote.pk, code_on(checked)).answers == {"1": ["A"]}
    assert "Er is met uw stempas gestemd" in text_of(client.get(url("vote", vote)))
    traces = [*(cookie.value for cookie in client.cookies.values()), *caplog.messages]
    assert not any(code in trace or in_groups(code) in trace for trace in traces)
    assert not Session.objects.exists()


def test_cookie_is_for_the_pages_of_this_vote_and_can_be_put_away(opened):
    vote, [code, _other] = opened
    client = Client()
    enter(client, vote, code)
    cookies = {name: client.cookies[name] for name in ("voting-code-nl", "voting-code-en")}
    assert {cookie["path"] for cookie in cookies.values()} == {url("vote", vote), en("vote", vote)}
    assert all(cookie["httponly"] and cookie["max-age"] == kept_code.SECONDS for cookie in cookies.values())
    assert "forget my voting code" in text_of(client.get(en("vote", vote)))
    client.post(en("voting_code", vote), {"step": "forget"})
    assert all(cookie.value == "" for name, cookie in client.cookies.items() if name.startswith("voting-code"))
    assert "forget my voting code" not in text_of(client.get(en("vote", vote)))


def test_cookie_of_a_void_code_or_of_another_vote_is_nothing(opened):
    """Mutant killed: trusting the cookie without looking at the code."""
    vote, [code, _other] = opened
    client = Client()
    enter(client, vote, code)
    stranger, _codes = open_with_codes(line("1"))
    knows = "No ballot was cast with your voting card"
    assert knows not in text_of(client.get(en("vote", stranger)))
    assert knows in text_of(client.get(en("vote", vote)))
    VotingCode.objects.filter(voter__vote=vote).update(voided_at=vote.opened_at)
    assert knows not in text_of(client.get(en("vote", vote)))


def test_choices_survive_filling_in_the_code(opened):
    vote, [code, _other] = opened
    client = Client()
    first = client.post(en("choose", vote), {"choice-1": ["2"], "step": "check"})
    assert first.status_code == 403
    assert "Fill in your voting code" in text_of(first)
    page = client.get(enter(client, vote, code)["Location"])
    assert re.search(r'value="2"[^>]*checked', page.content.decode())


def test_resident_who_is_logged_in_is_asked_for_the_code(opened, anna, client_for):
    vote, _codes = opened
    client = client_for(anna)
    assert "Fill in your voting code" in text_of(client.get(en("vote", vote)))
    assert client.post(en("choose", vote), {"choice-1": ["1"], "step": "check"}).status_code == 403
    assert client.get(en("change", vote))["Location"] == en("voting_code", vote)


def test_vote_by_account_knows_no_codes(site_root, anna):
    assert Client().get(en("voting_code", make_open_vote())).status_code == 302


def test_vote_is_changed_with_the_receipt_code_after_the_voting_code(opened):
    vote, [code, other] = opened
    receipt = cast(vote, voter_of(vote, code), [1])
    client = Client()
    enter(client, vote, code)
    page = client.post(en("change", vote), {"code": receipt.code})
    assert 'name="replaces" value="1"' in page.content.decode()
    enter(client, vote, other)
    form = {"choice-1": ["2"], "code": receipt.code, "replaces": "1"}
    assert client.post(en("cast", vote), form).status_code == 409


def test_used_card_is_seen_until_the_roll_goes(opened):
    """P9 with the code, after closing too; a code is no way into a closed box."""
    vote, [code, other] = opened
    cast(vote, voter_of(vote, code))
    with database_clock(vote.closes_at + timedelta(hours=1)):
        client = Client()
        assert enter(client, vote, code)["Location"] == en("vote", vote)
        assert "A ballot was cast with your voting card" in text_of(client.get(en("vote", vote)))
        client = Client()
        enter(client, vote, other)
        response = client.post(en("choose", vote), {"choice-1": ["1"], "step": "check"})
    assert response.status_code == 409


# --- What is not right ----------------------------------------------------------------------------------------------


def test_every_code_that_is_not_right_gets_one_answer(opened):
    """Guessed, void, of another vote, no code at all. Mutant killed: saying that a code is void."""
    vote, [code, _other] = opened
    _stranger, [foreign] = open_with_codes(line("1"))
    VotingCode.objects.filter(code_hash=code_hash(vote.pk, code)).update(voided_at=vote.opened_at)
    answers = {answer_to(vote, wrong) for wrong in (new_voting_code(), code, foreign, "no code at all")}
    assert len(answers) == 1
    assert "We cannot use this code." in answers.pop()[1]


def test_guessing_stops_after_twenty_wrong_codes_per_address_and_vote(opened):
    """Mutants killed: counting after the look-up; one count for all addresses, with which anybody stops everybody."""
    vote, [code, _other] = opened
    client = Client(REMOTE_ADDR="192.0.2.1")
    for _try in range(code_tries.TRIES):
        assert enter(client, vote, new_voting_code()).status_code == 200
    assert enter(client, vote, code).status_code == 429
    assert "Too many wrong codes" in text_of(enter(client, vote, new_voting_code()))
    assert enter(Client(REMOTE_ADDR="192.0.2.2"), vote, code).status_code == 302
    stranger, [foreign] = open_with_codes(line("1"))
    assert enter(client, stranger, foreign).status_code == 302


def test_right_codes_cost_no_try(opened):
    """A whole school behind one address votes. Mutant killed: not giving the try back."""
    vote, [code, _other] = opened
    for _voter in range(code_tries.TRIES + 5):
        assert enter(Client(), vote, code).status_code == 302


def test_address_is_not_kept_as_it_is(opened, monkeypatch):
    vote, _codes = opened
    keys = []
    monkeypatch.setattr(BaseCache, "validate_key", lambda _cache, key: keys.append(key))
    enter(Client(REMOTE_ADDR="192.0.2.77"), vote, new_voting_code())
    assert len([key for key in keys if "ballots:codes" in key]) == 2
    assert not any("192.0.2.77" in key for key in keys)


def test_people_vote_while_the_cache_is_away(opened, settings):
    """The limit is a help; a vote never waits for Redis."""
    vote, [code, _other] = opened
    settings.CACHES = {
        "default": {
            "BACKEND": "config.cache.ForgivingRedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
            "OPTIONS": {"socket_connect_timeout": 0.1},
        }
    }
    client = Client()
    assert enter(client, vote, code).status_code == 302
    checked = client.post(url("choose", vote), {"choice-1": ["1"], "step": "check"})
    assert client.post(url("cast", vote), hidden_fields(checked, url("cast", vote))).status_code == 200
    assert Ballot.objects.filter(vote=vote).count() == 1


def test_vote_by_card_is_counted_and_checked_like_any_other(site_root, tmp_path):
    """P3, P6, P10: the stand-alone verifier finds it right, and nothing of the extract is in the files."""
    vote, codes = open_with_codes(*(line(str(number)) for number in range(3)), publication_threshold=2)
    for code in codes[:2]:
        cast(vote, voter_of(vote, code), [1])
    hold(vote)
    assert (vote.seal.ballots, vote.seal.roll) == (2, 3)
    folder = write_files(vote, tmp_path)
    assert read_json(folder, "vote.json")["rules"]["roll_source"] == "register"
    assert verify.main([str(folder)], lambda _line: None) == 0
    assert not any("Kiezer" in path.read_text() for path in folder.glob("*.json*"))


def test_promises_say_how_a_voter_is_known(opened):
    vote, _codes = opened
    page = text_of(Client().get(en("vote", vote)))
    assert "the voting card that we sent to your address" in page
    assert "Who has your voting card can vote with it" in page
    assert "this page says if a ballot was cast with your card" in page
    assert "Log in" not in page.split("Who may vote?")[1].split("Log of the vote")[0]
    assert Vote.objects.get(pk=vote.pk).roll_source == "register"
