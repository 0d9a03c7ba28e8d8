"""When a phase opens a verb, to the day, and the reason when it does not."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone, translation

from process import instruments
from process.instruments import InstrumentType, UnknownVerb
from process.models import ProcessPage
from process.queries import process_of, schedule_of
from process.rules import is_open, verb_is_open
from tests.factories.process import make_index, make_phase, make_process

MARCH = (date(2026, 3, 1), date(2026, 3, 31))
MAY = (date(2026, 5, 1), date(2026, 5, 31))
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def trial(monkeypatch):
    monkeypatch.setattr(instruments, "_instruments", dict(instruments._instruments))
    verbs = {"trial.write": "Write something", "trial.vote": "Vote"}
    instruments.register(InstrumentType("trial", "Trial", verbs, pages=("pages.ContentPage",)))


@pytest.fixture
def process(site_root):
    first = make_phase("Ideeën", *MARCH, opens=["trial.write"])
    second = make_phase("Kiezen", *MAY, opens=["trial.vote"])
    return make_process(make_index(site_root), first, second)


@pytest.mark.parametrize(
    ("day", "allowed"),
    [
        (MARCH[0] - DAY, False),
        (MARCH[0], True),
        (MARCH[1], True),  # the last day is included
        (MARCH[1] + DAY, False),
    ],
)
def test_verb_is_open_from_first_to_last_day(process, day, allowed):
    assert bool(is_open(process, "trial.write", day)) is allowed


@pytest.mark.parametrize(
    ("verb", "day", "reason"),
    [
        ("trial.vote", date(2026, 4, 10), "This opens on 1 May 2026."),
        ("trial.write", date(2026, 4, 10), "This is over. It was possible until 31 March 2026."),
    ],
)
def test_closed_verb_says_when(process, verb, day, reason):
    with translation.override("en"):
        assert is_open(process, verb, day).reason == reason


def test_verb_that_no_phase_opens_says_so(site_root):
    process = make_process(make_index(site_root), make_phase())
    with translation.override("en"):
        assert is_open(process, "trial.write", MARCH[0]).reason == "This is not part of this process."


def test_verb_that_closes_and_opens_again_says_when_it_opens(site_root):
    spans = (MARCH, MAY)
    phases = [make_phase(f"Ronde {number}", *span, opens=["trial.write"]) for number, span in enumerate(spans)]
    process = make_process(make_index(site_root), *phases)
    with translation.override("en"):
        assert is_open(process, "trial.write", date(2026, 4, 1)).reason == "This opens on 1 May 2026."


def test_verb_nobody_registered_is_a_mistake_of_the_programmer(process):
    with pytest.raises(UnknownVerb):
        is_open(process, "trial.dance", MARCH[0])


def test_page_below_process_follows_its_phases(process):
    from pages.models import ContentPage

    page = process.add_child(instance=ContentPage(title="Schrijf", slug="schrijf"))
    assert is_open(page, "trial.write", MARCH[0])
    assert process_of(page) == process


def test_page_without_process_opens_nothing(site_root):
    index = make_index(site_root)
    assert not is_open(index, "trial.write", MARCH[0])
    assert process_of(index) is None


@pytest.mark.parametrize("which", ["page", "process", "list"])
def test_unpublished_page_closes_what_hangs_below_it(process, which):
    """Mutant: asking only whether the instrument's own page is published."""
    from pages.models import ContentPage

    page = process.add_child(instance=ContentPage(title="Schrijf", slug="schrijf"))
    {"page": page, "process": process, "list": process.get_parent()}[which].unpublish()
    verdict = is_open(ContentPage.objects.get(pk=page.pk), "trial.write", MARCH[0])
    with translation.override("en"):
        assert (bool(verdict), str(verdict.reason)) == (False, verdict.reason)
    assert not verdict


def test_page_that_was_never_saved_opens_nothing(site_root):
    assert not is_open(ProcessPage(title="Nieuw", depth=4, path="000100019999"), "trial.write", MARCH[0])


def test_draft_of_phases_opens_nothing_until_published(process):
    """Mutant: reading the phases of the page object at hand instead of what is published."""
    process.phases.set([make_phase("Nu al", MARCH[0] - 9 * DAY, MARCH[0] - DAY, opens=["trial.vote"])])
    revision = process.save_revision()
    assert not is_open(process, "trial.vote", MARCH[0] - DAY)
    revision.publish()
    assert is_open(process, "trial.vote", MARCH[0] - DAY)


# Minutes around midnight in Amsterdam, in winter, in summer, and on the nights the clock moves.
@pytest.mark.parametrize(
    ("last_day", "moment", "allowed"),
    [
        (date(2026, 1, 31), datetime(2026, 1, 31, 22, 59, 59, tzinfo=UTC), True),
        (date(2026, 1, 31), datetime(2026, 1, 31, 23, 0, 0, tzinfo=UTC), False),
        (date(2026, 7, 31), datetime(2026, 7, 31, 21, 59, 59, tzinfo=UTC), True),
        (date(2026, 7, 31), datetime(2026, 7, 31, 22, 0, 0, tzinfo=UTC), False),
        (date(2026, 3, 29), datetime(2026, 3, 29, 21, 59, 59, tzinfo=UTC), True),  # clock goes forward that night
        (date(2026, 3, 29), datetime(2026, 3, 29, 22, 0, 0, tzinfo=UTC), False),
        (date(2026, 10, 25), datetime(2026, 10, 25, 22, 59, 59, tzinfo=UTC), True),  # clock goes back
        (date(2026, 10, 25), datetime(2026, 10, 25, 23, 0, 0, tzinfo=UTC), False),
    ],
)
def test_last_day_ends_at_midnight_in_amsterdam(site_root, last_day, moment, allowed):
    """Mutant: taking the date of the moment in UTC."""
    process = make_process(make_index(site_root), make_phase("Fase", last_day, last_day, opens=["trial.write"]))
    assert bool(is_open(process, "trial.write", timezone.localdate(moment))) is allowed


def test_rule_costs_two_queries(process, django_assert_num_queries):
    with django_assert_num_queries(2):
        is_open(process, "trial.write", MARCH[0])
    schedule = schedule_of(process)
    with django_assert_num_queries(0):
        assert [bool(verb_is_open(schedule, verb, MAY[0])) for verb in ("trial.write", "trial.vote")] == [False, True]


def test_schedule_names_the_phase_of_a_day(process):
    schedule = schedule_of(process)
    days = (MARCH[0] - DAY, MARCH[0], date(2026, 4, 1), MAY[1], MAY[1] + DAY)
    assert [str(schedule.current(day)) for day in days] == ["None", "Ideeën", "None", "Kiezen", "None"]


def test_database_keeps_days_not_moments():
    """A phase's day is a date, so no time zone of the server can shift it."""
    assert connection.settings_dict["TIME_ZONE"] in (None, "UTC")
