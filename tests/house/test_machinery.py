"""The test suite's own ground: each test finds the migrated state, whatever the one before it did."""

import os

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import TransactionTestCase
from wagtail.models import Collection, Locale, Page


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", ["first", "second"])
def test_a_transactional_test_finds_wagtails_tree(turn, site_root):
    # Kills the mutant that lets Django flush the tables: the second turn then finds none of the three.
    assert [Page.objects.count(), Locale.objects.count(), Collection.objects.count()] == [2, 1, 1]
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE wagtailcore_page, wagtailcore_locale, wagtailcore_collection CASCADE")


@pytest.mark.parametrize("turn", ["first", "second"])
def test_a_plain_test_finds_an_empty_cache(turn, db):
    assert cache.get("turn") is None
    cache.set("turn", turn)
    assert cache.get("turn") == turn


def test_processes_started_by_a_test_see_its_own_database(db):
    assert os.environ["DATABASE_URL"].rsplit("/", 1)[1] == connection.settings_dict["NAME"]
    assert connection.settings_dict["NAME"].startswith("test_")


def test_transactional_cleanup_copies_the_template(django_db_setup):
    assert TransactionTestCase._fixture_teardown.__module__ == "tests.conftest"
