"""What every test may rely on: its database, a clean cache, the page tree, the people, the real data, a browser."""

import os
import shutil
from pathlib import Path

import pytest

from tests import servers

pytest_plugins = ["tests.factories.fixtures"]

TESTS = Path(__file__).parent
DATABASE_FIXTURES = {"db", "transactional_db", "live_server", "django_db_setup", "django_db_reset_sequences"}
REQUIRE_ALL = os.environ.get("REQUIRE_ALL") == "1"
BROWSER_HELP = "apt-get install chromium, or set CHROMIUM to the program"


def find_chromium() -> str | None:
    """The browser's program: `CHROMIUM`, or what the machine has."""
    names = (os.environ.get("CHROMIUM") or "chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if (found := shutil.which(name))), None)


def find_data() -> Path | None:
    """The folder with the real files: `DATA`, or `../shared/data` beside the project."""
    folder = Path(os.environ.get("DATA") or servers.PROJECT.parent / "shared" / "data")
    return folder if folder.is_dir() else None


# --- Which tests run --------------------------------------------------------------------------------------


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks tests by what they need, and skips what this machine cannot run."""
    browser, data = find_chromium(), find_data()
    for item in items:
        _mark(item)
        if item.get_closest_marker("journeys") and not browser:
            item.add_marker(pytest.mark.skip(reason=f"no Chromium on this machine: {BROWSER_HELP}"))
        if item.get_closest_marker("data") and not data:
            item.add_marker(pytest.mark.skip(reason="no real data: set DATA to the folder"))


def _mark(item: pytest.Item) -> None:
    area = item.path.relative_to(TESTS).parts[0] if item.path.is_relative_to(TESTS) else ""
    if area in ("journeys", "faults"):
        item.add_marker(getattr(pytest.mark, area))
    if item.get_closest_marker("django_db") or DATABASE_FIXTURES & set(getattr(item, "fixturenames", ())):
        item.add_marker(pytest.mark.database)


def _skipped(config: pytest.Config) -> int:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    return len(reporter.stats.get("skipped", [])) if reporter else 0


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """With REQUIRE_ALL=1 (as in CI) a skipped test fails the run."""
    if REQUIRE_ALL and _skipped(session.config) and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not find_chromium():
        terminalreporter.section("no browser: the journeys did not run", red=True, bold=True)
        terminalreporter.line(f"Get Chromium ({BROWSER_HELP}) and run `make test` again.")
    if REQUIRE_ALL and (number := _skipped(terminalreporter.config)):
        terminalreporter.section(f"{number} tests were skipped, and REQUIRE_ALL=1 allows none", red=True, bold=True)


# --- Database and cache -----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker):
    """Gives this process a copy of the migrated template, in place of pytest-django's own migrating.

    A transactional test leaves its rows behind; Django would empty every table, Wagtail's root page,
    locale and collection too. Here the database is copied afresh instead, which is quicker as well.
    """
    from django.test import TransactionTestCase

    from tests.databases import OwnDatabase

    with django_db_blocker.unblock():
        own = OwnDatabase()
        own.make()
    TransactionTestCase._fixture_teardown = lambda _case: own.make()
    yield
    with django_db_blocker.unblock():
        own.drop()


@pytest.fixture(autouse=True)
def clean_cache(request):
    """No test sees what another left in the cache."""
    yield
    if request.node.get_closest_marker("database"):
        from django.core.cache import cache

        cache.clear()


@pytest.fixture(autouse=True)
def no_reference_index():
    """Wagtail keeps no list of what uses what: nothing of ours reads it, and every saved page and area would cost double.

    Where a real web server or worker does the work (journeys, faults), the list is kept as everywhere.
    """
    from wagtail.signal_handlers import disable_reference_index_auto_update

    with disable_reference_index_auto_update():
        yield


@pytest.fixture(autouse=True)
def default_language():
    """No test speaks the language of the visitor before it: a request leaves its language behind in the thread."""
    from django.utils import translation

    translation.deactivate()


@pytest.fixture
def site_root(db):
    """The page below which a test builds its own: Wagtail's root, with the site, locale and collection it needs."""
    from wagtail.models import Collection, Locale, Page, Site

    Locale.objects.get_or_create(language_code="nl")
    Collection.get_first_root_node() or Collection.add_root(name="Root")
    root = Page.get_first_root_node() or Page.add_root(title="Root", slug="root")
    if not Site.objects.exists():
        Site.objects.create(hostname="localhost", root_page=root, is_default_site=True)
    return root


# --- What a machine may lack ------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser's program, for playwright's `executable_path`."""
    return find_chromium() or pytest.skip(f"no Chromium on this machine: {BROWSER_HELP}")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder with the real files; mark the test with `pytest.mark.data` too."""
    return find_data() or pytest.skip("no real data: set DATA to the folder")
