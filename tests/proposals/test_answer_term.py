"""Until when the municipality answers: the term starts, is extended once, ends, and is late where everybody sees it."""

from datetime import date, datetime, time, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone, translation

from notices.mails import make_mail
from notices.models import OutboxLine
from people.verdict import NotAllowed
from process import clocks
from process.dashboard import cards_for
from process.models import Clock, Phase
from proposals import actions, answer_term
from proposals.models import ProposalsPage, StateChange, Submission
from proposals.tasks import announce_waiting
from tests.ballots.test_staff import text_of
from tests.factories.people import make_resident
from tests.factories.proposals import make_submission

pytestmark = pytest.mark.django_db

State = Submission.State
START = date(2026, 11, 2)  # a Monday
DUE = date(2026, 12, 28)  # eight weeks later, a Monday too


def at(day):
    return timezone.make_aware(datetime.combine(day, time(10)))


@pytest.fixture
def started(page, anna, bram, places):
    """Anna's proposal, which had enough support on `START`; its phase lasts."""
    Phase.objects.update(starts_on=START - timedelta(days=30), ends_on=START + timedelta(days=36500))
    submission = make_submission(page, anna, now=at(START - timedelta(days=9)))
    for number in range(3):
        resident = make_resident(f"Buur {number}", places.harbour)
        actions.support(submission, resident.user, at(START))
    submission.refresh_from_db()
    assert submission.state == State.REACHED
    return submission


def clock_of(submission):
    return answer_term.running_for(submission)


def answer(submission, state, dirk, *, on, text="Wij gaan het doen."):
    actions.answer(submission, state, actor=dirk, reason="Het past.", text=text, now=at(on))


def extend(submission, dirk, *, weeks=4, reason="De brug wordt eerst gemeten.", on=START):
    actions.extend_term(submission, actor=dirk, weeks=weeks, reason=reason, now=at(on))


# --- When it runs ---------------------------------------------------------------------------------------------


def test_term_starts_with_enough_support_and_is_that_of_the_page(started):
    clock = clock_of(started)
    assert (clock.started_on, clock.due_on, clock.number, clock.unit) == (START, DUE, 8, "weeks")
    ProposalsPage.objects.update(answer_weeks=2)
    assert clock_of(started).due_on == DUE


def test_term_of_what_is_taken_up_earlier_starts_then(page, anna, dirk):
    early = make_submission(page, anna)
    answer(early, "assessed", dirk, on=START, text="")
    assert clock_of(early).due_on == DUE


def test_looking_at_it_does_not_stop_the_term(started, dirk):
    answer(started, "assessed", dirk, on=START + timedelta(days=3), text="")
    assert (clock_of(started).started_on, Clock.objects.count()) == (START, 1)


@pytest.mark.parametrize("state", ["accepted", "declined"])
def test_answer_ends_the_term(started, dirk, state):
    answer(started, "assessed", dirk, on=START, text="")
    answer(started, state, dirk, on=START + timedelta(days=7))
    assert clock_of(started) is None
    assert Clock.objects.get().ended_on == START + timedelta(days=7)


def test_reopened_proposal_gets_a_new_term(started, dirk):
    answer(started, "assessed", dirk, on=START, text="")
    answer(started, "accepted", dirk, on=START)
    again = START + timedelta(days=100)
    answer(started, "assessed", dirk, on=again, text="")
    assert (clock_of(started).started_on, Clock.objects.count()) == (again, 2)


def test_term_ends_when_it_is_withdrawn(started, anna):
    actions.withdraw(started, anna.user, "Het is al gedaan.", at(START))
    assert clock_of(started) is None


def test_hidden_proposal_waits_for_nothing_and_goes_on_where_it_was(started, dirk):
    """Mutant: start a new term when it is shown again; who hides a proposal for a moment then wins eight weeks."""
    with transaction.atomic():
        actions.hide(started, actor=dirk, reason="Naam van een buurman.", now=at(START + timedelta(days=7)))
    assert clock_of(started) is None
    with transaction.atomic():
        actions.publish(started, actor=dirk, now=at(START + timedelta(days=30)))
    assert (clock_of(started).due_on, Clock.objects.count()) == (DUE, 1)


