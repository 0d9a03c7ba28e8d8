"""The start page of staff: what waits for them, in their words, and nothing else."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import RequestFactory
from django.utils import timezone, translation
from django.utils.translation import gettext

from notices.models import OutboxLine
from people.letters.actions import make_batch
from people.models import LetterBatch
from process import dashboard
from process.dashboard import Card, cards_for
from process.staff_cards import failed_notices, letters_to_export, missing_contact, phases_without_outcome
from tests.factories.letters import make_letters
from tests.factories.pages import make_site
from tests.factories.people import make_user
from tests.factories.process import make_index, make_phase, make_process

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)
PAST = (date(2026, 1, 1), date(2026, 1, 31))


@pytest.fixture
def sources(monkeypatch):
    monkeypatch.setattr(dashboard, "_sources", [])
    return dashboard


def test_registering_cards_twice_is_an_error(sources):
    def cards(user):
        return []

    sources.register(cards)
    with pytest.raises(ValueError, match="registered twice"):
        sources.register(cards)


def test_most_urgent_card_comes_first_and_empty_cards_are_left_out(sources, dirk):
    day = timedelta(days=1)
    cards = [
        Card("no clock", 1, "/"),
        Card("waits long", 1, "/", oldest=NOW - 9 * day),
        Card("nothing", 0, "/", due=NOW),
        Card("due tomorrow", 1, "/", due=(NOW + day).date()),
        Card("waits short", 1, "/", oldest=NOW - day),
        Card("due today", 1, "/", due=NOW),
    ]
    sources.register(lambda user: cards)
    assert [card.label for card in cards_for(dirk)] == [
        "due today",
        "due tomorrow",
        "waits long",
        "waits short",
        "no clock",
    ]


def test_card_is_late_after_its_moment_or_its_day():
    today, hour = timezone.localdate(), timedelta(hours=1)
    dues = (timezone.now() - hour, timezone.now() + hour, today, today - timedelta(days=1), None)
    assert [Card("x", 1, "/", due=due).is_late for due in dues] == [True, False, False, True, False]


def read(client):
    return client.get("/beheer/").content.decode()


def test_start_page_shows_cards_with_age_date_and_link(sources, dirk, client_for):
    old = timezone.now() - timedelta(days=3, hours=1)
    sources.register(lambda user: [Card("Ideas <to> check", 4, "/beheer/ideas/", due=date(2020, 5, 1), oldest=old)])
    content = read(client_for(dirk))
    assert '<a href="/beheer/ideas/">Ideas &lt;to&gt; check</a>' in content
    assert "<td>4</td>" in content
    assert "2020" in content


def test_start_page_without_work_says_so(sources, dirk, client_for):
    content = read(client_for(dirk))
    with translation.override("nl"):
        assert gettext("Nothing is waiting for you.") in content
    assert '<table class="listing">' not in content


def test_start_page_shows_nothing_of_wagtails_own_noise(dirk, client_for):
    content = read(client_for(dirk))
    assert not [word for word in ("w-summary", "wagtail.org", "w-dashboard__panel", "gravatar") if word in content]


def test_list_of_processes_is_for_who_works_on_pages(site_root, dirk, client_for):
    moderator = make_user("Moderator", roles=("moderator",))
    assert client_for(dirk).get("/beheer/processes/").status_code == 200
    assert client_for(moderator).get("/beheer/processes/").status_code in (302, 403)


def test_resident_has_no_start_page(anna, client_for):
    assert client_for(anna).get("/beheer/").status_code in (302, 403)


# --- Cards of our own -------------------------------------------------------------------------------------


def make_failed(user, key="a", **fields):
    values = {"state": "failed", "problem": "UnknownKind", "kind": "trial"}
    return OutboxLine.objects.create(key=key, recipient=user, **{**values, **fields})


def test_failed_mails_wait_for_who_may_send_them_again(eva, clerk, administrator, auditor, dirk):
    make_failed(eva, created_at=NOW)
    found = {
        user.display_name: [card.count for card in failed_notices(user)]
        for user in (clerk, administrator, auditor, dirk, eva)
    }
    assert found == {"Griffie": [1], "Beheer": [1], "Rekenkamer": [], "Dirk": [1], "Eva": []}
    assert failed_notices(clerk)[0].oldest == NOW


def test_phase_without_outcome_waits_for_who_leads_the_process(site_root, dirk, clerk, auditor, eva):
    index = make_index(site_root)
    process = make_process(
        index, make_phase("Over", *PAST), make_phase("Besloten", date(2026, 2, 1), date(2026, 2, 2), outcome="Ja.")
    )
    (card,) = phases_without_outcome(dirk)
    assert (card.count, card.url) == (1, f"/beheer/pages/{process.pk}/edit/")
    assert timezone.localdate(card.oldest) == PAST[1]
    assert [phases_without_outcome(user) for user in (auditor, eva)] == [[], []]
    make_process(index, make_phase("Over", *PAST), title="Tweede")
    assert phases_without_outcome(clerk)[0].url == "/beheer/processes/"


def test_draft_process_waits_for_nobody(site_root, dirk):
    process = make_process(make_index(site_root), make_phase("Over", *PAST))
    process.unpublish()
    assert phases_without_outcome(dirk) == []


def test_letters_wait_for_who_may_bring_them_to_the_printer(places, clerk, dirk, auditor):
    now = timezone.now()
    values = {"codes_per_address": 1, "text": "", "actor": clerk}
    batch = make_batch(places.east, expires_at=now + timedelta(days=9), now=now, **values)
    (card,) = letters_to_export(clerk)
    assert (card.count, card.oldest, card.url) == (2, now, f"/beheer/letters/edit/{batch.pk}/")
    assert [letters_to_export(user) for user in (dirk, auditor)] == [[], []]
    make_batch(places.east, expires_at=now + timedelta(days=9), now=now, **values)
    assert (letters_to_export(clerk)[0].count, letters_to_export(clerk)[0].url) == (4, "/beheer/letters/")
    LetterBatch.objects.update(created_at=now - timedelta(days=2), expires_at=now - timedelta(days=1))
    assert letters_to_export(clerk)[0].count == 0
    # Exported letters wait no more.
    make_letters(places.east, clerk)
    assert letters_to_export(clerk)[0].count == 0


def test_administrator_hears_that_nobody_can_reach_the_municipality(site_root, administrator, dirk):
    (card,) = missing_contact(administrator)
    assert card.url == "/beheer/settings/pages/sitelook/"
    assert missing_contact(dirk) == []
    make_site(site_root)  # with a contact
    assert missing_contact(administrator) == []


# --- The menu ----------------------------------------------------------------------------------------------


def menu_of(user):
    """Names of the items in the admin's main menu, in order, as this person sees them."""
    from wagtail.admin.menu import admin_menu

    request = RequestFactory().get("/beheer/")
    request.user = user
    return [item.name for item in sorted(admin_menu.menu_items_for_request(request), key=lambda item: item.order)]


def test_menu_has_no_help_of_wagtail(dirk):
    assert not {"help"} & set(menu_of(dirk))


def test_menu_shows_each_role_what_it_can_use(dirk, clerk, administrator, auditor):
    moderator = make_user("Moderator", roles=("moderator",))
    assert "processes" in menu_of(dirk)
    assert "processes" in menu_of(clerk)
    assert "processes" not in menu_of(moderator)
    assert "explorer" not in menu_of(moderator)
    assert "settings" not in menu_of(moderator)


def test_list_of_processes_in_the_admin_shows_state_and_phase(site_root, dirk, client_for, monkeypatch):
    monkeypatch.setattr(timezone, "localdate", lambda *args: date(2026, 3, 15))
    make_process(make_index(site_root), make_phase("Nu bezig", date(2026, 3, 1), date(2026, 3, 31)))
    content = client_for(dirk).get("/beheer/processes/").content.decode()
    assert "Het park" in content
    assert "Nu bezig" in content
