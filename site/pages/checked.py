"""Form → check page → done (WCAG 3.3.4), for every form that has consequences.

Nothing is kept in the session or the address: the check page carries the values in hidden fields, and
every step validates them again. A hidden request key, made with the empty form, goes along to the
action: a double click, a refresh or the back button gives the same key, so the action can answer with
what it already did (a unique `request_key` on the model). It works without JavaScript.
"""

import uuid
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView

from pages.forms import CheckRow, PlainFormMixin, in_words
from people.verdict import ALLOWED, NotAllowed, Verdict

STEP, KEY = "_step", "_request_key"
CHECK, CHANGE, SEND = "check", "change", "send"
CONFLICT = 409


class CheckedFormView(FormView):
    """Set `form_class` and `title`; write `form_checked(form, request_key)`.

    `verdict()` is asked at every step; while it refuses, the visitor reads the reason and keeps what was
    typed to copy. `form_checked` may raise `NotAllowed` to the same effect. Files cannot travel through a
    check page: take them in a step of their own, with `PlainModelForm` and a draft.
    """

    form_class: Any = None
    template_name = "pages/form.html"
    check_template_name = "pages/form_check.html"
    refused_template_name = "pages/form_refused.html"
    title: Any = ""
    intro: Any = ""
    check_title: Any = _("Check your answers")
    next_label: Any = _("Continue")
    send_label: Any = _("Send")
    back_url: str = ""

    def verdict(self) -> Verdict:
        """Whether the visitor may do this now."""
        return ALLOWED

    def form_checked(self, form: Any, request_key: uuid.UUID) -> HttpResponseBase:
        """Does it. `request_key` is the same for every repetition of this one form."""
        raise NotImplementedError

    def get_breadcrumb(self) -> list[tuple[str, str]]:
        """Pairs of (text, address) above the page; the last has no address."""
        return [(str(self.title), "")]

    # --- Steps ---------------------------------------------------------------------------------------

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = super().dispatch(request, *args, **kwargs)
        # What somebody typed stays out of shared and browser caches.
        response.headers["Cache-Control"] = "no-store"
        return response

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        verdict = self.verdict()
        if not verdict:
            return self.refused(verdict, None, status=200)
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]
        form = self.get_form()
        if not (verdict := self.verdict()):
            return self.refused(verdict, form)
        step, _sep, field = request.POST.get(STEP, CHECK).partition(":")
        if step == CHANGE:
            return self.change(form, field)
        if not form.is_valid():
            return self.form_invalid(form)
        return self.send(form) if step == SEND else self.check(form)

    def change(self, form: Any, field: str) -> HttpResponse:
        form.without_complaints()
        form.autofocus_field = field if field in form.fields else ""
        return self.render_to_response(self.get_context_data(form=form))

    def check(self, form: Any) -> HttpResponse:
        rows: list[CheckRow] = form.check_rows()
        context = self.get_context_data(form=form, rows=rows, hidden=list(form.raw_pairs()), title=self.check_title)
        return self._render(self.check_template_name, context)

    def send(self, form: Any) -> HttpResponseBase:
        try:
            return self.form_checked(form, self.request_key())
        except NotAllowed as error:
            return self.refused(error.verdict, form)

    def refused(self, verdict: Verdict, form: Any, status: int = CONFLICT) -> HttpResponse:
        """The reason, and what was typed so that it can be copied."""
        context = self.get_context_data(form=None, verdict=verdict, typed=_typed(form) if form is not None else [])
        return self._render(self.refused_template_name, context, status=status)

    # --- Parts ---------------------------------------------------------------------------------------

    def request_key(self) -> uuid.UUID:
        """The key that came with the form; a fresh one for a first visit or when it is no key at all."""
        try:
            return uuid.UUID(self.request.POST.get(KEY, ""))
        except ValueError:
            return uuid.uuid4()

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        if not isinstance(form, PlainFormMixin) or (isinstance(form, BaseForm) and form.is_multipart()):
            raise ImproperlyConfigured("A checked form is a PlainForm or PlainModelForm without files.")
        return form

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        steps = {"step_name": STEP, "key_name": KEY, "check": CHECK, "change": CHANGE, "send": SEND}
        own = {"view": self, "title": self.title, "request_key": self.request_key(), "crumbs": self.get_breadcrumb()}
        return {**super().get_context_data(**{**own, **kwargs}), "checked": steps}

    def _render(self, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
        return self.response_class(
            request=self.request, template=[template], context=context, using=self.template_engine, status=status
        )


def _typed(form: Any) -> list[CheckRow]:
    """What was typed, field by field; nothing that stayed empty."""
    rows = [
        CheckRow(bound.name, str(bound.label), _as_text(bound.value(), bound.field)) for bound in form.visible_fields()
    ]
    return [row for row in rows if row.value]


def _as_text(value: Any, field: Any) -> str:
    """Raw values in words: the label of a choice, not its number."""
    if isinstance(value, (list, tuple)):
        return ", ".join(in_words(part, field) for part in value if part)
    return in_words(value, field) if value not in (None, "", False) else ""
