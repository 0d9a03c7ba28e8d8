"""The moderators' queue: one for everything, decided once, with a reason, and everybody concerned is told."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from wagtail.models import ModelLogEntry

from conversation import actions, moderation
from conversation.models import Comment, HeldWord, ModerationCase
from notices.mails import make_mail
from notices.models import OutboxLine
from pages.uploads import Photo, store_photo
from people.verdict import NotAllowed
from process.dashboard import cards_for
from proposals.models import Submission
from tests.factories.people import make_user
from tests.factories.proposals import make_comment, make_submission

NOW = timezone.now()
Decision = ModerationCase.Decision


@pytest.fixture
def moderator(db):
    """Mo (account) is a moderator and nothing else."""
    return make_user("Mo", roles=("moderator",))


@pytest.fixture
def held(page, bram):
    """Bram's proposal, held, in the queue."""
    submission = make_submission(page, bram, state="held", title="Plan van Bram")
    actions.hold(submission, ["first_post", "word:sukkel"], now=NOW - timedelta(hours=3))
    return submission


def case_of(subject):
    return ModerationCase.objects.get(subject_id=subject.pk)


def decide(subject, decision, actor, reason="Past niet bij de spelregels."):
    return actions.decide(case_of(subject), decision, actor=actor, reason=reason, now=NOW)


# --- Decide ---------------------------------------------------------------------------------------------------


def test_publishing_lets_everybody_read(client, held, moderator, bram):
    decide(held, Decision.PUBLISH, moderator)
    held.refresh_from_db()
    assert (held.state, held.published_at, held.thread is None) == ("collecting", NOW, False)
    assert client.get(held.get_absolute_url()).status_code == 200
    assert OutboxLine.objects.get().kind == "conversation.published"
    assert OutboxLine.objects.get().recipient == bram.user
    assert ModelLogEntry.objects.for_instance(held).filter(action="conversation.publish", user=moderator).exists()


def test_hiding_keeps_it_from_everybody_and_tells_why(client, submission, moderator, anna):
    assert client.get(submission.get_absolute_url()).status_code == 200
    actions.review(submission, Decision.HIDE, actor=moderator, reason="Scheldt op een buur.", now=NOW)
    assert client.get(submission.get_absolute_url()).status_code == 404
    line = OutboxLine.objects.get()
    assert (line.kind, line.recipient, line.payload["reason"]) == (
        "conversation.hidden", anna.user, "Scheldt op een buur.",
    )  # fmt: skip
    entry = ModelLogEntry.objects.for_instance(submission).get(action="conversation.hide")
    assert (entry.user, entry.data["reason"]) == (moderator, "Scheldt op een buur.")


@pytest.mark.parametrize("kind", ["proposal", "comment"])
@pytest.mark.parametrize(("decision", "mail"), [("publish", "conversation.published"), ("hide", "conversation.hidden")])
def test_writer_of_what_was_held_hears_the_decision(page, thread, bram, moderator, kind, decision, mail):
    """Kills the mutant that tells only whose words were public before: the site promised an answer."""
    subject = (
        make_submission(page, bram, state="held") if kind == "proposal" else make_comment(thread, bram, state="held")
    )
    actions.hold(subject, ["first_post"], now=NOW)
    decide(subject, Decision(decision), moderator)
    line = OutboxLine.objects.get()
    assert (line.kind, line.recipient, line.payload["reason"]) == (mail, bram.user, "Past niet bij de spelregels.")


@pytest.mark.parametrize("state", ["hidden", "deleted"])
def test_writer_hears_nothing_when_nothing_changes(thread, bram, moderator, state):
    """Kills the mutant that goes by the decision instead of what became of it."""
    comment = make_comment(thread, bram, state="published" if state == "deleted" else state)
    if state == "deleted":
        actions.delete_comment(comment, bram.user, NOW)
    actions.review(comment, Decision.HIDE, actor=moderator, reason="Scheldt.", now=NOW)
    if state == "deleted":
        actions.review(comment, Decision.PUBLISH, actor=moderator, reason="", now=NOW)
    assert OutboxLine.objects.count() == 0


