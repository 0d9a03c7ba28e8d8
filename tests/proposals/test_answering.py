"""The municipality answers: in the admin, with a reason, and everybody who took part hears it."""

from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.models import ModelLogEntry

from notices.mails import make_mail
from notices.models import OutboxLine
from people.verdict import NotAllowed
from process.dashboard import cards_for
from proposals import actions
from proposals.actions import announcing
from proposals.models import Announcement, OfficialResponse, Submission
from proposals.tasks import announce_waiting
from tests.factories.people import make_resident
from tests.factories.proposals import make_many, make_submission, make_support

NOW = timezone.now()
State = Submission.State


def answer(submission, state, dirk, *, reason="Het past in de plannen.", text="Wij gaan het doen.", now=NOW):
    actions.answer(submission, state, actor=dirk, reason=reason, text=text, now=now)


@pytest.fixture
def neighbours(places):
    return [make_resident(f"Buur {number}", places.harbour) for number in range(3)]


@pytest.fixture
def assessed(page, anna):
    return make_submission(page, anna, state=State.ASSESSED)


# --- The verb ---------------------------------------------------------------------------------------------


def test_answer_moves_on_and_is_public(client, assessed, dirk):
    answer(assessed, "accepted", dirk)
    assessed.refresh_from_db()
    assert (assessed.state, assessed.response.text, assessed.response.author) == (
        "accepted", "Wij gaan het doen.", dirk,
    )  # fmt: skip
    assert "Wij gaan het doen." in client.get(assessed.get_absolute_url()).content.decode()


@pytest.mark.parametrize(("reason", "text"), [("", "Nee."), ("Te duur.", ""), ("  ", "  ")])
def test_declining_without_reason_or_answer_is_refused(assessed, dirk, reason, text):
    with pytest.raises(NotAllowed):
        answer(assessed, "declined", dirk, reason=reason, text=text)
    assessed.refresh_from_db()
    assert (assessed.state, OfficialResponse.objects.count()) == ("assessed", 0)


def test_answering_is_refused_to_others(assessed, anna, eva, auditor, administrator):
    for person in (anna.user, eva, auditor, administrator):
        with pytest.raises(NotAllowed):
            answer(assessed, "accepted", person)


def test_corrected_answer_keeps_the_old_one_in_the_log(assessed, dirk):
    answer(assessed, "accepted", dirk, text="Eerste versie.")
    actions.correct_answer(assessed, actor=dirk, text="Tweede versie.", now=NOW)
    assert OfficialResponse.objects.get().text == "Tweede versie."
    log = ModelLogEntry.objects.for_instance(assessed).filter(action="proposals.respond").order_by("pk")
    assert [entry.data["before"] for entry in log] == ["", "Eerste versie."]


# --- Telling ------------------------------------------------------------------------------------------------


def test_submitter_and_every_supporter_hear_it(assessed, dirk, anna, neighbours):
    make_support(assessed, anna, *neighbours)
    answer(assessed, "accepted", dirk)
    assert [line.recipient for line in OutboxLine.objects.all()] == [anna.user]

    announce_waiting()
    told = OutboxLine.objects.filter(kind="proposals.changed").values_list("recipient", flat=True)
    assert sorted(told) == sorted(person.user.pk for person in (anna, *neighbours))
    assert Announcement.objects.get().done_at is not None


def test_telling_twice_tells_once(assessed, dirk, neighbours):
    make_support(assessed, *neighbours)
    answer(assessed, "accepted", dirk)
    announcement = Announcement.objects.get()
    assert actions.announce(announcement.pk, NOW) == 3
    Announcement.objects.update(done_at=None)
    assert actions.announce(announcement.pk, NOW) == 0
    assert OutboxLine.objects.exclude(recipient=assessed.submitter).count() == 3


