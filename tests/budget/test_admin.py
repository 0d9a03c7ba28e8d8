"""What staff do with budgets in the admin, and that nobody else can."""

import re
import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from wagtail.models import PageLogEntry
from wagtail.users.models import UserProfile

from budget import actions, ballot
from budget.cards import cards
from budget.models import Plan
from notices.mails import make_mail
from notices.models import OutboxLine
from tests.factories.budget import (
    make_closed_vote,
    make_draft,
    make_plan,
    make_published_round,
    make_round,
    make_round_vote,
    open_round,
    situation_of,
)
from tests.factories.people import make_user
from tests.factories.proposals import make_upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff_for(client_for):
    """A browser in the admin."""

    def log_in(person):
        if person is not None:
            UserProfile.objects.update_or_create(
                user=getattr(person, "user", person), defaults={"preferred_language": "en"}
            )
        return client_for(person)

    return log_in


def text_of(response):
    return response.content.decode()


# --- Who gets in ----------------------------------------------------------------------------------------


def admin_urls(page, plan):
    return {
        "plans": reverse("plan:index"),
        "plan": reverse("plan:edit", args=[plan.pk]),
        "progress": reverse("plan:progress", args=[plan.pk]),
        "history": reverse("plan:history", args=[plan.pk]),
        "rounds": reverse("budget_round:index"),
        "round": reverse("budget_round:round", args=[page.pk]),
        "add": reverse("budget_round:add_plan", args=[page.pk]),
        "take over": reverse("budget_round:take_over", args=[page.pk]),
        "vote": reverse("budget_round:vote", args=[page.pk]),
        "open": reverse("budget_round:open", args=[page.pk]),
    }


def test_admin_pages_by_role(budget_round, staff_for, dirk, clerk, administrator, auditor, anna):
    plan = make_plan(budget_round)
    make_round_vote(budget_round, dirk)
    for person in (dirk, clerk, administrator, auditor):
        client = staff_for(person)
        answers = {name: client.get(url).status_code for name, url in admin_urls(budget_round, plan).items()}
        assert set(answers.values()) == {200}, (person, answers)
    for person in (anna, None):
        client = staff_for(person)
        answers = {name: client.get(url).status_code for name, url in admin_urls(budget_round, plan).items()}
        assert set(answers.values()) <= {302, 403}, (person, answers)
    # A moderator reads the plans to judge what is held, and changes nothing (below).
    moderator = staff_for(make_user("Modje", roles=("moderator",)))
    assert moderator.get(admin_urls(budget_round, plan)["plan"]).status_code == 200


def test_posts_of_an_auditor_a_moderator_and_residents_change_nothing(budget_round, staff_for, dirk, auditor, anna):
    plan = make_plan(budget_round, verdict="waiting")
    make_plan(budget_round, "Haalbaar")
    make_round_vote(budget_round, dirk)
    answer = {"verdict": "feasible", "reason": "Ja", "cost": "1", "step": "agree"}
    for person in (auditor, anna, None, make_user("Modje", roles=("moderator",))):
        for url in admin_urls(budget_round, plan).values():
            response = staff_for(person).post(url, answer)
            assert response.status_code in (302, 403, 405)
    plan.refresh_from_db()
    assert budget_round.vote.agreed_by is None
    assert (plan.verdict, budget_round.vote.state) == ("waiting", "draft")


def test_drafts_of_residents_are_not_for_staff(budget_round, staff_for, dirk, anna):
    draft = make_draft(budget_round, anna.user, "Geheim concept")
    client = staff_for(dirk)
    assert client.get(reverse("plan:edit", args=[draft.pk])).status_code == 404
    assert "Geheim concept" not in text_of(client.get(reverse("plan:index")))


# --- Plans ----------------------------------------------------------------------------------------------


