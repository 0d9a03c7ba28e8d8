"""Pages of residents: list, plan, submitting, photos; and what strangers may not see."""

import re
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from wagtail.models import PageViewRestriction

from budget.models import Plan
from conversation.actions import review as decide
from conversation.models import ModerationCase
from tests.factories.budget import (
    STAGES,
    make_draft,
    make_plan,
    make_published_round,
    make_round,
    make_round_vote,
    open_round,
)

pytestmark = pytest.mark.django_db

SCRIPT = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>"


def text_of(response):
    return response.content.decode()


def list_url(page, query=""):
    return reverse("budget:plans", args=[page.pk]) + query


def titles_in(response):
    return re.findall(r'pm-card__link" href="[^"]+">([^<]+)<', text_of(response))


# --- Which pages are there ------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", STAGES)
def test_page_of_a_round_in_each_stage(site_root, client_for, stage):
    page = make_round(site_root, stage=stage)
    make_plan(page)
    shown = text_of(client_for().get(page.get_url()))
    heading = "Do you have a plan for your neighbourhood?" if stage == "submit" else "You can no longer submit plans"
    assert heading in shown


@pytest.mark.parametrize("hide", ["unpublish", "unpublish parent", "password"])
def test_pages_below_a_page_that_is_not_public_are_not_there(budget_round, client_for, hide):
    """Our own addresses are a side door past Wagtail's tree: they ask the same."""
    plan = make_plan(budget_round)
    urls = [list_url(budget_round), plan.get_absolute_url()]
    assert [client_for().get(url).status_code for url in urls] == [200, 200]
    if hide == "unpublish":
        budget_round.unpublish()
    elif hide == "unpublish parent":
        budget_round.get_parent().unpublish()
    else:
        PageViewRestriction.objects.create(
            page=budget_round.get_parent(), restriction_type="password", password="geheim"
        )
    cache.clear()  # kept pages go at the commit, which no test reaches
    assert [client_for().get(url).status_code for url in urls] == [404, 404]


@pytest.mark.parametrize("state", ["draft", "held", "withdrawn", "hidden"])
def test_plan_that_is_not_published_is_found_by_nobody_else(budget_round, client_for, anna, bram, state):
    plan = make_plan(budget_round, "Onzichtbaar ding", submitter=anna.user, state=state)
    for person in (None, bram):
        client = client_for(person)
        assert client.get(plan.get_absolute_url()).status_code == 404
        assert titles_in(client.get(list_url(budget_round))) == []
        assert "Onzichtbaar" not in text_of(client.get(budget_round.get_url()))
        assert plan.get_absolute_url() not in text_of(client.get(reverse("search") + "?q=onzichtbaar"))
    assert client_for(anna).get(plan.get_absolute_url()).status_code == 200


def test_mine_shows_all_of_mine_and_nothing_else(budget_round, client_for, anna, bram):
    draft = make_draft(budget_round, anna.user, "Nog niet af")
    held = make_plan(budget_round, "Ligt bij de moderator", submitter=anna.user, state="held")
    make_plan(budget_round, "Van Bram", submitter=bram.user)
    shown = text_of(client_for(anna).get(reverse("budget:mine")))
    assert titles_in(client_for(anna).get(reverse("budget:mine"))) == ["Nog niet af", "Ligt bij de moderator"]
    assert [url in shown for url in (reverse("budget:edit", args=[draft.pk]), held.get_absolute_url())] == [True, True]
    assert "Waiting for moderation" in shown


def test_mine_is_empty_in_words_and_asks_a_visitor_to_log_in(budget_round, client_for, anna):
    shown = text_of(client_for(anna).get(reverse("budget:mine")))
    assert ("You have no drafts." in shown, "You have not sent a plan yet." in shown) == (True, True)
    assert client_for().get(reverse("budget:mine")).status_code == 302


@pytest.mark.parametrize("rows", [1, 3])
def test_mine_asks_the_same_number_of_queries(budget_round, client_for, anna, django_assert_num_queries, rows):
    for number in range(rows):
        make_plan(budget_round, f"Plan {number}", submitter=anna.user)
    client = client_for(anna)
    client.get(reverse("budget:mine"))
    with django_assert_num_queries(3):  # session, account, plans
        client.get(reverse("budget:mine"))


