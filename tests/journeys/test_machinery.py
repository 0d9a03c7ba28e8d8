"""The machinery of the journeys finds what it should find."""

from tests.journeys.conftest import axe_violations, switch_theme

SEEDED = """<!doctype html><html lang="nl"><head><title>Fout</title></head><body><main><h1>Fout</h1>
<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="><input type="text"><p style="color:#aaa;background:#fff">Te licht</p>
</main></body></html>"""


def test_axe_finds_seeded_defects(open_page):
    page = open_page()
    page.set_content(SEEDED)
    assert {line.split(":")[0] for line in axe_violations(page)} == {"image-alt", "label", "color-contrast"}


THEMED = """<!doctype html><html lang="nl" class="pm-theme-river"><head><title>Thema</title>
<link rel="stylesheet" href="/static/themes/river.css"></head><body><main><h1>Thema</h1><p>Leesbaar?</p></main></body></html>"""
SEEDED_THEMES = {
    "river": "p { color: #000; background: #fff }",
    "meadow": ".pm-theme-meadow p { color: #aaa; background: #fff }",
}


def answer_with(body, content_type):
    return lambda route: route.fulfill(body=body, content_type=content_type)


def test_axe_sees_the_theme_that_was_switched_to(open_page):
    """Mutant: a switch that changes nothing, after which the second theme would never be looked at."""
    page = open_page()
    for theme, style in SEEDED_THEMES.items():
        page.route(f"**/themes/{theme}.css", answer_with(style, "text/css"))
    page.route("**/bestaat-niet/", answer_with(THEMED, "text/html"))
    page.goto("/bestaat-niet/")
    assert axe_violations(page) == []
    switch_theme(page, "meadow")
    assert [line.split(":")[0] for line in axe_violations(page)] == ["color-contrast"]
    switch_theme(page, "river")
    assert axe_violations(page) == []