def test_assess_in_the_admin(budget_round, staff_for, dirk, anna):
    plan = make_plan(budget_round, verdict="waiting", cost=None, submitter=anna.user)
    url = reverse("plan:edit", args=[plan.pk])
    data = {"verdict": "feasible", "reason": "Kan deze zomer.", "cost": "12.500"}
    assert staff_for(dirk).post(url, data).status_code == 302
    plan.refresh_from_db()
    assert (plan.verdict, plan.cost, plan.verdict_by) == ("feasible", 12_500_00, dirk)
    history = text_of(staff_for(dirk).get(reverse("plan:history", args=[plan.pk])))
    assert "Kan deze zomer." in history
    assert "Dirk" in history


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"verdict": "feasible", "reason": "", "cost": "5"}, "This field is required"),
        ({"verdict": "feasible", "reason": "Ja.", "cost": ""}, "A feasible plan needs a cost."),
        (
            {"verdict": "feasible", "reason": "Ja.", "cost": "100.001"},
            "€1 more than the pot",
        ),
        ({"verdict": "waiting", "reason": "Ja.", "cost": "5"}, "Select a valid choice"),
    ],
)
def test_assess_incomplete_in_the_admin_is_said(budget_round, staff_for, dirk, data, sentence):
    plan = make_plan(budget_round, verdict="waiting")
    assert sentence in text_of(staff_for(dirk).post(reverse("plan:edit", args=[plan.pk]), data))


def test_report_progress_in_the_admin(budget_round, staff_for, dirk):
    plan = make_plan(budget_round, outcome="won")
    url = reverse("plan:progress", args=[plan.pk])
    staff_for(dirk).post(url, {"progress": "started", "text": "De aannemer is begonnen."})
    plan.refresh_from_db()
    assert plan.progress == "started"


def test_add_plan_on_paper(budget_round, staff_for, dirk, places):
    client, url = staff_for(dirk), reverse("budget_round:add_plan", args=[budget_round.pk])
    key = client.get(url).context["form"]["request_key"].value()
    data = {"title": "Plan van papier", "text": "Ingeleverd aan de balie van het stadhuis.", "request_key": key}
    for _click in range(2):
        client.post(url, {**data, "cost": "500", "area": places.harbour.pk})
    plan = Plan.objects.get()
    assert (plan.reference, plan.origin, plan.cost, plan.state) == ("1", "municipality", 500_00, "published")


def test_plan_on_paper_has_a_photo(budget_round, staff_for, dirk, client_for):
    client, url = staff_for(dirk), reverse("budget_round:add_plan", args=[budget_round.pk])
    key = client.get(url).context["form"]["request_key"].value()
    data = {"title": "Plan van papier", "text": "Ingeleverd aan de balie van het stadhuis.", "request_key": key}
    refused = client.post(url, {**data, "photo": make_upload()})
    assert list(refused.context["form"].errors) == ["image_alt"]
    assert 'enctype="multipart/form-data"' in refused.content.decode()
    for _click in range(2):
        client.post(url, {**data, "photo": make_upload(), "image_alt": "Een leeg plein"})
    plan = Plan.objects.get()
    shown = client_for().get(plan.photo_url)
    assert (plan.image_alt, shown.status_code, shown["Content-Type"]) == ("Een leeg plein", 200, "image/webp")
    shown.close()


@pytest.mark.parametrize("plans", [1, 3])
def test_list_of_plans_costs_the_same_for_any_number(
    budget_round, staff_for, dirk, plans, places, django_assert_max_num_queries
):
    for number in range(plans):
        make_plan(budget_round, submitter=make_user(f"Indiener {number}"), area=places.harbour)
    client, url = staff_for(dirk), reverse("plan:index")
    client.get(url)
    with django_assert_max_num_queries(ADMIN_LIST_QUERIES) as counted:
        client.get(url)
    assert len(counted) == ADMIN_LIST_QUERIES


ADMIN_LIST_QUERIES = 14


