"""Every address × role: what a GET answers. An address without a row fails the run.

200 shown, 302 sent to log in (or back with a reason), 403 or 404 refused, 405 only by POST. Roles in the order of `ROLES`.
"""

import re
import uuid

import pytest
from django.urls import URLPattern, get_resolver

from tests.factories.ballots import make_vote
from tests.factories.budget import make_draft, make_plan
from tests.factories.people import make_user
from tests.factories.proposals import make_comment, make_submission
from tests.factories.referendum import make_referendum_in
from tests.journeys import world

ROLES = ("visitor", "bram", "anna", "moderator", "manager", "clerk", "administrator", "auditor")

# One number stands for all roles. What belongs to somebody belongs to Anna.
PUBLIC = {
    "kaart/gebieden.geojson": "200",
    "waar-woon-ik/": "200",
    "mijn-gegevens/": "302 200 200 200 200 200 200 200",
    "mijn-gegevens/wijzigen/": "302 200 200 200 200 200 200 200",
    "mijn-gegevens/adres/": "302 200 200 200 200 200 200 200",
    "mijn-gegevens/downloaden/": "302 405 405 405 405 405 405 405",
    "mijn-gegevens/sluiten/": "302",
    "briefcode/": "302 200 200 200 200 200 200 200",
    "reacties/nieuw/<int:thread_id>/": "405",
    "reacties/<int:pk>/": "302",
    "reacties/<int:pk>/verwijderen/": "302 404 200 404 404 404 404 404",
    "melden/<slug:kind>/<int:pk>/": "302 200 409 200 200 200 200 200",
    "berichten/": "302 200 200 200 200 200 200 200",
    "berichten/voorkeuren/": "302 200 200 200 200 200 200 200",
    "berichten/afmelden/<str:token>/": "404",
    "demo/post/": "404",
    "demo/post/<uuid:name>/": "404",
    "demo/post/<uuid:name>/html/": "404",
    "stemmen/": "200",
    "stemmen/<uuid:vote_id>/": "200",
    "stemmen/<uuid:vote_id>/logboek/": "200",
    "stemmen/<uuid:vote_id>/logboek/log.json": "200",
    "stemmen/<uuid:vote_id>/logboek/volgen/": "302 405 405 405 405 405 405 405",
    "stemmen/<uuid:vote_id>/bestanden/<str:name>": "404",
    "stemmen/<uuid:vote_id>/stemcode/": "302",
    "stemmen/<uuid:vote_id>/balie/": "302",
    "stemmen/<uuid:vote_id>/kiezen/": "200",
    "stemmen/<uuid:vote_id>/oefenen/": "200",
    "stemmen/<uuid:vote_id>/opties/<int:number>/foto/": "404",
    "stemmen/<uuid:vote_id>/uitbrengen/": "302",
    "stemmen/<uuid:vote_id>/wijzigen/": "302 200 200 200 200 200 200 200",
    "stemmen/<uuid:vote_id>/opzoeken/": "200",
    "zoeken/": "200",
    "sitemap/": "200",
    "robots.txt": "200",
    "favicon.ico": "301",
    "stijl/": "302 403 403 200 200 200 200 200",
    "open-data/": "200",
    "open-data/catalogus.json": "200",
    "voorstellen/mijn/": "302 200 200 200 200 200 200 200",
    "voorstellen/indienen/<int:page_id>/": "200",
    "voorstellen/concept/<uuid:key>/": "404 404 200 404 404 404 404 404",
    "voorstellen/concept/<uuid:key>/controleren/": "404 404 200 404 404 404 404 404",
    "voorstellen/concept/<uuid:key>/weggooien/": "404 404 200 404 404 404 404 404",
    "voorstellen/concept/<uuid:key>/foto/": "404",
    "voorstellen/lijst/<int:page_id>/atom.xml": "200",
    "voorstellen/lijst/<int:page_id>/voorstellen.csv": "200",
    "voorstellen/lijst/<int:page_id>/voorstellen.json": "200",
    "voorstellen/lijst/<int:page_id>/kaart.geojson": "200",
    "voorstellen/<int:pk>/": "200",
    "voorstellen/<int:pk>/foto/": "404",
    "voorstellen/<int:pk>/foto/klein/": "404",
    "voorstellen/<int:pk>/kaart.geojson": "200",
    "voorstellen/<int:pk>/steunen/": "405",
    "voorstellen/<int:pk>/steun-intrekken/": "405",
    "voorstellen/<int:pk>/opnieuw/": "405",
    "voorstellen/<int:pk>/intrekken/": "302 404 200 404 404 404 404 404",
    "begroting/<int:round_id>/plannen/": "200",
    "begroting/<int:round_id>/plannen/kaart.geojson": "200",
    "begroting/<int:round_id>/plannen/nieuw/": "200",
    "begroting/<int:round_id>/uitslag/": "200",
    "begroting/<int:round_id>/uitslag.csv": "200",
    "begroting/<int:round_id>/uitslag.json": "200",
    "begroting/<int:round_id>/uitslag.pb": "200",
    "plannen/mijn/": "302 200 200 200 200 200 200 200",
    "plannen/<int:plan_id>/": "200",
    "plannen/<int:plan_id>/kaart.geojson": "200",
    "plannen/<int:plan_id>/foto/": "404",
    "plannen/<int:plan_id>/foto/klein/": "404",
    "plannen/<int:plan_id>/wijzigen/": "302 404 200 404 404 404 404 404",
    "plannen/<int:plan_id>/foto-kiezen/": "302 404 200 404 404 404 404 404",
    "plannen/<int:plan_id>/controleren/": "302 404 302 404 404 404 404 404",
    "plannen/<int:plan_id>/intrekken/": "302 404 200 404 404 404 404 404",
    "referenda/<int:referendum_id>/uitslag.svg": "200",
    "referenda/<int:referendum_id>/uitslag.png": "200",
    "referenda/<int:referendum_id>/uitslag.csv": "200",
    "referenda/<int:referendum_id>/buurten.svg": "404",
    "referenda/<int:referendum_id>/buurten.csv": "404",
    "referenda/<int:referendum_id>/inbed/": "200",
    "kaart/buurten.geojson": "200",
}
OWN_ADMIN = {
    "beheer/reports/notices/": "302 403 403 302 200 200 200 200",
    "beheer/reports/notices/results/": "302 403 403 302 200 200 200 200",
    "beheer/reports/notices/<uuid:pk>/": "302 403 403 404 404 404 404 404",
    "beheer/counter/": "302 403 403 200 302 200 302 200",
    "beheer/submission/": "302 403 403 200 200 200 200 200",
    "beheer/submission/results/": "302 403 403 200 200 200 200 200",
    "beheer/submission/edit/<int:pk>/": "302 403 403 200 200 200 200 200",
    "beheer/submission/extend/<int:pk>/": "302 403 403 302 200 200 302 302",
    "beheer/terms/": "302 403 403 302 200 200 302 200",
    "beheer/terms/results/": "302 403 403 302 200 200 302 200",
    "beheer/submission/photo/<int:pk>/": "302 403 403 404 404 404 404 404",
    "beheer/budget_round/": "302 403 403 302 200 200 200 200",
    "beheer/budget_round/results/": "302 403 403 302 200 200 200 200",
    "beheer/budget_round/<int:pk>/": "302 403 403 200 200 200 200 200",
    "beheer/budget_round/<int:pk>/add/": "302 403 403 200 200 200 200 200",
    "beheer/budget_round/<int:pk>/proposals/": "302 403 403 200 200 200 200 200",
    "beheer/budget_round/<int:pk>/vote/": "302 403 403 200 200 200 200 200",
    "beheer/budget_round/<int:pk>/open/": "302 403 403 200 200 200 200 200",
    "beheer/plan/": "302 403 403 200 200 200 200 200",
    "beheer/plan/results/": "302 403 403 200 200 200 200 200",
    "beheer/plan/edit/<int:pk>/": "302 403 403 200 200 200 200 200",
    "beheer/plan/correct/<int:pk>/": "302 403 403 200 200 200 200 200",
    "beheer/plan/take-away/<int:pk>/": "302 403 403 200 200 200 200 200",
    "beheer/plan/progress/<int:pk>/": "302 403 403 200 200 200 200 200",
    "beheer/referendum/": "302 403 403 302 200 200 200 200",
    "beheer/referendum/results/": "302 403 403 302 200 200 200 200",
    "beheer/referendum/<int:pk>/": "302 403 403 302 200 200 200 200",
    "beheer/referendum/<int:pk>/new-vote/": "302 403 403 302 200 200 200 200",
    "beheer/referendum/<int:pk>/choose-vote/": "302 403 403 302 200 200 200 200",
    "beheer/referendum/<int:pk>/decision/": "302 403 403 302 200 200 200 200",
    "beheer/vote/": "302 403 403 302 200 200 200 200",
    "beheer/vote/results/": "302 403 403 302 200 200 200 200",
    "beheer/vote/new/": "302 403 403 302 200 200 200 302",
    "beheer/vote/inspect/<uuid:pk>/": "302 403 403 302 200 200 200 200",
    "beheer/vote/edit/<uuid:pk>/": "302 403 403 302 302 302 302 302",
    "beheer/vote/delete/<uuid:pk>/": "302 403 403 302 200 200 200 302",
    "beheer/vote/groups/<uuid:pk>/": "302 403 403 302 302 302 302 302",
    "beheer/vote/add-group/<uuid:pk>/": "302 403 403 302 302 302 302 302",
    "beheer/vote/edit-group/<uuid:pk>/<int:number>/": "302 403 403 302 302 302 302 302",
    "beheer/vote/add-question/<uuid:pk>/": "302 403 403 302 302 302 302 302",
    "beheer/vote/add-question/<uuid:pk>/<slug:kind>/": "302 403 403 302 302 302 302 302",
    "beheer/vote/edit-question/<uuid:pk>/<int:number>/": "302 403 403 302 302 302 302 302",
    "beheer/vote/delete-question/<uuid:pk>/<int:number>/": "302 403 403 302 302 302 302 302",
    "beheer/vote/add-neither/<uuid:pk>/<int:number>/": "302 403 403 302 302 302 302 302",
    "beheer/vote/move-question/<uuid:pk>/<int:number>/": "302 403 403 302 302 302 302 302",
    "beheer/vote/photo/<uuid:pk>/<int:number>/": "302 403 403 302 404 404 404 404",
    "beheer/vote/open/<uuid:pk>/": "302 403 403 302 200 200 200 302",
    "beheer/vote/publish/<uuid:pk>/": "302 403 403 302 200 200 200 302",
    "beheer/vote/register/<uuid:pk>/": "302 403 403 302 200 200 200 302",
    "beheer/vote/cards/<uuid:pk>/": "302 403 403 302 200 200 200 302",
    "beheer/vote/counter-code/<uuid:pk>/": "302 403 403 302 200 200 200 302",
    "beheer/vote/rehearse/<uuid:pk>/": "302 403 403 302 200 200 200 302",
    "beheer/vote/close-test/<uuid:pk>/": "302 403 403 302 405 405 405 302",
    "beheer/vote/wipe/<uuid:pk>/": "302 403 403 302 302 302 302 302",
    "beheer/vote/observers/<uuid:pk>/": "302 403 403 302 200 200 200 302",
    "beheer/vote/paper/<uuid:pk>/": "302 403 403 302 200 200 200 302",
    "beheer/vote/envelopes/<uuid:pk>/": "302 403 403 302 302 302 302 302",
    "beheer/vote/counter/<uuid:pk>/": "302 403 403 302 302 302 302 302",
    "beheer/vote/reconcile/<uuid:pk>/": "302 403 403 302 200 200 200 302",
    "beheer/vote/batch/<uuid:pk>/<int:number>/": "302 403 403 302 404 404 404 302",
    "beheer/vote/print/<uuid:pk>/<str:name>": "302 403 403 302 404 404 404 302",
    "beheer/vote/annul/<uuid:pk>/": "302 403 403 302 302 200 200 302",
    "beheer/vote/compare/<uuid:pk>/": "302 403 403 302 302 302 302 302",
    "beheer/vote/count-again/<uuid:pk>/": "302 403 403 302 405 405 405 302",
    "beheer/moderation/": "302 403 403 200 302 302 200 200",
    "beheer/moderation/results/": "302 403 403 200 302 302 200 200",
    "beheer/moderation/edit/<int:pk>/": "302 403 403 404 404 404 404 404",
    "beheer/moderation/subject/<slug:kind>/<int:pk>/": "302 403 403 200 302 302 200 200",
    "beheer/letters/": "302 403 403 302 302 200 200 200",
    "beheer/letters/results/": "302 403 403 302 302 200 200 200",
    "beheer/letters/new/": "302 403 403 302 302 200 200 302",
    "beheer/letters/edit/<int:pk>/": "302 403 403 302 302 404 404 404",
    "beheer/areas/": "302 403 403 302 200 200 200 200",
    "beheer/areas/results/": "302 403 403 302 200 200 200 200",
    "beheer/addresses/": "302 403 403 302 200 200 200 200",
    "beheer/addresses/results/": "302 403 403 302 200 200 200 200",
    "beheer/addresses/import/": "302 403 403 302 302 200 200 302",
    "beheer/users/": "302 403 403 302 302 302 200 200",
    "beheer/users/results/": "302 403 403 302 302 302 200 200",
    "beheer/users/edit/<int:pk>/": "302 403 403 302 302 302 200 302",
    "beheer/users/second-factor/<int:pk>/": "302 403 403 302 302 302 302 302",
    "beheer/users/close/<int:pk>/": "302 403 403 302 302 302 302 302",
}
# Wagtail's addresses that must answer without a log-in: texts of its interface, its pictures, and the way to our log-in.
OPEN_IN_ADMIN = ("beheer/jsi18n/", "beheer/sprite/", "beheer/login/", "beheer/_util/login/")
OUR_PACKAGES = (
    *("budget", "panels", "proposals", "referendum", "opendata", "process", "conversation", "ballots", "pages"),
    *("notices", "people", "places", "config"),
)


