"""A proposal's page: who may read it, what it shows, and what it never shows."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from django.utils.translation import gettext as _
from wagtail.models import PageViewRestriction

from conversation.actions import add_comment, review
from proposals import actions, followups
from proposals.models import OfficialResponse, ProposalsPage, Submission
from tests.factories.people import make_user
from tests.factories.proposals import (
    close_phases,
    make_comment,
    make_submission,
    make_support,
    make_theme,
    make_upload,
)

State = Submission.State


def text_of(browser, submission):
    answer = browser.get(submission.get_absolute_url())
    assert answer.status_code == 200
    return answer.content.decode()


# --- Who may read -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", State.values)
def test_public_states_are_for_everybody(client, client_for, page, anna, bram, dirk, state):
    submission = make_submission(page, anna, state=state)
    expected = {"draft": 404, "held": 404, "hidden": 404, "withdrawn": 410}.get(state, 200)
    for browser in (client, client_for(bram), client_for(dirk)):
        assert browser.get(submission.get_absolute_url()).status_code == expected


@pytest.mark.parametrize("state", State.values)
def test_submitter_reads_everything_but_drafts_here(client_for, page, anna, state):
    submission = make_submission(page, anna, state=state)
    status = client_for(anna).get(submission.get_absolute_url()).status_code
    assert status == (404 if state == "draft" else 200)


def test_withdrawn_before_publication_is_not_found(client, page, anna):
    submission = make_submission(page, anna, state=State.WITHDRAWN, published_at=None)
    assert client.get(submission.get_absolute_url()).status_code == 404


def test_withdrawn_proposal_says_why_without_its_text(client, client_for, submission, anna):
    actions.withdraw(submission, anna.user, "Het is al geregeld.", timezone.now())
    answer = client.get(submission.get_absolute_url())
    shown = answer.content.decode()
    assert answer.status_code == 410
    assert "Het is al geregeld." in shown
    assert submission.title not in shown
    assert submission.text not in shown


def test_unknown_proposal_is_not_found(client, page):
    assert client.get(reverse("proposals:detail", args=[10**9])).status_code == 404


@pytest.mark.parametrize("barrier", ["unpublished", "password"])
def test_proposal_of_a_closed_page_is_not_found(client, submission, barrier):
    assert client.get(submission.get_absolute_url()).status_code == 200
    if barrier == "unpublished":
        ProposalsPage.objects.update(live=False)
    else:
        PageViewRestriction.objects.create(page=submission.page, restriction_type="password", password="geheim")
    assert client.get(submission.get_absolute_url()).status_code == 404


# --- What it shows ------------------------------------------------------------------------------------------


def test_page_shows_text_place_history_and_answer(client, page, anna, dirk, places):
    submission = make_submission(
        page, anna, theme=make_theme("Groen"), area=places.harbour, location_text="Bij de speeltuin"
    )
    actions.answer(submission, "assessed", actor=dirk, reason="Dit is dringend.", text="", now=timezone.now())
    actions.answer(
        submission, "accepted", actor=dirk, reason="Het past.", text="Wij zetten een bankje.", now=timezone.now()
    )
    shown = text_of(client, submission)

    for words in (submission.title, submission.text, "Groen", "Havenbuurt", "Bij de speeltuin", "Anna"):
        assert words in shown
    for words in ("Dit is dringend.", "Het past.", "Wij zetten een bankje."):
        assert words in shown


def test_page_names_nobody_by_address_or_staff_by_name(client, page, anna, dirk):
    submission = make_submission(page, anna)
    actions.answer(submission, "assessed", actor=dirk, reason="Dringend.", text="", now=timezone.now())
    shown = text_of(client, submission)
    assert anna.user.email not in shown
    assert "Dirk" not in shown


def test_supporters_are_a_number(client, submission, bram, places):
    make_support(submission, bram)
    shown = text_of(client, submission)
    assert _("%(count)s of %(threshold)s supporters") % {"count": 1, "threshold": 3} in shown
    assert "Bram" not in shown


def test_name_of_an_erased_account_is_gone(client, submission, anna):
    assert "Anna" in text_of(client, submission)
    anna.user.erased_at = timezone.now()
    anna.user.save()
    shown = text_of(client, submission)
    assert "Anna" not in shown
    assert _("Former resident") in shown


def test_submission_without_account_is_of_a_former_resident(client, page):
    assert _("Former resident") in text_of(client, make_submission(page, None))


def test_follow_ups_are_linked(client, submission, monkeypatch):
    monkeypatch.setattr(followups, "_sources", [])
    followups.register(lambda found: [(f"Plan van {found.pk}", "/plan/1/")])
    assert '<a class="utrecht-link utrecht-link--html-a" href="/plan/1/">' in text_of(client, submission)
    with pytest.raises(ValueError, match="twice"):
        followups.register(followups._sources[0])


def test_links_for_staff_are_for_staff(client, client_for, submission, bram, dirk, clerk):
    edit = reverse("submission:edit", args=[submission.pk])
    moderate = reverse("moderation:subject", args=["submission", submission.pk])
    seen = {
        name: (edit in text_of(browser, submission), moderate in text_of(browser, submission))
        for name, browser in {
            "visitor": client, "bram": client_for(bram), "clerk": client_for(clerk), "dirk": client_for(dirk),
        }.items()
    }  # fmt: skip
    assert seen == {
        "visitor": (False, False), "bram": (False, False), "clerk": (True, False), "dirk": (True, True),
    }  # fmt: skip


def test_closed_phase_says_so_instead_of_buttons(client, submission):
    close_phases(submission.page)
    shown = text_of(client, submission)
    assert reverse("proposals:support", args=[submission.pk]) not in shown
    assert _("Log in to support this") not in shown
    assert _("Log in to comment") not in shown


# --- Kept pages -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["support", "comment", "answer", "hide"])
def test_kept_page_goes_when_something_changes(submission, anna, bram, dirk, what, django_capture_on_commit_callbacks):
    """A visitor without cookies gets a kept page; after a change, the next one is made anew."""
    visitor = Client()
    visitor.get(submission.get_absolute_url())
    assert visitor.get(submission.get_absolute_url())["X-Page-Cache"] == "hit"
    now = timezone.now()
    verbs = {
        "support": lambda: actions.support(submission, anna.user, now),
        "comment": lambda: add_comment(submission.thread, dirk, "Ja.", uuid4(), now, is_official=True),
        "answer": lambda: actions.answer(submission, "assessed", actor=dirk, reason="Ja.", text="", now=now),
        "hide": lambda: review(submission, "hide", actor=dirk, reason="Nee.", now=now),
    }
    with django_capture_on_commit_callbacks(execute=True):
        verbs[what]()
    assert visitor.get(submission.get_absolute_url()).get("X-Page-Cache") != "hit"


# --- Image ----------------------------------------------------------------------------------------------------


@pytest.fixture
def with_photo(page, anna):
    from pages.uploads import read_photo, store_photo

    submission = make_submission(page, anna, image_alt="Een park")
    store_photo(submission.image, read_photo(make_upload()))
    submission.save()
    return submission


@pytest.mark.parametrize("name", ["photo", "small_photo"])
def test_image_follows_the_state(client, client_for, with_photo, anna, name):
    url = reverse(f"proposals:{name}", args=[with_photo.pk])
    answer = client.get(url)
    assert (answer.status_code, answer["Content-Type"], answer["X-Content-Type-Options"]) == (
        200, "image/webp", "nosniff",
    )  # fmt: skip
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer.getvalue()

    Submission.objects.update(state=State.HIDDEN)
    assert client.get(url).status_code == 404
    own = client_for(anna).get(url)
    assert (own.status_code, own["Cache-Control"]) == (200, "private, no-store")
    assert own.getvalue()


def test_no_image_is_not_found(client, submission):
    assert client.get(reverse("proposals:photo", args=[submission.pk])).status_code == 404


def test_staff_see_the_image_of_what_is_held(client_for, with_photo, dirk, bram, administrator):
    Submission.objects.update(state=State.HELD)
    url = reverse("submission:photo", args=[with_photo.pk])
    for person in (dirk, administrator):
        answer = client_for(person).get(url)
        assert answer.status_code == 200
        assert answer.getvalue()
    assert client_for(bram).get(url).status_code in (302, 403)


# --- Withdraw ---------------------------------------------------------------------------------------------------


def test_submitter_withdraws_with_a_reason(client_for, submission, anna):
    browser, url = client_for(anna), reverse("proposals:withdraw", args=[submission.pk])
    assert url in text_of(browser, submission)
    assert browser.post(url, {"reason": ""}).status_code == 200
    browser.post(url, {"reason": "Het is al geregeld."})
    submission.refresh_from_db()
    assert (submission.state, submission.history.last().reason) == ("withdrawn", "Het is al geregeld.")


def test_withdrawing_is_for_the_submitter(client, client_for, submission, bram, dirk):
    url = reverse("proposals:withdraw", args=[submission.pk])
    for person in (bram, dirk):
        assert client_for(person).post(url, {"reason": "x"}).status_code == 404
    assert client.post(url, {"reason": "x"}).status_code == 302
    submission.refresh_from_db()
    assert submission.state == "collecting"


def test_withdrawing_what_was_taken_up_is_refused(client_for, page, anna):
    submission = make_submission(page, anna, state=State.ASSESSED)
    url = reverse("proposals:withdraw", args=[submission.pk])
    assert client_for(anna).post(url, {"reason": "Toch niet."}).status_code == 409


# --- Queries ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize(("who", "queries"), [("visitor", 7), ("resident", 12)])
def test_detail_queries(client, client_for, submission, dirk, anna, number, who, queries, django_assert_num_queries):
    for step in range(number):
        make_comment(submission.thread, make_user(f"Buur {step}"))
        submission.history.create(state="collecting", at=timezone.now() + timedelta(hours=step))
    OfficialResponse.objects.create(submission=submission, text="Ja.", author=dirk)
    browser = client if who == "visitor" else client_for(anna)
    browser.get(submission.get_absolute_url())
    with django_assert_num_queries(queries):
        browser.get(submission.get_absolute_url())


def test_mail_link_is_encoded(client, page):
    submission = make_submission(page, title='Bankje & "boom" ?x=1')
    shown = text_of(client, submission)
    assert "mailto:?subject=Bankje%20%26%20%22boom%22%20%3Fx%3D1&amp;body=http" in shown
    assert escape(submission.title) in shown


def test_title_says_that_it_is_dutch_on_the_english_page(client, page, anna):
    """In the trail too, where it stands among English words (WCAG 3.1.2)."""
    submission = make_submission(page, anna, title="Meer <bomen>")
    html = client.get("/en" + submission.get_absolute_url().removeprefix("/en")).content.decode()
    trail = html[html.index("pm-breadcrumb") : html.index("</nav>", html.index("pm-breadcrumb"))]
    assert '<span lang="nl">Meer &lt;bomen&gt;</span>' in trail
    assert f'<span lang="nl">{page.title}</span>' in trail
