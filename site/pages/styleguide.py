"""Every component with an example, in every theme: for designers, for axe, and for the test that each renders alone."""

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import engines

from pages.forms import PlainForm
from pages.models import SiteLook


class SampleForm(PlainForm):
    """One field of every kind."""

    name = forms.CharField(label="Titel van uw voorstel", max_length=100, help_text="Kort en duidelijk, in één zin.")
    text = forms.CharField(label="Uw voorstel", widget=forms.Textarea(attrs={"rows": 4}))
    area = forms.ChoiceField(label="Buurt", choices=[("", "Kies een buurt"), ("1", "Havenbuurt"), ("2", "Weidebuurt")])
    theme = forms.ChoiceField(
        label="Onderwerp",
        widget=forms.RadioSelect,
        choices=[("green", "Groen"), ("traffic", "Verkeer"), ("play", "Spelen")],
    )
    mail = forms.EmailField(label="E-mailadres", required=False)
    born = forms.DateField(label="Geboortedatum", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    photo = forms.FileField(label="Foto", required=False, help_text="Een jpg, png of webp van hoogstens 10 MB.")
    agree = forms.BooleanField(label="Ik woon in deze gemeente")


SAMPLES: dict[str, str] = {
    "headings": """<h2 class="utrecht-heading-2">Een kop van de tweede soort</h2><p class="pm-lead">Een inleiding in
        gewone taal.</p><h3 class="utrecht-heading-3">Een kleinere kop</h3><p class="utrecht-paragraph">Gewone tekst met een
        <a class="utrecht-link utrecht-link--html-a" href="#x">link naar een andere bladzijde</a> erin.</p>""",
    "buttons": """<p class="pm-row">{% submit_button "Versturen" %} {% submit_button "Wijzigen" "" "" "secondary" %}
        {% submit_button "Annuleren" "" "" "subtle" %} {% submit_button "Verwijderen" "" "" "danger" %}</p>""",
    "badges": """<p class="pm-row">{% status_badge "Concept" %} {% status_badge "In behandeling" "info" %}
        {% status_badge "Aangenomen" "ok" %} {% status_badge "Bijna voorbij" "warning" %} {% status_badge "Afgewezen" "error" %}</p>""",
    "alerts": """{% alert "info" %}<p>De stemming opent op 1 december.</p>{% endalert %}{% alert "ok" title="Gelukt" %}<p>Uw
        voorstel is verstuurd.</p>{% endalert %}{% alert "warning" %}<p>U kunt nog drie dagen stemmen.</p>{% endalert %}{% alert "error" %}
        <p>U kiest voor € 200 te veel.</p>{% endalert %}""",
    "cards": (
        '<ul class="pm-grid"><li>{% card "Een speelplek aan de Havenstraat" "#a" text="Kinderen missen een plek om te spelen."'
        ' badge="Verzamelt steun" badge_kind="info" progress=18 progress_max=25 progress_label="18 van 25 steunbetuigingen"'
        ' meta="Havenbuurt" %}</li><li>{% card "Bomen in de Weidelaan" "#b" text="In de zomer is het te heet op straat."'
        ' badge="Aangenomen" badge_kind="ok" meta="Weidebuurt" %}</li><li>{% card "Zonder link" text="Alleen tekst." %}</li></ul>'
    ),
    "progress": """{% progress 18 25 "18 van 25 steunbetuigingen" %}""",
    "timeline": """{% timeline steps %}""",
    "data_list": """{% data_list facts %}""",
    "empty_state": """{% empty_state "Nog geen voorstellen" "Doe als eerste een voorstel." "#c" "Doe een voorstel" %}""",
    "pagination": """{% pagination page_obj %}""",
    "breadcrumb": """{% breadcrumb crumbs %}""",
    "form": """<form class="pm-form" method="get" action="#form">{% form_fields form %}{% submit_button "Verder" %}</form>""",
    "form_with_errors": """{% error_summary wrong_form %}<div class="pm-form">{% form_fields wrong_form %}</div>""",
    "check_rows": """{% include "components/check_rows.html" %}""",
    "map_block": """{% map_block "/geo.json" "Kaart van de buurten" %}""",
    "table": """<div class="pm-table-scroll"><table role="table" class="pm-table pm-table--stacked">
        <caption>Plannen met hun kosten</caption><thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Plan</th>
        <th role="columnheader" scope="col" class="pm-number">Kosten</th></tr></thead>
        <tbody role="rowgroup"><tr role="row"><th role="rowheader" scope="row">Speelplek</th>
        <td role="cell" data-label="Kosten" class="pm-number">{{ cents|euro }}</td></tr></tbody></table></div>""",
    "fold": """<details class="pm-fold"><summary class="pm-fold__summary">Wie mag meedoen?</summary><div class="pm-fold__content">
        <p>Iedereen vanaf 12 jaar.</p></div></details>""",
    "quote": """{% include "components/blocks/quote.html" with value=quote %}""",
    "call_to_action": """{% include "components/blocks/call_to_action.html" with value=action %}""",
    "questions": """{% include "components/blocks/questions.html" with value=questions %}""",
    "steps": """{% include "components/blocks/steps.html" with value=how %}""",
    "text": """{% include "components/blocks/text.html" with value=prose %}""",
    "section": """{% include "components/section.html" with key="x" title="Nu bezig" cards=cards %}""",
}


def sample_context(prefix: str = "a") -> dict[str, Any]:
    """What the examples show. `prefix` keeps ids apart when a page shows the examples twice."""
    wrong = SampleForm({"area": "9"}, prefix=f"{prefix}-wrong")
    return {
        "steps": [
            {"title": "Ideeën", "period": "1 tot 30 september", "text": "U doet een voorstel.", "state": "past"},
            {
                "title": "Stemmen",
                "period": "1 tot 30 november",
                "text": "U kiest de plannen.",
                "state": "now",
                "url": "#d",
            },
            {"title": "Uitvoeren", "period": "vanaf januari", "text": "De gemeente voert uit.", "state": "next"},
        ],
        "facts": [("Begint op", date(2026, 12, 1)), ("Budget", "€ 50.000")],
        "page_obj": Paginator(range(30), 10).page(2),
        "crumbs": [("Trajecten", "/"), ("Burgerbegroting", "")],
        "form": SampleForm(prefix=prefix),
        "wrong_form": wrong,
        "rows": [{"name": "name", "label": "Titel van uw voorstel", "value": "Een bankje"}],
        "checked": {"step_name": "_step", "change": "change"},
        "cents": 1250000,
        "quote": {"text": "Sinds er een bankje staat, spreek ik mijn buren weer.", "source": "Een bewoner"},
        "action": {
            "title": "Hebt u een idee?",
            "text": "Doe een voorstel.",
            "link": {"text": "Doe mee", "address": "/"},
        },
        "questions": {
            "title": "Veelgestelde vragen",
            "questions": [{"question": "Wie mag stemmen?", "answer": "Alle bewoners."}],
        },
        "how": {"title": "Zo werkt het", "steps": [{"title": "U doet een voorstel", "text": "In gewone taal."}] * 4},
        "prose": "Gewone tekst.",
        "cards": [{"title": "Een kaart", "url": "#e", "text": "Met tekst."}],
    }


def render_samples(request: HttpRequest | None, prefix: str = "a") -> list[tuple[str, str]]:
    """Pairs of (name, html) of every example."""
    context = sample_context(prefix)
    return [(name, engines["django"].from_string(source).render(context, request)) for name, source in SAMPLES.items()]


@login_required
def styleguide_view(request: HttpRequest) -> HttpResponse:
    """For staff only; `?thema=` shows one theme."""
    if not request.user.has_perm("wagtailadmin.access_admin"):
        raise PermissionDenied
    known = [theme for theme in SiteLook.Theme.values if request.GET.get("thema") in (None, theme)]
    sheets = [
        {"theme": theme, "theme_file": f"themes/{theme}.css", "samples": render_samples(request, theme)}
        for theme in known
    ]
    return render(request, "pages/styleguide.html", {"sheets": sheets, "site_name": settings.SITE_NAME})
