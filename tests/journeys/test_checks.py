"""The checks themselves: for each a defect is planted in a good ballot, and it must be found. axe alone misses most of these."""

from dataclasses import dataclass

import pytest

from tests.factories.ballots import make_forms_vote, open_by_two
from tests.journeys import world
from tests.journeys.checks import keyboard_findings, media_findings, own_findings, show, standing_findings
from tests.journeys.conftest import axe_violations

pytestmark = pytest.mark.django_db(transaction=True)

# Our policy forbids style elements; a sheet made by a script is the browser's own.
ADD_STYLE = (
    "css => { const sheet = new CSSStyleSheet(); sheet.replaceSync(css); document.adoptedStyleSheets = [sheet] }"
)


@dataclass(frozen=True)
class Defect:
    """`damage`: pieces of the page and what stands there instead; `css` and `script` are added to it. `look`: who must find it."""

    check: str
    damage: tuple[tuple[str, str], ...] = ()
    css: str = ""
    script: str = ""
    page: str = "with errors"
    look: object = standing_findings
    # Which does not show up when many defects are planted at once.
    is_seen_by_axe: bool = False


DEFECTS = {
    "focus ring taken away": Defect(
        "focus-shown",
        css=":focus-visible { outline: none !important; box-shadow: none !important }",
        look=keyboard_findings,
    ),
    "key that goes nowhere": Defect(
        "trap",
        script="document.querySelector('[name=rank-3]').onkeydown = event => event.key === 'Tab' && event.preventDefault()",
        look=keyboard_findings,
    ),
    "list that Tab passes over": Defect(
        "not-reached",
        damage=(('<select name="rank-2"', '<select tabindex="-1" name="rank-2"'),),
        look=keyboard_findings,
    ),
    "order on the screen another than that of Tab": Defect(
        "order", css=".pm-rows { display: flex; flex-direction: column-reverse }", look=keyboard_findings
    ),
    "bar over what has focus": Defect(
        "focus-hidden",
        css="main::after { content: ''; position: fixed; inset: 40% 0 0; background: white; z-index: 9 } main * { z-index: 0 }",
        look=keyboard_findings,
    ),
    "row that sticks out": Defect("reflow", css=".pm-option { inline-size: 25rem }"),
    "list drawn by a script": Defect(
        "native",
        script="document.querySelector('[name=rank-2]').outerHTML = '<div role=listbox tabindex=0 aria-label=Bankjes></div>'",
    ),
    "options that are dragged": Defect(
        "native", script="document.querySelectorAll('.pm-option').forEach(one => one.draggable = true)"
    ),
    "button that only a script can press": Defect(
        "no-script", script="document.querySelectorAll('main form button').forEach(one => one.type = 'button')"
    ),
    "link to nowhere": Defect("no-script", script="document.querySelector('.pm-jump__link').setAttribute('href', '#')"),
    "title without the word error": Defect("title", damage=(("<title>Fout: ", "<title>"),)),
    "summary without the focus": Defect("summary-focus", damage=((' tabindex="-1" autofocus', ""),)),
    "summary left out": Defect("summary", script="document.querySelector('.pm-error-summary').remove()"),
    "error that leads to no control": Defect("error-link", damage=(('href="#id_rank-2"', 'href="#question-1"'),)),
    "error that marks no control": Defect("error-mark", damage=((' aria-invalid="true"', ""),)),
    "error apart from its control": Defect("error-words", damage=(("aria-describedby", "data-describedby"),)),
    "row too low for a thumb": Defect(
        "target-of-voting",
        css=".pm-choice, .pm-choice__label { min-block-size: 0 !important; padding: 0 !important; line-height: 1 !important }",
    ),
    "links on top of each other": Defect(
        "target",
        css=".pm-jump__link { padding: 0 !important; line-height: 1; font-size: 11px } .pm-jump li { line-height: 1; margin: 0 }",
    ),
    "label that is only read aloud": Defect(
        "label",
        script="document.querySelectorAll('.pm-number-row label').forEach(one => "
        "{ one.control.ariaLabel = one.textContent; one.className = 'pm-visually-hidden' })",
    ),
    "labels that say the same": Defect(
        "label-twice",
        script="document.querySelectorAll('.pm-number-row label').forEach(one => one.textContent = 'Plaats')",
    ),
    "question without its words": Defect("legend", script="document.querySelector('legend').textContent = ''"),
    "code that the browser remembers": Defect("autocomplete", damage=((' autocomplete="off"', ""),), page="code asked"),
    "tick that forced colours wipe out": Defect(
        "forced-colours", css=".pm-choice__input { appearance: none !important }", look=media_findings
    ),
    "motion for who wants none": Defect(
        "motion", css=".pm-option { transition: all 1s !important }", look=media_findings
    ),
    "letters that do not grow": Defect(
        "large-text", css=".pm-choice__label { font-size: 17px !important }", look=media_findings
    ),
    "page in another language than it says": Defect("language", damage=(('lang="nl"', 'lang="en"'),)),
    "sentence without an end": Defect(
        "long-sentence", script="document.querySelector('.pm-field__help').textContent = 'woord '.repeat(21)"
    ),
    "pale words": Defect(
        "color-contrast", css=".pm-field__help { color: #bbbbbb !important }", look=axe_violations, is_seen_by_axe=True
    ),
    "photo without words": Defect(
        "image-alt",
        script="document.querySelector('.pm-option').append(new Image(40, 40))",
        look=axe_violations,
        is_seen_by_axe=True,
    ),
}
# What disturbs others when it is planted beside them, or what axe knows too.
APART = {
    "summary left out",
    "key that goes nowhere",
    "list drawn by a script",
    "labels that say the same",
    "links on top of each other",
    "list that Tab passes over",
    "question without its words",
    "page in another language than it says",
}