def test_hiding_without_a_reason_is_refused(held, moderator):
    with pytest.raises(NotAllowed):
        decide(held, Decision.HIDE, moderator, reason="  ")
    assert case_of(held).decision == ""


def test_constraint_demands_the_reason_behind_our_back(held, moderator):
    with pytest.raises(IntegrityError), transaction.atomic():
        ModerationCase.objects.update(decision="hide", decided_by=moderator, decided_at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        ModerationCase.objects.update(decision="publish", decided_at=NOW)


def test_hiding_can_be_undone_by_another_decision(client, submission, moderator):
    actions.review(submission, Decision.HIDE, actor=moderator, reason="Vergissing.", now=NOW)
    actions.review(submission, Decision.PUBLISH, actor=moderator, reason="Toch goed.", now=NOW)
    submission.refresh_from_db()
    assert submission.state == "collecting"
    assert list(ModerationCase.objects.order_by("pk").values_list("cause", "decision")) == [
        ("review", "hide"),
        ("review", "publish"),
    ]
    assert client.get(submission.get_absolute_url()).status_code == 200


def test_comment_is_hidden_and_shown_again_with_its_count(submission, thread, bram, moderator):
    comment = make_comment(thread, bram)

    def state_and_count():
        comment.refresh_from_db()
        return comment.state, Submission.objects.get().comment_count

    actions.review(comment, Decision.HIDE, actor=moderator, reason="Scheldt.", now=NOW)
    assert state_and_count() == ("hidden", 0)
    actions.review(comment, Decision.HIDE, actor=moderator, reason="Scheldt.", now=NOW)
    assert state_and_count() == ("hidden", 0)
    actions.review(comment, Decision.PUBLISH, actor=moderator, reason="", now=NOW)
    assert state_and_count() == ("published", 1)


def test_deleted_comment_stays_deleted(thread, bram, moderator):
    comment = make_comment(thread, bram)
    actions.delete_comment(comment, bram.user, NOW)
    for decision in (Decision.HIDE, Decision.PUBLISH):
        actions.review(comment, decision, actor=moderator, reason="x", now=NOW)
        comment.refresh_from_db()
        assert comment.state == "deleted"


def test_decision_is_made_once(held, moderator, dirk):
    decide(held, Decision.PUBLISH, moderator)
    with pytest.raises(NotAllowed):
        decide(held, Decision.HIDE, dirk)
    assert case_of(held).decided_by == moderator


@pytest.mark.django_db(transaction=True)
def test_race_of_two_moderators_is_one_decision(held, moderator, dirk):
    """Kills the mutant that reads the case without locking it: the second decision was only stopped by the
    trigger `decision_stands`, an error instead of a reason."""
    barrier, results = threading.Barrier(2), []

    def run(actor, decision):
        try:
            barrier.wait(10)
            decide(held, decision, actor)
            results.append("done")
        except NotAllowed:
            results.append("refused")
        finally:
            connection.close()

    threads = [
        threading.Thread(target=run, args=pair) for pair in [(moderator, Decision.PUBLISH), (dirk, Decision.HIDE)]
    ]
    [item.start() for item in threads]
    [item.join(30) for item in threads]
    assert sorted(results) == ["done", "refused"]
    held.refresh_from_db()
    assert held.state == {"publish": "collecting", "hide": "hidden"}[case_of(held).decision]


def test_nobody_decides_about_their_own_words(page, moderator):
    own = make_submission(page, moderator, state="held")
    actions.hold(own, ["first_post"])
    with pytest.raises(NotAllowed):
        decide(own, Decision.PUBLISH, moderator)
    with pytest.raises(NotAllowed):
        actions.review(own, Decision.PUBLISH, actor=moderator, reason="", now=NOW)


def test_withdrawing_closes_the_case(held, bram):
    from proposals.actions import withdraw

    withdraw(held, bram.user, "Toch niet.", NOW)
    assert (case_of(held).decision, case_of(held).decided_by) == ("gone", bram.user)


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE conversation_moderationcase SET decision_reason = 'anders'",
        "UPDATE conversation_moderationcase SET decision = 'publish'",
        "UPDATE conversation_moderationcase SET decision = '', decided_by_id = NULL, decided_at = NULL",
        "DELETE FROM conversation_moderationcase",
    ],
)
def test_decision_cannot_be_changed_behind_our_back(held, moderator, attack):
    decide(held, Decision.HIDE, moderator)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(attack)
    assert case_of(held).decision == "hide"


