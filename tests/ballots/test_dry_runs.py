"""A dry run: everything works, everything says that it does not count, nobody else sees it, and it goes without a trace.

What may be deleted here may be deleted nowhere else: the attacks below try to get a real vote through the same door.
"""

import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.conf import settings as site_settings
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation

from ballots import queries, showing, tasks
from ballots.actions import close_test, close_vote, count_vote, open_test, publish_result, rewrite_box, wipe_test
from ballots.actions.dry_runs import _deletions
from ballots.codes import in_groups
from ballots.frozen import freeze, frozen_vote, rules_of
from ballots.models import Ballot, Checkpoint, Option, Question, RegisteredVoter, RollEntry, Seal, Vote, VotingCode
from ballots.observing import observe
from ballots.publishing.verify import main as verify
from ballots.rules import may_close_test, may_compare_rules, may_open_test, may_publish, may_wipe
from ballots.urls import urlpatterns
from ballots.voters import voter_with_code
from notices.models import OutboxLine
from people.verdict import NotAllowed
from tests.ballots.clocks import database_clock
from tests.ballots.test_voting_pages import hidden_fields, text_of
from tests.factories.ballots import cast, make_open_vote, make_opener, make_vote
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db

MARK = "PROEF – telt niet mee"
VOTERS = 4


@pytest.fixture
def publisher(db):
    return make_opener("Paula")


@pytest.fixture
def moderator(db):
    return make_user("Mo", roles=("moderator",))


@pytest.fixture
def draft(site_root):
    """About money, with another publication threshold; nobody lives here."""
    return make_vote()


@pytest.fixture
def held(draft, dirk):
    """(dry run, its codes)."""
    return open_test(draft, actor=dirk, voters=VOTERS)


@pytest.fixture
def test_vote(held):
    return held[0]


def url(name, vote, *more):
    with translation.override("nl"):
        return reverse(f"ballots:{name}", args=[vote.pk, *more])


def vote_with(vote, code, chosen):
    voter = voter_with_code(frozen_vote(vote.pk), code)
    return cast(vote, voter, chosen)


def published(held, actor):
    """Everybody voted; closed at once, counted, shredded and published by who opened it."""
    vote, codes = held
    for place, code in enumerate(codes):
        vote_with(vote, code, [1 + place % 3])
    close_test(vote, actor=actor)
    count_vote(vote)
    rewrite_box(vote)
    return publish_result(Vote.objects.get(pk=vote.pk), actor=actor)


# --- The copy ----------------------------------------------------------------------------------------------------


def test_copy_has_the_same_questions_rules_and_frame(draft, test_vote, dirk):
    found, wanted = rules_of(frozen_vote(test_vote.pk)), rules_of(freeze(draft))
    own = {"vote", "opens_at", "closes_at", "publication_threshold", "is_test"}
    assert {name for name in found if found[name] != wanted.get(name)} - {"roll_source"} == own
    assert found["is_test"] is True
    assert Question.objects.filter(vote=draft).count() == Question.objects.filter(vote=test_vote).count() == 1
    assert Option.objects.filter(vote=draft).count() == Option.objects.filter(vote=test_vote).count() == 4
    assert (test_vote.state, test_vote.opened_by, test_vote.agreed_by) == (Vote.State.OPEN, dirk, None)
    assert (RollEntry.objects.filter(vote=test_vote).count(), Vote.objects.get(pk=draft.pk).state) == (VOTERS, "draft")


@pytest.mark.parametrize("who", ["eva", "auditor", "anna"])
def test_only_who_may_open_votes_holds_one(request, draft, dirk, who):
    frozen = freeze(draft)
    assert may_open_test(dirk, draft, frozen, 1)
    other = request.getfixturevalue(who)
    other = getattr(other, "user", other)
    assert not may_open_test(other, draft, frozen, 1)
    for voters in (0, 201):
        assert not may_open_test(dirk, draft, frozen, voters)
    with pytest.raises(NotAllowed):
        open_test(draft, actor=other, voters=1)
    assert not Vote.objects.filter(is_test=True).exists()


def test_no_dry_run_of_what_is_open_or_of_a_dry_run(site_root, anna, dirk, test_vote):
    for vote in (make_open_vote(), test_vote):
        with pytest.raises(NotAllowed):
            open_test(vote, actor=dirk, voters=1)


# --- Rehearsing ------------------------------------------------------------------------------------------------------