def test_submitter_of_a_hidden_plan_reads_why(budget_round, client_for, anna, dirk):
    plan = make_plan(budget_round, submitter=anna.user)
    decide(plan, "hide", actor=dirk, reason="Het noemt een buur bij naam.", now=timezone.now())
    assert "Het noemt een buur bij naam." in text_of(client_for(anna).get(plan.get_absolute_url()))
    assert client_for().get(plan.get_absolute_url()).status_code == 404


def points_in(response):
    return [(each["properties"]["title"], each["geometry"]["coordinates"]) for each in response.json()["features"]]


def test_map_shows_where_a_plan_is(budget_round, client_for):
    here = make_plan(budget_round, "Bomen", latitude=52.005, longitude=5.005)
    nowhere = make_plan(budget_round, "Overal")
    client, url = client_for(), reverse("budget:place", args=[here.pk])
    assert points_in(client.get(url)) == [("Bomen", [5.005, 52.005])]
    assert f'data-map="{url}"' in text_of(client.get(here.get_absolute_url()))
    assert "data-map" not in text_of(client.get(nowhere.get_absolute_url()))


def test_map_of_the_list_follows_its_filter_and_hides_what_is_not_public(budget_round, client_for):
    make_plan(budget_round, "Bomen", latitude=52.005, longitude=5.005)
    make_plan(budget_round, "Bankjes", latitude=52.006, longitude=5.006, verdict="infeasible")
    make_plan(budget_round, "Verborgen", latitude=52.007, longitude=5.007, state="hidden")
    client, url = client_for(), reverse("budget:points", args=[budget_round.pk])
    assert sorted(title for title, _place in points_in(client.get(url))) == ["Bankjes", "Bomen"]
    assert [title for title, _place in points_in(client.get(f"{url}?verdict=infeasible"))] == ["Bankjes"]
    assert f'data-map="{url}?verdict=infeasible"' in text_of(client.get(list_url(budget_round, "?verdict=infeasible")))
    Plan.objects.update(latitude=None, longitude=None)
    assert "data-map" not in text_of(client.get(list_url(budget_round)))


def test_place_of_a_plan_that_is_not_published_is_found_by_nobody_else(budget_round, client_for, anna, bram):
    held = make_plan(budget_round, submitter=anna.user, state="held", latitude=52.005, longitude=5.005)
    url = reverse("budget:place", args=[held.pk])
    assert [client_for(person).get(url).status_code for person in (None, bram, anna)] == [404, 404, 200]


def test_process_leads_to_no_round_whose_vote_has_been_opened(site_root, places, anna, client_for, dirk, clerk):
    """One pot is quicker than the other; the phase of the process opens plans for both."""
    slow = make_round(site_root, title="Noord")
    quick = make_round(site_root, process=slow.get_parent().specific, title="Zuid")
    make_plan(quick)
    make_round_vote(quick, dirk)
    url, client = slow.get_parent().get_url(), client_for(anna)
    assert [f"Submit a plan: {page}" in text_of(client.get(url)) for page in (slow, quick)] == [True, True]
    open_round(quick, clerk)
    assert [f"Submit a plan: {page}" in text_of(client.get(url)) for page in (slow, quick)] == [True, False]


# --- The list -------------------------------------------------------------------------------------------


@pytest.fixture
def four_plans(budget_round, places):
    when = timezone.now() - timedelta(days=4)
    return [
        make_plan(budget_round, title, published_at=when + timedelta(hours=place), **fields)
        for place, (title, fields) in enumerate(
            [
                ("Fietspad langs de vaart", {"area": places.harbour}),
                ("Café in het buurthuis", {"area": places.meadow, "verdict": "infeasible"}),
                ("Bomen op het plein", {"verdict": "waiting"}),
                ("Bankjes", {"area": places.harbour}),
            ]
        )
    ]


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("", ["Bankjes", "Bomen op het plein", "Café in het buurthuis", "Fietspad langs de vaart"]),
        ("?q=fietspaden", ["Fietspad langs de vaart"]),
        ("?q=cafe", ["Café in het buurthuis"]),
        ("?q=zwembad", []),
        ("?verdict=infeasible", ["Café in het buurthuis"]),
        ("?verdict=onzin", ["Bankjes", "Bomen op het plein", "Café in het buurthuis", "Fietspad langs de vaart"]),
        ("?area=abc", ["Bankjes", "Bomen op het plein", "Café in het buurthuis", "Fietspad langs de vaart"]),
        ("?outcome=won", ["Bankjes", "Bomen op het plein", "Café in het buurthuis", "Fietspad langs de vaart"]),
        (
            "?after=onzin&before=~~~",
            ["Bankjes", "Bomen op het plein", "Café in het buurthuis", "Fietspad langs de vaart"],
        ),
        ("?q=%00", ["Bankjes", "Bomen op het plein", "Café in het buurthuis", "Fietspad langs de vaart"]),
        ("?q=" + "a%26%7C%21%3A*%27" * 9, []),
    ],
)
def test_list_filtered(budget_round, four_plans, client_for, query, titles):
    assert titles_in(client_for().get(list_url(budget_round, query))) == titles


