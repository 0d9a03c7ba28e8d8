"""A script in every field somebody can write: nowhere is it more than text."""

import json
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from conversation import actions as conversation
from conversation.models import ModerationCase
from notices.mails import make_mail
from notices.models import OutboxLine
from proposals import actions
from proposals.forms import signed_key
from proposals.models import Submission
from tests.factories.proposals import make_comment, make_theme, make_upload

SCRIPT = '<script>alert("x")</script>'
ATTRIBUTE = '" onmouseover="alert(1)" x="'
TEMPLATE = "{{ 7|add:7 }}{% now 'Y' %}"
NASTY = f"{SCRIPT}{ATTRIBUTE}{TEMPLATE}"
NOW = timezone.now()


def assert_harmless(html: str) -> None:
    """The words are there, but only as words."""
    assert SCRIPT not in html
    assert ATTRIBUTE not in html
    assert ">14<" not in html


@pytest.fixture
def nasty(client_for, page, anna, dirk, places):
    """A proposal with a script in every field, sent in through the browser, discussed, answered and reported."""
    anna.user.display_name = NASTY[:60]
    anna.user.save()
    make_comment(_known(page, anna), anna)
    browser = client_for(anna)
    key = uuid4()
    values = {
        "title": NASTY[:100],
        "text": NASTY,
        "theme": make_theme(SCRIPT).pk,
        "location_text": NASTY,
        "image_alt": NASTY,
        "photo": make_upload(name=f"{SCRIPT}.jpg"),
        "latitude": "52.005",
        "longitude": "5.005",
        "request_key": signed_key(key),
    }
    browser.post(reverse("proposals:write", args=[page.pk]), values)
    browser.post(reverse("proposals:check", args=[key]))
    submission = Submission.objects.get(request_key=key)
    assert (submission.title, submission.text, submission.location_text) == (NASTY[:100], NASTY, NASTY)
    return submission


def _known(page, anna):
    from conversation.models import Thread
    from tests.factories.proposals import make_submission

    return make_submission(page, anna, title="Eerder", thread=Thread.objects.create()).thread


def test_script_is_text_on_every_public_page(client, client_for, page, nasty, anna, bram, dirk):
    comment = conversation.add_comment(nasty.thread, dirk, NASTY, uuid4(), NOW, is_official=True)
    actions.answer(nasty, "assessed", actor=dirk, reason=NASTY, text=NASTY, now=NOW)
    urls = [
        page.url,
        f"{page.url}?q={SCRIPT}",
        f'{page.url}?area="><script>alert("x")</script>&state={ATTRIBUTE}&order={ATTRIBUTE}&after={ATTRIBUTE}',
        nasty.get_absolute_url(),
        reverse("conversation:flag", args=["submission", nasty.pk]),
        reverse("conversation:flag", args=["comment", comment.pk]),
        reverse("proposals:mine"),
    ]
    for browser in (client, client_for(anna), client_for(bram), client_for(dirk)):
        for url in urls:
            assert_harmless(browser.get(url, follow=True).content.decode())
    assert escape(NASTY) in client.get(nasty.get_absolute_url()).content.decode()


def test_script_is_text_in_the_forms(client_for, page, nasty, bram):
    browser = client_for(bram)
    key = uuid4()
    values = {
        "title": NASTY[:100],
        "text": NASTY,
        "location_text": NASTY,
        "image_alt": NASTY,
        "request_key": signed_key(key),
    }
    assert_harmless(browser.post(reverse("proposals:write", args=[page.pk]), values).content.decode())
    for name in ("draft", "check", "discard"):
        assert_harmless(browser.get(reverse(f"proposals:{name}", args=[key])).content.decode())
    assert_harmless(browser.post(reverse("proposals:check", args=[key])).content.decode())


def test_script_is_text_in_the_admin(client_for, nasty, dirk, bram):
    comment = make_comment(nasty.thread, bram, NASTY)
    conversation.flag(nasty, bram.user, NASTY, NOW)
    conversation.flag(comment, dirk, NASTY, NOW)
    actions.answer(nasty, "assessed", actor=dirk, reason=NASTY, text=NASTY, now=NOW)
    conversation.review(nasty, "hide", actor=dirk, reason=NASTY, now=NOW)
    browser = client_for(dirk)
    urls = [
        reverse("submission:index"),
        reverse("submission:edit", args=[nasty.pk]),
        reverse("submission:history", args=[nasty.pk]),
        f"{reverse('submission:index')}?q={SCRIPT}",
        reverse("moderation:index"),
        f"{reverse('moderation:index')}?show=all",
        reverse("moderation:subject", args=["submission", nasty.pk]),
        *[reverse("moderation:edit", args=[case.pk]) for case in ModerationCase.objects.all()],
        reverse("theme:index"),
    ]
    for url in urls:
        answer = browser.get(url, follow=True)
        assert answer.status_code == 200, url
        assert_harmless(answer.content.decode())


def test_script_is_text_in_mails(nasty, dirk, bram, anna):
    conversation.flag(nasty, bram.user, NASTY, NOW)
    actions.answer(nasty, "assessed", actor=dirk, reason=NASTY, text=NASTY, now=NOW)
    conversation.review(nasty, "hide", actor=dirk, reason=NASTY, now=NOW)
    lines = list(OutboxLine.objects.all())
    assert len(lines) >= 4
    for line in lines:
        assert_harmless(make_mail(line).alternatives[0].content)


def test_script_is_text_in_data(client, page, nasty):
    feed = client.get(reverse("proposals:feed", args=[page.pk])).content.decode()
    assert SCRIPT not in feed
    assert "&lt;script&gt;" in feed
    for name in ("json", "points"):
        answer = client.get(reverse(f"proposals:{name}", args=[page.pk]))
        assert answer["Content-Type"].startswith("application/")
        assert NASTY[:100] in json.dumps(json.loads(answer.getvalue()), ensure_ascii=False).replace('\\"', '"')
    assert client.get(reverse("proposals:csv", args=[page.pk]))["Content-Disposition"].startswith("attachment")