@pytest.fixture
def pages(site_root, places, anna, client_for):
    """Good pages: a ballot with an error in every question, the page that asks for a code."""
    world.make_home(site_root)
    vote, client = open_by_two(make_forms_vote("ranking", "approval", "points")), client_for(anna)
    wrong = {"rank-2": "2", "choice-2": ["5", "6", "7"], "points-9": "11", "step": "check"}
    return {
        "with errors": (f"/stemmen/{vote.pk}/kiezen/", client.post(f"/stemmen/{vote.pk}/kiezen/", wrong)),
        "code asked": (f"/stemmen/{vote.pk}/opzoeken/", client.get(f"/stemmen/{vote.pk}/opzoeken/")),
    }


def plant(page, pages, *defects):
    """Shows the page with the defects in it."""
    path, response = pages[defects[0].page if defects else "with errors"]
    show(page, response, path=path, damage=[piece for defect in defects for piece in defect.damage])
    page.wait_for_function("() => !document.querySelector('[autofocus]') || document.activeElement.autofocus")
    page.evaluate(ADD_STYLE, "\n".join(defect.css for defect in defects))
    for defect in defects:
        page.evaluate(f"() => {{ {defect.script} }}")
    page.evaluate("new Promise(then => requestAnimationFrame(() => requestAnimationFrame(then)))")


def test_every_planted_defect_is_found(pages, open_page):
    phone, desk = open_page(width=320, height=640), open_page(width=1280)
    for name in ("with errors", "code asked"):
        show(desk, pages[name][1], path=pages[name][0])
        assert own_findings(desk) == []
    missed = {}
    for together in batches():
        page = desk if together[0].look in (media_findings, axe_violations) else phone
        plant(page, pages, *together)
        found = {line.split(":")[0] for line in together[0].look(page)}
        missed |= {defect: found for defect in together if defect.check not in found}
    assert missed == {}
    assert len(DEFECTS) == 29


def batches():
    """Defects that can stand on one page, because each is found by another check; those that disturb others stand alone."""
    made = []
    for name, defect in DEFECTS.items():
        fits = (
            batch
            for batch, alone in made
            if not alone
            and (batch[0].look, batch[0].page) == (defect.look, defect.page)
            and all(other.check != defect.check for other in batch)
        )
        batch = None if name in APART else next(fits, None)
        if batch is None:
            made.append(([defect], name in APART))
        else:
            batch.append(defect)
    return [batch for batch, _alone in made]


def test_axe_alone_finds_none_of_the_defects_that_are_ours(pages, open_page):
    """Why there are own checks: eighteen defects on one page, and axe is content."""
    planted = [
        defect
        for name, defect in DEFECTS.items()
        if not defect.is_seen_by_axe and name not in APART and defect.page == "with errors"
    ]
    page = open_page(width=320, height=640)
    plant(page, pages, *planted)
    assert len(planted) >= 18
    assert axe_violations(page) == []