def test_list_by_area(budget_round, four_plans, places, client_for):
    assert titles_in(client_for().get(list_url(budget_round, f"?area={places.harbour.pk}"))) == [
        "Bankjes",
        "Fietspad langs de vaart",
    ]


def test_list_by_outcome_once_it_is_public(site_root, clerk, client_for):
    page = make_published_round(site_root, clerk)
    assert sorted(titles_in(client_for().get(list_url(page, "?outcome=won")))) == ["Bankjes", "Speeltuin"]


def test_list_pages_by_key_keep_the_filter_and_show_every_plan_once(budget_round, client_for):
    made = [make_plan(budget_round, f"Plan nummer {number:02d}") for number in range(45)]
    client, url, seen = client_for(), list_url(budget_round, "?q=nummer"), []
    while url:
        shown = client.get(url)
        seen += titles_in(shown)
        following = re.search(r'href="(\?[^"]+)" rel="next"', text_of(shown))
        url = list_url(budget_round, following[1].replace("&amp;", "&")) if following else ""
    assert seen == [plan.title for plan in reversed(made)]


# --- Costs ----------------------------------------------------------------------------------------------

LIST_QUERIES = 8
PLAN_QUERIES = 7
RESULT_QUERIES = 9


def uncached(client, url):
    """A visitor with a cookie of their own gets no kept page; the frame around the page is kept."""
    client.cookies["own"] = "1"
    assert client.get(url).status_code == 200
    return client


@pytest.mark.parametrize("plans", [1, 3, 300])
def test_list_costs_the_same_for_any_number_of_plans(
    budget_round, places, client_for, plans, django_assert_num_queries
):
    for _each in range(plans):
        make_plan(budget_round, area=places.harbour)
    url = list_url(budget_round)
    client = uncached(client_for(), url)
    with django_assert_num_queries(LIST_QUERIES):
        client.get(url)


@pytest.mark.parametrize("events", [1, 3])
def test_plan_costs_the_same_for_any_history(budget_round, places, anna, client_for, events, django_assert_num_queries):
    plan = make_plan(budget_round, area=places.harbour, submitter=anna.user)
    for _each in range(events - 1):
        plan.history.create(kind="feasible", text="Kan.")
    url = plan.get_absolute_url()
    client = uncached(client_for(), url)
    with django_assert_num_queries(PLAN_QUERIES):
        client.get(url)


@pytest.mark.parametrize("ballots", [20, 300])
def test_result_costs_the_same_for_any_number_of_ballots(
    site_root, clerk, client_for, ballots, django_assert_num_queries
):
    page = make_published_round(site_root, clerk, ballots=ballots)
    url = reverse("budget:result", args=[page.pk])
    client = uncached(client_for(), url)
    with django_assert_num_queries(RESULT_QUERIES):
        client.get(url)


# --- Submitting -----------------------------------------------------------------------------------------

FILLED_IN = {"title": "Een nieuw bankje", "text": "Een bankje bij het water voor iedereen.", "cost": "1.250,50"}


def form_page(client, url):
    return re.search(r'name="_request_key" value="([^"]+)"', text_of(client.get(url)))[1]


def submit(client, page, **values):
    url = reverse("budget:new", args=[page.pk])
    return client.post(url, {"_request_key": form_page(client, url), **FILLED_IN, **values})


