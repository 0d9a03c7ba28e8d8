"""What visitors see when something is wrong, and what every answer tells the browser."""

import re

import pytest
from django.core.exceptions import PermissionDenied
from django.template.loader import render_to_string
from django.test import Client
from django.urls import path
from django.utils import translation

from config.urls import urlpatterns as real_patterns


def broken(request):
    raise RuntimeError("boom")


def closed(request):
    raise PermissionDenied


urlpatterns = [path("test/broken/", broken), path("test/closed/", closed), *real_patterns]
pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


def text(response) -> str:
    return response.content.decode()


def test_missing_page_offers_a_way_on(waterveen, client):
    response = client.get("/bestaat-niet/")

    assert response.status_code == 404
    assert 'href="/zoeken/"' in text(response)
    assert "Gemeente Waterveen" in text(response)


def test_missing_page_in_english(waterveen, client):
    assert "We cannot find this page" in text(client.get("/en/does-not-exist/"))


def test_forbidden_page_offers_to_log_in(waterveen, client):
    response = client.get("/test/closed/")

    assert response.status_code == 403
    assert "/account/login/" in text(response)


def test_mistake_of_ours_needs_no_database(waterveen, django_assert_num_queries):
    """The mutant 500.html that extends base.html asks the database, which may be what is broken."""
    browser = Client(raise_request_exception=False)

    with django_assert_num_queries(0):
        response = browser.get("/test/broken/")

    assert response.status_code == 500
    assert "boom" not in text(response)
    assert 'href="/"' in text(response)


def test_unknown_host_needs_no_database(django_assert_num_queries):
    with django_assert_num_queries(0):
        response = Client().get("/", headers={"host": "evil.example"})

    assert response.status_code == 400
    assert "<h1" in text(response)


@pytest.mark.parametrize(("path", "language"), [("/", "nl"), ("/en/", "en")])
def test_unknown_host_reads_the_language_of_the_address(path, language):
    """Kills the mutant that refuses the host before it reads the language: the previous request's was left."""
    with translation.override("en" if language == "nl" else "nl"):
        response = Client().get(path, headers={"host": "evil.example"})

    assert response.status_code == 400
    assert f'lang="{language}"' in text(response)


def test_too_many_tries_page_renders(waterveen, rf):
    page = render_to_string("429.html", request=rf.get("/"))

    assert "<h1" in page


@pytest.mark.parametrize("path", ["/", "/zoeken/", "/bestaat-niet/", "/account/login/", "/sitemap/", "/robots.txt"])
def test_public_pages_allow_nothing_inline_and_nobody_else(waterveen, client, path):
    policy = client.get(path).headers["Content-Security-Policy"]

    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy
    assert re.findall(r"https?:", policy) == []
    assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize("path", ["/", "/zoeken/?q=nieuws", "/bestaat-niet/", "/account/login/", "/nieuws/"])
def test_public_pages_hold_nothing_inline_and_load_nothing_from_elsewhere(waterveen, client, path):
    page = text(client.get(path))

    assert re.findall(r"<script(?![^>]*\bsrc=)", page) == []
    assert re.findall(r"<style|\sstyle=|\son\w+=", page) == []
    loaded = re.findall(
        r'<(?:script|img|iframe)[^>]*src="([^"]*)"|<link rel="(?:stylesheet|icon)"[^>]*href="([^"]*)"', page
    )
    assert [address for pair in loaded for address in pair if address and not address.startswith("/")] == []


@pytest.mark.parametrize("path", ["/", "/bestaat-niet/"])
def test_every_answer_has_the_safe_headers(waterveen, client, path):
    headers = client.get(path).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] in ("DENY", "SAMEORIGIN")


def test_anonymous_visitor_gets_no_cookie(waterveen, client):
    """No cookie means no cookie banner, and pages that can be kept."""
    for address in ("/", "/zoeken/?q=x", "/nieuws/", "/sitemap/", "/bestaat-niet/"):
        assert dict(client.get(address).cookies) == {}
