"""Failed mails in the admin: who sees them, who sends them again, and what they do not tell."""

import pytest
from django.urls import reverse
from wagtail.models import ModelLogEntry

from notices import delivery
from notices.actions import retry
from notices.models import OutboxLine
from people.verdict import NotAllowed
from tests.factories.notices import make_line
from tests.factories.people import make_user


@pytest.fixture
def failed(anna):
    line = make_line(anna)
    OutboxLine.objects.update(state="failed", problem="SMTPRecipientsRefused 550", attempts=6)
    return line


def address(line):
    return reverse("notices_failed_notice", args=[line.pk])


@pytest.mark.parametrize(
    ("role", "sees", "sends"),
    [
        ("administrator", True, True),
        ("clerk", True, True),
        ("process manager", True, True),
        ("auditor", True, False),
        ("moderator", False, False),
    ],
)
def test_each_role_sees_and_sends_what_it_may(failed, client_for, role, sees, sends):
    browser = client_for(make_user("Iemand", roles=(role,)))
    answers = [browser.get(reverse("notices_failed")), browser.get(address(failed))]
    assert [answer.status_code == 200 for answer in answers] == [sees, sees]
    browser.post(address(failed))
    assert OutboxLine.objects.get().state == ("waiting" if sends else "failed")


def test_resident_sees_nothing(failed, anna, client_for):
    browser = client_for(anna)
    assert browser.get(reverse("notices_failed")).status_code in (302, 403)
    browser.post(reverse("notices_failed"))
    browser.post(address(failed))
    assert OutboxLine.objects.get().state == "failed"


def test_list_tells_no_names(failed, clerk, client_for):
    """A failed “A ballot was cast from your account” would tell staff who voted."""
    for page in (reverse("notices_failed"), address(failed)):
        content = client_for(clerk).get(page).content.decode()
        assert "SMTPRecipientsRefused 550" in content
        assert "Anna" not in content
        assert "anna@example.nl" not in content
        assert failed.key not in content


def test_sent_again_it_arrives_and_stands_in_the_log(failed, clerk, client_for, folder):
    client_for(clerk).post(address(failed))
    assert delivery.deliver_due() == 1
    line = OutboxLine.objects.get()
    assert (line.state, line.attempts, line.problem) == ("sent", 1, "")
    entry = ModelLogEntry.objects.get(action="notices.retry")
    assert (entry.user, entry.object_id) == (clerk, str(failed.pk))
    assert "Anna" not in entry.label


def test_all_go_again_at_once(failed, bram, clerk, client_for):
    make_line(bram, key="other")
    OutboxLine.objects.update(state="failed", problem="gone")
    client_for(clerk).post(reverse("notices_failed"))
    assert set(OutboxLine.objects.values_list("state", flat=True)) == {"waiting"}


@pytest.mark.parametrize("state", ["waiting", "sent", "skipped", "sending"])
def test_what_has_not_failed_cannot_go_again(anna, clerk, state):
    """Mutant: without the compare-and-swap a mail that was just sent goes again."""
    from django.utils import timezone

    now = timezone.now()
    line = make_line(anna)
    stale = OutboxLine.objects.get()
    stale.state = "failed"
    OutboxLine.objects.update(state=state, sent_at=now if state == "sent" else None, sending_at=now)
    with pytest.raises(NotAllowed):
        retry(stale, actor=clerk, now=now)
    assert OutboxLine.objects.get(pk=line.pk).state == state


def test_list_says_what_to_do_and_has_the_button(failed, clerk, auditor, client_for):
    pages = [client_for(user).get(reverse("notices_failed")).content.decode() for user in (clerk, auditor)]
    buttons = ['<button type="submit" class="button button-secondary">' in page for page in pages]
    assert buttons == [True, False]


def test_list_without_failures(clerk, client_for):
    assert client_for(clerk).get(reverse("notices_failed")).status_code == 200


def test_unknown_notice_is_404(clerk, client_for):
    assert client_for(clerk).get("/beheer/reports/notices/00000000-0000-0000-0000-000000000000/").status_code == 404


def test_list_costs_the_same_queries_for_one_and_three(anna, clerk, client_for, django_assert_num_queries):
    browser = client_for(clerk)
    make_line(anna, key="0")
    OutboxLine.objects.update(state="failed", problem="x")
    browser.get(reverse("notices_failed"))
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for keys in ([], ["1", "2"]):
        for key in keys:
            make_line(anna, key=key)
        OutboxLine.objects.update(state="failed", problem="x")
        with CaptureQueriesContext(connection) as queries:
            browser.get(reverse("notices_failed"))
        counts.append(len(queries))
    assert counts[0] == counts[1]