def test_telling_goes_on_where_it_broke_off(assessed, dirk, neighbours, monkeypatch):
    """The worker dies between two batches: the next one tells the rest, and nobody twice."""
    monkeypatch.setattr(announcing, "BATCH", 2)
    make_support(assessed, *neighbours)
    answer(assessed, "accepted", dirk)
    announcement = Announcement.objects.get()
    announcing._tell_batch(announcement, after=0)
    assert OutboxLine.objects.exclude(recipient=assessed.submitter).count() == 2

    actions.announce_waiting(NOW)
    assert OutboxLine.objects.exclude(recipient=assessed.submitter).count() == 3
    assert actions.announce_waiting(NOW) == 0


def test_telling_many_is_a_fixed_number_of_queries(assessed, dirk, places, django_assert_max_num_queries):
    make_support(assessed, *[make_resident(f"Buur {number}", places.harbour) for number in range(60)])
    answer(assessed, "accepted", dirk)
    with django_assert_max_num_queries(15):
        actions.announce_waiting(NOW)
    assert OutboxLine.objects.count() == 61


def test_inactive_accounts_are_not_told(assessed, dirk, neighbours):
    make_support(assessed, *neighbours)
    neighbours[0].user.is_active = False
    neighbours[0].user.save()
    answer(assessed, "accepted", dirk)
    actions.announce_waiting(NOW)
    assert not OutboxLine.objects.filter(recipient=neighbours[0].user).exists()


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize(
    ("path", "reason"), [(["accepted"], "Past."), (["declined"], "Te duur."), (["accepted", "executed"], "Klaar.")]
)
def test_mail_says_what_happened(assessed, dirk, anna, language, path, reason):
    anna.user.language = language
    anna.user.save()
    for step, state in enumerate(path):
        answer(assessed, state, dirk, reason=reason, now=NOW + timedelta(minutes=step))
    made = make_mail(OutboxLine.objects.order_by("created_at").last())
    assert assessed.title in made.subject
    assert reason in made.body
    assert reason in made.alternatives[0].content
    assert f"/voorstellen/{assessed.pk}/" in made.body


def test_mail_about_a_decision_has_the_whole_answer(assessed, dirk, anna, neighbours):
    """Nobody has to look for it: the submitter nor who supports it. Mutant: tell of the step before the answer is written."""
    make_support(assessed, *neighbours)
    answer(assessed, "declined", dirk, reason="Te duur.", text="Wij zochten het uit.\nHet kost te veel.")
    announce_waiting()
    lines = OutboxLine.objects.filter(kind="proposals.changed")
    assert {line.recipient for line in lines} == {anna.user, *(each.user for each in neighbours)}
    for line in lines:
        made = make_mail(line)
        assert "Wij zochten het uit.\nHet kost te veel." in made.body
        assert "Wij zochten het uit.<br>Het kost te veel." in made.alternatives[0].content


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_mail_of_a_proposal_can_be_made(page, anna, dirk, language):
    anna.user.language = language
    anna.user.save()
    draft = make_submission(page, anna, state=State.DRAFT)
    actions.submit(draft, anna.user, NOW)
    for line in OutboxLine.objects.all():
        assert make_mail(line).subject
    assert mail.outbox == []


# --- The admin ------------------------------------------------------------------------------------------------


def post(browser, submission, **fields):
    return browser.post(reverse("submission:edit", args=[submission.pk]), fields)


def test_officer_answers_in_the_admin(client_for, assessed, dirk):
    browser = client_for(dirk)
    shown = browser.get(reverse("submission:edit", args=[assessed.pk])).content.decode()
    assert 'value="accepted"' in shown
    assert 'value="executed"' not in shown

    post(browser, assessed, state="declined", reason="Te duur.", answer="Het kost te veel.")
    assessed.refresh_from_db()
    assert (assessed.state, assessed.history.last().actor, assessed.response.text) == (
        "declined", dirk, "Het kost te veel.",
    )  # fmt: skip


def test_refused_answer_keeps_what_was_typed(client_for, assessed, dirk):
    shown = post(client_for(dirk), assessed, state="declined", reason="", answer="Het kost te veel.").content.decode()
    assert _("Give the reason.") in shown
    assert "Het kost te veel." in shown
    assert OfficialResponse.objects.count() == 0


