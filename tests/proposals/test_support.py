"""Support: once per resident, the threshold once, whatever is clicked at the same time."""

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from notices.models import OutboxLine
from people.models import Resident
from people.verdict import NotAllowed
from proposals import actions
from proposals.models import Announcement, Endorsement, Submission
from tests.factories.people import make_resident
from tests.factories.proposals import close_phases, make_support

NOW = timezone.now() + timedelta(hours=6)  # after what the fixtures make, however long the run takes
State = Submission.State


def fresh(submission):
    return Submission.objects.get(pk=submission.pk)


def test_support_is_counted(submission, anna):
    assert actions.support(submission, anna.user, NOW) is True
    assert (fresh(submission).support_count, submission.endorsements.get().resident) == (1, anna)


def test_support_twice_counts_once(submission, anna):
    assert [actions.support(submission, anna.user, NOW) for _click in range(3)] == [True, False, False]
    assert fresh(submission).support_count == 1


def test_constraint_holds_behind_our_back(submission, anna):
    Endorsement.objects.create(submission=submission, resident=anna)
    with pytest.raises(IntegrityError), transaction.atomic():
        Endorsement.objects.create(submission=submission, resident=anna)


def test_support_from_elsewhere_is_refused(submission, bram):
    with pytest.raises(NotAllowed):
        actions.support(submission, bram.user, NOW)
    assert fresh(submission).support_count == 0


def test_support_can_be_taken_back(submission, anna):
    actions.support(submission, anna.user, NOW)
    assert [actions.take_support_back(submission, anna.user, NOW) for _click in range(2)] == [True, False]
    assert (fresh(submission).support_count, submission.endorsements.count()) == (0, 0)
    assert actions.support(submission, anna.user, NOW) is True


def test_support_stays_after_the_phase(submission, anna):
    actions.support(submission, anna.user, NOW)
    close_phases(submission.page)
    with pytest.raises(NotAllowed):
        actions.take_support_back(submission, anna.user, NOW)
    assert fresh(submission).support_count == 1


def test_threshold_is_reached(submission, anna, places):
    others = [make_resident(f"Buur {number}", places.harbour) for number in range(3)]
    states = []
    for resident in [anna, *others]:
        actions.support(submission, resident.user, NOW)
        states.append(fresh(submission).state)

    assert states == ["collecting", "collecting", "reached", "reached"]
    assert list(submission.history.values_list("state", flat=True)) == ["collecting", "reached"]
    assert OutboxLine.objects.get(kind="proposals.reached").recipient == anna.user
    assert Announcement.objects.get().change.state == "reached"


def test_threshold_stays_reached_when_support_is_taken_back(submission, anna, places):
    make_support(submission, *[make_resident(f"Buur {number}", places.harbour) for number in range(2)])
    actions.support(submission, anna.user, NOW)
    actions.take_support_back(submission, anna.user, NOW)
    actions.support(submission, anna.user, NOW)
    assert list(submission.history.values_list("state", flat=True)) == ["collecting", "reached"]


def test_support_does_not_count_for_what_was_hidden_meanwhile(submission, anna):
    """The page was read before a moderator hid it: the row's lock tells."""
    stale = fresh(submission)
    Submission.objects.filter(pk=submission.pk).update(state=State.HIDDEN)
    with pytest.raises(NotAllowed):
        actions.support(stale, anna.user, NOW)
    assert (fresh(submission).support_count, submission.endorsements.count()) == (0, 0)


# --- Pages ----------------------------------------------------------------------------------------------


def test_button_supports_and_takes_back(client_for, submission, anna):
    browser = client_for(anna)
    answer = browser.post(reverse("proposals:support", args=[submission.pk]), follow=True)
    assert answer.redirect_chain == [(f"{submission.get_absolute_url()}#support", 302)]
    assert reverse("proposals:take_support_back", args=[submission.pk]) in answer.content.decode()

    browser.post(reverse("proposals:take_support_back", args=[submission.pk]))
    assert fresh(submission).support_count == 0


def test_refusal_is_shown_instead_of_the_button(client_for, submission, anna, bram):
    url = reverse("proposals:support", args=[submission.pk])
    assert f'action="{url}"' in client_for(anna).get(submission.get_absolute_url()).content.decode()
    page = client_for(bram).get(submission.get_absolute_url()).content.decode()
    assert f'action="{url}"' not in page
    assert "Wijk Oost" in page

    answer = client_for(bram).post(url, follow=True)
    assert "Wijk Oost" in answer.content.decode()
    assert fresh(submission).support_count == 0


