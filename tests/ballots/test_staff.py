"""What staff do in the admin, and what they cannot."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from wagtail.models import ModelLogEntry

from ballots import progress
from ballots.actions import agree_to_vote, close_vote, count_vote, publish_result
from ballots.models import Ballot, Vote
from tests.ballots.clocks import database_clock
from tests.factories.ballots import cast, make_open_vote, make_vote, open_by_two
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def vote(site_root, anna, bram):
    vote = make_open_vote()
    cast(vote, anna, [1])
    return vote


@pytest.fixture
def moderator(db):
    return make_user("Mo", roles=("moderator",))


def address(name, vote=None):
    return reverse(f"vote:{name}", args=[vote.pk] if vote else [])


def text_of(response):
    main = response.content.decode().split("<main", 1)[-1]
    return " ".join(unescape(re.sub(r"(?s)<(script|style|svg).*?</\1>|<[^>]+>", " ", main)).split())


def close(vote):
    with database_clock(vote.closes_at):
        close_vote(vote)
    return vote


def counted(vote):
    count_vote(close(vote))
    return vote


DRAFT = {
    "title": "Straatnaam",
    "text": "Over bankjes.",
    "url": "",
    "opens_at": "2027-01-10 09:00",
    "closes_at": "2027-01-20 20:00",
    "area": "",
    "minimum_age": "16",
    "minimum_proof": "2",
    "reference_kind": "opening",
    "change_policy": "code",
    "publication_threshold": "20",
    "commitment": "De raad voert het uit.",
    "threshold_kind": "turnout",
    "threshold_share": "20",
}


# --- Preparing -----------------------------------------------------------------------------------------------------------


def test_draft_is_made(site_root, dirk, client_for):
    response = client_for(dirk).post(address("add"), DRAFT)
    vote = Vote.objects.get()
    assert response.headers["Location"] == address("inspect", vote)
    assert (vote.state, vote.text, vote.questions.count()) == ("draft", "Over bankjes.", 0)
    assert (vote.commitment, vote.threshold_kind, vote.threshold_share) == ("De raad voert het uit.", "turnout", 2000)
    assert ModelLogEntry.objects.get(action="wagtail.create").user == dirk


def test_draft_is_edited_and_keeps_its_questions(site_root, dirk, client_for):
    vote, client = make_vote(), client_for(dirk)
    assert 'value="Buurtbudget Oost"' in client.get(address("edit", vote)).content.decode()
    assert client.post(address("edit", vote), {**DRAFT, "title": "Anders"}).status_code == 302
    vote.refresh_from_db()
    assert (vote.title, vote.questions.count(), vote.options.count()) == ("Anders", 1, 4)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("closes_at", "2026-01-01 10:00"),
        ("threshold_share", ""),
        ("threshold_share", "0"),
        ("threshold_share", "100.01"),
        ("threshold_share", "-1"),
    ],
)
def test_wrong_draft_is_shown_again(site_root, dirk, client_for, field, value):
    response = client_for(dirk).post(address("add"), {**DRAFT, field: value})
    assert response.status_code == 200
    assert not Vote.objects.exists()
    assert "Straatnaam" in response.content.decode()


def test_opened_vote_cannot_be_edited_or_deleted(vote, dirk, client_for):
    client = client_for(dirk)
    for answer in (client.get(address("edit", vote)), client.post(address("edit", vote), DRAFT)):
        assert answer.headers["Location"] == address("inspect", vote)
    client.post(address("delete", vote))
    vote.refresh_from_db()
    assert vote.title == "Buurtbudget Oost"


def test_draft_can_be_deleted(site_root, dirk, client_for):
    draft = make_vote()
    assert client_for(dirk).post(address("delete", draft)).status_code == 302
    assert not Vote.objects.exists()


# --- Opening ------------------------------------------------------------------------------------------------------------------


def test_opening_takes_a_second_look_and_a_second_person(site_root, anna, dirk, clerk, client_for):
    draft = make_vote()
    page = client_for(dirk).get(address("open", draft))
    assert "Speeltuin" in text_of(page)
    assert 'value="agree"' in page.content.decode()
    assert 'value="open"' not in page.content.decode()
    answer = client_for(dirk).post(address("open", draft), {"step": "agree"})
    assert answer.headers["Location"] == address("inspect", draft)
    assert "<button" not in text_of(client_for(dirk).get(address("open", draft)))
    client_for(clerk).post(address("open", draft), {"step": "open"})
    draft.refresh_from_db()
    assert (draft.state, draft.agreed_by, draft.opened_by) == ("open", dirk, clerk)


def test_status_says_who_agreed(site_root, anna, dirk, clerk, client_for):
    draft = make_vote()
    agree_to_vote(draft, actor=clerk)
    assert f"{clerk} gaf akkoord op" in text_of(client_for(dirk).get(address("inspect", draft)))


def test_one_person_cannot_open_by_asking_for_it(site_root, anna, dirk, client_for):
    """Mutant: let the second step do without an agreement; one person would open a vote about money."""
    draft = make_vote()
    for step in ("open", "agree", "open", "agree", "", "anders"):
        client_for(dirk).post(address("open", draft), {"step": step})
    draft.refresh_from_db()
    assert (draft.state, draft.agreed_by) == ("draft", dirk)


def test_draft_that_is_not_ready_is_not_opened(site_root, anna, dirk, client_for):
    draft = make_vote(options=[])
    client = client_for(dirk)
    assert "<button" not in text_of(client.get(address("open", draft)))
    client.post(address("open", draft))
    draft.refresh_from_db()
    assert draft.state == "draft"


# --- Watching --------------------------------------------------------------------------------------------------------------------


def test_status_shows_turnout_and_no_choice(vote, dirk, auditor, client_for):
    for person in (dirk, auditor):
        page = client_for(person).get(address("inspect", vote))
        assert "1" in text_of(page)
        assert "50" in text_of(page)
        assert b"Won" not in page.content


def test_nothing_in_the_admin_closes_a_vote(vote, dirk, clerk, client_for):
    """Closing is by clock only; the one address of the viewset about it is for dry runs, and refuses this vote."""
    from ballots.viewsets import VoteViewSet

    names = {pattern.name for pattern in VoteViewSet().get_urlpatterns()}
    assert [name for name in names if "close" in name] == ["close_test"]
    for who in (dirk, clerk):
        client_for(who).post(address("close_test", vote))
    vote.refresh_from_db()
    assert vote.state == Vote.State.OPEN


def test_waiting_count_shows_how_far_it_is(vote, dirk, client_for):
    close(vote)
    progress.reporter(vote.pk)("reading", 5000, 12000)
    page = client_for(dirk).get(address("inspect", vote))
    assert page.headers["Refresh"] == "5"
    assert "5000" in text_of(page).replace(".", "")
    assert "12000" in text_of(page).replace(".", "")
    assert '<progress max="12000" value="5000"' in page.content.decode()


def test_failed_count_says_why_and_can_be_asked_again(vote, dirk, client_for, monkeypatch):
    from ballots import tasks

    sent = []
    monkeypatch.setattr(tasks.count_closed_vote, "delay", sent.append)
    close(vote)
    progress.report_failure(vote.pk, "2 people voted and there are 3 ballots")
    client = client_for(dirk)
    assert "2 people voted and there are 3 ballots" in text_of(client.get(address("inspect", vote)))
    assert client.post(address("count_again", vote)).status_code == 302
    assert sent == [str(vote.pk)]


# --- Publishing ---------------------------------------------------------------------------------------------------------------------


def test_publisher_checks_the_counted_result_first(vote, clerk, moderator, auditor, client_for):
    client = client_for(clerk)
    assert "Speeltuin" not in text_of(client.get(address("publish", vote))).split("Buurtbudget Oost")[-1]
    counted(vote)
    assert "Speeltuin 1" in text_of(client.get(address("publish", vote)))
    for other in (moderator, auditor):
        assert client_for(other).get(address("publish", vote)).status_code in (302, 403)


def test_result_is_published_after_a_fresh_log_in(vote, clerk, client_for):
    counted(vote)
    client = client_for(clerk, recent=True)
    assert client.post(address("publish", vote)).status_code == 302
    vote.refresh_from_db()
    assert (vote.state, vote.published_by) == ("published", clerk)


def test_stale_log_in_is_asked_who_is_there(vote, clerk, client_for):
    """Mutant killed: publishing without require_recent."""
    counted(vote)
    client = client_for(clerk)
    answer = client.post(address("publish", vote))
    assert answer.status_code == 302
    assert "reauthenticate" in answer.headers["Location"]
    vote.refresh_from_db()
    assert vote.state == "counted"


def test_who_opened_it_cannot_publish_it(site_root, anna, clerk, dirk, client_for):
    vote = open_by_two(make_vote(), actor=dirk)
    counted(vote)
    client_for(dirk, recent=True).post(address("publish", vote))
    vote.refresh_from_db()
    assert vote.state == "counted"
    client_for(clerk, recent=True).post(address("publish", vote))
    vote.refresh_from_db()
    assert vote.state == "published"


# --- Annulling ------------------------------------------------------------------------------------------------------------------------


def test_clerk_annuls_with_a_reason(vote, clerk, client_for):
    client = client_for(clerk, recent=True)
    assert client.post(address("annul", vote), {"reason": ""}).status_code == 200
    assert client.post(address("annul", vote), {"reason": "Verkeerd bedrag"}).status_code == 302
    vote.refresh_from_db()
    assert (vote.state, vote.annulment_reason) == ("annulled", "Verkeerd bedrag")
    entry = ModelLogEntry.objects.get(action="ballots.annul")
    assert entry.user == clerk
    with translation.override("en"):
        assert "Verkeerd bedrag" in entry.formatter.format_message(entry)


# --- Side doors --------------------------------------------------------------------------------------------------------------------------

POSTS = ("add", "edit", "open", "publish", "annul", "count_again", "delete")


@pytest.mark.parametrize("name", POSTS)
@pytest.mark.parametrize("who", ["eva", "moderator", "auditor", "anna", "nobody"])
def test_nobody_else_does_anything(request, vote, client_for, name, who):
    person = None if who == "nobody" else request.getfixturevalue(who)
    subject = None if name == "add" else vote
    answer = client_for(person, recent=True).post(address(name, subject), {**DRAFT, "reason": "x"})
    assert answer.status_code in (302, 403)
    vote.refresh_from_db()
    assert (vote.state, Vote.objects.count(), Ballot.objects.count()) == ("open", 1, 1)


def test_clerk_annuls_and_process_manager_does_not(vote, dirk, clerk, client_for):
    assert client_for(dirk, recent=True).post(address("annul", vote), {"reason": "x"}).status_code in (302, 403)
    vote.refresh_from_db()
    assert vote.state == "open"
    client_for(clerk, recent=True).post(address("annul", vote), {"reason": "x"})
    vote.refresh_from_db()
    assert vote.state == "annulled"


def test_list_costs_the_same_for_one_and_three_votes(vote, dirk, client_for):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = client_for(dirk)

    def cost():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address("index")).status_code == 200
        return len(captured)

    cost()
    one = cost()
    make_vote(title="Tweede")
    make_vote(title="Derde", opens_at=timezone.now() - timedelta(days=3))
    assert cost() == one


def test_script_in_a_title_is_text_in_the_admin(site_root, anna, dirk, clerk, client_for):
    script = "<script>alert(1)</script>"
    vote = open_by_two(make_vote(title=script, question=script))
    client = client_for(dirk)
    pages = [client.get(address(name, vote)) for name in ("inspect", "history")] + [client.get(address("index"))]
    publish_result(counted(vote), actor=clerk)
    for page in [*pages, client.get(address("publish", vote))]:
        assert script not in page.content.decode()