# --- The vote -------------------------------------------------------------------------------------------


def vote_data(**fields):
    now = timezone.localtime()
    data = {
        "title": "Buurtbudget Oost",
        "question": "Welke plannen kiest u?",
        "opens_at": now.strftime("%Y-%m-%d %H:%M"),
        "closes_at": (now + timedelta(days=10)).strftime("%Y-%m-%d %H:%M"),
        "minimum_age": "16",
        "minimum_proof": "2",
        "form": "knapsack",
        "max_options": "5",
        "change_policy": "code",
        "rule": "equal-shares",
        "min_votes": "0",
        "when_full": "skip",
        "increment": "until_overspend",
        "increment_cents": "1",
        "completion": "greedy",
        "tie": "lot",
        "publication_threshold": "20",
        "commitment": "De raad voert de gekozen plannen uit.",
    }
    return data | fields


def test_make_check_and_open_the_vote(budget_round, staff_for, dirk, clerk, anna):
    make_plan(budget_round, "Speeltuin", cost=40_000_00)
    client = staff_for(dirk)
    response = client.post(reverse("budget_round:vote", args=[budget_round.pk]), vote_data())
    assert response.url == reverse("budget_round:open", args=[budget_round.pk])
    check = text_of(client.get(response.url))
    reach = "Fewer than 10 residents would be on the list of voters now."
    for shown in ("from the age of 16", reach, "Speeltuin", "€40,000", "Every voter gets an equal part of the pot."):
        assert shown in check
    vote = budget_round.vote
    question = vote.questions.get()
    assert (question.max_sum, question.max_options) == (budget_round.pot, None)
    assert question.counting == {
        "rule": "equal-shares",
        "min_votes": 0,
        "tie": ["lot"],
        "increment": "until_overspend",
        "increment_cents": 100,
        "completion": "greedy",
    }
    client.post(response.url, {"step": "agree"})
    staff_for(clerk).post(response.url, {"step": "open"})
    vote.refresh_from_db()
    assert (vote.state, vote.agreed_by, vote.opened_by) == ("open", dirk, clerk)
    assert vote.commitment == "De raad voert de gekozen plannen uit."
    assert "budget.make_vote" in PageLogEntry.objects.values_list("action", flat=True)


def test_make_vote_with_a_maximum_number_and_most_votes(budget_round, staff_for, dirk):
    make_plan(budget_round)
    data = vote_data(
        form="approval", max_options="3", rule="greedy", min_votes="10", when_full="stop", tie="lowest_cost"
    )
    staff_for(dirk).post(reverse("budget_round:vote", args=[budget_round.pk]), data)
    vote = budget_round.vote
    question = vote.questions.get()
    assert (question.max_sum, question.max_options) == (None, 3)
    assert question.counting == {"rule": "greedy", "min_votes": 10, "tie": ["lowest_cost"], "when_full": "stop"}


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"form": "approval", "max_options": ""}, "Say how many plans a voter may choose."),
        ({"closes_at": "2020-01-01 10:00"}, "A vote closes after it opens."),
        ({"opens_at": "2020-01-01 10:00", "closes_at": "2020-01-02 10:00"}, "This moment has passed."),
        ({"publication_threshold": "5"}, "greater than or equal to 20"),
        ({"rule": "onzin"}, "Select a valid choice"),
        ({"increment_cents": "0"}, "more than zero"),
        ({"question": ""}, "This field is required"),
        ({"commitment": ""}, "This field is required"),
    ],
)
def test_wrong_vote_is_said(budget_round, staff_for, dirk, fields, sentence):
    make_plan(budget_round)
    response = staff_for(dirk).post(reverse("budget_round:vote", args=[budget_round.pk]), vote_data(**fields))
    assert sentence in text_of(response)
    assert budget_round.vote is None


