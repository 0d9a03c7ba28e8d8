"""Comments: added once, held when needed, deleted by their writer, never found below what is hidden."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from conversation import actions
from conversation.models import Comment, HoldSettings, ModerationCase, Thread
from people.verdict import NotAllowed
from proposals.models import Submission
from tests.factories.people import make_user
from tests.factories.proposals import close_phases, make_comment, make_submission

State = Comment.State


@pytest.fixture(autouse=True)
def first_contributions_pass(site_root):
    from wagtail.models import Site

    HoldSettings.objects.update_or_create(site=Site.objects.get(is_default_site=True), defaults={"first_post": False})


def add(thread, author, text="Goed plan voor de hele buurt.", key=None, **more):
    return actions.add_comment(thread, author.user, text, key or uuid.uuid4(), timezone.now(), **more)


def count_of(submission):
    return Submission.objects.get(pk=submission.pk).comment_count


def texts(browser, submission, **params):
    return [
        comment.text
        for comment in browser.get(submission.get_absolute_url(), params).context["conversation"].page.items
    ]


# --- Add ----------------------------------------------------------------------------------------------------


def test_comment_is_shown_and_counted(client, submission, thread, bram):
    comment = add(thread, bram)
    assert (comment.state, count_of(submission)) == ("published", 1)
    shown = client.get(submission.get_absolute_url()).content.decode()
    assert "Goed plan voor de hele buurt." in shown
    assert "Bram" in shown


def test_comment_in_the_browser(client_for, submission, thread, bram):
    browser = client_for(bram)
    form = browser.get(submission.get_absolute_url()).context["conversation"].form
    values = {"text": "Goed plan.", "request_key": form.initial["request_key"]}
    url = reverse("conversation:add", args=[thread.pk])
    answers = [browser.post(url, values), browser.post(url, values)]

    comment = Comment.objects.get()
    assert [answer.url for answer in answers] == [reverse("conversation:show", args=[comment.pk])] * 2
    page = browser.get(answers[0].url, follow=True)
    assert page.redirect_chain[-1][0].endswith(f"#comment-{comment.pk}")
    assert f'id="comment-{comment.pk}"' in page.content.decode()
    assert count_of(submission) == 1


def test_same_key_of_somebody_else_is_refused(thread, anna, bram):
    key = uuid.uuid4()
    add(thread, anna, key=key)
    with pytest.raises(Comment.DoesNotExist):
        add(thread, bram, key=key)
    assert Comment.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_race_of_one_form_is_one_comment(submission, thread, bram):
    """Kills the mutant without the unique request key: six comments, six counted."""
    key, barrier, problems = uuid.uuid4(), threading.Barrier(6), []

    def send():
        try:
            barrier.wait(10)
            add(thread, bram, key=key)
        except Exception as problem:
            problems.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _click in range(6)]
    [item.start() for item in threads]
    [item.join(30) for item in threads]
    assert (problems, Comment.objects.count(), count_of(submission)) == ([], 1, 1)


def test_held_comment_waits_and_is_not_counted(client, client_for, submission, thread, bram):
    comment = add(thread, bram, "Kijk op https://kwaad.example")
    assert (comment.state, count_of(submission)) == ("held", 0)
    assert ModerationCase.objects.get().subject == comment
    assert texts(client, submission) == []
    assert texts(client_for(bram), submission) == [comment.text]
    assert client.get(reverse("conversation:show", args=[comment.pk])).status_code == 404


@pytest.mark.parametrize(("text", "status"), [("", 422), ("x" * 2001, 422), ("x" * 2000, 302)])
def test_length_of_a_comment(client_for, thread, bram, text, status):
    values = {"text": text, "request_key": uuid.uuid4()}
    answer = client_for(bram).post(reverse("conversation:add", args=[thread.pk]), values)
    assert answer.status_code == status


def test_stale_form_after_closing_keeps_the_text(client_for, submission, thread, bram):
    close_phases(submission.page)
    values = {"text": "Dit wil ik niet kwijt.", "request_key": uuid.uuid4()}
    answer = client_for(bram).post(reverse("conversation:add", args=[thread.pk]), values)
    assert answer.status_code == 409
    assert "Dit wil ik niet kwijt." in answer.content.decode()
    assert Comment.objects.count() == 0


def test_closed_conversation_takes_no_comments(client_for, submission, thread, bram):
    Thread.objects.update(is_open=False)
    thread.refresh_from_db()
    with pytest.raises(NotAllowed):
        add(thread, bram)
    shown = client_for(bram).get(submission.get_absolute_url()).content.decode()
    assert _("This conversation is closed.") in shown


def test_visitor_must_log_in(client, submission, thread):
    answer = client.post(reverse("conversation:add", args=[thread.pk]), {"text": "Hoi"})
    assert answer.status_code == 302
    assert answer.url.startswith(reverse("account_login"))
    assert _("Log in to comment") in client.get(submission.get_absolute_url()).content.decode()


def test_pace_is_kept(thread, bram):
    HoldSettings.objects.update(burst=0)
    for number in range(20):
        add(thread, bram, f"Reactie {number}")
    with pytest.raises(NotAllowed):
        add(thread, bram, "Nog een")


def test_only_staff_speaks_for_the_municipality(client_for, submission, thread, bram, dirk):
    values = {"text": "Namens ons allemaal.", "is_official": "on"}
    url = reverse("conversation:add", args=[thread.pk])
    client_for(bram).post(url, {**values, "request_key": uuid.uuid4()})
    client_for(dirk).post(url, {**values, "request_key": uuid.uuid4()})
    assert list(Comment.objects.order_by("pk").values_list("is_official", flat=True)) == [False, True]
    with pytest.raises(NotAllowed):
        add(thread, bram, is_official=True)


# --- Below what is not public ----------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["held", "hidden", "withdrawn"])
def test_comments_below_what_is_not_public_are_not_found(client_for, page, anna, bram, state):
    submission = make_submission(page, anna)
    comment = make_comment(submission.thread, anna)
    Submission.objects.update(state=state)
    browser = client_for(bram)
    values = {"text": "Hoi", "request_key": uuid.uuid4()}

    assert browser.get(reverse("conversation:show", args=[comment.pk])).status_code == 404
    assert browser.post(reverse("conversation:add", args=[submission.thread.pk]), values).status_code == 404
    assert Comment.objects.count() == 1


def test_comment_of_somebody_else_cannot_be_deleted(client_for, thread, anna, bram, dirk):
    comment = make_comment(thread, anna)
    url = reverse("conversation:delete", args=[comment.pk])
    for person in (bram, dirk):
        assert client_for(person).post(url).status_code == 404
    comment.refresh_from_db()
    assert comment.state == "published"


# --- Delete ----------------------------------------------------------------------------------------------------


def test_writer_deletes_a_comment(client, client_for, submission, thread, bram):
    comment = add(thread, bram, "Dit had ik niet moeten zeggen.")
    url = reverse("conversation:delete", args=[comment.pk])
    browser = client_for(bram)
    assert url in browser.get(submission.get_absolute_url()).content.decode()
    assert browser.get(url).status_code == 200
    browser.post(url)

    comment.refresh_from_db()
    assert (comment.state, comment.text, count_of(submission)) == ("deleted", "", 0)
    assert _("The writer has deleted this comment.") in client.get(submission.get_absolute_url()).content.decode()
    assert browser.post(url).status_code == 409


def test_deleting_a_held_comment_closes_its_case(submission, thread, bram):
    comment = add(thread, bram, "Kijk op https://kwaad.example")
    actions.delete_comment(comment, bram.user, timezone.now())
    case = ModerationCase.objects.get()
    assert (case.decision, case.decided_by, count_of(submission)) == ("gone", bram.user, 0)


def test_deleted_comment_cannot_keep_its_text(thread, bram):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_comment(thread, bram, "Toch bewaard", state=State.DELETED)


# --- Read ------------------------------------------------------------------------------------------------------


def test_comments_are_oldest_first_with_pages(client, submission, thread, bram):
    start = timezone.now() - timedelta(days=1)
    for number in range(25):
        make_comment(thread, bram, f"Reactie {number}", created_at=start + timedelta(minutes=number))
    assert texts(client, submission) == [f"Reactie {number}" for number in range(20)]
    after = client.get(submission.get_absolute_url()).context["conversation"].page.next
    assert texts(client, submission, after=after) == [f"Reactie {number}" for number in range(20, 25)]


@pytest.mark.parametrize(("number", "neighbours"), [(0, (0, 20)), (19, (0, 20)), (20, (20, 40)), (42, (40, 45))])
def test_address_of_a_comment_shows_it_between_its_neighbours(client, submission, thread, bram, number, neighbours):
    """The same pages as for who reads on from the beginning. Two comments may have one time."""
    start = timezone.now() - timedelta(days=1)
    for each in range(45):
        make_comment(thread, bram, f"Reactie {each}", created_at=start + timedelta(minutes=each // 2))
    comment = Comment.objects.get(text=f"Reactie {number}")
    found = client.get(reverse("conversation:show", args=[comment.pk]), follow=True)
    assert found.redirect_chain[-1][0].endswith(f"#comment-{comment.pk}")
    assert [each.text for each in found.context["conversation"].page.items] == [
        f"Reactie {each}" for each in range(*neighbours)
    ]


def test_held_comments_of_others_do_not_shift_the_pages(client, submission, thread, anna, bram):
    start = timezone.now() - timedelta(days=1)
    make_comment(thread, anna, "Kijk op x.nl", state=State.HELD, created_at=start - timedelta(days=1))
    for number in range(20):
        make_comment(thread, bram, f"Reactie {number}", created_at=start + timedelta(minutes=number))
    last = Comment.objects.get(text="Reactie 19")
    found = client.get(reverse("conversation:show", args=[last.pk]), follow=True)
    assert len(found.context["conversation"].page.items) == 20


def test_hidden_comment_leaves_its_place_without_text_or_name(client, submission, thread, bram):
    make_comment(thread, bram, "Scheldwoorden", state=State.HIDDEN)
    shown = client.get(submission.get_absolute_url()).content.decode()
    assert _("A moderator has hidden this comment.") in shown
    assert "Scheldwoorden" not in shown
    assert "Bram" not in shown


def test_comment_of_an_erased_account_has_no_name(client, submission, thread):
    kees = make_user("Kees", erased_at=timezone.now())
    make_comment(thread, kees)
    shown = client.get(submission.get_absolute_url()).content.decode()
    assert "Kees" not in shown
    assert _("Former resident") in shown


def test_big_numbers_make_working_anchors(client, submission, thread, bram):
    """With a thousands separator “comment-1.234” would be no anchor."""
    make_comment(thread, bram, pk=1234567)
    assert 'id="comment-1234567"' in client.get(submission.get_absolute_url()).content.decode()


def test_reader_of_english_stays_in_english(client_for, submission, thread, bram):
    browser = client_for(bram)
    with translation.override("en"):
        add_url, flag_url = (
            reverse("conversation:add", args=[thread.pk]),
            reverse("conversation:flag", args=["submission", submission.pk]),
        )
        page_url = submission.get_absolute_url()
    assert page_url.startswith("/en/")
    answer = browser.post(add_url, {"text": "Good plan.", "request_key": uuid.uuid4()}, follow=True)
    assert answer.redirect_chain[-1][0].startswith(page_url)
    assert browser.post(flag_url, {"reason": "This does not belong here."}).url == page_url
