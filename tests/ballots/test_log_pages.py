"""The public page of the log, following it by mail, and observers that staff enter."""

import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from wagtail.models import ModelLogEntry

from ballots.actions import write_checkpoint
from ballots.models import Checkpoint, Observer
from ballots.observing import HEAD, observe
from notices.mails import make_mail
from notices.models import OutboxLine
from tests.factories.ballots import cast, make_open_vote, make_vote, make_voters

pytestmark = pytest.mark.django_db


@pytest.fixture
def vote(site_root, places, settings):
    settings.BALLOTS_LEAST_BATCH, settings.BALLOTS_HELD_BACK = 5, 3
    voters = make_voters(9, places.harbour)
    vote = make_open_vote()
    for voter in voters:
        cast(vote, voter, [1])
    assert write_checkpoint(vote)
    return vote


def page_of(vote, client=None):
    response = (client or Client()).get(reverse("ballots:log", args=[vote.pk]))
    assert response.status_code == 200
    return response.content.decode()


def test_page_shows_every_head_and_no_minute(vote):
    page = page_of(vote)
    for head in Checkpoint.objects.filter(vote=vote).values_list("head", flat=True):
        assert bytes(head).hex() in page
    # Whole hours only: a minute would help to tell who is in a batch.
    assert re.findall(r"\d{1,2}:\d\d", page.split("<main")[1].split("</main")[0]) == []


def test_log_as_data_is_what_the_database_holds(vote):
    data = Client().get(reverse("ballots:log_json", args=[vote.pk])).json()
    points = Checkpoint.objects.filter(vote=vote)
    assert [(line["seq"], line["leaves"], line["head"]) for line in data["checkpoints"]] == [
        (point.seq, point.leaves, point.head_hex) for point in points
    ]
    assert data["vote"] == str(vote.pk)


def test_draft_has_no_log(vote):
    draft = make_vote()
    for name in ("log", "log_json"):
        assert Client().get(reverse(f"ballots:{name}", args=[draft.pk])).status_code == 404


def test_log_page_asks_the_same_queries_for_one_line_and_more(vote, django_assert_num_queries):
    later = make_open_vote()
    for each in (vote, later):
        page_of(each)  # this process now knows that it is no dry run
        with django_assert_num_queries(LOG_QUERIES):
            page_of(each)


LOG_QUERIES = 2


def test_somebody_with_an_account_follows_and_stops(vote, anna, client_for):
    client, address = client_for(anna), reverse("ballots:follow_log", args=[vote.pk])
    assert 'name="stop"' not in page_of(vote, client)
    client.post(address)
    client.post(address)
    assert Observer.objects.filter(vote=vote, user=anna.user).count() == 1
    assert 'name="stop"' in page_of(vote, client)
    client.post(address, {"stop": "1"})
    assert not Observer.objects.exists()


def test_mail_holds_the_whole_head_and_where_to_look(vote, anna, places):
    observe(vote, anna.user)
    for voter in make_voters(0, places.harbour):
        cast(vote, voter, [1])
    from ballots.observing import tell_head

    head = bytes(Checkpoint.objects.filter(vote=vote).latest("seq").head)
    tell_head(vote, seq=1, leaves=6, head=head)
    tell_head(vote, seq=1, leaves=6, head=head)
    line = OutboxLine.objects.get(kind=HEAD)
    message = make_mail(line)
    assert head.hex() in message.body
    assert head.hex() in message.alternatives[0].content
    assert f"/stemmen/{vote.pk}/logboek/" in message.body
    assert mail.outbox == []


def test_staff_enter_and_remove_observers(vote, clerk, eva, client_for):
    client, address = client_for(clerk), reverse("vote:observers", args=[vote.pk])
    assert "Nog niemand" in client.get(address).content.decode()
    refused = client.post(address, {"email": "nobody@example.nl"})
    assert "geen account" in refused.content.decode()
    assert client.post(address, {"email": eva.email.upper()}).status_code == 302
    observer = Observer.objects.get(vote=vote)
    assert observer.user == eva
    assert eva.email in client.get(address).content.decode()
    client.post(address, {"remove": str(observer.pk)})
    client.post(address, {"remove": "x"})
    assert not Observer.objects.exists()
    # The log says who did it, and does not name the observer.
    entries = ModelLogEntry.objects.filter(object_id=str(vote.pk), action__endswith="_observer").order_by("pk")
    assert [(entry.action, entry.user, entry.data) for entry in entries] == [
        ("ballots.add_observer", clerk, {}),
        ("ballots.remove_observer", clerk, {}),
    ]


def test_observer_who_closes_the_account_is_forgotten(vote, anna):
    observe(vote, anna.user)
    anna.user.delete()
    assert not Observer.objects.exists()