def walk(patterns, prefix="") -> list[tuple[str, URLPattern]]:
    """(route, pattern) of every address, namespaces and all."""
    found = []
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        found += walk(pattern.url_patterns, route) if hasattr(pattern, "url_patterns") else [(route, pattern)]
    return found


def is_ours(pattern: URLPattern) -> bool:
    return pattern.callback.__module__.split(".")[0] in OUR_PACKAGES


@pytest.fixture
def things(site_root, places, anna, bram, dirk, clerk, tmp_path):
    """One of everything that has an address; what belongs to somebody belongs to Anna."""
    home = world.make_home(site_root)
    index = world.make_index(home)
    proposals = world.make_proposals(index)
    submission = make_submission(proposals, anna.user, latitude=52.005, longitude=5.005)
    draft = make_submission(proposals, anna.user, state="draft")
    budget = world.make_open_budget(index, clerk)
    past = world.make_published_budget(budget.process, dirk, tmp_path)
    plan = make_plan(budget.page, submitter=anna.user)
    return {
        "page_id": proposals.pk,
        "thread_id": submission.thread_id,
        "round_id": past.page.pk,
        "plan_id": plan.pk,
        "draft_plan": make_draft(budget.page, anna.user).pk,
        "vote_id": budget.vote.pk,
        "referendum_id": make_referendum_in(home, "decision", clerk).pk,
        "draft_vote": make_vote().pk,
        "submission": submission.pk,
        "comment": make_comment(submission.thread, anna.user).pk,
        "draft_key": draft.request_key,
        "area": places.harbour.pk,
        "user": anna.user.pk,
    }