def test_whole_rehearsal_in_the_browser(draft, dirk, client_for, settings, tmp_path):
    """Made, voted in with a test code, closed at once, counted, published by the same person, verified, compared, deleted."""
    staff, tester = client_for(dirk, recent=True), Client()
    made = staff.post(reverse("vote:rehearse", args=[draft.pk]), {"voters": "2"})
    assert "no-store" in made.headers["Cache-Control"]
    vote, codes = Vote.objects.get(is_test=True), made.context["codes"]
    assert len(codes) == 2
    door = tester.get(url("voting_code", vote))
    assert MARK in text_of(door)
    assert vote.title not in door.content.decode()
    assert tester.post(url("voting_code", vote), {"code": codes[0]}).headers["Location"] == url("choose", vote)
    ballot = tester.get(url("choose", vote))
    checked = tester.post(url("choose", vote), {"choice-1": [1], "step": "check"})
    receipt = tester.post(url("cast", vote), hidden_fields(checked, url("cast", vote)))
    for page in (ballot, checked, receipt, tester.get(url("vote", vote)), tester.get(url("log", vote))):
        assert MARK in text_of(page)
        assert f"<title>{MARK}" in page.content.decode()
        assert (page.headers["Cache-Control"], page.headers["X-Robots-Tag"]) == ("no-store", "noindex, nofollow")
    for page in (receipt, tester.get(url("vote", vote))):
        assert "beslist niets" in text_of(page)
        assert "telt mee" not in text_of(page)
    assert Ballot.objects.filter(vote=vote).count() == 1
    staff.post(reverse("vote:close_test", args=[vote.pk]))
    count_vote(vote)
    rewrite_box(vote)
    staff.post(reverse("vote:publish", args=[vote.pk]))
    assert "Uitslag" in text_of(tester.get(url("vote", vote)))
    for name in ("inspect", "publish", "wipe", "compare"):
        assert MARK in text_of(staff.get(reverse(f"vote:{name}", args=[vote.pk])))
    assert MARK in text_of(staff.get(reverse("vote:index")))
    archive = tester.get(url("file", vote, "stemming.zip"))
    assert archive.headers["Content-Disposition"] == 'attachment; filename="PROEF-telt-niet-mee-stemming.zip"'
    path, said = tmp_path / "stemming.zip", []
    path.write_bytes(b"".join(archive.streaming_content))
    assert MARK in zipfile.ZipFile(io.BytesIO(path.read_bytes())).read("PROEF-telt-niet-mee.txt").decode()
    assert verify([str(path)], said.append) == 0
    assert said[1] == MARK
    staff.post(reverse("vote:wipe", args=[vote.pk]))
    assert not Vote.objects.filter(is_test=True).exists()
    assert tester.get(url("vote", vote)).status_code == 404


def test_one_person_opens_closes_and_publishes_and_compares(held, dirk):
    vote = published(held, dirk)
    assert may_compare_rules(dirk, Vote.objects.select_related("seal").get(pk=vote.pk))
    assert json.loads(vote.seal.result)["questions"]["1"]["winners"]


def test_real_vote_is_neither_closed_by_hand_nor_published_by_who_opened_it(site_root, anna, dirk):
    """The same rules, the same person. Mutants killed: the test's ease for every vote."""
    vote = make_open_vote()
    with translation.override("en"):
        assert may_close_test(dirk, vote).reason == "Only the clock closes a vote."
    with pytest.raises(NotAllowed):
        close_test(vote, actor=dirk)
    with database_clock(vote.closes_at):
        close_vote(vote)
    count_vote(vote)
    vote.refresh_from_db()
    assert not may_publish(vote.opened_by, vote)


def test_poll_that_is_not_secret_is_rehearsed_with_its_test_code(site_root, dirk):
    poll = {"form": "approval", "max_options": 2, "max_sum": None, "budget": None, "counting": {"rule": "approval"}}
    vote, [code] = open_test(make_vote(**poll, change_policy="login", not_secret=True), actor=dirk, voters=1)
    assert (vote_with(vote, code, [1]).version, vote_with(vote, code, [2]).version) == (1, 2)


# --- Nobody else ---------------------------------------------------------------------------------------------------------


