"""Template tags of the components in `templates/components/`; built in, so no `{% load %}` is needed.

Each tag only gathers what its template shows; each template renders alone.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms, template
from django.forms import BaseForm
from django.forms.widgets import Input
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils import formats
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from pages.forms import error_lines, errors_of
from pages.languages import content_language
from pages.paging import KeysetPage

register = template.Library()

ALERT_KINDS = ("info", "ok", "warning", "error")
# The kinds of badge are ours; Utrecht's component names its own.
BADGE_KINDS = {"neutral": "inactive", "info": "neutral", "ok": "success", "warning": "warning", "error": "danger"}


# --- Forms ------------------------------------------------------------------------------------------

WIDGET_CLASSES: list[tuple[type[forms.Widget], str]] = [
    (forms.Textarea, "utrecht-textarea utrecht-textarea--html-textarea"),
    (forms.CheckboxInput, "utrecht-checkbox utrecht-checkbox--html-input pm-choice__input"),
    (forms.ClearableFileInput, "pm-file"),
    (forms.FileInput, "pm-file"),
    (forms.RadioSelect, ""),
    (forms.CheckboxSelectMultiple, ""),
    (forms.Select, "utrecht-select utrecht-select--html-select"),
    (Input, "utrecht-textbox utrecht-textbox--html-input"),
]


def _css_class(widget: forms.Widget) -> str:
    return next((css for kind, css in WIDGET_CLASSES if isinstance(widget, kind)), "")


def _layout(widget: forms.Widget) -> str:
    if isinstance(widget, (forms.RadioSelect, forms.CheckboxSelectMultiple)):
        return "choices"
    if isinstance(widget, forms.CheckboxInput):
        return "checkbox"
    return "group" if isinstance(widget, forms.MultiWidget) else "input"


def _attributes(bound: forms.BoundField) -> dict[str, Any]:
    """Our class beside the widget's own; focus and the required mark that readers announce."""
    widget = bound.field.widget
    attrs: dict[str, Any] = {"class": " ".join(filter(None, [_css_class(widget), widget.attrs.get("class", "")]))}
    if bound.field.required and isinstance(widget, (forms.TextInput, forms.Textarea, forms.Select)):
        attrs["aria-required"] = "true"
    if getattr(bound.form, "autofocus_field", "") == bound.name:
        attrs["autofocus"] = True
    return attrs


def _options(bound: forms.BoundField) -> list[dict[str, Any]]:
    """Radio buttons or checkboxes, each with its own id, label and native control."""
    css = (
        "utrecht-radio-button utrecht-radio-button--html-input"
        if isinstance(bound.field.widget, forms.RadioSelect)
        else ("utrecht-checkbox utrecht-checkbox--html-input")
    )
    options = []
    for sub in bound.subwidgets:
        sub.data["attrs"]["class"] = f"{css} pm-choice__input"
        if bound.errors:
            sub.data["attrs"]["aria-invalid"] = "true"
        options.append({"control": sub.tag(), "id": sub.id_for_label, "label": sub.choice_label})
    return options


@register.simple_tag
def field(bound: forms.BoundField, size: str = "") -> SafeString:
    """A label, help, error and input that belong together. `size`: short | long."""
    if bound.is_hidden:
        return bound.as_widget()
    layout = _layout(bound.field.widget)
    control = "" if layout == "choices" else bound.as_widget(attrs=_attributes(bound))
    described = [f"{bound.auto_id}_helptext"] if bound.help_text else []
    described += [f"{bound.auto_id}_error"] if bound.errors else []
    context = {
        "bound": bound,
        "layout": layout,
        "control": control,
        "options": _options(bound) if layout == "choices" else [],
        "errors": errors_of(bound),
        "described_by": " ".join(described),
        "optional": not bound.field.required and layout != "checkbox" and getattr(bound.field, "says_optional", True),
        "size": size,
    }
    return render_to_string("components/field.html", context)


@register.simple_tag
def form_fields(form: BaseForm) -> SafeString:
    """Every field of a form, in order."""
    return render_to_string("components/form_fields.html", {"form": form})


@register.inclusion_tag("components/error_summary.html")
def error_summary(form: BaseForm | None) -> dict[str, Any]:
    """What is wrong, above the form; its heading takes focus and each line links to its field."""
    if form is None or not form.is_bound or not form.errors:
        return {"lines": []}
    lines = [(error, "") for error in form.non_field_errors()]
    for bound in form:
        target = _first_control(bound)
        lines += [(line, target) for line in error_lines(bound)]
    return {"lines": lines}


