"""What residents and staff do with plans."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from budget import actions, ballot
from budget.models import Plan, PlanEvent
from conversation.models import ModerationCase
from notices.models import OutboxLine
from pages.uploads import Photo, forget_photo, store_photo
from people.verdict import NotAllowed
from tests.factories.budget import make_draft, make_plan, make_round, make_round_vote, open_round, situation_of

pytestmark = pytest.mark.django_db

VALUES = {"title": "Bankje aan het water", "text": "Een bankje waar iedereen kan zitten.", "cost": 2_500_00}


def known(user, page):
    """Somebody who has published before: nothing holds their next plan."""
    return make_plan(page, "Eerder plan", submitter=user, submitted_at=timezone.now() - timedelta(days=9))


def logged(plan):
    return list(
        ModelLogEntry.objects.filter(object_id=str(plan.pk), content_type__model="plan")
        .order_by("timestamp")
        .values_list("action", "user__display_name")
    )


# --- Residents ----------------------------------------------------------------------------------------


def test_save_draft_twice_with_one_key_is_one_draft(budget_round, anna):
    key = uuid4()
    first = actions.save_draft(situation_of(budget_round), anna.user, VALUES, request_key=key)
    second = actions.save_draft(
        situation_of(budget_round), anna.user, {**VALUES, "title": "Twee bankjes"}, request_key=key
    )
    assert (first.pk, Plan.objects.count(), second.title) == (second.pk, 1, "Twee bankjes")


def test_save_draft_with_somebody_elses_key_is_refused(site_root, places, anna, bram):
    page = make_round(site_root)
    key = uuid4()
    actions.save_draft(situation_of(page), anna.user, VALUES, request_key=key)
    with pytest.raises(NotAllowed):
        actions.save_draft(situation_of(page), bram.user, {**VALUES, "title": "Gekaapt"}, request_key=key)
    assert list(Plan.objects.values_list("submitter__display_name", "title")) == [("Anna", VALUES["title"])]


def test_send_first_plan_of_an_account_is_held(budget_round, anna):
    draft = make_draft(budget_round, anna.user)
    sent = actions.send_plan(draft, anna.user, situation=situation_of(budget_round), now=timezone.now())
    case = ModerationCase.objects.get()
    assert (sent.state, sent.reference, case.subject, case.reasons) == ("held", "1", sent, ["first_post"])


def test_send_plan_of_a_known_resident_is_published(budget_round, anna):
    earlier = known(anna.user, budget_round)
    draft = make_draft(budget_round, anna.user, cost=500_00)
    sent = actions.send_plan(draft, anna.user, situation=situation_of(budget_round), now=timezone.now())
    assert sent.state == "published"
    assert int(sent.reference) == int(earlier.reference) + 1
    assert [event.kind for event in sent.history.all()] == ["submitted"]
    assert logged(sent) == [("budget.submit", "Anna")]


def test_send_plan_where_everything_is_moderated_is_held(site_root, places, anna):
    page = make_round(site_root, moderate_first=True)
    known(anna.user, page)
    sent = actions.send_plan(make_draft(page, anna.user), anna.user, situation=situation_of(page), now=timezone.now())
    assert (sent.state, ModerationCase.objects.get().reasons) == ("held", ["moderate_first"])


def test_send_plan_with_a_link_is_held(budget_round, anna):
    known(anna.user, budget_round)
    draft = make_draft(budget_round, anna.user, image_alt="kijk op www.kopen.nl")
    sent = actions.send_plan(draft, anna.user, situation=situation_of(budget_round), now=timezone.now())
    assert sent.state == "held"


def test_send_plan_twice_is_one_plan_with_one_number(budget_round, anna):
    draft = make_draft(budget_round, anna.user)
    for _click in range(2):
        sent = actions.send_plan(draft, anna.user, situation=situation_of(budget_round), now=timezone.now())
    stale = Plan.objects.get(pk=draft.pk)
    stale.state = Plan.State.DRAFT  # as a second worker read it
    again = actions.send_plan(stale, anna.user, situation=situation_of(budget_round), now=timezone.now())
    assert (sent.reference, again.reference) == ("1", "1")
    assert (PlanEvent.objects.count(), ModerationCase.objects.count()) == (1, 1)


def test_send_plan_over_the_pot_is_refused_with_by_how_much(budget_round, anna):
    draft = make_draft(budget_round, anna.user, cost=120_000_00)
    with pytest.raises(NotAllowed, match="€20,000 more than the pot"):
        actions.send_plan(draft, anna.user, situation=situation_of(budget_round), now=timezone.now())
    assert Plan.objects.get().state == "draft"


def test_send_somebody_elses_draft_is_refused(budget_round, anna, bram):
    draft = make_draft(budget_round, anna.user)
    with pytest.raises(NotAllowed):
        actions.send_plan(draft, bram.user, situation=situation_of(budget_round), now=timezone.now())


def test_withdraw_draft_is_gone_and_sent_plan_keeps_its_number(budget_round, anna):
    draft, sent = make_draft(budget_round, anna.user), make_plan(budget_round, submitter=anna.user)
    for plan in (draft, sent):
        actions.withdraw_plan(plan, anna.user, situation=situation_of(budget_round), now=timezone.now())
    assert list(Plan.objects.values_list("pk", "state", "reference")) == [(sent.pk, "withdrawn", sent.reference)]


def test_withdraw_plan_that_waits_for_a_moderator_closes_the_case(budget_round, anna):
    draft = make_draft(budget_round, anna.user)
    sent = actions.send_plan(draft, anna.user, situation=situation_of(budget_round), now=timezone.now())
    actions.withdraw_plan(sent, anna.user, situation=situation_of(budget_round), now=timezone.now())
    assert ModerationCase.objects.get().decision != ""


# --- Moderation ---------------------------------------------------------------------------------------


def test_moderator_publishes_held_plan_and_submitter_hears_it(budget_round, anna, dirk):
    from conversation.actions import decide

    sent = actions.send_plan(
        make_draft(budget_round, anna.user), anna.user, situation=situation_of(budget_round), now=timezone.now()
    )
    decide(ModerationCase.objects.get(), ModerationCase.Decision.PUBLISH, actor=dirk, reason="", now=timezone.now())
    sent.refresh_from_db()
    assert (sent.state, bool(sent.published_at)) == ("published", True)
    assert list(OutboxLine.objects.values_list("kind", "recipient__display_name")) == [
        ("conversation.published", "Anna")
    ]


def test_hidden_plan_leaves_a_ballot_that_is_not_open(budget_round, dirk, clerk):
    hidden, other = make_plan(budget_round), make_plan(budget_round, "Bankje")
    vote = make_round_vote(budget_round, dirk)
    with transaction.atomic():
        actions.hide_plan(hidden, actor=clerk, reason="Scheldt.", now=timezone.now())
    assert [option.reference for option in vote.options.all()] == [other.reference]


def with_photo(plan):
    store_photo(plan.image, Photo(b"groot", b"klein"))
    plan.image_alt = "Een kade met bomen"
    plan.save()
    return plan


def stored(image):
    with image.storage.open(str(image.name)) as file:
        return file.read()


def test_photo_of_a_plan_stands_on_the_ballot_and_stays_there(budget_round, anna, dirk, clerk, client_for):
    plan = with_photo(make_plan(budget_round))
    vote = make_round_vote(budget_round, dirk)
    drafted = vote.options.get().image.name
    open_round(budget_round, clerk)
    option = vote.options.get()
    assert (option.image.name, option.image_alt) == (drafted, "Een kade met bomen")
    forget_photo(plan.image.storage, plan.image.name)
    assert stored(option.image) == b"groot"
    page = client_for(anna).get(reverse("ballots:choose", args=[vote.pk])).content.decode()
    photo = reverse("ballots:photo", args=[vote.pk, option.number])
    assert photo in page
    assert b"".join(client_for().get(photo)) == b"groot"


def test_photo_of_a_plan_that_leaves_the_ballot_goes(budget_round, dirk, clerk, django_capture_on_commit_callbacks):
    hidden = with_photo(make_plan(budget_round))
    make_plan(budget_round, "Bankje")
    vote = make_round_vote(budget_round, dirk)
    copy = vote.options.exclude(image="").get().image
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        actions.hide_plan(hidden, actor=clerk, reason="Scheldt.", now=timezone.now())
    assert (copy.storage.exists(copy.name), stored(hidden.image)) == (False, b"groot")


# --- Staff --------------------------------------------------------------------------------------------


def assess(plan, actor, verdict="feasible", reason="Kan binnen een jaar.", cost=10_000_00):
    return actions.assess_plan(plan, actor, verdict=Plan.Verdict(verdict), reason=reason, cost=cost, now=timezone.now())


def test_assess_writes_verdict_history_log_and_tells_the_submitter(budget_round, anna, dirk):
    plan = make_plan(budget_round, verdict="waiting", submitter=anna.user, cost=None)
    assess(plan, dirk)
    plan.refresh_from_db()
    assert (plan.verdict, plan.cost, plan.verdict_by) == ("feasible", 10_000_00, dirk)
    assert [(event.kind, event.text) for event in plan.history.all()][-1] == ("feasible", "Kan binnen een jaar.")
    assert logged(plan) == [("budget.assess", "Dirk")]
    line = OutboxLine.objects.get()
    assert (line.kind, line.recipient, line.payload["reason"]) == (
        "budget.plan_assessed",
        anna.user,
        "Kan binnen een jaar.",
    )


@pytest.mark.parametrize(
    ("verdict", "reason", "cost", "sentence"),
    [
        ("feasible", "", 1_00, "Give the reason"),
        ("infeasible", "   ", None, "Give the reason"),
        ("feasible", "Kan.", None, "needs a cost"),
        ("feasible", "Kan.", 0, "needs a cost"),
        ("feasible", "Kan.", 100_000_01, "more than the pot"),
        ("waiting", "Later.", None, "Choose whether"),
    ],
)
def test_assess_incomplete_is_refused(budget_round, dirk, verdict, reason, cost, sentence):
    plan = make_plan(budget_round, verdict="waiting")
    with pytest.raises(NotAllowed, match=sentence):
        assess(plan, dirk, verdict, reason, cost)
    plan.refresh_from_db()
    assert plan.verdict == "waiting"


def test_assess_again_before_opening_changes_the_ballot(budget_round, dirk):
    first, second = make_plan(budget_round), make_plan(budget_round, "Bankje")
    vote = make_round_vote(budget_round, dirk)
    assess(first, dirk, cost=33_00)
    assess(second, dirk, "infeasible", "Mag niet op deze plek.", None)
    assert list(vote.options.values_list("number", "reference", "cost")) == [(1, first.reference, 33_00)]


def test_add_plan_twice_with_one_key_is_one_plan(budget_round, dirk):
    key = uuid4()
    plans = [
        actions.add_plan(situation_of(budget_round), dirk, VALUES, request_key=key, now=timezone.now())
        for _click in range(2)
    ]
    assert plans[0].pk == plans[1].pk
    assert (plans[0].origin, plans[0].submitter_name, plans[0].reference) == ("municipality", "", "1")


def test_next_number_follows_the_highest_and_ignores_odd_ones(budget_round, dirk):
    make_plan(budget_round, reference="41")
    make_plan(budget_round, reference="12-b")
    make_plan(budget_round, reference="9" * 40)
    plan = actions.add_plan(situation_of(budget_round), dirk, VALUES, request_key=uuid4(), now=timezone.now())
    assert plan.reference == "42"


def test_report_progress_is_public_and_told(budget_round, anna, dirk):
    plan = make_plan(budget_round, outcome="won", submitter=anna.user)
    actions.report_progress(plan, dirk, progress=Plan.Progress.STARTED, text="De grond is klaar.", now=timezone.now())
    plan.refresh_from_db()
    assert plan.progress == "started"
    assert [(event.kind, event.text) for event in plan.history.all()][-1] == ("started", "De grond is klaar.")
    assert OutboxLine.objects.get().kind == "budget.plan_progress"


def test_report_progress_without_words_is_refused(budget_round, dirk):
    plan = make_plan(budget_round, outcome="won")
    with pytest.raises(NotAllowed):
        actions.report_progress(plan, dirk, progress=Plan.Progress.DONE, text=" ", now=timezone.now())


# --- The vote -----------------------------------------------------------------------------------------


def test_make_vote_puts_feasible_public_plans_on_the_ballot(budget_round, dirk):
    good = make_plan(budget_round, cost=5_00)
    make_plan(budget_round, "Nee", verdict="infeasible")
    make_plan(budget_round, "Nog niet", verdict="waiting")
    make_plan(budget_round, "Weg", state="withdrawn")
    vote = make_round_vote(budget_round, dirk)
    assert list(vote.options.values_list("number", "reference", "title", "cost", "url")) == [
        (1, good.reference, good.title, 5_00, f"/plannen/{good.pk}/")
    ]
    assert (vote.questions.get().budget, vote.area, vote.state) == (budget_round.pot, budget_round.area, "draft")


def test_make_vote_again_changes_the_same_draft(budget_round, dirk):
    make_plan(budget_round)
    first = make_round_vote(budget_round, dirk)
    second = make_round_vote(budget_round, dirk, title="Beter")
    assert (first.pk, second.title) == (second.pk, "Beter")


def test_make_vote_after_opening_is_refused(budget_round, anna, dirk):
    make_plan(budget_round)
    make_round_vote(budget_round, dirk)
    open_round(budget_round, dirk)
    with pytest.raises(NotAllowed, match="has been opened"):
        make_round_vote(budget_round, dirk)


def test_open_vote_freezes_plans_pot_and_ballot(budget_round, anna, dirk):
    from django.core.exceptions import ValidationError

    plan = make_plan(budget_round)
    make_round_vote(budget_round, dirk)
    vote = open_round(budget_round, dirk)
    assert (vote.state, vote.opened_by) == ("open", dirk)
    with pytest.raises(NotAllowed):
        assess(plan, dirk, cost=1_00)
    budget_round.pot = 1_00
    with pytest.raises(ValidationError, match="pot and the area stay"):
        budget_round.clean()


def test_pot_of_a_round_follows_into_a_vote_that_is_not_open(budget_round, dirk):
    make_plan(budget_round)
    vote = make_round_vote(budget_round, dirk)
    budget_round.pot = 80_000_00
    budget_round.save_revision().publish()
    vote.refresh_from_db()
    question = vote.questions.get()
    assert (question.budget, question.max_sum) == (80_000_00, 80_000_00)


def test_saving_an_older_version_of_the_page_keeps_the_vote(budget_round, dirk):
    revision = budget_round.save_revision()
    make_plan(budget_round)
    vote = make_round_vote(budget_round, dirk)
    revision.publish()
    assert situation_of(budget_round).vote == vote


def test_opening_is_noted_once_in_the_history(budget_round, anna, dirk, django_capture_on_commit_callbacks):
    plan = make_plan(budget_round)
    make_round_vote(budget_round, dirk)
    with django_capture_on_commit_callbacks(execute=True):
        vote = open_round(budget_round, dirk)
    ballot.note_opening(vote)
    assert [event.kind for event in plan.history.all()].count("on_ballot") == 1
