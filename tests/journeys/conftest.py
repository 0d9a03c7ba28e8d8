"""A real browser against a real web server, with a real Celery worker behind it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import servers

# Playwright runs an event loop in this thread; Django then asks for this promise that no view runs in it.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

BROWSER_OPTIONS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--disable-smooth-scrolling"),
]
AXE = servers.PROJECT / "node_modules" / "axe-core" / "axe.min.js"
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
STEP_MS = 15_000


@pytest.fixture(scope="session")
def browser(chromium):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=BROWSER_OPTIONS)
        yield running
        running.close()


@pytest.fixture
def open_page(browser, live_server) -> Iterator:
    """`open_page(person=None, javascript=True, width=1280)` is a fresh browser window, logged in as that person.

    A request to another host than the site's fails the test: no third party may hear of a visit.
    """
    contexts, strangers = [], []

    def new_page(client=None, *, javascript=True, scripts=True, width=1280, height=900):
        context = browser.new_context(
            base_url=live_server.url,
            java_script_enabled=javascript,
            viewport={"width": width, "height": height},
            locale="nl-NL",
        )
        contexts.append(context)
        context.set_default_timeout(STEP_MS)
        context.on(
            "request",
            lambda request: strangers.append(request.url) if _is_strange(request.url, live_server.url) else None,
        )
        if not scripts:
            context.route("**/*.js", lambda route: route.abort())
        if client is not None:
            context.add_cookies(_cookies_of(client, live_server.url))
        return context.new_page()

    yield new_page
    for context in contexts:
        context.close()
    assert strangers == []


def _is_strange(url: str, site: str) -> bool:
    return not url.startswith((site, "data:", "blob:", "about:"))


def _cookies_of(client, url: str) -> list[dict]:
    return [{"name": name, "value": morsel.value, "url": url} for name, morsel in client.cookies.items()]


@pytest.fixture
def worker(transactional_db) -> Iterator[subprocess.Popen]:
    """A Celery worker on this test's database and broker."""
    words = [
        "-m",
        "celery",
        "-A",
        "config.celery",
        "worker",
        "--pool=solo",
        "--without-gossip",
        "--without-mingle",
        "--loglevel=WARNING",
    ]
    path = os.pathsep.join([str(servers.PROJECT), str(servers.PROJECT / "site")])
    log = Path(os.environ["EMBEDDED_DIR"]) / "worker.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *words],
            cwd=servers.PROJECT,
            env={**os.environ, "PYTHONPATH": path},
            stdout=output,
            stderr=output,
        )
    yield process
    process.terminate()
    process.wait(timeout=20)


# Only what is wrong is reported, and no style sheet is fetched again: the rules that run are the same.
RUN_AXE = """([within, only]) => axe.run(within, {resultTypes: ['violations'], preload: false, ...only})"""
EVERY_RULE = {"runOnly": {"type": "tag", "values": AXE_TAGS}, "rules": {"target-size": {"enabled": True}}}
# What another theme can change: colours, sizes, and whether a link is more than a colour.
RULES_OF_LOOKS = {"runOnly": {"type": "rule", "values": ["color-contrast", "target-size", "link-in-text-block"]}}


def axe_violations(page, *, only=EVERY_RULE, within="html") -> list[str]:
    """What axe finds on the page, or in a part of it: one line per element, with the rule's name."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    found = page.evaluate(RUN_AXE, [within, only])
    return [f"{rule['id']}: {node['html'][:150]}" for rule in found["violations"] for node in rule["nodes"]]


SWITCH_THEME = """theme => new Promise(done => {
    const root = document.documentElement, link = document.querySelector('link[href*="/themes/"]')
    root.className = root.className.replace(/pm-theme-[a-z]+/, `pm-theme-${theme}`)
    link.onload = () => { document.getAnimations().forEach(animation => animation.finish()); done() }
    link.href = link.href.replace(/themes\\/[a-z]+/, `themes/${theme}`)
})"""


def switch_theme(page, theme: str) -> None:
    """Shows the page that is there in another theme, without asking the server again: a theme is one class and one file."""
    page.evaluate(SWITCH_THEME, theme)