def test_names_in_a_decided_case_can_go(held, moderator):
    decide(held, Decision.HIDE, moderator)
    ModerationCase.objects.update(author=None, title="")
    assert (case_of(held).author, case_of(held).title) == (None, "")


def test_open_case_is_one_per_subject(held):
    actions.hold(held, ["link:x"])
    assert case_of(held).reasons == ["first_post", "word:sukkel"]


# --- Reports ----------------------------------------------------------------------------------------------------


def test_report_opens_a_case_and_hides_nothing(client, submission, bram, eva):
    for person in (bram.user, eva):
        actions.flag(submission, person, "Dit hoort hier niet.", NOW)
    case = case_of(submission)
    assert (case.cause, case.flags.count()) == ("flagged", 2)
    assert client.get(submission.get_absolute_url()).status_code == 200


def test_many_reports_hide_nothing(client, submission):
    for number in range(12):
        actions.flag(submission, make_user(f"Buur {number}"), "Weg ermee.", NOW)
    assert client.get(submission.get_absolute_url()).status_code == 200


def test_one_open_report_per_person(submission, bram):
    actions.flag(submission, bram.user, "Dit hoort hier niet.", NOW)
    with pytest.raises(NotAllowed) as refused:
        actions.flag(submission, bram.user, "Echt niet.", NOW)
    assert str(refused.value) == _("You reported this already. A moderator will look at it.")
    assert case_of(submission).flags.count() == 1


def test_report_is_answered(submission, bram, moderator, anna):
    actions.flag(submission, bram.user, "Dit hoort hier niet.", NOW)
    decide(submission, Decision.PUBLISH, moderator, reason="Dit mag.")
    line = OutboxLine.objects.get()
    assert (line.kind, line.recipient, line.payload["hidden"]) == ("conversation.report_answered", bram.user, False)
    actions.flag(submission, bram.user, "Toch niet.", NOW)  # a new case, so a new report


@pytest.mark.parametrize("state", ["held", "hidden", "withdrawn"])
def test_what_is_not_public_cannot_be_reported(client_for, page, anna, bram, state):
    submission = make_submission(page, anna, state=state)
    url = reverse("conversation:flag", args=["submission", submission.pk])
    assert client_for(bram).post(url, {"reason": "x"}).status_code == 404
    with pytest.raises(NotAllowed):
        actions.flag(submission, bram.user, "x", NOW)


def test_own_words_cannot_be_reported(submission, anna):
    with pytest.raises(NotAllowed):
        actions.flag(submission, anna.user, "x", NOW)


def test_reporting_in_the_browser(client, client_for, submission, thread, bram, anna):
    comment = make_comment(thread, anna)
    for kind, subject in (("submission", submission), ("comment", comment)):
        url = reverse("conversation:flag", args=[kind, subject.pk])
        assert client.get(url).status_code == 302
        browser = client_for(bram)
        assert browser.get(url).status_code == 200
        assert browser.post(url, {"reason": ""}).status_code == 200
        assert browser.post(url, {"reason": "Dit hoort hier niet."}).status_code == 302
        assert browser.post(url, {"reason": "Nog eens."}).status_code == 409
    assert ModerationCase.objects.count() == 2
    assert client_for(bram).get(reverse("conversation:flag", args=["user", bram.user.pk])).status_code == 404


