"""Voting at the counter: staff give a pass, the voter uses it on a device without a session; help is noted by form, not by person."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from ballots import clock
from ballots.actions import AlreadyVoted
from ballots.codes import in_groups
from ballots.counter.actions import note_assistance
from ballots.counter.models import Assistance
from ballots.counter.passes import SECONDS, pass_for, voter_with_pass
from ballots.frozen import frozen_vote
from ballots.models import Ballot
from ballots.voters import voter_behind
from people.verdict import NotAllowed
from tests.factories.ballots import cast, make_forms_vote, make_voters, open_by_two
from tests.factories.people import make_resident, make_user
from tests.factories.register import line, open_with_codes

pytestmark = pytest.mark.django_db


@pytest.fixture
def voters(site_root, places):
    return make_voters(3, places.harbour)


@pytest.fixture
def vote(voters):
    return open_by_two(make_forms_vote("yes_no", at_counter=True))


@pytest.fixture
def gerda(db):
    return make_user("Gerda Griffie", roles=("clerk",))


@pytest.fixture
def staff(gerda, client_for):
    return client_for(gerda)


@pytest.fixture
def device(vote, gerda, client_for):
    """A browser that staff prepared: their session on it is over."""
    browser = client_for(gerda)
    answer = browser.post(reverse("vote:counter", args=[vote.pk]), {"step": "prepare"})
    assert answer.url == address("booth", vote)
    return browser


def address(name, vote):
    return reverse(f"ballots:{name}", args=[vote.pk])


def text_of(response):
    main = response.content.decode().split("<main", 1)[-1]
    return " ".join(unescape(re.sub(r"(?s)<(script|style|svg).*?</\1>|<[^>]+>", " ", main)).split())


def get_pass(staff, vote, voter):
    page = text_of(staff.post(reverse("vote:counter", args=[vote.pk]), {"who": voter.user.email}))
    return re.search(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b", page).group()


def vote_on(device, vote, chosen="1"):
    """The ordinary pages; the page with the receipt."""
    check = device.post(address("choose", vote), {"choice-1": chosen})
    code = re.search(r'name="code" value="([0-9A-Z]+)"', check.content.decode()).group(1)
    return device.post(address("cast", vote), {"choice-1": chosen, "code": code, "replaces": "0"})


def test_somebody_votes_at_the_counter(vote, voters, staff, device):
    assert "_auth_user_id" not in device.session
    found = get_pass(staff, vote, voters[0])
    assert device.post(address("booth", vote), {"code": found.lower()}).url == address("choose", vote)
    receipt = text_of(vote_on(device, vote))
    assert ("Uw stem is ontvangen" in receipt, "Klaar" in receipt) == (True, True)
    assert list(Ballot.objects.values_list("channel", flat=True)) == ["counter"]
    # The next person finds a device that knows nobody.
    assert device.post(address("booth", vote), {"step": "next"}).url == address("booth", vote)
    assert device.post(address("cast", vote), {"choice-1": "1"}).status_code == 403
    again = text_of(staff.post(reverse("vote:counter", args=[vote.pk]), {"who": voters[0].user.email}))
    assert "al gestemd" in again


def test_who_was_looked_up_is_no_longer_in_the_field(vote, voters, staff):
    """The next voter is looked up in an empty field; who was not found stays, to be corrected."""
    fields = {
        who: re.search(
            r'<input[^>]*name="who"[^>]*>',
            staff.post(reverse("vote:counter", args=[vote.pk]), {"who": who}).content.decode(),
        ).group()
        for who in (voters[0].user.email, "nobody@example.org")
    }
    assert [who in field for who, field in fields.items()] == [False, True]


def test_web_after_counter_and_counter_after_web_are_refused(vote, voters, staff, device):
    device.post(address("booth", vote), {"code": get_pass(staff, vote, voters[0])})
    vote_on(device, vote)
    with pytest.raises(AlreadyVoted):
        cast(vote, voters[0], [1])
    early = get_pass(staff, vote, voters[1])
    cast(vote, voters[1], [1])
    device.post(address("booth", vote), {"code": early})
    assert "al gestemd" in text_of(device.get(address("choose", vote)))
    assert Ballot.objects.count() == 2


def test_pass_is_of_use_only_on_a_prepared_device(vote, voters, staff):
    found = get_pass(staff, vote, voters[0])
    elsewhere = Client()
    assert elsewhere.post(address("booth", vote), {"code": found}).url == address("vote", vote)
    assert elsewhere.post(address("cast", vote), {"choice-1": "1"}).status_code == 403


def test_pass_works_for_two_quarters_and_one_vote(vote, voters):
    frozen, now = frozen_vote(vote.pk), clock.now()
    voter = voter_behind(voters[0])
    found = in_groups(pass_for(frozen, voter, now))
    assert voter_with_pass(frozen, found, now + timedelta(seconds=SECONDS)) == voter
    assert voter_with_pass(frozen, found, now + timedelta(seconds=2 * SECONDS)) is None
    assert voter_with_pass(frozen, found, now - timedelta(seconds=SECONDS)) is None
    other = frozen_vote(open_by_two(make_forms_vote("yes_no", at_counter=True)).pk)
    assert voter_with_pass(other, found, now) is None
    assert voter_with_pass(frozen, "AAAA-BBBB-CCCC", now) is None


def test_wrong_pass_gets_one_answer(vote, device):
    for text in ("x", "AAAA-BBBB-CCCC"):
        assert "Wij kunnen deze baliecode niet gebruiken" in text_of(
            device.post(address("booth", vote), {"code": text})
        )


def test_who_is_not_on_the_list_gets_no_pass(vote, staff, places):
    later = make_resident("Later", places.harbour)
    page = text_of(staff.post(reverse("vote:counter", args=[vote.pk]), {"who": later.user.email}))
    assert ("kiezerslijst is gemaakt" in page, "Schrijf deze baliecode op" in page) == (True, False)


def test_help_is_noted_by_form(vote, staff):
    page = reverse("vote:counter", args=[vote.pk])
    fields = {"step": "assist", "form_number": "A-1", "helper": "Jan de Vries 1 mei 1960"}
    assert "Genoteerd" in text_of(staff.post(page, fields))
    assert "al gebruikt" in text_of(staff.post(page, fields))
    noted = Assistance.objects.get()
    assert (noted.form_number, b"vries" in bytes(noted.helper_key)) == ("A-1", False)
    columns = {field.name for field in Assistance._meta.fields}
    assert columns == {"id", "vote", "form_number", "helper_key"}
    again = "INSERT INTO ballots_assistance (id, vote_id, form_number, helper_key) VALUES (gen_random_uuid(), %s, 'A-1', '')"
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(again, [vote.pk])


def test_one_person_helps_two_at_most(vote, gerda):
    for number in (1, 2):
        note_assistance(vote, form_number=str(number), helper="Jan  de Vries", actor=gerda)
    with pytest.raises(NotAllowed, match="al 2 kiezers geholpen"):
        note_assistance(vote, form_number="3", helper="jan de vries", actor=gerda)
    note_assistance(vote, form_number="3", helper="Els Bos", actor=gerda)


def test_vote_without_a_counter_has_none(voters, staff, gerda):
    other = open_by_two(make_forms_vote("yes_no"))
    assert staff.get(reverse("vote:counter", args=[other.pk])).status_code == 302
    with pytest.raises(NotAllowed, match="niet aan de balie"):
        note_assistance(other, form_number="1", helper="Jan", actor=gerda)
    put = """INSERT INTO ballots_ballot (id, vote_id, tracker, version, nonce, payload, leaf, channel)
        VALUES (gen_random_uuid(), %s, 'A', 1, '', '{"answers":{"1":["1a"]}}', '', 'counter')"""
    with pytest.raises(IntegrityError) as refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(put, [other.pk])
    assert refusal.value.__cause__.diag.constraint_name == "counter_only_where_offered"


def test_counter_needs_its_permission(vote, client_for):
    moderator = client_for(make_user("Mo", roles=("moderator",)))
    assert moderator.get(reverse("vote:counter", args=[vote.pk])).status_code in (302, 403)
    with pytest.raises(NotAllowed):
        note_assistance(vote, form_number="1", helper="Jan", actor=make_user("Bo", roles=("moderator",)))


def test_voting_card_serves_for_envelope_and_counter(site_root, places, gerda, client_for):
    """Without an account: staff type the code of the card, or the register number; the same person is one voter all the same."""
    vote, codes = open_with_codes(line("1001"), line("1002"), minimum_age=0, on_paper=True, at_counter=True)
    staff, envelopes = client_for(gerda), reverse("vote:envelopes", args=[vote.pk])
    staff.post(envelopes, {"step": "begin"})
    assert "Geregistreerd" in text_of(staff.post(envelopes, {"who": in_groups(codes[0])}))
    counter = reverse("vote:counter", args=[vote.pk])
    answers = [text_of(staff.post(counter, {"who": number})) for number in ("1001", "1002")]
    assert sorted("Mag stemmen" in answer for answer in answers) == [False, True]
    assert sum("Deze persoon heeft al gestemd, of stuurde een envelop." in answer for answer in answers) == 1
    assert "Wij vinden dit niet" in text_of(staff.post(counter, {"who": "9999"}))