def test_vote_form_begins_with_the_days_of_the_phase(site_root, staff_for, dirk):
    page = make_round(site_root, stage="assess")
    make_plan(page)
    form = staff_for(dirk).get(reverse("budget_round:vote", args=[page.pk])).context["form"]
    from tests.factories.budget import situation_of

    situation = situation_of(page)
    assert timezone.localdate(form.initial["opens_at"]) == situation.first_day("budget.vote")
    assert timezone.localdate(form.initial["closes_at"]) == situation.last_day("budget.vote")


def test_open_without_voters_says_so(budget_round, staff_for, dirk, clerk):
    make_plan(budget_round)
    make_round_vote(budget_round, dirk)
    ballot.agree_to_round_vote(budget_round, clerk)
    url = reverse("budget_round:open", args=[budget_round.pk])
    response = staff_for(dirk).post(url, {"step": "open"}, follow=True)
    assert "Nobody may vote" in text_of(response)
    assert budget_round.vote.state == "draft"


def test_round_page_before_publication_does_not_say_who_won(site_root, staff_for, dirk):
    from ballots.actions import count_vote

    page = make_round(site_root, stage="result")
    plans = [make_plan(page, "Ja"), make_plan(page, "Nee", cost=95_000_00)]
    count_vote(make_closed_vote(page, plans, [[plans[0]]] * 30))
    shown = text_of(staff_for(dirk).get(reverse("budget_round:round", args=[page.pk])))
    assert "Chosen" not in shown


def test_round_is_edited_as_a_page_with_its_pot_in_euros(budget_round, staff_for, dirk):
    client, url = staff_for(dirk), reverse("wagtailadmin_pages:edit", args=[budget_round.pk])
    form = client.get(url).context["form"]
    assert form["pot"].value() == "100000"
    data = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    shown = text_of(client.post(url, {**data, "pot": "niets", "action-publish": "1"}))
    assert "Enter an amount in euros" in shown
    response = client.post(
        url, {**data, "pot": "80.000,50", "action-publish": "1", "comments-TOTAL_FORMS": 0, "comments-INITIAL_FORMS": 0}
    )
    assert response.status_code == 302, response.context["form"].errors
    budget_round.refresh_from_db()
    assert budget_round.pot == 80_000_50


def test_pot_of_an_opened_vote_cannot_be_edited(budget_round, staff_for, dirk, anna):
    make_plan(budget_round)
    make_round_vote(budget_round, dirk)
    open_round(budget_round, dirk)
    client, url = staff_for(dirk), reverse("wagtailadmin_pages:edit", args=[budget_round.pk])
    form = client.get(url).context["form"]
    data = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    own = {"comments-TOTAL_FORMS": 0, "comments-INITIAL_FORMS": 0, "action-publish": "1"}
    assert "the pot and the area stay as they are" in text_of(client.post(url, {**data, **own, "pot": "80.000"}))
    assert client.post(url, {**data, **own, "title": "Betere titel"}).status_code == 302


# --- Proposals ------------------------------------------------------------------------------------------


def test_accepted_proposals_become_plans_once(budget_round, staff_for, dirk, places, anna, site_root):
    from proposals.models import ProposalsPage, Submission

    proposals = budget_round.get_parent().add_child(instance=ProposalsPage(title="Voorstellen", slug="voorstellen"))
    now = timezone.now()
    accepted, declined = (
        Submission.objects.create(
            page=proposals,
            submitter=anna.user,
            title=f"Voorstel {state}",
            text="Een lange tekst over de buurt.",
            area=places.harbour,
            state=state,
            submitted_at=now,
            published_at=now,
        )
        for state in ("accepted", "declined")
    )
    client, url = staff_for(dirk), reverse("budget_round:take_over", args=[budget_round.pk])
    shown = text_of(client.get(url))
    assert "Voorstel accepted" in shown
    assert "Voorstel declined" not in shown
    client.post(url, {"proposal": [accepted.pk]})
    client.post(url, {"proposal": [accepted.pk]})
    client.post(url, {"proposal": [declined.pk, "abc", "999999"]})
    plan = Plan.objects.get()
    assert (plan.title, plan.submitter, plan.area, plan.proposal_id) == (
        "Voorstel accepted",
        anna.user,
        places.harbour,
        accepted.pk,
    )
    assert plan.verdict == "waiting"
    assert "Voorstel accepted" not in text_of(client.get(url))
    assert accepted.get_absolute_url() in text_of(client.get(plan.get_absolute_url()))


