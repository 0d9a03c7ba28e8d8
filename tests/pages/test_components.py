"""Components render alone; forms are accessible; both themes can be read by everybody."""

import re
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.template import engines
from django.utils import translation

from pages.forms import PlainForm, in_words
from pages.paging import KeysetPage
from pages.styleguide import SAMPLES, SampleForm, render_samples, sample_context
from pages.templatetags.components import euro

THEMES = ["river", "meadow"]


def render(source: str, request=None, **context) -> str:
    return engines["django"].from_string(source).render(context, request)


@pytest.mark.parametrize("name", SAMPLES)
def test_component_renders_alone(name):
    html = render(SAMPLES[name], **sample_context())

    assert html.strip()
    assert "{%" not in html
    assert " style=" not in html
    ids = re.findall(r'\sid="([^"]*)"', html)
    assert len(ids) == len(set(ids))


def test_every_block_has_an_example():
    blocks = {path.stem for path in (settings.BASE_DIR / "templates/components/blocks").glob("*.html")}

    shown = " ".join(SAMPLES.values()) + "components/blocks/link.html components/blocks/picture.html"
    assert {name for name in blocks if f"blocks/{name}.html" not in shown} == set()


def test_styleguide_is_for_staff(client, client_for, bram, dirk):
    assert client.get("/stijl/").status_code == 302
    assert client_for(bram).get("/stijl/").status_code == 403
    assert client_for(dirk).get("/stijl/").status_code == 200


@pytest.mark.django_db
def test_styleguide_shows_both_themes_with_different_ids(client_for, dirk):
    page = client_for(dirk).get("/stijl/").content.decode()

    assert all(f"pm-theme-{theme} pm-sheet" in page for theme in THEMES)
    assert len(render_samples(None)) == len(SAMPLES)


# --- Forms ------------------------------------------------------------------------------------------------------


def test_input_is_tied_to_its_label_help_and_error():
    html = render("{% field form.name %}", form=SampleForm({"name": ""}))

    assert 'for="id_name"' in html
    described = re.search(r'aria-describedby="([^"]*)"', html)[1].split()
    assert described == ["id_name_helptext", "id_name_error"]
    assert all(f'id="{target}"' in html for target in described)
    assert 'aria-invalid="true"' in html
    assert " required" not in html.replace("aria-required", "")


def test_group_of_choices_is_a_fieldset_that_names_its_error():
    html = render("{% field form.theme %}", form=SampleForm({"theme": ""}))

    assert re.search(r'<fieldset[^>]*aria-describedby="id_theme_error"', html)
    assert html.count('type="radio"') == 3
    assert html.count("<label") == 3


def test_optional_field_says_so():
    with translation.override("en"):
        assert "(not required)" in render("{% field form.mail %}", form=SampleForm())
        assert "(not required)" not in render("{% field form.name %}", form=SampleForm())


def test_every_line_of_the_summary_names_and_links_its_field():
    with translation.override("en"):
        form = SampleForm({"area": "9"})
        html = render("{% error_summary form %}", form=form)

    assert re.findall(r'href="#([^"]*)">([^<]*)<', html)[:2] == [
        ("id_name", "Fill in “Titel van uw voorstel”."),
        ("id_text", "Fill in “Uw voorstel”."),
    ]
    assert 'href="#id_theme_0"' in html
    assert re.search(r"<h2[^>]*tabindex=\"-1\"[^>]*autofocus", html)


def test_summary_of_a_form_of_others_names_the_field_too():
    """Accounts and places lie below the pages, so their forms are no `PlainForm`; they say it as every other form."""

    class Foreign(forms.Form):
        code = forms.CharField(label="Code")
        sure = forms.BooleanField(label="Sure")
        size = forms.IntegerField(label="Size")

    with translation.override("en"):
        html = render("{% error_summary form %}{% form_fields form %}", form=Foreign({"size": "x"}))

    said = re.findall(r'href="#id_\w+">([^<]*)<', html)
    assert said == ["Fill in “Code”.", "Tick the box at “Sure”.", "Size: Enter a whole number."]
    assert re.findall(r"</span>([^<]*)</p>", html) == [*said[:2], "Enter a whole number."]


def test_form_without_errors_has_no_summary():
    assert render("{% error_summary form %}", form=SampleForm()).strip() == ""


def test_label_and_choice_are_only_text():
    class Nasty(PlainForm):
        pick = forms.ChoiceField(
            label="<b>x</b>", choices=[("1", "<script>alert(1)</script>")], widget=forms.RadioSelect
        )

    html = render("{% form_fields form %}", form=Nasty())

    assert "<script>" not in html
    assert "<b>" not in html


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, "Not filled in"), ("", "Not filled in"), (True, "Yes"), (False, "No"), (["1"], "1"), (5, "5")],
)
def test_value_in_words(value, expected):
    with translation.override("en"):
        assert in_words(value) == expected


# --- Tables -----------------------------------------------------------------------------------------------------

ROLES = {
    "table": ["table"],
    "thead": ["rowgroup"],
    "tbody": ["rowgroup"],
    "tr": ["row"],
    "th": ["columnheader", "rowheader"],
    "td": ["cell"],
}