def _first_control(bound: forms.BoundField) -> str:
    """The id that a link to this field must name."""
    if _layout(bound.field.widget) == "choices":
        first = next(iter(bound.subwidgets), None)
        return (first.id_for_label or "") if first else bound.auto_id
    return bound.id_for_label or bound.auto_id


@register.inclusion_tag("components/submit_button.html")
def submit_button(text: str, name: str = "", value: str = "", kind: str = "primary") -> dict[str, str]:
    """A button that sends the form. `kind`: primary | secondary | subtle | danger."""
    return {"text": text, "name": name, "value": value, "kind": kind}


@register.simple_tag(takes_context=True)
def error_title(context: template.Context) -> str:
    """“Error: ” in the page's title when a form on it was refused (WCAG technique G199)."""
    for part in context.dicts:
        for value in part.values():
            # `isinstance` would wake what is lazy (the CSRF token, the user), and a page with a token is for one visitor.
            if issubclass(type(value), BaseForm) and value.is_bound and value.errors:
                return _("Error: ")
    return ""


# --- Parts of a page ------------------------------------------------------------------------------------


@register.inclusion_tag("components/breadcrumb.html", takes_context=True)
def breadcrumb(context: template.Context, pairs: Any = None) -> dict[str, Any]:
    """The way here: a list of (text, address); the home page comes first by itself, the last is this page."""
    return {"pairs": list(pairs or [])}


@register.inclusion_tag("components/breadcrumb.html", takes_context=True)
def page_breadcrumb(context: template.Context) -> dict[str, Any]:
    """The way to the Wagtail page in `page`; its titles are kept with the frame."""
    from pages.chrome import page_trail

    return {"pairs": page_trail(context["page"], context.get("request"))}


@register.inclusion_tag("components/status_badge.html")
def status_badge(text: str, kind: str = "neutral") -> dict[str, str]:
    """A short state, with a capital. `kind`: neutral | info | ok | warning | error."""
    return {"text": capfirst(text), "kind": kind, "css": BADGE_KINDS[kind]}


@register.simple_block_tag
def alert(content: str, kind: str = "info", title: str = "", live: bool = False) -> SafeString:
    """A message in the page. `kind`: info | ok | warning | error; `live` when it appears after a step."""
    if kind not in ALERT_KINDS:
        raise template.TemplateSyntaxError(f"An alert is one of {ALERT_KINDS}, not {kind!r}.")
    return render_to_string("components/alert.html", {"content": content, "kind": kind, "title": title, "live": live})


@register.inclusion_tag("components/card.html")
def card(
    title: str,
    url: str = "",
    *,
    text: str = "",
    image: Any = None,
    image_alt: str = "",
    badge: str = "",
    badge_kind: str = "neutral",
    meta: Any = "",
    progress: int | None = None,
    progress_max: int = 100,
    progress_label: str = "",
    heading: int = 3,
    lang: str = "",
) -> dict[str, Any]:
    """A card whose title is its one link. `image` is an address; `meta` a text or a list of texts."""
    return {
        "title": title,
        "url": url,
        "text": text,
        "image": image,
        "image_alt": image_alt,
        "badge": badge,
        "badge_kind": badge_kind,
        "meta": [meta] if isinstance(meta, str) and meta else list(meta or []),
        "progress": progress,
        "progress_max": progress_max,
        "progress_label": progress_label,
        "heading": f"h{heading}",
        "lang": lang,
    }


@register.inclusion_tag("components/progress.html")
def progress(value: int, maximum: int, label: str) -> dict[str, Any]:
    """A bar with its words; the words say it all, the bar is the picture."""
    maximum = max(1, int(maximum))
    return {"value": min(int(value), maximum), "maximum": maximum, "label": label}


@register.inclusion_tag("components/timeline.html")
def timeline(steps: Any, heading: int = 3, written: bool = False) -> dict[str, Any]:
    """Steps of a process: objects or dicts with `title`, `period`, `text`, `state` (past | now | next), `url`.

    `written`: titles and texts are the municipality's own, in its language.
    """
    return {"steps": list(steps), "heading": f"h{heading}", "lang": content_language() if written else ""}