# --- More time -----------------------------------------------------------------------------------------------------


def test_term_is_extended_once_with_its_reason_and_everybody_is_told(started, dirk, anna, client):
    extend(started, dirk)
    clock = clock_of(started)
    assert (clock.due_on, clock.extended_from) == (date(2027, 1, 25), DUE)
    with pytest.raises(NotAllowed, match="al verlengd"):
        extend(started, dirk)
    announce_waiting()
    told = OutboxLine.objects.filter(kind="proposals.extended")
    assert told.count() == 4
    assert told.filter(recipient=anna.user).count() == 1
    mail = make_mail(told.filter(recipient=anna.user).get())
    assert "25 januari 2027" in mail.body
    assert "De brug wordt eerst gemeten." in mail.body
    shown = text_of(client.get(started.get_absolute_url()))
    assert "Meer tijd voor het antwoord: tot en met 25 januari 2027" in shown
    assert "De brug wordt eerst gemeten." in shown


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"weeks": 9}, "8"),
        ({"reason": "  "}, "waarom"),
        ({"on": DUE + timedelta(days=1)}, "voorbij"),
    ],
)
def test_extension_that_is_no_good_is_refused(started, dirk, change, word):
    """Too long, without a reason, too late (Awb 4:14: before the term is over)."""
    with pytest.raises(NotAllowed, match=word):
        extend(started, dirk, **change)
    assert clock_of(started).due_on == DUE
    assert not StateChange.objects.exclude(extended_to=None).exists()


def test_last_day_is_still_in_time(started, dirk):
    extend(started, dirk, on=DUE)
    assert clock_of(started).due_on == date(2027, 1, 25)


def test_others_do_not_extend(started, anna, auditor, administrator):
    for person in (anna.user, auditor, administrator):
        with pytest.raises(NotAllowed):
            extend(started, person)


@pytest.mark.parametrize(
    "change",
    [
        "started_on = started_on - 1",
        "number = 9",
        "unit = 'months'",
        "subject_id = subject_id + 1",
        "due_on = due_on + 7",
        "extended_from = due_on - 7, due_on = due_on + 7, extension_reason = 'x'",
        "extended_from = due_on, due_on = due_on + 7",
    ],
)
def test_database_keeps_the_term_as_it_was_promised(started, change):
    """Mutant: drop trigger `process_term_stands`; the last one is held by a constraint."""
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE process_clock SET {change}")


def test_database_extends_once(started, dirk):
    extend(started, dirk)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE process_clock SET extended_from = due_on, due_on = due_on + 7")


def test_page_has_a_term_of_at_least_a_week(page):
    with pytest.raises(IntegrityError), transaction.atomic():
        ProposalsPage.objects.update(answer_weeks=0)


# --- What everybody sees ----------------------------------------------------------------------------------------------


def moved_to(submission, days):
    """Moves the term, with the guard off, so that its last day lies so many days from today."""
    shift = timezone.localdate() + timedelta(days=days) - DUE
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE process_clock DISABLE TRIGGER USER")
        cursor.execute("UPDATE process_clock SET started_on = started_on + %s, due_on = due_on + %s", [shift.days] * 2)
        cursor.execute("ALTER TABLE process_clock ENABLE TRIGGER USER")
    return submission


@pytest.mark.parametrize(
    ("days", "words", "silent"),
    [(0, "uiterlijk op", "te laat"), (30, "uiterlijk op", "te laat"), (-7, "te laat", "uiterlijk op")],
)
def test_page_says_until_when_and_what_is_late(started, client, days, words, silent):
    shown = text_of(client.get(moved_to(started, days).get_absolute_url()))
    assert words in shown
    assert silent not in shown
    assert ("werkdagen geleden" in shown) == (days < 0)


