"""Kept pages: quick, never stale after a change, and never somebody else's."""

import pytest
from django.contrib import messages
from django.core.cache import cache
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.test import Client, override_settings
from django.urls import path
from django.views.decorators.vary import vary_on_cookie
from wagtail.models import PageViewRestriction

from config.urls import urlpatterns as real_patterns
from pages import page_cache
from pages.page_cache import STATE_HEADER, bump

seen = []


def counted(request):
    seen.append(request.path)
    return HttpResponse(f"made {len(seen)} times")


def greeting(request):
    """What must not be kept: the name of who is logged in."""
    seen.append(request.path)
    return HttpResponse(f"Dag {request.user.display_name if request.user.is_authenticated else 'bezoeker'}")


def with_token(request):
    return HttpResponse(get_token(request))


def with_cookie(request):
    response = HttpResponse("cookie")
    response.set_cookie("chosen", "yes")
    return response


def with_message(request):
    messages.info(request, "Alleen voor u")
    return HttpResponse("".join(str(message) for message in messages.get_messages(request)))


def with_session(request):
    request.session["draft"] = "x"
    return HttpResponse("session")


def private(request):
    return HttpResponse("private", headers={"Cache-Control": "private"})


def no_store(request):
    return HttpResponse("no-store", headers={"Cache-Control": "no-store"})


def by_browser(request):
    return HttpResponse("varies", headers={"Vary": "User-Agent"})


@vary_on_cookie
def by_cookie(request):
    return HttpResponse(f"old={request.COOKIES.get('old', '')}")


def file(request):
    return HttpResponse("file", headers={"Content-Disposition": "attachment"})


VIEWS = [
    counted,
    greeting,
    with_token,
    with_cookie,
    with_message,
    with_session,
    private,
    no_store,
    by_browser,
    by_cookie,
    file,
]
urlpatterns = [path(f"test/{view.__name__}/", view) for view in VIEWS] + real_patterns

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@pytest.fixture(autouse=True)
def forget():
    seen.clear()
    cache.clear()


def state(response) -> str:
    return response.headers.get(STATE_HEADER, "")


def test_page_asked_twice_is_made_once(client):
    first, second = client.get("/test/counted/"), Client().get("/test/counted/")

    assert (state(first), state(second)) == ("kept", "hit")
    assert second.content == first.content == b"made 1 times"


def test_kept_page_costs_no_query(waterveen, client, django_assert_num_queries):
    client.get("/zo-werkt-het/")

    with django_assert_num_queries(0):
        response = Client().get("/zo-werkt-het/")

    assert state(response) == "hit"


def test_kept_page_has_the_same_headers(client):
    first, second = client.get("/test/counted/"), client.get("/test/counted/")

    assert {**first.headers, STATE_HEADER: "hit"} == dict(second.headers)
    assert second.headers["Content-Security-Policy"].count("unsafe-inline") == 0


def test_page_is_made_again_after_bump(client, django_capture_on_commit_callbacks):
    client.get("/test/counted/")

    with django_capture_on_commit_callbacks(execute=True):
        bump()

    assert client.get("/test/counted/").content == b"made 2 times"


def test_page_made_while_something_changed_is_not_shown(client, django_capture_on_commit_callbacks):
    """The mutant that keeps a page under the mark of after its making shows old content for a minute."""
    mark, _kept = page_cache.freshness.read("pages:page:x")
    with django_capture_on_commit_callbacks(execute=True):
        bump()
    page_cache.freshness.keep("pages:page:x", mark, "old", 60)

    assert page_cache.freshness.read("pages:page:x")[1] is None


def test_publishing_a_page_makes_it_fresh(waterveen, client, django_capture_on_commit_callbacks):
    client.get("/zo-werkt-het/")
    waterveen.about.title = "Nieuwe titel"

    with django_capture_on_commit_callbacks(execute=True):
        waterveen.about.save_revision().publish()

    assert "Nieuwe titel" in client.get("/zo-werkt-het/").content.decode()


@pytest.mark.parametrize("change", ["unpublish", "delete", "look"])
def test_other_changes_make_pages_fresh(waterveen, client, django_capture_on_commit_callbacks, change):
    assert state(client.get("/nieuws/")) == "kept"

    with django_capture_on_commit_callbacks(execute=True):
        if change == "look":
            waterveen.look.theme = "meadow"
            waterveen.look.save()
        else:
            getattr(waterveen.about, change)()

    assert state(client.get("/nieuws/")) == "kept"


def test_page_made_private_is_not_shown_from_the_cache(waterveen, client, django_capture_on_commit_callbacks):
    client.get("/zo-werkt-het/")

    with django_capture_on_commit_callbacks(execute=True):
        PageViewRestriction.objects.create(page=waterveen.about, restriction_type=PageViewRestriction.LOGIN)

    assert client.get("/zo-werkt-het/").status_code == 302


# --- Nobody gets what is somebody else's ------------------------------------------------------------------------