@register.inclusion_tag("components/data_list.html")
def data_list(rows: Any) -> dict[str, Any]:
    """Pairs of (name, value)."""
    return {"rows": list(rows)}


@register.inclusion_tag("components/empty_state.html")
def empty_state(title: str, text: str = "", url: str = "", label: str = "") -> dict[str, str]:
    """Nothing here yet, and what you can do."""
    return {"title": title, "text": text, "url": url, "label": label}


@register.inclusion_tag("components/pagination.html", takes_context=True)
def pagination(context: template.Context, page_obj: Any, label: str = "") -> dict[str, Any]:
    """Previous and next; other parameters of the address stay.

    `page_obj` is Django's page, `pages.paging.KeysetPage`, or anything with `previous_url` and `next_url`.
    """
    request = context.get("request")
    if hasattr(page_obj, "next_url"):
        return {"previous_url": page_obj.previous_url, "next_url": page_obj.next_url, "where": "", "label": label}
    if isinstance(page_obj, KeysetPage):
        return {
            "previous_url": _with_query(request, before=page_obj.previous) if page_obj.previous else "",
            "next_url": _with_query(request, after=page_obj.next) if page_obj.next else "",
            "where": "",
            "label": label,
        }
    pages = page_obj.paginator.num_pages
    return {
        "previous_url": _with_query(request, page=page_obj.previous_page_number()) if page_obj.has_previous() else "",
        "next_url": _with_query(request, page=page_obj.next_page_number()) if page_obj.has_next() else "",
        "where": _("Page %(number)s of %(count)s") % {"number": page_obj.number, "count": pages} if pages > 1 else "",
        "label": label,
    }


def _with_query(request: Any, **place: Any) -> str:
    """This address at another place in the list."""
    query = request.GET.copy() if request else QueryDict(mutable=True)
    for name in ("page", "after", "before"):
        query.pop(name, None)
    query.update({name: str(value) for name, value in place.items()})
    return "?" + query.urlencode()


@register.inclusion_tag("components/map_block.html")
def map_block(geojson_url: str, label: str, height: str = "medium") -> dict[str, str]:
    """A map on request, drawn by Leaflet from our own GeoJSON; the list beside it says the same."""
    return {"geojson_url": geojson_url, "label": label, "height": height}


@register.simple_tag
def icon(name: str) -> SafeString:
    """A small decorative picture from our own set (`templates/components/icons/`)."""
    return render_to_string(f"components/icons/{name}.svg")


def filled(sentence: str, **values: Any) -> SafeString:
    """A sentence of our own with words of others in it, such as `written` ones; what is not safe is escaped."""
    return mark_safe(sentence % {name: conditional_escape(value) for name, value in values.items()})  # noqa: S308


# --- Words and numbers --------------------------------------------------------------------------------


@register.filter
def euro(cents: int | None) -> str:
    """Whole cents as an amount: € 1.250 or € 12,50 (in English €1,250 or €12.50)."""
    if cents is None:
        return ""
    places = 0 if cents % 100 == 0 else 2
    number = formats.number_format(Decimal(abs(cents)) / 100, places, use_l10n=True, force_grouping=True)
    sign = "−" if cents < 0 else ""
    return f"{sign}€{number}" if get_language() == "en" else f"€\u00a0{sign}{number}"


@register.simple_tag
def money_pattern() -> str:
    """How a script writes an amount: “€ %s”, as `euro` does."""
    return euro(0).replace("0", "%s")


@register.simple_tag
def content_lang() -> SafeString:
    """` lang="nl"` around what the municipality or residents wrote, when the interface speaks another language."""
    return format_html(' lang="{}"', lang) if (lang := content_language()) else mark_safe("")


@register.simple_tag(name="content_language")
def content_language_tag() -> str:
    """The same as a word, for `{% card lang=… %}`."""
    return content_language()


@register.filter
def iso_day(text: str) -> str:
    """A day as JSON holds it (2027-01-12), in the reader's words; nothing for what is no day."""
    try:
        return formats.date_format(date.fromisoformat(text), "j F Y")
    except ValueError:
        return ""


@register.filter
def written(text: str) -> str:
    """What the municipality wrote, among words of the interface: in its own language (WCAG 3.1.2)."""
    return format_html('<span lang="{}">{}</span>', lang, text) if (lang := content_language()) else text