def test_submit_without_javascript_from_form_to_receipt(budget_round, places, anna, client_for):
    client = client_for(anna)
    response = submit(client, budget_round, postcode="1234 ab", house_number="1")
    draft = Plan.objects.get()
    assert (response.status_code, response.url) == (302, reverse("budget:choose_photo", args=[draft.pk]))
    assert (draft.state, draft.cost, draft.area, draft.reference) == ("draft", 1250_50, places.harbour, "")
    assert "Een nieuw bankje" in text_of(client.get(budget_round.get_url()))  # one finds the draft back

    photo = client.post(response.url, {"photo": picture(), "description": "Het water"})
    assert photo.url == reverse("budget:check", args=[draft.pk])
    check = text_of(client.get(photo.url))
    for shown in ("Een nieuw bankje", "€1,250.50", "Havenstraat 1", "Nothing has been sent yet", 'alt="Het water"'):
        assert shown in check

    receipt = client.post(photo.url, follow=True)
    assert receipt.redirect_chain == [(reverse("budget:plan", args=[draft.pk]), 302)]
    assert "A moderator reads it first" in text_of(receipt)
    draft.refresh_from_db()
    assert (draft.state, draft.reference) == ("held", "1")
    again = client.post(photo.url)
    assert (again.status_code, ModerationCase.objects.count(), Plan.objects.count()) == (302, 1, 1)


def test_double_click_on_the_form_is_one_draft(budget_round, anna, client_for):
    client, url = client_for(anna), reverse("budget:new", args=[budget_round.pk])
    data = {"_request_key": form_page(client, url), **FILLED_IN}
    assert client.post(url, data).url == client.post(url, data).url
    assert Plan.objects.count() == 1


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"title": ""}, "Fill in “Name of your plan”."),
        ({"title": "ab"}, "at least 5 characters"),
        ({"text": "kort"}, "at least 20 characters"),
        ({"text": "x" * 5001}, "at most 5000 characters"),
        ({"cost": "veel"}, "Enter an amount in euros"),
        ({"cost": "0"}, "more than zero"),
        ({"cost": "100.000,01"}, "This costs €0.01 more than the pot of €100,000."),
        ({"postcode": "1235AA", "house_number": "1"}, "This place is not in Wijk Oost."),
        ({"postcode": "9999ZZ", "house_number": "1"}, "We do not know this address"),
        ({"latitude": "91", "longitude": "5"}, "less than or equal to 90"),
    ],
)
def test_submit_wrong_is_said_and_keeps_what_was_typed(budget_round, anna, client_for, values, sentence):
    response = submit(client_for(anna), budget_round, **values)
    shown = text_of(response)
    assert sentence in shown
    assert (values.get("text") or FILLED_IN["text"]) in shown
    assert Plan.objects.count() == 0


def test_submit_without_login_goes_to_login_and_back(budget_round, client_for):
    url = reverse("budget:new", args=[budget_round.pk])
    response = client_for().get(url)
    assert response.status_code == 302
    assert response.url.endswith(f"?next={url}")


def test_submit_after_the_session_ended_shows_the_text_to_copy(budget_round, client_for):
    response = client_for().post(reverse("budget:new", args=[budget_round.pk]), FILLED_IN)
    assert response.status_code == 409
    assert FILLED_IN["text"] in text_of(response)
    assert "no longer logged in" in text_of(response)


@pytest.mark.parametrize("person", ["bram", "chaima"])
def test_submit_by_somebody_who_may_not_shows_the_text_to_copy(budget_round, request, client_for, person):
    client = client_for(request.getfixturevalue(person))
    url = reverse("budget:new", args=[budget_round.pk])
    assert client.get(url).status_code == 200
    response = client.post(url, FILLED_IN)
    assert response.status_code == 409
    assert FILLED_IN["text"] in text_of(response)
    assert Plan.objects.count() == 0


def test_submit_when_the_phase_is_over_says_so_without_login(site_root, client_for):
    page = make_round(site_root, stage="assess")
    response = client_for().get(reverse("budget:new", args=[page.pk]))
    assert response.status_code == 200
    assert "This is over." in text_of(response)


@pytest.mark.parametrize("name", ["edit", "choose_photo", "check", "withdraw"])
def test_steps_of_a_plan_are_for_its_owner(budget_round, anna, bram, dirk, client_for, name):
    draft = make_draft(budget_round, anna.user)
    url = reverse(f"budget:{name}", args=[draft.pk])
    assert [client_for(person).get(url).status_code for person in (anna, bram, dirk, None)] == [200, 404, 404, 302]
    assert [client_for(person).post(url).status_code for person in (bram, dirk, None)] == [404, 404, 409]


def test_withdraw_asks_first(budget_round, anna, client_for):
    plan = make_plan(budget_round, submitter=anna.user)
    client, url = client_for(anna), reverse("budget:withdraw", args=[plan.pk])
    assert "take it back" in text_of(client.get(url))
    assert client.post(url).status_code == 302
    plan.refresh_from_db()
    assert plan.state == "withdrawn"


# --- Photos ---------------------------------------------------------------------------------------------