# --- The queue in the admin ----------------------------------------------------------------------------------------


def rows(browser, **params):
    return list(browser.get(reverse("moderation:index"), params).context["object_list"])


def test_queue_shows_what_waits_longest_first(client_for, held, page, thread, eva, moderator):
    comment = make_comment(thread, eva, "Kijk op x.nl", state="held")
    actions.hold(comment, ["link:x.nl"], now=NOW)
    browser = client_for(moderator)
    assert [case.subject for case in rows(browser)] == [held, comment]

    shown = browser.get(reverse("moderation:index")).content.decode()
    for words in ("Plan van Bram", "Bram", "sukkel", "Eva"):
        assert words in shown


def test_queue_filters_and_searches(client_for, held, thread, eva, moderator):
    from django.contrib.contenttypes.models import ContentType

    comment = make_comment(thread, eva, "Kijk op x.nl", state="held")
    actions.hold(comment, ["link:x.nl"], now=NOW)
    browser = client_for(moderator)
    kind = ContentType.objects.get_for_model(Comment).pk
    assert [case.subject for case in rows(browser, subject_type=kind)] == [comment]
    assert [case.subject for case in rows(browser, q="bram")] == [held]
    assert rows(browser, cause="flagged") == []

    decide(held, Decision.HIDE, moderator)
    assert [case.subject for case in rows(browser)] == [comment]
    assert [case.subject for case in rows(browser, show="decided")] == [held]
    assert len(rows(browser, show="all")) == 2
    assert len(rows(browser, show="nonsense")) in (1, 2)


@pytest.mark.parametrize("number", [1, 3])
def test_queue_queries(client_for, thread, moderator, number, django_assert_num_queries):
    for index in range(number):
        actions.hold(make_comment(thread, make_user(f"Buur {index}"), state="held"), ["first_post"])
    browser = client_for(moderator)
    browser.get(reverse("moderation:index"))
    with django_assert_num_queries(QUEUE_QUERIES):
        browser.get(reverse("moderation:index"))


QUEUE_QUERIES = 13


def test_moderator_decides_in_the_admin(client_for, held, moderator):
    browser = client_for(moderator)
    url = reverse("moderation:edit", args=[case_of(held).pk])
    shown = browser.get(url).content.decode()
    assert held.text in shown
    assert browser.post(url, {"decision": "hide", "reason": ""}).status_code == 200
    assert browser.post(url, {"decision": "hide", "reason": "Scheldt."}).url == reverse("moderation:index")
    held.refresh_from_db()
    assert held.state == "hidden"

    again = browser.get(url).content.decode()
    assert reverse("moderation:subject", args=["submission", held.pk]) in again
    browser.post(url, {"decision": "publish", "reason": ""})
    held.refresh_from_db()
    assert held.state == "hidden"
    browser.post(
        reverse("moderation:subject", args=["submission", held.pk]), {"decision": "publish", "reason": "Toch."}
    )
    held.refresh_from_db()
    assert held.state == "collecting"


def test_reports_of_visitors_do_not_take_the_name_of_wagtails_reports():
    """A text of ours with Wagtail's id would rename its menu: “Rapporten” said “Meldingen”."""
    with translation.override("nl"):
        assert _("Reports") == "Rapporten"


def test_case_says_where_it_is_about_and_leads_to_all_of_it(client_for, held, submission, eva, moderator, places):
    type(held).objects.filter(pk=held.pk).update(location_text="Bij de sluis", area=places.harbour)
    shown = client_for(moderator).get(reverse("moderation:edit", args=[case_of(held).pk])).content.decode()
    assert "Bij de sluis, Havenbuurt" in shown
    assert f'href="{reverse("submission:edit", args=[held.pk])}"' in shown

    comment = make_comment(submission.thread, eva, state="held")
    case = actions.hold(comment, ["first_post"])
    shown = client_for(moderator).get(reverse("moderation:edit", args=[case.pk])).content.decode()
    assert f'href="{submission.get_absolute_url()}"' in shown