@pytest.fixture
def clients(client_for, anna, bram, administrator, auditor, clerk):
    people = {
        "visitor": None,
        "bram": bram,
        "anna": anna,
        "moderator": make_user("Mo", roles=("moderator",)),
        "manager": make_user("Pim", roles=("process manager",)),
        "clerk": clerk,
        "administrator": administrator,
        "auditor": auditor,
    }
    return {role: client_for(person) for role, person in people.items()}


def filled(route: str, things: dict) -> str:
    """The route with real values; `<name>` takes the thing of that name, or one that fits the kind of address."""
    special = {
        "voorstellen/": things["submission"],
        "reacties/": things["comment"],
        "melden/": things["submission"],
        "beheer/moderation/subject/": things["submission"],
        "beheer/submission/": things["submission"],
        "beheer/plan/": things["plan_id"],
        "beheer/budget_round/": things["round_id"],
        "beheer/vote/": things["vote_id"],
        "beheer/referendum/": things["referendum_id"],
        "beheer/areas/": things["area"],
        "beheer/users/": things["user"],
    }
    key = next((value for start, value in special.items() if route.startswith(start)), 1)
    values = {
        **things,
        "pk": key,
        "key": things["draft_key"],
        "kind": "submission",
        "token": "x",
        "name": uuid.UUID(int=1),
    }
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda match: str(values.get(match[1], 1)), route)