def make_accepted(round_page, submitter, **fields):
    """An accepted proposal in the process of a round."""
    from proposals.models import ProposalsPage, Submission

    page = round_page.get_parent().add_child(instance=ProposalsPage(title="Voorstellen", slug="voorstellen"))
    now = timezone.now()
    values = {"title": "Bomen", "text": "Bomen voor de buurt.", "state": "accepted", "submitter": submitter}
    return Submission.objects.create(page=page, submitted_at=now, published_at=now, **values, **fields)


def test_taking_over_says_how_many_or_that_nothing_was_chosen(budget_round, staff_for, anna, dirk):
    proposal = make_accepted(budget_round, anna.user)
    client, url = staff_for(dirk), reverse("budget_round:take_over", args=[budget_round.pk])
    assert "Choose a proposal first." in text_of(client.post(url, follow=True))
    assert Plan.objects.count() == 0
    assert "1 proposal is a plan now." in text_of(client.post(url, {"proposal": [proposal.pk]}, follow=True))
    told = OutboxLine.objects.get(kind="budget.taken_over")
    # Dirk works in English; Anna's mail leads to the page in the language of the site.
    assert (told.recipient, told.payload["url"]) == (anna.user, f"/plannen/{Plan.objects.get().pk}/")


def test_page_of_a_proposal_says_what_became_of_it(budget_round, client_for, anna, dirk):
    proposal = make_accepted(budget_round, anna.user)
    page = client_for(anna).get(proposal.get_absolute_url()).content.decode()
    assert "What became of it" not in page
    plan = actions.take_over(situation_of(budget_round), dirk, proposal.pk, now=timezone.now())
    page = client_for(anna).get(proposal.get_absolute_url()).content.decode()
    assert "A plan in “Buurtbudget Oost”: not assessed yet" in page
    assert f'href="{plan.get_absolute_url()}"' in page
    Plan.objects.update(state="hidden")
    assert plan.get_absolute_url() not in client_for(anna).get(proposal.get_absolute_url()).content.decode()


def test_round_of_an_area_takes_no_proposal_about_another_area(site_root, places, staff_for, anna, dirk):
    page = make_round(site_root, area=places.harbour)
    elsewhere = make_accepted(page, anna.user, area=places.meadow)
    client, url = staff_for(dirk), reverse("budget_round:take_over", args=[page.pk])
    assert "Bomen" not in text_of(client.get(url))
    refusal = text_of(client.post(url, {"proposal": [elsewhere.pk]}, follow=True))
    assert ("This is not about" in refusal, Plan.objects.count()) == (True, 0)
    type(elsewhere).objects.update(area=None)
    assert "Bomen" in text_of(client.get(url))


def test_paper_plan_elsewhere_is_refused_and_the_top_of_the_page_says_so(site_root, places, staff_for, dirk):
    page = make_round(site_root, area=places.harbour)
    url = reverse("budget_round:add_plan", args=[page.pk])
    values = {"title": "Bomen", "text": "Bomen voor de hele buurt.", "request_key": str(uuid.uuid4())}
    answer = text_of(staff_for(dirk).post(url, values | {"area": places.meadow.pk}))
    assert "This is not about" in answer
    assert "Not saved. Below it says what is wrong." in answer
    assert Plan.objects.count() == 0
    assert staff_for(dirk).post(url, values | {"area": places.harbour.pk}).status_code == 302