def picture(form="JPEG", size=(40, 30)):
    file = BytesIO()
    Image.new("RGB", size, "green").save(file, form)
    return SimpleUploadedFile("../../evil.php.jpg", file.getvalue(), "image/jpeg")


@pytest.mark.parametrize(
    ("upload", "sentence"),
    [
        (
            SimpleUploadedFile("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/png"),
            "cannot read this image",
        ),
        (SimpleUploadedFile("a.jpg", b"\xff\xd8\xff" + b"0" * 100, "image/jpeg"), "cannot read this image"),
        (SimpleUploadedFile("a.jpg", b"0" * (10 * 1024 * 1024), "image/jpeg"), "too big"),
    ],
)
def test_photo_that_is_none_is_refused(budget_round, anna, client_for, upload, sentence):
    draft = make_draft(budget_round, anna.user)
    url = reverse("budget:choose_photo", args=[draft.pk])
    response = client_for(anna).post(url, {"photo": upload, "description": "Een foto"})
    assert sentence in text_of(response)
    draft.refresh_from_db()
    assert not draft.image


def test_photo_is_made_anew_and_served_only_to_who_may_see_the_plan(budget_round, anna, bram, client_for):
    draft = make_draft(budget_round, anna.user)
    url = reverse("budget:choose_photo", args=[draft.pk])
    client_for(anna).post(url, {"photo": picture(), "description": "Het plein"})
    draft.refresh_from_db()
    assert re.fullmatch(r"plan/[0-9a-f]{32}\.webp", draft.image.name)
    for name in ("photo", "small_photo"):
        photo_url = reverse(f"budget:{name}", args=[draft.pk])
        served = client_for(anna).get(photo_url)
        assert (served["Content-Type"], served["Cache-Control"]) == ("image/webp", "private, no-store")
        assert b"".join(served)[8:12] == b"WEBP"
        assert [client_for(person).get(photo_url).status_code for person in (bram, None)] == [404, 404]


def test_photo_without_description_is_asked_for_it(budget_round, anna, client_for):
    draft = make_draft(budget_round, anna.user)
    url = reverse("budget:choose_photo", args=[draft.pk])
    assert "Say what the photo shows" in text_of(client_for(anna).post(url, {"photo": picture()}))


def test_photo_can_be_taken_away(budget_round, anna, client_for):
    draft, client = make_draft(budget_round, anna.user), client_for(anna)
    url = reverse("budget:choose_photo", args=[draft.pk])
    client.post(url, {"photo": picture(), "description": "Het plein"})
    client.post(url, {"remove": "1"})
    draft.refresh_from_db()
    assert (draft.image.name, draft.image_alt) == ("", "")


# --- Script in every text -------------------------------------------------------------------------------


def test_script_in_every_text_is_shown_as_text(site_root, clerk, anna, client_for):
    anna.user.display_name = SCRIPT[:60]
    anna.user.save()
    page = make_published_round(
        site_root, clerk, titles=(f"A {SCRIPT}", f"B {SCRIPT}", f"C {SCRIPT}"), title=SCRIPT, question=SCRIPT
    )
    page.title = page.intro = SCRIPT
    page.save()
    texts = {"text": SCRIPT, "verdict_reason": SCRIPT, "location_text": SCRIPT, "image_alt": SCRIPT}
    Plan.objects.update(**texts, submitter=anna.user, image="plan/x.webp")
    plan = Plan.objects.order_by("pk").first()
    plan.history.update(text=SCRIPT)
    urls = [
        page.get_url(),
        list_url(page),
        list_url(page, "?q=" + "%3Cscript%3Ealert(1)%3C/script%3E"),
        plan.get_absolute_url(),
        reverse("budget:result", args=[page.pk]),
    ]
    for url in urls:
        response = client_for(anna).get(url)
        shown = text_of(response)
        assert response.status_code == 200
        assert "<script>alert" not in shown
        assert "<img src=x" not in shown
        assert "style=" not in shown
        assert " onerror=alert(1)>" not in shown.replace("&gt;", "&gt;")


def test_pages_need_nothing_that_the_policy_refuses(site_root, clerk, client_for):
    page = make_published_round(site_root, clerk)
    shown = text_of(client_for().get(reverse("budget:result", args=[page.pk])))
    assert re.findall(r"<script(?![^>]*\bsrc=)", shown) == []
    assert re.findall(r"\son\w+=", shown) == []
    assert " style=" not in shown
