"""Paging by key: stable while rows are added, whole on the way back, harmless with broken cursors."""

import pytest

from pages.paging import capped_count, keyset_page
from proposals.models import Submission
from tests.factories.proposals import make_many, make_proposals_page, make_submission


@pytest.fixture
def page(site_root):
    return make_proposals_page(site_root)


def read(order="-published_at", size=3, **cursors):
    return keyset_page(Submission.objects.all(), order=order, size=size, cursors=cursors)


def titles(found):
    return [row.title for row in found.items]


def walk(order="-published_at", size=3):
    found, seen = read(order, size), []
    seen += titles(found)
    while found.next:
        found = read(order, size, after=found.next)
        seen += titles(found)
    return seen


def test_pages_follow_each_other(page):
    make_many(page, 8)
    first = read()
    second = read(after=first.next)
    third = read(after=second.next)

    assert titles(first) + titles(second) + titles(third) == [f"Voorstel {number}" for number in range(8)]
    assert (first.previous, third.next) == ("", "")


@pytest.mark.parametrize("order", ["-support_count", "support_count", "-published_at", "published_at"])
def test_every_row_comes_once_when_many_are_equal(page, order):
    make_many(page, 20)
    assert sorted(walk(order)) == sorted(f"Voorstel {number}" for number in range(20))


def test_next_page_is_stable_when_a_row_is_added(page, anna):
    """The mutant with OFFSET shows the last row of page 1 once more."""
    make_many(page, 6)
    first = read()
    make_submission(page, anna, title="Nieuwste")

    assert titles(read(after=first.next)) == ["Voorstel 3", "Voorstel 4", "Voorstel 5"]


def test_way_back_gives_the_same_pages(page):
    make_many(page, 8)
    first = read()
    second = read(after=first.next)
    third = read(after=second.next)

    assert titles(read(before=third.previous)) == titles(second)
    assert titles(read(before=second.previous)) == titles(first)
    assert read(before=second.previous).previous == ""


def test_way_back_shows_the_first_page_whole_when_rows_were_added(page, anna):
    make_many(page, 6)
    second = read(after=read().next)
    make_submission(page, anna, title="Nieuwste")
    back = read(before=second.previous)
    assert titles(back) == ["Voorstel 0", "Voorstel 1", "Voorstel 2"]

    assert titles(read(before=back.previous)) == ["Nieuwste", "Voorstel 0", "Voorstel 1"]


@pytest.mark.parametrize(
    "cursor", ["", "x", "~", "~5", "2026-01-01~", "geen datum~5", "2026-01-01T00:00:00Z~-1", "a\0~5", f"1~{10**40}"]
)
def test_broken_cursor_gives_the_first_page(page, cursor):
    make_many(page, 4)
    for name in ("after", "before"):
        assert titles(keyset_page(Submission.objects.all(), order="-published_at", size=3, cursors={name: cursor})) == [
            "Voorstel 0",
            "Voorstel 1",
            "Voorstel 2",
        ]


def test_page_is_one_query(page, django_assert_num_queries):
    make_many(page, 8)
    with django_assert_num_queries(1):
        first = read()
    with django_assert_num_queries(1):
        read(after=first.next)


def test_count_stops_at_the_cap(page, django_assert_num_queries):
    make_many(page, 12)
    with django_assert_num_queries(1) as queries:
        assert capped_count(Submission.objects.all(), 10) == 11
    assert "LIMIT 11" in queries[0]["sql"]
    assert capped_count(Submission.objects.all(), 20) == 12
