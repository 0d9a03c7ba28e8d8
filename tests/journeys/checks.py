"""What is asked of every page, beyond axe: one list of findings, empty when all is well.

Each finding begins with the name of its check. `test_checks.py` plants a defect for every check and sees it found: axe alone misses most.
"""

from collections.abc import Iterable
from pathlib import Path

from tests.journeys.conftest import axe_violations

CHECKS = (Path(__file__).parent / "checks.js").read_text()
SUMMARY_HAS_FOCUS = """() => !document.querySelector('.pm-error-summary')
    || document.activeElement.closest('.pm-error-summary') !== null"""
SOON_MS = 1_500

# --- Circumstances ------------------------------------------------------------------------------------------------

# Forced colours take backgrounds away: what is drawn as one is not seen, and a button needs its edge.
FORCED_COLOURS = """() => {
    const seen = (element) => element.checkVisibility() && element.getBoundingClientRect().width > 0
    const style = (element) => getComputedStyle(element)
    const all = (selector) => [...document.querySelectorAll(`main :is(${selector})`)].filter(seen)
    return [
        ...all('input[type=checkbox], input[type=radio]').filter((one) => style(one).appearance === 'none'),
        ...all('button, .utrecht-button-link').filter((one) => parseFloat(style(one).borderTopWidth) === 0),
        ...all('p, label, button, a, h1, h2, h3, li, td, th').filter((one) => style(one).forcedColorAdjust === 'none'),
    ].map((one) => `forced-colours: ${one.outerHTML.slice(0, 120)}`)
}"""
REDUCED_MOTION = """() => [...document.querySelectorAll('*')].filter((one) => {
    const style = getComputedStyle(one)
    const longest = (times) => Math.max(...times.split(',').map((time) => parseFloat(time) * (time.endsWith('ms') ? 1 : 1000)))
    return style.scrollBehavior === 'smooth' || longest(style.transitionDuration) > 10
        || (style.animationName !== 'none' && longest(style.animationDuration) > 10)
}).map((one) => `motion: ${one.outerHTML.slice(0, 120)}`)"""
# Text of twice the size grows, is not cut off, and nothing scrolls sideways (WCAG 1.4.4).
LARGE_TEXT = """() => {
    const root = document.documentElement, found = []
    const seen = (one) => one.checkVisibility() && !one.closest('.pm-visually-hidden')
    const texts = [...document.querySelectorAll('main *')].filter((one) => seen(one)
        && [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
    const size = (one) => parseFloat(getComputedStyle(one).fontSize)
    const before = texts.map(size)
    const cut = (one) => getComputedStyle(one).overflowY === 'hidden' && one.scrollHeight > one.clientHeight + 4
    root.style.fontSize = '200%'
    texts.forEach((one, place) => { if (size(one) < 1.5 * before[place]) found.push(`large-text: stays ${one.outerHTML.slice(0, 120)}`) })
    texts.filter(cut).forEach((one) => found.push(`large-text: is cut off ${one.outerHTML.slice(0, 120)}`))
    if (root.scrollWidth > root.clientWidth) found.push('large-text: scrolls sideways')
    root.style.fontSize = ''
    return found
}"""

# --- The keyboard -------------------------------------------------------------------------------------------------