def test_page_without_a_term_says_nothing_of_it(page, anna, client):
    shown = text_of(client.get(make_submission(page, anna).get_absolute_url()))
    assert "Wanneer hoort u meer?" not in shown


def test_english_page_is_english_and_marks_the_reason_as_dutch(started, dirk, client):
    extend(started, dirk, reason="De <b>brug</b> wordt gemeten.")
    with translation.override("en"):
        answered = client.get(started.get_absolute_url())
    assert "When do you hear more?" in text_of(answered)
    assert '<span lang="nl">De &lt;b&gt;brug&lt;/b&gt; wordt gemeten.</span>' in answered.content.decode()


# --- Staff -------------------------------------------------------------------------------------------------------------


def test_card_on_the_start_page_names_the_first_day(started, dirk):
    [card] = [card for card in cards_for(dirk) if "reached" in card.url]
    assert (card.count, card.due) == (1, DUE)


def test_staff_extend_on_the_page_of_the_proposal(started, dirk, client_for):
    moved_to(started, 10)
    client, url = client_for(dirk), reverse("submission:extend", args=[started.pk])
    assert (
        reverse("submission:extend", args=[started.pk])
        in client.get(reverse("submission:edit", args=[started.pk])).content.decode()
    )
    refused = client.post(url, {"weeks": "0", "reason": ""})
    assert refused.status_code == 200
    assert clock_of(started).extended_from is None
    answered = client.post(url, {"weeks": "2", "reason": "De brug wordt gemeten."})
    assert answered.url == reverse("submission:edit", args=[started.pk])
    assert clock_of(started).extended_from is not None
    assert "al verlengd" in text_of(client.get(url))
    assert client.post(url, {"weeks": "2", "reason": "Nog eens."}).status_code == 200


def test_list_of_terms_shows_what_is_due_first_and_what_is_late(started, page, bram, dirk, client_for):
    other = make_submission(page, bram, title="Een brug")
    answer(other, "assessed", dirk, on=START + timedelta(days=20), text="")
    moved_to(started, -3)
    client, url = client_for(dirk), reverse("process_terms")
    shown = text_of(client.get(url))
    assert shown.index("Een bankje in het park") < shown.index("Een brug")
    assert "te laat" in shown
    late = text_of(client.get(url, {"when": "late"}))
    assert "Een bankje in het park" in late
    assert "Een brug" not in late
    assert "Een bankje" not in text_of(client.get(url, {"when": "ended"}))
    assert "Een bankje" in client.get(url, {"export": "csv"}).getvalue().decode()


def test_list_of_terms_costs_the_same_for_many(started, page, bram, dirk, client_for, django_assert_max_num_queries):
    for number in range(12):
        answer(make_submission(page, bram, title=f"Brug {number}"), "assessed", dirk, on=START, text="")
    client = client_for(dirk)
    client.get(reverse("process_terms"))
    with django_assert_max_num_queries(20):
        client.get(reverse("process_terms"))


def test_late_term_goes_to_every_clerk_once(started, clerk, dirk):
    """Mutant: leave the mark out; the clerk gets the mail again every hour."""
    from process.escalation import escalate_late

    moved_to(started, -1)
    now = timezone.now()
    assert [escalate_late(now), escalate_late(now)] == [1, 0]
    line = OutboxLine.objects.get(kind="process.late")
    assert line.recipient == clerk
    mail = make_mail(line)
    assert started.title in mail.subject
    assert reverse("submission:edit", args=[started.pk]) in mail.body


def test_term_that_is_not_over_or_was_met_goes_to_nobody(started, clerk, dirk):
    from process.escalation import escalate_late

    moved_to(started, 0)
    assert escalate_late(timezone.now()) == 0
    moved_to(started, -90)
    answer(started, "assessed", dirk, on=timezone.localdate(), text="")
    answer(started, "declined", dirk, on=timezone.localdate())
    assert escalate_late(timezone.now()) == 0


def test_kind_is_registered_once():
    with pytest.raises(ValueError, match="twice"):
        answer_term.register()
    assert clocks.kind_of(Clock(kind="nobody.has.this")) is None