def test_every_address_of_a_dry_run_is_for_testers_and_staff(held, anna, dirk, moderator, client_for):
    """Mutant killed: an address that does not go through `known_testers`."""
    vote, codes = held
    tester, wrong = Client(), Client()
    tester.post(url("voting_code", vote), {"code": in_groups(codes[0])})
    wrong.post(url("voting_code", vote), {"code": "ABCD-EFGH-JKMN"})
    pages = []
    for pattern in urlpatterns:
        more = {"name": "vote.json", "number": 1}
        names = [name for name in pattern.pattern.converters if name != "vote_id"]
        if "vote_id" in pattern.pattern.converters and pattern.name != "voting_code":
            pages.append(url(pattern.name, vote, *(more[name] for name in names)))
    assert len(pages) == len(urlpatterns) - 2
    strangers = [Client(), wrong, client_for(anna), client_for(moderator)]
    for page in pages:
        assert {client.get(page).status_code for client in strangers} == {404}, page
        assert {client.post(page).status_code for client in strangers} == {404}, page
    open_to_testers = {url("vote", vote), url("log", vote), url("choose", vote), url("practise", vote)}
    for client in (tester, client_for(dirk)):
        assert {page for page in pages if client.get(page).status_code == 200} >= open_to_testers - {
            url("choose", vote)
        }


def test_dry_run_is_in_no_list_mail_home_page_or_catalogue(held, anna, dirk, settings):
    from opendata.datasets import all_datasets

    observe(held[0], anna.user)
    before = OutboxLine.objects.count()
    vote = published(held, dirk)
    assert [tasks.tell_voters(), OutboxLine.objects.count() - before, len(mail.outbox)] == [0, 0, 0]
    assert vote not in queries.public_votes()
    assert vote not in queries.open_votes()
    assert showing.open_now(9) == []
    assert all_datasets() == []
    client = Client()
    places = [reverse("ballots:list"), "/sitemap.xml", "/open-data/", "/zoeken/?q=Buurtbudget"]
    for page in places:
        assert str(vote.pk) not in client.get(page, follow=True).content.decode()


@pytest.mark.parametrize("open_vote", ["dry run", "real"])
def test_only_a_real_open_vote_keeps_a_box_from_being_cleaned(held, anna, monkeypatch, open_vote):
    """Else a dry run of a fortnight would leave the files of a real vote as they are. Mutant killed: dry runs count as open votes."""
    from ballots.actions import shredding

    monkeypatch.setattr(shredding, "QUICK_BYTES", 0)
    monkeypatch.setattr(shredding, "NIGHT", ())
    real = make_open_vote()
    with database_clock(real.closes_at):
        close_vote(real)
    count_vote(real)
    rewrite_box(real)
    if open_vote == "real":
        make_open_vote()
    assert shredding._may_clean(real) is (open_vote == "dry run")


# --- Without a trace, and only a test --------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", ["open", "published"])
def test_wiping_leaves_nothing(held, draft, dirk, stage):
    vote, codes = held
    if stage == "open":
        vote_with(vote, codes[0], [1])
    else:
        published(held, dirk)
    wipe_test(vote, actor=dirk)
    for model in (Ballot, RollEntry, Question, Option, Checkpoint, Seal, RegisteredVoter):
        assert not model.objects.filter(vote_id=vote.pk).exists(), model
    assert not VotingCode.objects.exists()
    assert list(Vote.objects.values_list("pk", flat=True)) == [draft.pk]
    assert (draft.questions.count(), draft.options.count()) == (1, 4)


def test_every_table_that_hangs_on_a_vote_is_wiped():
    """A table that somebody adds later is wiped by itself; the deepest go first."""
    statements = list(_deletions(Vote, "id = %s"))
    tables = [statement.split()[2].strip('"') for statement in statements]
    wanted = {relation.related_model._meta.db_table for relation in Vote._meta.related_objects}
    assert wanted | {"ballots_votingcode"} <= set(tables)
    assert tables[-1] == "ballots_vote"
    assert tables.index("ballots_votingcode") < tables.index("ballots_registeredvoter")
    assert all(statement.count("%s") == 1 for statement in statements)


def test_old_dry_runs_go_by_themselves_and_real_votes_stay(held, anna, dirk):
    vote, real = held[0], make_open_vote()
    days = timedelta(days=site_settings.BALLOTS_TEST_DAYS)
    with database_clock(vote.opened_at + days - timedelta(seconds=1)):
        assert tasks.wipe_old_tests() == 0
    with database_clock(vote.opened_at + days):
        assert tasks.wipe_old_tests() == 1
    assert not Vote.objects.filter(pk=vote.pk).exists()
    assert Vote.objects.filter(pk=real.pk).exists()