# After every press of Tab: where the focus is, whether one sees that, and whether something lies over it.
WATCH_FOCUS = """() => {
    const TABBABLE = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]'
    const look = (one) => { const style = getComputedStyle(one); return [style.boxShadow, style.outlineStyle, style.outlineWidth] }
    const named = (one) => one.outerHTML.replace(/\\s+/g, ' ').slice(0, 140)
    const tabbable = [...document.querySelectorAll(TABBABLE)].filter((one) =>
        one.checkVisibility({ visibilityProperty: true }) && !one.disabled && one.tabIndex >= 0)
    const before = new Map(tabbable.map((one) => [one, look(one)]))
    const reached = new Set(), found = []
    const say = (check, one) => found.push(`${check}: ${named(one)}`)
    const isOver = (one, x, y) => {
        const top = document.elementFromPoint(x, y)
        const isOwn = [one, ...(one.labels || [])].some((own) => own.contains(top) || top?.contains(own))
        return top !== null && !isOwn
    }
    const isSeen = (one) => {
        const box = one.getBoundingClientRect(), middle = [box.left + box.width / 2, box.top + box.height / 2]
        return box.bottom > 0 && box.top < innerHeight && !isOver(one, ...middle)
    }
    let last = null, turns = 0
    const frame = () => new Promise((then) => requestAnimationFrame(() => requestAnimationFrame(then)))
    window.pmStop = async () => {
        const one = document.activeElement
        if (one === document.body || one === null) return
        if (one === last) say('trap', one)
        else if (last && turns === 0 && before.has(last) && last.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_PRECEDING) {
            if (reached.has(one)) turns = 1
            else say('order', one)
        } else if (last && one.closest('.pm-ballots') && last.closest('.pm-ballots')
            && one.getBoundingClientRect().top < last.getBoundingClientRect().top - 60) say('order', one)
        last = one
        reached.add(one)
        const [shadow, outline, width] = look(one)
        const isMarked = (outline !== 'none' && parseFloat(width) >= 2) || (shadow !== 'none' && shadow !== (before.get(one) || [])[0])
        if (!isMarked) say('focus-shown', one)
        // The press may have come before the page was drawn: what is not seen is looked at again, where it stands.
        for (let turn = 0; turn < 10 && !isSeen(one); turn += 1) await frame()
        if (!isSeen(one)) say('focus-hidden', one)
    }
    window.pmStops = () => {
        const inGroup = (one) => one.type === 'radio' && tabbable.some((other) => other.name === one.name && reached.has(other))
        tabbable.filter((one) => !reached.has(one) && !inGroup(one)).forEach((one) => say('not-reached', one))
        document.querySelectorAll('main :is(a[href], button, input, select, textarea)').forEach((one) => {
            if (one.checkVisibility() && !one.disabled && one.tabIndex < 0) say('not-reached', one)
        })
        return [...new Set(found)]
    }
    document.body.tabIndex = -1
    document.body.focus()
    document.body.removeAttribute('tabindex')
    return tabbable.length
}"""


def findings(page, *, keyboard: bool = True) -> list[str]:
    """Everything that is wrong with the page: axe's rules, then our own."""
    return axe_violations(page) + own_findings(page, keyboard=keyboard)


def own_findings(page, *, keyboard: bool = True) -> list[str]:
    """What axe does not look at."""
    found = [*standing_findings(page), *media_findings(page)]
    return found + (keyboard_findings(page) if keyboard else [])


def standing_findings(page) -> list[str]:
    """Language, title, errors, reflow, native controls, sending without a script, targets, labels, sentences."""
    _wait_for_focus(page)
    return page.evaluate(CHECKS)


def media_findings(page) -> list[str]:
    """Forced colours, reduced motion, text of twice the size."""
    page.emulate_media(forced_colors="active", reduced_motion="reduce")
    found = page.evaluate(FORCED_COLOURS) + page.evaluate(REDUCED_MOTION)
    page.emulate_media(forced_colors="none", reduced_motion="no-preference")
    # On a narrow screen larger text is another page width; WCAG asks for one at a time.
    return found + (page.evaluate(LARGE_TEXT) if page.viewport_size["width"] >= 1280 else [])


def keyboard_findings(page) -> list[str]:
    """Tab reaches everything in order, shows where it is, is covered by nothing and comes out again.

    WCAG 2.1.1, 2.1.2, 2.4.3, 2.4.7 and 2.4.11.
    """
    page.emulate_media(reduced_motion="reduce")  # else the page may still be scrolling at the next press
    for _stop in range(page.evaluate(WATCH_FOCUS)):
        page.keyboard.press("Tab")
        page.evaluate("window.pmStop()")
    return page.evaluate("window.pmStops()")


def _wait_for_focus(page) -> None:
    """The browser moves the focus to an error summary a moment after the page has come; where it does not, that is a finding."""
    from playwright.sync_api import TimeoutError as TooLate

    try:
        page.wait_for_function(SUMMARY_HAS_FOCUS, timeout=SOON_MS)
    except TooLate:
        return


def show(page, response, *, path: str = "/stemmen/", damage: Iterable[tuple[str, str]] = ()) -> None:
    """Shows in the browser what a test's client was answered. `damage`: pieces of the page and what to put in their place."""
    content = response.content.decode()
    for right, wrong in damage:
        assert right in content, right
        content = content.replace(right, wrong)
    headers = {
        name: value for name, value in response.headers.items() if name.lower() not in ("content-length", "set-cookie")
    }
    address = f"**{path}"
    page.route(address, lambda route: route.fulfill(status=response.status_code, headers=headers, body=content))
    page.goto(path)
    page.unroute(address)