def public_tables() -> list[tuple[str, str]]:
    """(template, HTML) of every table that is not in the admin."""
    folder = Path(settings.BASE_DIR / "templates")
    sources = [(path.relative_to(folder), path.read_text()) for path in folder.rglob("*.html")]
    sources.append((Path("styleguide"), SAMPLES["table"]))
    found = [(str(name), html) for name, text in sources for html in re.findall(r"<table.*?</table>", text, re.DOTALL)]
    return [(name, html) for name, html in found if not {"admin", "wagtailadmin"} & set(Path(name).parts)]


@pytest.mark.parametrize(("name", "html"), public_tables())
def test_table_becomes_blocks_on_a_phone_and_stays_a_table_for_screen_readers(name, html):
    """A row that is a block has no role of its own in some browsers, so each element says its role."""
    assert "pm-table--stacked" in html.split(">")[0]
    elements = re.findall(r"<(table|thead|tbody|tr|th|td)\b((?:[^>{]|{%.*?%}|{{.*?}})*)>", html)
    said = [(kind, re.search(r'role="(\w+)"', attributes)) for kind, attributes in elements]
    assert [kind for kind, role in said if not role or role[1] not in ROLES[kind]] == []
    assert [attributes for kind, attributes in elements if kind == "td" and "data-label=" not in attributes] == []


# --- Words and numbers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cents", "dutch", "english"),
    [
        (0, "€\u00a00", "€0"),
        (1250, "€\u00a012,50", "€12.50"),
        (125000000, "€\u00a01.250.000", "€1,250,000"),
        (-500, "€\u00a0−5", "−€5"),
        (None, "", ""),
    ],
)
def test_amount_in_both_languages(cents, dutch, english):
    with translation.override("nl"):
        assert euro(cents) == dutch
    with translation.override("en"):
        assert euro(cents) == english


def test_pagination_keeps_the_filters(rf):
    page = Paginator(range(30), 10).page(2)

    html = render("{% pagination page %}", rf.get("/?wijk=oost&page=2"), page=page)

    assert re.findall(r'href="([^"]*)"', html) == ["?wijk=oost&amp;page=1", "?wijk=oost&amp;page=3"]


def test_pagination_by_key_keeps_the_filters(rf):
    html = render(
        "{% pagination page %}", rf.get("/?wijk=oost&after=old"), page=KeysetPage([1], previous="a~1", next="b~2")
    )

    assert re.findall(r'href="([^"]*)"', html) == ["?wijk=oost&amp;before=a~1", "?wijk=oost&amp;after=b~2"]


def test_list_of_one_page_has_no_pagination(rf):
    assert render("{% pagination page %}", rf.get("/"), page=Paginator([1], 10).page(1)).strip() == ""


def test_alert_knows_its_kinds():
    with pytest.raises(Exception, match="alert"):
        render('{% alert "loud" %}x{% endalert %}')


# --- Contrast of the themes (WCAG 1.4.3 and 1.4.11) -----------------------------------------------------------------------


def ramp(theme: str) -> dict[str, str]:
    source = Path(settings.BASE_DIR / "static/themes" / f"{theme}.css").read_text()
    return {**dict(re.findall(r"--pm-([\w-]+): (#[0-9a-f]{6})", source)), "white": "#ffffff"}


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, two: str) -> float:
    light, dark = sorted((luminance(one), luminance(two)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


GROUNDS = ["white", "paper", "brand-50", "neutral-50"]
TEXTS = ["neutral-700", "neutral-600", "neutral-500", "neutral-400", "brand-700", "brand-600", "brand-500"]


@pytest.mark.parametrize("theme", THEMES)
def test_text_can_be_read_on_every_ground(theme):
    colours = ramp(theme)

    weak = [(text, ground) for text in TEXTS for ground in GROUNDS if contrast(colours[text], colours[ground]) < 4.5]
    assert weak == []


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("white", "brand-500"), ("white", "brand-600"), ("white", "brand-700"), ("brand-600", "brand-100"), ("brand-500", "brand-100"),
        ("neutral-700", "brand-100"), ("neutral-500", "neutral-100"), ("brand-700", "brand-50"),
    ],
)  # fmt: skip
def test_text_on_colour_can_be_read(theme, text, ground):
    assert contrast(ramp(theme)[text], ramp(theme)[ground]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(
    ("line", "ground"),
    [("neutral-400", "white"), ("neutral-400", "paper"), ("brand-400", "white"), ("brand-400", "neutral-100")],
)
def test_lines_of_controls_can_be_seen(theme, line, ground):
    assert contrast(ramp(theme)[line], ramp(theme)[ground]) >= 3


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ground", ["white", "paper", "brand-100", "brand-500", "brand-700", "sun"])
def test_focus_ring_is_seen_on_every_ground(theme, ground):
    """The ring is dark between two white lines: one of them differs from any ground."""
    colour = ramp(theme)[ground]

    assert max(contrast("#12181d", colour), contrast("#ffffff", colour)) >= 3


@pytest.mark.parametrize("theme", THEMES)
def test_themes_define_the_same_colours(theme):
    assert ramp(theme).keys() == ramp("river").keys()