def test_supporters_of_a_proposal_hear_the_outcome_of_its_plan_once(site_root, clerk, anna, bram, places):
    from budget import tasks
    from proposals.models import Endorsement, ProposalsPage, Submission

    page = make_published_round(site_root, clerk, settled=False)
    proposals = page.get_parent().add_child(instance=ProposalsPage(title="Voorstellen", slug="voorstellen"))
    now = timezone.now()
    proposal = Submission.objects.create(
        page=proposals,
        submitter=anna.user,
        title="Speeltuin",
        text="Tekst.",
        state="accepted",
        submitted_at=now,
        published_at=now,
    )
    for resident in (anna, bram):
        Endorsement.objects.create(submission=proposal, resident=resident)
    Plan.objects.filter(title="Speeltuin").update(proposal_id=proposal.pk, submitter=anna.user)
    for _time in range(2):
        tasks.settle_round(page.pk)
        tasks.tell_round(page.pk)
    assert sorted(OutboxLine.objects.values_list("kind", "recipient__display_name")) == [
        ("budget.plan_outcome", "Anna"),
        ("budget.supported_plan_outcome", "Bram"),
    ]


# --- Cards and mails --------------------------------------------------------------------------------------


def make_own_plan(page, **fields):
    return make_plan(page, "Bankjse", origin="municipality", **fields)


def test_staff_correct_a_plan_of_the_municipality_in_public(budget_round, staff_for, dirk):
    plan = make_own_plan(budget_round)
    client = staff_for(dirk)
    assert reverse("plan:correct", args=[plan.pk]) in text_of(client.get(reverse("plan:edit", args=[plan.pk])))
    values = {"title": "Bankjes", "text": "Bankjes voor de hele buurt.", "location_text": "Bij de kerk"}
    client.post(reverse("plan:correct", args=[plan.pk]), values | {"reason": "Een tikfout."})
    plan.refresh_from_db()
    assert (plan.title, plan.location_text, plan.verdict) == ("Bankjes", "Bij de kerk", "feasible")
    assert list(plan.history.values_list("kind", "text", "actor"))[-1] == ("changed", "Een tikfout.", dirk.pk)
    assert "Een tikfout." in text_of(client.get(plan.get_absolute_url()))


def test_correction_reaches_the_ballot_that_is_not_open_and_no_other(
    budget_round, places, anna, staff_for, dirk, clerk
):
    plan = make_own_plan(budget_round)
    vote = make_round_vote(budget_round, dirk)
    client, url = staff_for(dirk), reverse("plan:correct", args=[plan.pk])
    values = {"text": "Bankjes voor de hele buurt.", "reason": "Een tikfout."}
    client.post(url, values | {"title": "Bankjes"})
    assert vote.options.get().title == "Bankjes"
    open_round(budget_round, clerk)
    client.post(url, values | {"title": "Iets anders"})
    plan.refresh_from_db()
    assert (plan.title, vote.options.get().title) == ("Bankjes", "Bankjes")


def test_plan_of_the_municipality_is_taken_off_the_site_with_a_reason(budget_round, staff_for, dirk):
    plan, other = make_own_plan(budget_round), make_plan(budget_round)
    vote = make_round_vote(budget_round, dirk)
    client, url = staff_for(dirk), reverse("plan:take_away", args=[plan.pk])
    assert "Not saved." in text_of(client.post(url, {"reason": " "}))
    client.post(url, {"reason": "Dubbel."})
    plan.refresh_from_db()
    assert (plan.state, plan.history.last().text) == ("withdrawn", "Dubbel.")
    assert list(vote.options.values_list("reference", flat=True)) == [other.reference]