def answers(clients: dict, url: str) -> str:
    codes = []
    for client in clients.values():
        response = client.get(url)
        if response.streaming:
            list(response)  # to the end, so that its file is closed
        codes.append(str(response.status_code))
    return codes[0] if len(set(codes)) == 1 else " ".join(codes)


def ours(*, admin: bool) -> list[str]:
    routes = [route for route, pattern in walk(get_resolver().url_patterns) if is_ours(pattern)]
    return [route for route in routes if route.startswith("beheer/") == admin]


@pytest.mark.parametrize(("table", "admin"), [(PUBLIC, False), (OWN_ADMIN, True)], ids=["public", "admin"])
def test_every_address_answers_each_role_as_written(things, clients, table, admin):
    found = {route: answers(clients, filled(route, things)) for route in ours(admin=admin)}
    assert found == table


def test_other_addresses_of_the_admin_are_closed_to_residents(things, clients):
    """Whatever Wagtail serves now or in a next version: without a role nothing opens."""
    routes = [route for route, pattern in walk(get_resolver().url_patterns) if not is_ours(pattern)]
    for route in routes:
        if route.startswith("beheer/") and route not in OPEN_IN_ADMIN:
            url = filled(re.sub(r"\^|\$|\(.*", "", route), things)
            assert clients["visitor"].get(url).status_code in (301, 302, 404), url
            assert clients["anna"].get(url).status_code in (301, 302, 403, 404), url
