"""The register of a vote in the admin: the extract, the cards for the printer, a code on paper at the counter."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin import messages

from ballots import clock
from ballots.register.card_files import card_pdf, cards_zip
from ballots.register.forms import ExtractForm, NumberForm, PersonForm
from ballots.register.issuing import (
    PER_FILE,
    Card,
    NothingToExport,
    export_next,
    figures_of,
    issue_at_counter,
    person_with_number,
    replace_card,
)
from ballots.register.loading import ExtractRefused, add_person, load_register
from ballots.register.models import RegisteredVoter
from ballots.register.rules import may_change_register, may_issue_codes
from ballots.roll import people_of
from ballots.staff_views import StaffView
from people.reauthentication import ask_before_a_file
from people.verdict import NotAllowed

# In the address: who exports has just said who they are.
CONFIRMED = "confirmed"


class RegisterView(StaffView, TemplateView):
    """The extract of a draft: loading it, and adding somebody whom it misses."""

    template_name = "ballots/admin/register.html"
    page_title = gettext_lazy("Register extract")
    needs = "ballots.open_vote"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        figures, verdict = figures_of(self.vote), may_change_register(self.vote)
        own = {"figures": figures, "verdict": verdict, "on_roll": people_of(self.frozen).count() if verdict else 0}
        forms = {"file_form": ExtractForm(), "person_form": PersonForm()}
        return {**super().get_context_data(**kwargs), **own, **forms, **kwargs}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._add(request) if request.POST.get("step") == "add" else self._load(request)

    def _load(self, request: HttpRequest) -> HttpResponse:
        form = ExtractForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(file_form=form))
        try:
            loaded = load_register(self.vote, form.cleaned_data["file"].open("rb"), actor=self.actor)
        except ExtractRefused as refusal:
            return self.render_to_response(self.get_context_data(refusal=refusal))
        words = {"persons": loaded.persons, "secret": loaded.secret}
        messages.success(request, _("%(persons)s persons loaded, %(secret)s of them with a secret address.") % words)
        return redirect("vote:register", self.vote.pk)

    def _add(self, request: HttpRequest) -> HttpResponse:
        form = PersonForm(request.POST)
        if form.is_valid() and form.person is not None:
            try:
                add_person(self.vote, form.person, actor=self.actor)
            except NotAllowed as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("The person has been added to the extract."))
                return redirect("vote:register", self.vote.pk)
        return self.render_to_response(self.get_context_data(person_form=form))


class CardsView(StaffView, TemplateView):
    """Cards for the printer: how far it is, the next file, a card to replace."""

    template_name = "ballots/admin/cards.html"
    page_title = gettext_lazy("Voting cards")
    needs = "ballots.open_vote"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        own = {
            "figures": figures_of(self.vote),
            "verdict": may_issue_codes(self.vote, clock.now()),
            "form": NumberForm(),
        }
        own |= {"per_file": PER_FILE, "confirmed": CONFIRMED in self.request.GET}
        return {**super().get_context_data(**kwargs), **own, **kwargs}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._export(request) if "export" in request.POST else self._replace(request)

    def _export(self, request: HttpRequest) -> HttpResponse:
        if question := ask_before_a_file(request, back=f"{request.path}?{CONFIRMED}"):
            return question
        name = f"{slugify(self.vote.title)}-{timezone.localtime():%Y%m%d-%H%M%S}"
        try:
            with transaction.atomic():
                cards = export_next(self.vote, actor=self.actor)
                content = cards_zip(self.vote, cards, name)
        except NothingToExport:
            messages.warning(request, _("Everybody who gets a card has one."))
            return redirect("vote:cards", self.vote.pk)
        messages.success(request, _("The cards are downloaded. Print them: this site no longer has the codes."))
        return as_file(content, "application/zip", f"{name}.zip")

    def _replace(self, request: HttpRequest) -> HttpResponse:
        form = NumberForm(request.POST)
        if form.is_valid():
            person = found(self.vote, form)
            if person is not None:
                replace_card(self.vote, person, actor=self.actor)
                messages.success(request, _("The old code is void. A new card waits for export."))
                return redirect("vote:cards", self.vote.pk)
        return self.render_to_response(self.get_context_data(form=form))


class CounterCodeView(StaffView, TemplateView):
    """Somebody stands at the counter with an identity card: find them, compare, give a code on paper, once."""

    template_name = "ballots/admin/counter_code.html"
    page_title = gettext_lazy("Voting code at the counter")
    needs = "ballots.issue_code"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        own = {"verdict": may_issue_codes(self.vote, clock.now()), "form": NumberForm()}
        return {**super().get_context_data(**kwargs), **own, **kwargs}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = NumberForm(request.POST)
        person = found(self.vote, form) if form.is_valid() else None
        if person is None or request.POST.get("step") != "issue":
            return self._page(form, person)
        code = issue_at_counter(self.vote, person, actor=self.actor)
        content = card_pdf(self.vote, Card((person.name,), code))
        return as_file(content, "application/pdf", f"{slugify(self.vote.title)}.pdf")

    def _page(self, form: NumberForm, person: RegisteredVoter | None) -> HttpResponse:
        response = self.render_to_response(self.get_context_data(form=form, person=person))
        response.headers["Cache-Control"] = "no-store"
        return response


def found(vote: Any, form: NumberForm) -> RegisteredVoter | None:
    """The person with the number in the form; None with an error on the form when there is none."""
    person = person_with_number(vote, form.cleaned_data["number"])
    if person is None:
        form.add_error("number", _("Nobody on the list of voters of this vote has this number."))
    return person


def as_file(content: bytes, content_type: str, name: str) -> HttpResponse:
    """A file that is kept nowhere."""
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response