@pytest.mark.parametrize("verb", ["correct", "take_away"])
def test_nobody_changes_what_a_resident_wrote(budget_round, staff_for, anna, dirk, verb):
    plan, own = make_plan(budget_round, submitter=anna.user), make_own_plan(budget_round)
    values = {"title": "Bankjes", "text": "Bankjes voor de hele buurt.", "reason": "Anders."}
    client = staff_for(dirk)
    answer = client.post(reverse(f"plan:{verb}", args=[plan.pk]), values, follow=True)
    assert "Nobody changes what a resident wrote." in text_of(answer)
    assert reverse("plan:correct", args=[plan.pk]) not in text_of(client.get(reverse("plan:edit", args=[plan.pk])))
    refused = staff_for(make_user("Mo", roles=("moderator",))).post(reverse(f"plan:{verb}", args=[own.pk]), values)
    assert refused.url == reverse("wagtailadmin_home")
    for each, title in ((plan, "Speeltuin"), (own, "Bankjse")):
        each.refresh_from_db()
        assert (each.title, each.state) == (title, "published")


def test_cards_say_what_waits_and_for_whom(site_root, places, dirk, anna, clerk, auditor):
    waiting = make_round(site_root)
    make_plan(waiting, verdict="waiting")
    make_draft(waiting, anna.user)
    ready = make_round(site_root, stage="assess")
    make_plan(ready)
    made = make_round(site_root, stage="assess")
    make_plan(made)
    make_round_vote(made, dirk)
    assert {str(card.label): card.count for card in cards(dirk)} == {
        "Plans to assess": 1,
        "Budget votes to make": 1,
        "Budget votes to open": 1,
        "Budget results to publish": 0,
    }
    assert list(cards(anna.user)) == []
    assert list(cards(auditor)) == []


def test_cards_lead_to_the_rounds_that_wait(site_root, places, anna, dirk, clerk, staff_for):
    titles = ("Nog geen stemming", "Klaar om te openen", "Al open")
    none, draft, opened = (make_round(site_root, stage="assess", title=title) for title in titles)
    for page in (none, draft, opened):
        make_plan(page)
    for page in (draft, opened):
        make_round_vote(page, dirk)
    open_round(opened, clerk)
    client = staff_for(dirk)
    shown = {}
    for card in list(cards(dirk)):
        if "budget_round" in card.url:
            page = text_of(client.get(card.url))
            shown[str(card.label)] = [title for title in titles if f">{title}" in re.sub(r">\s+", ">", page)]
    assert shown == {
        "Budget votes to make": ["Nog geen stemming"],
        "Budget votes to open": ["Klaar om te openen"],
        "Budget results to publish": [],
    }


MAILS = {
    "budget.taken_over": {"round": "Ronde <b>Oost</b>"},
    "budget.plan_assessed": {"verdict": "feasible", "reason": "Kan <b>best</b>."},
    "budget.plan_outcome": {"won": False, "votes": 1, "round": "R", "why": {"nl": ["Te duur."], "en": ["Too dear."]}},
    "budget.supported_plan_outcome": {"won": True, "votes": 3, "round": "R", "why": {"nl": ["Ja."], "en": ["Yes."]}},
    "budget.plan_progress": {"progress": "started", "text": "De grond is <b>klaar</b>."},
}


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("kind", MAILS)
def test_mail_is_made_in_both_languages_without_markup_of_residents(anna, kind, language):
    anna.user.language = language
    anna.user.save()
    payload = {"title": "Plan <script>x</script>", "url": "/plannen/1/", **MAILS[kind]}
    mail = make_mail(OutboxLine(kind=kind, key="k", recipient=anna.user, payload=payload))
    html = mail.alternatives[0].content if hasattr(mail.alternatives[0], "content") else mail.alternatives[0][0]
    assert "Plan <script>x</script>" in mail.subject
    assert "<script>" not in html
    assert "<b>" not in html.replace("<b>Hello", "")
    assert "/plannen/1/" in mail.body
    if "why" in payload:
        assert payload["why"][language][0] in mail.body
        assert payload["why"][language][0] in html
