"""Phases cannot overlap: not by form, not by code, not behind Python's back."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from pages.tasks import publish_scheduled_pages
from process import instruments
from process.instruments import InstrumentType
from process.models import Phase, ProcessPage
from process.periods import first_overlap, in_order, overall_state, state_on
from tests.factories.process import make_index, make_phase, make_process

MARCH = (date(2026, 3, 1), date(2026, 3, 31))
APRIL = (date(2026, 4, 1), date(2026, 4, 30))


@pytest.fixture
def process(site_root):
    return make_process(make_index(site_root), make_phase("Ideeën", *MARCH), make_phase("Kiezen", *APRIL))


def change_by_sql(sql: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


# --- The database ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("ends_on = '2026-04-01' WHERE title = 'Ideeën'", "phases_do_not_overlap"),
        ("starts_on = '2026-03-31' WHERE title = 'Kiezen'", "phases_do_not_overlap"),
        ("starts_on = '2026-03-10', ends_on = '2026-03-11' WHERE title = 'Kiezen'", "phases_do_not_overlap"),
        ("ends_on = '2026-02-28' WHERE title = 'Ideeën'", "phase_ends_after_start"),
        ("citizen_rung = 'rule' WHERE title = 'Ideeën'", "phase_rungs_are_known"),
    ],
)
def test_database_refuses_phase_that_cannot_be(process, change, constraint):
    with pytest.raises(IntegrityError) as refusal:
        change_by_sql(f"UPDATE process_phase SET {change}")
    assert refusal.value.__cause__.diag.constraint_name == constraint


def test_database_allows_phases_of_two_processes_at_once(process):
    make_process(process.get_parent().specific, make_phase("Ook maart", *MARCH), title="Het plein")
    change_by_sql("UPDATE process_phase SET title = title")


def test_database_allows_phases_that_touch_and_phase_of_one_day(process):
    change_by_sql("UPDATE process_phase SET ends_on = starts_on WHERE title = 'Kiezen'")


@pytest.mark.django_db(transaction=True)
def test_phases_can_swap_their_dates_in_one_save(site_root):
    """Mutant: a constraint that is checked row by row refuses the first of both."""
    process = make_process(make_index(site_root), make_phase("Ideeën", *MARCH), make_phase("Kiezen", *APRIL))
    first, second = process.phases.order_by("starts_on")
    first.starts_on, first.ends_on, second.starts_on, second.ends_on = *APRIL, *MARCH
    with transaction.atomic():
        first.save()
        second.save()
    assert list(Phase.objects.values_list("title", flat=True)) == ["Kiezen", "Ideeën"]


# --- Code ----------------------------------------------------------------------------------------------


def test_saving_overlapping_phases_says_which(process):
    process.phases.set([make_phase("Ideeën", *MARCH), make_phase("Kiezen", MARCH[1], APRIL[1])])
    with translation.override("en"), pytest.raises(ValidationError) as refusal:
        process.save()
    sentence = "“Kiezen” begins on 31 March 2026, but “Ideeën” lasts until 31 March 2026. Phases cannot overlap."
    assert refusal.value.messages == [sentence]


DAYS = st.integers(0, 40).map(lambda number: date(2026, 3, 1) + timedelta(days=number))
PERIODS = st.lists(st.tuples(DAYS, DAYS).map(sorted), max_size=6)


@given(PERIODS)
def test_first_overlap_is_found_when_two_share_a_day(spans):
    """Against the definition: some day that lies in two periods."""
    phases = [make_phase(str(number), *span) for number, span in enumerate(spans)]
    days = [first + timedelta(days=number) for first, last in spans for number in range((last - first).days + 1)]
    assert (first_overlap(phases) is not None) == (len(days) != len(set(days)))


def test_periods_of_a_draft_may_lack_a_day():
    phases = [make_phase("A", None, None), make_phase("B", MARCH[0], None), make_phase("C", *MARCH)]
    assert [phase.title for phase in in_order(phases)] == ["C"]
    assert first_overlap(phases) is None


def test_state_on_each_side_of_a_period():
    phase, day = make_phase("A", *MARCH), timedelta(days=1)
    assert [state_on(phase, on) for on in (MARCH[0] - day, MARCH[0], MARCH[1], MARCH[1] + day)] == [
        "next",
        "now",
        "now",
        "past",
    ]


def test_process_runs_from_first_to_last_day_breaks_included():
    phases = [make_phase("A", *MARCH), make_phase("B", date(2026, 5, 1), date(2026, 5, 2))]
    days = (date(2026, 2, 28), MARCH[0], date(2026, 4, 15), date(2026, 5, 2), date(2026, 5, 3))
    assert [overall_state(phases, day) for day in days] == ["coming", "running", "running", "running", "finished"]
    assert overall_state([], MARCH[0]) == "coming"


# --- The form in the admin -------------------------------------------------------------------------------


@pytest.fixture
def trial(monkeypatch):
    monkeypatch.setattr(instruments, "_instruments", dict(instruments._instruments))
    instruments.register(InstrumentType("trial", "Trial", {"trial.write": "Write", "trial.vote": "Vote"}))


FIELDS = [
    "title",
    "goal",
    "starts_on",
    "ends_on",
    "citizen_rung",
    "government_rung",
    "audience",
    "influence",
    "opens",
    "outcome",
]


def form_data(process, *changes, action="action-publish", added=()):
    """What the browser posts for a process; `changes` are dicts for its phases in order, `added` are new phases."""
    saved = list(process.phases.order_by("starts_on")) if process.pk else []
    phases = [*saved, *added]
    data = {"title": process.title, "slug": process.slug, "intro": process.intro, "area": "", "image": "", action: "x"}
    data |= {"image_alt": "", "body-count": "0", "comments-TOTAL_FORMS": "0", "comments-INITIAL_FORMS": "0"}
    data |= {"phases-TOTAL_FORMS": len(phases), "phases-INITIAL_FORMS": len(saved), "phases-MIN_NUM_FORMS": 0}
    for number, phase in enumerate(phases):
        values = {name: getattr(phase, name) for name in FIELDS} | {"id": phase.pk or ""}
        values |= changes[number] if number < len(changes) else {}
        data |= {f"phases-{number}-{name}": value for name, value in values.items()}
    return data


def post_form(client, process, *changes, **options):
    data = form_data(process, *changes, **options)
    with translation.override("en"):
        return client.post(f"/beheer/pages/{process.pk}/edit/", data, headers={"Accept-Language": "en"})


def spans(process):
    return [(phase.title, phase.starts_on, phase.ends_on) for phase in Phase.objects.filter(process=process)]


@pytest.fixture
def editor(dirk, client_for):
    from wagtail.users.models import UserProfile

    UserProfile.objects.create(user=dirk, preferred_language="en")
    return client_for(dirk)


def test_form_refuses_overlap_at_the_field(process, editor):
    before = spans(process)
    answer = post_form(editor, process, {}, {"starts_on": "2026-03-20"})
    assert answer.status_code == 200
    (error,) = answer.context["form"].formsets["phases"].forms[1].errors["starts_on"]
    assert error.startswith("“Kiezen” begins on 20 March 2026, but “Ideeën” lasts until 31 March 2026.")
    assert error in answer.content.decode()
    assert spans(process) == before


def test_form_refuses_last_day_before_first(process, editor):
    answer = post_form(editor, process, {"ends_on": "2026-02-01"})
    assert "The last day of a phase cannot be before its first day." in answer.content.decode()
    assert spans(process)[0] == ("Ideeën", *MARCH)


def test_form_swaps_the_dates_of_two_phases(process, editor):
    swapped = (
        {"starts_on": "2026-04-01", "ends_on": "2026-04-30"},
        {"starts_on": "2026-03-01", "ends_on": "2026-03-31"},
    )
    answer = post_form(editor, process, *swapped)
    assert answer.status_code == 302
    assert spans(process) == [("Kiezen", *MARCH), ("Ideeën", *APRIL)]
    change_by_sql("UPDATE process_phase SET title = title")


def test_form_lets_a_phase_take_the_place_of_a_deleted_one(process, editor):
    answer = post_form(editor, process, {"DELETE": "on"}, {"starts_on": "2026-03-01"})
    assert answer.status_code == 302
    assert spans(process) == [("Kiezen", MARCH[0], APRIL[1])]


def test_form_adds_a_phase(process, editor):
    answer = post_form(editor, process, added=[make_phase("Uitvoeren", date(2026, 5, 1), date(2026, 5, 31))])
    assert answer.status_code == 302
    assert spans(process)[2:] == [("Uitvoeren", date(2026, 5, 1), date(2026, 5, 31))]


def test_form_refuses_a_new_phase_that_overlaps(process, editor):
    answer = post_form(editor, process, added=[make_phase("Uitvoeren", date(2026, 4, 30), date(2026, 5, 31))])
    assert answer.status_code == 200
    assert list(answer.context["form"].formsets["phases"].forms[2].errors) == ["starts_on"]
    assert len(spans(process)) == 2


def test_form_makes_a_process_with_phases(process, editor):
    """As the address of “add a page” is used: none of the phases has a key yet."""
    index = process.get_parent()
    new = ProcessPage(title="Het plein", slug="plein", intro="Wat komt er op het plein?")
    data = form_data(new, added=[make_phase("Ideeën", *MARCH), make_phase("Kiezen", *APRIL)])
    answer = editor.post(f"/beheer/pages/add/process/processpage/{index.pk}/", data)
    assert answer.status_code == 302
    assert spans(ProcessPage.objects.get(slug="plein")) == [("Ideeën", *MARCH), ("Kiezen", *APRIL)]


def test_form_saves_checked_verbs(process, editor, trial):
    assert post_form(editor, process, {"opens": ["trial.write", "trial.vote"]}).status_code == 302
    assert list(Phase.objects.values_list("opens", flat=True)) == [["trial.write", "trial.vote"], []]


def test_form_refuses_unknown_verb(process, editor, trial):
    answer = post_form(editor, process, {"opens": ["trial.write", "trial.dance"]})
    assert list(answer.context["form"].formsets["phases"].forms[0].errors) == ["opens"]
    assert list(Phase.objects.values_list("opens", flat=True)) == [[], []]


def test_form_shows_verbs_as_checkboxes_by_instrument(process, editor, trial):
    content = editor.get(f"/beheer/pages/{process.pk}/edit/").content.decode()
    assert 'type="checkbox" name="phases-0-opens" value="trial.write"' in " ".join(content.split())
    assert "Trial" in content


def test_model_refuses_unknown_verb(trial):
    with pytest.raises(ValidationError, match=r"trial\.dance"):
        make_phase(opens=["trial.dance"]).clean_fields(exclude=["process"])


def test_draft_keeps_what_is_published(process, editor):
    answer = post_form(editor, process, {"ends_on": "2026-03-15", "title": "Concept"}, action="")
    assert answer.status_code == 302
    assert spans(process)[0] == ("Ideeën", *MARCH)
    assert ProcessPage.objects.get(pk=process.pk).has_unpublished_changes


def test_preview_shows_the_drafted_phases(process, editor):
    data = form_data(process, {"title": "Een nieuw woord"})
    assert editor.post(f"/beheer/pages/{process.pk}/edit/preview/", data).json()["is_valid"] is True
    assert "Een nieuw woord" in editor.get(f"/beheer/pages/{process.pk}/edit/preview/").content.decode()


def test_page_is_published_at_the_moment_its_editor_chose(process, dirk):
    """Wagtail has no clock of its own: without the task a date in its form does nothing."""
    process.unpublish()
    process.go_live_at = timezone.now() - timedelta(minutes=1)
    process.save_revision(user=dirk, approved_go_live_at=process.go_live_at)
    assert not ProcessPage.objects.get(pk=process.pk).live
    publish_scheduled_pages()
    assert ProcessPage.objects.get(pk=process.pk).live


def test_changes_stand_in_the_log_with_their_actor(process, editor, dirk):
    from wagtail.models import PageLogEntry

    post_form(editor, process, {"title": "Anders"})
    assert set(PageLogEntry.objects.filter(page=process, user=dirk).values_list("action", flat=True)) >= {
        "wagtail.publish"
    }


def test_who_may_not_edit_pages_cannot_change_phases(process, eva, client_for):
    before = spans(process)
    assert post_form(client_for(eva), process, {"title": "Anders"}).status_code in (302, 403)
    assert spans(process) == before