@pytest.mark.parametrize(
    ("role", "reads", "decides"),
    [
        ("moderator", 200, True),
        ("dirk", 200, True),
        ("administrator", 200, True),
        ("auditor", 200, False),
        ("clerk", None, False),
        ("eva", None, False),
        ("anna", None, False),
        (None, None, False),
    ],
)
def test_queue_by_role(request, client_for, held, role, reads, decides):
    browser = client_for(request.getfixturevalue(role) if role else None)
    urls = [
        reverse("moderation:index"),
        reverse("moderation:edit", args=[case_of(held).pk]),
        reverse("moderation:subject", args=["submission", held.pk]),
    ]
    for url in urls:
        status = browser.get(url).status_code
        assert status == reads if reads else status in (302, 403)
    for url in urls[1:]:
        browser.post(url, {"decision": "publish", "reason": ""})
    held.refresh_from_db()
    assert (held.state == "collecting") == decides


def test_moderator_reads_what_the_writer_says_that_the_image_shows(client_for, held, moderator):
    """Everybody who cannot see the image hears these words, so they are judged too."""
    store_photo(held.image, Photo(b"groot", b"klein"))
    held.image_alt = "Die <b>buurman</b>"
    held.save()
    page = client_for(moderator).get(reverse("moderation:edit", args=[case_of(held).pk])).content.decode()
    assert "Die &lt;b&gt;buurman&lt;/b&gt;" in page


def test_case_of_something_that_is_gone_can_be_closed(client_for, thread, eva, moderator):
    comment = make_comment(thread, eva, state="held")
    case = actions.hold(comment, ["first_post"])
    comment.delete()
    browser = client_for(moderator)
    assert browser.get(reverse("moderation:edit", args=[case.pk])).status_code == 200
    actions.decide(case, Decision.PUBLISH, actor=moderator, reason="", now=NOW)
    case.refresh_from_db()
    assert case.decision == "gone"


@pytest.mark.parametrize(
    ("role", "status"), [("moderator", 302), ("administrator", 302), ("clerk", 403), ("auditor", 403)]
)
def test_word_list_by_role(request, client_for, role, status):
    browser = client_for(request.getfixturevalue(role))
    answer = browser.post(reverse("heldword:add"), {"word": "sukkel", "note": "Scheldwoord"})
    assert answer.status_code in (status, 302)
    assert HeldWord.objects.exists() == (status == 302)


def test_card_counts_what_waits(held, moderator, clerk):
    card = next(card for card in cards_for(moderator) if card.url == reverse("moderation:index"))
    assert (card.count, card.oldest) == (1, NOW - timedelta(hours=3))
    assert [card for card in cards_for(clerk) if card.url == reverse("moderation:index")] == []


# --- Mails and registry -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["nl", "en"])
def test_mails_can_be_made(submission, bram, anna, moderator, language):
    for person in (anna.user, bram.user):
        person.language = language
        person.save()
    actions.flag(submission, bram.user, "Dit hoort hier niet.", NOW)
    decide(submission, Decision.HIDE, moderator, reason="Scheldt op een buur.")
    actions.review(submission, Decision.PUBLISH, actor=moderator, reason="", now=NOW)
    made = {line.kind: make_mail(line) for line in OutboxLine.objects.all()}
    assert sorted(made) == ["conversation.hidden", "conversation.published", "conversation.report_answered"]
    assert "Scheldt op een buur." in made["conversation.hidden"].body
    assert "Scheldt op een buur." not in made["conversation.report_answered"].body


def test_kind_cannot_be_registered_twice():
    kind = moderation.kind_named("comment")
    with pytest.raises(ValueError, match="twice"):
        moderation.register(kind.model, title=kind.title, url=kind.url, publish=kind.publish, hide=kind.hide)


def test_unknown_kind_is_said():
    with pytest.raises(moderation.UnknownSubject):
        moderation.kind_named(uuid.uuid4().hex)
