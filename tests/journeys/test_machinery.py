"""The machinery of the journeys finds what it should find."""

from tests.journeys.conftest import axe_violations

SEEDED = """<!doctype html><html lang="nl"><head><title>Fout</title></head><body><main><h1>Fout</h1>
<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="><input type="text"><p style="color:#aaa;background:#fff">Te licht</p>
</main></body></html>"""


def test_axe_finds_seeded_defects(open_page):
    page = open_page()
    page.set_content(SEEDED)
    assert {line.split(":")[0] for line in axe_violations(page)} == {"image-alt", "label", "color-contrast"}