def test_name_of_who_is_logged_in_is_never_kept(client, client_for, anna):
    assert client_for(anna).get("/test/greeting/").content == b"Dag Anna"

    assert client.get("/test/greeting/").content == b"Dag bezoeker"


def test_who_is_logged_in_does_not_get_the_page_of_anonymous_visitors(client, client_for, anna):
    """The mutant that looks at no cookie greets Anna as a visitor."""
    client.get("/test/greeting/")

    assert client_for(anna).get("/test/greeting/").content == b"Dag Anna"


def test_look_into_an_empty_session_does_not_stop_keeping(client):
    client.get("/test/greeting/")

    assert state(client.get("/test/greeting/")) == "hit"


def test_token_of_a_form_is_never_kept(client):
    """The mutant that keeps answers with a cookie gives everybody one token: forms then fail, or worse."""
    first, second = client.get("/test/with_token/"), Client().get("/test/with_token/")

    assert first.content != second.content
    assert (state(first), state(second)) == ("", "")


def test_message_is_shown_to_one_visitor_only(client):
    """The mutant that does not ask the messages shows it to everybody for a minute."""
    assert client.get("/test/with_message/").content == b"Alleen voor u"

    assert state(client.get("/test/with_message/")) == ""


@pytest.mark.parametrize("name", ["with_cookie", "with_session", "private", "no_store", "by_browser", "file"])
def test_answer_for_one_visitor_is_not_kept(name):
    assert [state(Client().get(f"/test/{name}/")) for _try in range(2)] == ["", ""]


def test_request_with_an_unknown_cookie_is_neither_kept_nor_answered_from_the_cache(client):
    """The mutant that looks at the session cookie alone gives everybody the page of who has the cookie `old`."""
    stranger = Client()
    stranger.cookies["old"] = "secret"

    assert stranger.get("/test/by_cookie/").content == b"old=secret"
    assert client.get("/test/by_cookie/").content == b"old="
    assert stranger.get("/test/by_cookie/").content == b"old=secret"


@pytest.mark.parametrize(
    "header", [{"HTTP_AUTHORIZATION": "Basic eA=="}, {"HTTP_HX_REQUEST": "true"}, {"HTTP_RANGE": "bytes=0-3"}]
)
def test_request_that_asks_for_something_else_goes_past_the_cache(client, header):
    client.get("/test/counted/")

    assert state(client.get("/test/counted/", **header)) == ""


def test_post_is_never_answered_from_the_cache(client):
    client.get("/test/counted/")

    assert client.post("/test/counted/").content == b"made 2 times"


def test_head_is_answered_but_never_kept(client):
    assert state(client.head("/test/counted/")) == ""
    client.get("/test/counted/")
    assert state(client.head("/test/counted/")) == "hit"


# --- Attacks on the cache itself ------------------------------------------------------------------------------------


def test_missing_page_is_not_kept(waterveen, client):
    assert [(client.get("/nietes/").status_code, state(client.get("/nietes/"))) for _try in range(2)] == [(404, "")] * 2


def test_hosts_do_not_share_pages(client):
    """The mutant whose key has no host answers every host with links of the first one."""
    first = client.get("/test/counted/", headers={"host": "localhost"})
    second = client.get("/test/counted/", headers={"host": "127.0.0.1"})

    assert (first.content, second.content) == (b"made 1 times", b"made 2 times")


def test_unknown_host_gets_a_plain_page_and_nothing_is_kept(client):
    response = client.get("/test/counted/", headers={"host": "evil.example"})

    assert response.status_code == 400
    assert "evil.example" not in response.content.decode()
    assert seen == []


def test_languages_do_not_share_pages(waterveen, client):
    dutch, english = client.get("/zoeken/"), client.get("/en/zoeken/")

    assert ('lang="nl"' in dutch.content.decode()[:300], 'lang="en"' in english.content.decode()[:300]) == (True, True)


def test_made_up_queries_cannot_fill_the_cache(client, monkeypatch):
    monkeypatch.setattr(page_cache, "SHARED_PLACES", 4)
    for number in range(40):
        client.get(f"/test/counted/?x={number}")

    keys = [key for key in cache._cache.get_client().keys("*pages:*") if b"shared" in key]
    assert len(keys) <= 4


def test_addresses_that_share_a_place_do_not_answer_for_each_other(client, monkeypatch):
    """The mutant that does not compare the address gives the page of another query."""
    monkeypatch.setattr(page_cache, "SHARED_PLACES", 1)

    assert [client.get(f"/test/counted/?x={number}").content for number in (1, 2)] == [b"made 1 times", b"made 2 times"]


def test_endless_address_goes_past_the_cache(client):
    assert state(client.get("/test/counted/?x=" + "a" * 400)) == ""


def test_without_cache_server_pages_still_come(client):
    with override_settings(
        CACHES={"default": {"BACKEND": "config.cache.ForgivingRedisCache", "LOCATION": "redis://127.0.0.1:1/0"}}
    ):
        answers = [client.get("/test/counted/").content for _try in range(2)]

    assert answers == [b"made 1 times", b"made 2 times"]