def test_real_vote_is_not_wiped(site_root, anna, dirk):
    vote = make_open_vote()
    with translation.override("en"):
        assert may_wipe(vote).reason == "Only a dry run can be deleted. A real vote stays."
    with pytest.raises(NotAllowed):
        wipe_test(vote, actor=dirk)


def attack(sql, *args):
    with pytest.raises(IntegrityError), transaction.atomic():
        _run(sql, args)


def _run(sql, args):
    with connection.cursor() as cursor:
        cursor.execute(sql, args)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize("real", ["draft", "open", "published"])
def test_real_vote_never_becomes_a_test(site_root, anna, dirk, publisher, test_vote, real):
    """Trigger ballots_guard_test, and what would follow without it. Behind Python's back."""
    vote = make_vote() if real == "draft" else make_open_vote()
    if real != "draft":
        cast(vote, anna, [1])
    if real == "published":
        with database_clock(vote.closes_at):
            close_vote(vote)
        count_vote(vote)
        publish_result(Vote.objects.get(pk=vote.pk), actor=publisher)
    attack("UPDATE ballots_vote SET is_test = true WHERE id = %s", vote.pk)
    attack("UPDATE ballots_vote SET is_test = NOT is_test")
    attack("UPDATE ballots_vote SET is_test = false WHERE id = %s", test_vote.pk)
    attack(
        "INSERT INTO ballots_vote SELECT (jsonb_populate_record(v, '{\"is_test\": true}')).* FROM ballots_vote v"
        " WHERE id = %s ON CONFLICT (id) DO UPDATE SET is_test = true",
        vote.pk,
    )
    if real != "draft":
        for statement in _deletions(Vote, "id = %s"):
            with connection.cursor() as cursor:
                cursor.execute(statement.replace("DELETE FROM", "SELECT count(*) FROM"), [vote.pk])
                if cursor.fetchone()[0]:
                    attack(statement, vote.pk)


MOVES = {
    "ballots": "UPDATE ballots_ballot SET vote_id = %s, version = version + 1 WHERE vote_id = %s",
    "ballots by moving": (
        "WITH gone AS (DELETE FROM ballots_ballot WHERE vote_id = %s RETURNING *)"
        " INSERT INTO ballots_ballot (id, vote_id, tag, tracker, version, nonce, payload, leaf, channel)"
        " SELECT id, %s, tag, tracker, version, nonce, payload, leaf, channel FROM gone"
    ),
    "roll": "UPDATE ballots_rollentry SET vote_id = %s WHERE vote_id = %s",
    "questions": "UPDATE ballots_question SET vote_id = %s, number = 9, reference = 'x' WHERE vote_id = %s",
    "options": "UPDATE ballots_option SET vote_id = %s, number = 9, reference = 'x' WHERE vote_id = %s AND number = 1",
    "checkpoints": "UPDATE ballots_checkpoint SET vote_id = %s, seq = 99 WHERE vote_id = %s",
    "seal": "UPDATE ballots_seal SET vote_id = %s WHERE vote_id = %s",
}


@pytest.mark.parametrize("what", MOVES)
def test_nothing_of_a_real_vote_moves_into_a_test_to_be_wiped(site_root, anna, held, what):
    real = make_open_vote()
    cast(real, anna, [1])
    if what == "seal":
        with database_clock(real.closes_at):
            close_vote(real)
        count_vote(real)
    ids = [held[0].pk, real.pk]
    attack(MOVES[what], *(reversed(ids) if what == "ballots by moving" else ids))


def test_test_is_opened_by_one_person_and_nothing_else_is(site_root, anna, dirk, test_vote):
    """Constraint vote_is_opened_by_two_persons still holds for real votes."""
    vote = make_vote()
    with pytest.raises(IntegrityError), transaction.atomic():
        Vote.objects.filter(pk=vote.pk).update(
            state="open", opened_at=test_vote.opened_at, opened_by=dirk, rules_hash=b"x" * 32
        )


def test_no_page_is_about_a_test(site_root, test_vote):
    from referendum.models import ReferendumVote
    from tests.factories.referendum import make_referendum

    with pytest.raises(IntegrityError), transaction.atomic():
        ReferendumVote.objects.create(page=make_referendum(site_root), vote=test_vote)