def test_stale_answer_is_refused(client_for, assessed, dirk, clerk):
    """Two officers had the page open; the second finds out what the first did."""
    post(client_for(clerk), assessed, state="accepted", reason="Past.", answer="Ja.")
    post(client_for(dirk), assessed, state="declined", reason="Te duur.", answer="Nee.")
    assessed.refresh_from_db()
    assert (assessed.state, assessed.response.text) == ("accepted", "Ja.")


@pytest.mark.parametrize(
    ("role", "reads", "answers"),
    [
        ("dirk", 200, True),
        ("clerk", 200, True),
        ("administrator", 200, False),
        ("auditor", 200, False),
        ("eva", None, False),
        ("anna", None, False),
        (None, None, False),
    ],
)
def test_admin_by_role(request, client_for, assessed, role, reads, answers):
    browser = client_for(request.getfixturevalue(role) if role else None)
    for url in (reverse("submission:index"), reverse("submission:edit", args=[assessed.pk])):
        status = browser.get(url).status_code
        assert status == reads if reads else status in (302, 403)
    post(browser, assessed, state="accepted", reason="Past.", answer="Ja.")
    assessed.refresh_from_db()
    assert (assessed.state == "accepted") == answers


def test_admin_never_shows_drafts(client_for, page, anna, dirk):
    draft = make_submission(page, anna, state=State.DRAFT, title="Geheim concept")
    browser = client_for(dirk)
    assert "Geheim concept" not in browser.get(reverse("submission:index")).content.decode()
    assert browser.get(reverse("submission:edit", args=[draft.pk])).status_code == 404


def test_admin_filters_and_searches(client_for, page, anna, bram, dirk):
    make_submission(page, anna, title="Bankje")
    make_submission(page, bram, title="Boom", state=State.DECLINED)
    browser = client_for(dirk)

    def titles(**params):
        return [row.title for row in browser.get(reverse("submission:index"), params).context["object_list"]]

    assert titles() == ["Boom", "Bankje"]
    assert titles(state="declined") == ["Boom"]
    assert titles(q="bank") == ["Bankje"]
    assert titles(q="bram") == ["Boom"]
    assert titles(ordering="support_count; DROP TABLE x") == ["Boom", "Bankje"]


@pytest.mark.parametrize("number", [1, 3])
def test_admin_list_queries(client_for, page, dirk, places, number, django_assert_num_queries):
    make_many(page, number, area=places.harbour)
    browser = client_for(dirk)
    browser.get(reverse("submission:index"))
    with django_assert_num_queries(ADMIN_QUERIES):
        browser.get(reverse("submission:index"))


ADMIN_QUERIES = 16


def test_history_page_opens(client_for, assessed, dirk):
    answer(assessed, "accepted", dirk, reason="<b>Past</b>")
    shown = client_for(dirk).get(reverse("submission:history", args=[assessed.pk])).content.decode()
    assert "&lt;b&gt;Past&lt;/b&gt;" in shown
    assert "<b>Past</b>" not in shown


# --- What waits ---------------------------------------------------------------------------------------------


def test_card_counts_what_waits_for_an_answer(page, dirk, anna, moderator_only):
    from proposals.models import StateChange

    for age in (3, 5):
        submission = make_submission(page, state=State.REACHED)
        StateChange.objects.create(submission=submission, state=State.REACHED, at=NOW - timedelta(days=age))
    make_submission(page, state=State.COLLECTING)
    card = next(card for card in cards_for(dirk) if "state=reached" in card.url)
    assert (card.count, card.oldest) == (2, NOW - timedelta(days=5))
    assert [card for person in (anna.user, moderator_only) for card in cards_for(person) if "reached" in card.url] == []


@pytest.fixture
def moderator_only(db):
    from tests.factories.people import make_user

    return make_user("Mo", roles=("moderator",))