def test_refusal_leads_to_where_one_tells_where_one_lives(client_for, submission, bram):
    url = submission.get_absolute_url()
    assert reverse("account_home") not in client_for(bram).get(url).content.decode().split("<main")[1]
    Resident.objects.filter(pk=bram.pk).update(
        neighbourhood=None, address=None, proof=Resident.Proof.NONE, proved_at=None
    )
    assert f'href="{reverse("account_home")}"' in client_for(bram).get(url).content.decode()


def test_visitor_is_asked_to_log_in_and_comes_back(client, submission):
    page = client.get(submission.get_absolute_url()).content.decode()
    assert f"next={submission.get_absolute_url().replace('/', '%2F')}" in page
    answer = client.post(reverse("proposals:support", args=[submission.pk]))
    assert answer.status_code == 302
    assert answer.url.startswith(reverse("account_login"))


@pytest.mark.parametrize("state", ["draft", "held", "hidden", "withdrawn"])
def test_support_of_what_is_not_public_is_not_found(client_for, page, bram, anna, state):
    from tests.factories.proposals import make_submission

    submission = make_submission(page, bram, state=state)
    assert client_for(anna).post(reverse("proposals:support", args=[submission.pk])).status_code == 404


# --- Races on real connections ------------------------------------------------------------------------------


def at_once(calls):
    """Runs calls in threads that start together; returns what each gave or raised."""
    barrier, results = threading.Barrier(len(calls)), [None] * len(calls)

    def run(index, call):
        try:
            barrier.wait(10)
            results[index] = call()
        except Exception as problem:
            results[index] = problem
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


@pytest.mark.django_db(transaction=True)
def test_race_of_one_resident_counts_once(submission, anna):
    """Twelve clicks at once by one person.

    Kills the mutant that asks “is there an endorsement already?” in Python without the constraint
    `one_endorsement_per_resident`: with the constraint dropped it wrote 12 rows and counted 12.
    """
    results = at_once([lambda: actions.support(submission, anna.user, NOW)] * 12)

    assert sorted(results) == [False] * 11 + [True]
    assert (fresh(submission).support_count, submission.endorsements.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_race_over_the_threshold_reaches_it_once(submission, places):
    """Ten neighbours at once where three are needed.

    Kills two mutants. One counts in Python (`row.support_count += 1; row.save()`): 5 of 10 were counted.
    One trusts the state of the row it was given instead of reading it under the lock: 8 steps to
    “reached” instead of 1.
    """
    neighbours = [make_resident(f"Buur {number}", places.harbour) for number in range(10)]
    results = at_once([lambda user=neighbour.user: actions.support(submission, user, NOW) for neighbour in neighbours])

    assert results == [True] * 10
    assert (fresh(submission).state, fresh(submission).support_count) == ("reached", 10)
    assert submission.history.filter(state="reached").count() == 1
    assert Announcement.objects.count() == 1
    assert OutboxLine.objects.filter(kind="proposals.reached").count() == 1


@pytest.mark.django_db(transaction=True)
def test_race_of_support_and_taking_back_keeps_the_count(submission, anna, places):
    """Whatever order the clicks end in, the counter is the number of rows."""
    neighbours = [make_resident(f"Buur {number}", places.harbour) for number in range(4)]
    submission.threshold = 100
    submission.save()
    calls = []
    for neighbour in neighbours:
        calls += [lambda user=neighbour.user: actions.support(submission, user, NOW)] * 2
        calls += [lambda user=neighbour.user: actions.take_support_back(submission, user, NOW)]
    results = at_once(calls)

    assert [result for result in results if isinstance(result, Exception)] == []
    assert fresh(submission).support_count == submission.endorsements.count()


@pytest.mark.django_db(transaction=True)
def test_race_of_support_and_hiding_ends_without_deadlock(submission, anna, dirk, places):
    """Supporters and a moderator meet on one row: nobody is thrown out, and the count stays right."""
    from conversation.actions import review

    neighbours = [make_resident(f"Buur {number}", places.harbour) for number in range(6)]
    calls = [lambda user=neighbour.user: actions.support(submission, user, NOW) for neighbour in neighbours]
    calls.append(lambda: review(submission, "hide", actor=dirk, reason="Omdat.", now=NOW + timedelta(seconds=1)))
    results = at_once(calls)

    assert [result for result in results if isinstance(result, Exception) and not isinstance(result, NotAllowed)] == []
    assert fresh(submission).state == "hidden"
    assert fresh(submission).support_count == submission.endorsements.count()
