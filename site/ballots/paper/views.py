"""Paper in the admin: envelopes while the vote is open; batches, comparing and the record after closing."""

from functools import cached_property
from typing import Any, cast

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin import messages

from ballots import clock, tasks
from ballots.frozen import frozen_vote
from ballots.models import Vote
from ballots.paper import printing, rules
from ballots.paper.actions import (
    EnvelopeRefused,
    begin_registering,
    correct_entry,
    enter_batch,
    make_batch,
    register_envelope,
    sign,
    withdraw_batch,
    write_down,
)
from ballots.paper.forms import BatchForm, EntryForm, ReconciliationForm, VoterForm, differences, first_choices
from ballots.paper.models import PaperBatch, PaperEntry, Reconciliation
from ballots.paper.numbers import paper_numbers
from ballots.paper.reading import different_lines
from ballots.staff_views import StaffView
from pages.staff_form import StaffFormView
from people.models import User
from people.verdict import NotAllowed, demand

BEGUN, LAST = "begun", "last"
COOKIE = "pm-envelopes"
WORKING_DAY = 12 * 60 * 60


class PaperStaffView(StaffView):
    """A page for who works with paper."""

    needs = rules.PERMISSION

    @property
    def actor(self) -> User:
        return cast(User, self.request.user)


class PaperView(PaperStaffView, StaffFormView):
    """How the work with paper stands, and a new pile."""

    template_name = "ballots/admin/paper.html"
    page_title = gettext_lazy("Paper")
    form_class = BatchForm

    def get_form(self, form_class: Any = None) -> BatchForm:
        return BatchForm(self.frozen, self.request.POST if self.request.method == "POST" else None)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        batches = PaperBatch.objects.filter(vote=self.vote).prefetch_related("entries__person")
        is_opened = self.vote.state != Vote.State.DRAFT
        own = {
            "numbers": paper_numbers(self.vote.pk) if is_opened else None,
            "batches": [(batch, _standing(batch)) for batch in batches],
            "may_enter": rules.may_enter(self.request.user, self.vote),
            "record": Reconciliation.objects.filter(vote=self.vote).select_related("first_by", "second_by").first(),
            "few": settings.BALLOTS_CELL_MINIMUM,
        }
        return {**super().get_context_data(**kwargs), **own}

    def form_valid(self, form: BatchForm) -> HttpResponse:
        data = form.cleaned_data
        try:
            batch = make_batch(self.vote, size=data["size"], manner=data["manner"], actor=self.actor)
        except ValidationError as problem:
            form.add_error("size", problem.messages)
            return self.form_invalid(form)
        words = {"number": batch.number}
        messages.success(self.request, _("This is batch %(number)s. Write the number on the pile.") % words)
        return redirect("vote:batch", self.vote.pk, batch.number)


def _standing(batch: PaperBatch) -> str:
    """Where a pile stands, for the list."""
    entries = list(batch.entries.all())
    if batch.accepted_at:
        return _("In the box: two persons entered the same.")
    if len(entries) == 2:
        return _("Two persons entered it differently: look at the differences.")
    if entries:
        return _("Waits for the second person. %(name)s entered it.") % {"name": entries[0].person}
    return _("Waits to be entered.")


class EnvelopesView(PaperStaffView, StaffFormView):
    """Envelopes, one after the other. The answer stands on the page itself: nothing is kept in a session.

    A cookie on this computer remembers the last one, so that scanning it twice or reloading the page does no harm.
    """

    template_name = "ballots/admin/envelopes.html"
    page_title = gettext_lazy("Register envelopes")
    form_class = VoterForm

    def get_form(self, form_class: Any = None) -> VoterForm:
        given = self.request.POST if "who" in self.request.POST else None
        return VoterForm(frozen_vote(self.vote.pk), given)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        demand(rules.may_register(request.user, frozen_vote(self.vote.pk), clock.window(self.vote.pk)))
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.POST.get("step") == "begin":
            begin_registering(self.vote, actor=self.actor)
            return self._remember(redirect("vote:envelopes", self.vote.pk), BEGUN)
        if self._remembered is None:
            return redirect("vote:envelopes", self.vote.pk)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: VoterForm) -> HttpResponse:
        digest = salted_hmac(
            "ballots.paper.last", f"{self.vote.pk} {form.cleaned_data['who'].strip().lower()}"
        ).hexdigest()
        if constant_time_compare(self._remembered or "", digest):
            return self._answer(_("This is the envelope you registered just now. It counts once."), "again")
        assert form.voter is not None
        try:
            register_envelope(self.vote.pk, voter=form.voter, actor=self.actor)
        except EnvelopeRefused as refusal:
            return self._answer(str(refusal), "refused")
        return self._remember(self._answer(_("Registered. Put the envelope in the box, shut."), "registered"), digest)

    def _answer(self, text: str, kind: str) -> HttpResponse:
        empty = VoterForm(frozen_vote(self.vote.pk))
        return self.render_to_response(self.get_context_data(form=empty, answer=text, kind=kind))

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        response = super().render_to_response(context, **kwargs)
        response.headers["Cache-Control"] = "no-store"
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "has_begun": self._remembered is not None}

    @cached_property
    def _remembered(self) -> str | None:
        """The last envelope of this computer, as a keyed hash; None before anybody began."""
        found = self.request.get_signed_cookie(COOKIE, None, salt=str(self.vote.pk), max_age=WORKING_DAY)
        return str(found) if found else None

    def _remember(self, response: HttpResponse, value: str) -> HttpResponse:
        response.set_signed_cookie(
            COOKIE,
            value,
            salt=str(self.vote.pk),
            max_age=WORKING_DAY,
            path=self.request.path,
            httponly=True,
            secure=self.request.is_secure(),
            samesite="Strict",
        )
        return response


# --- Batches ---------------------------------------------------------------------------------------------------


class BatchView(PaperStaffView, TemplateView):
    """One pile: entering it, or the lines in which two persons differ."""

    template_name = "ballots/admin/batch.html"

    def get_page_title(self) -> str:
        return _("Batch %(number)s") % {"number": self.batch.number}

    @cached_property
    def batch(self) -> PaperBatch:
        batches = PaperBatch.objects.select_related("vote").prefetch_related("entries__person")
        found = batches.filter(vote=self.vote, number=self.kwargs["number"]).first()
        if found is None:
            raise Http404
        return found

    @property
    def entries(self) -> list[PaperEntry]:
        return list(self.batch.entries.all())

    @property
    def has_differences(self) -> bool:
        return len(self.entries) == 2 and self.batch.accepted_at is None

    @property
    def corrects(self) -> bool:
        """Whether this person can correct what they entered themselves."""
        mine = any(entry.person_id == self.request.user.pk for entry in self.entries)
        return self.has_differences and mine and bool(rules.may_enter(self.request.user, self.vote))

    def form(self, data: Any = None) -> EntryForm | None:
        if self.corrects:
            one, other = self.entries
            return EntryForm(self.frozen, self.batch, data, places=different_lines(one.lines, other.lines))
        return (
            EntryForm(self.frozen, self.batch, data) if rules.may_enter_batch(self.request.user, self.batch) else None
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = kwargs.pop("form", None) or self.form()
        own = {
            "batch": self.batch,
            "form": form,
            "verdict": rules.may_enter_batch(self.request.user, self.batch),
            "differences": differences(self.frozen, self.entries, form) if self.has_differences else [],
            "names": [str(entry.person) for entry in self.entries],
            "key": first_choices(self.frozen.questions),
        }
        return {**super().get_context_data(**kwargs), **own}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "withdraw" in request.POST:
            withdraw_batch(self.batch, actor=self.actor)
            messages.success(request, _("The batch was withdrawn. Make it again with the right number."))
            return redirect("vote:paper", self.vote.pk)
        form = self.form(request.POST)
        if form is None:
            raise NotAllowed(rules.may_enter_batch(request.user, self.batch))
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=400)
        try:
            batch = self._save(form)
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
            return self.render_to_response(self.get_context_data(form=form), status=400)
        return self._after(batch)

    def _save(self, form: EntryForm) -> PaperBatch:
        if self.corrects:
            return correct_entry(self.batch, form.lines, actor=self.actor)
        return enter_batch(self.batch, form.in_order, actor=self.actor)

    def _after(self, batch: PaperBatch) -> HttpResponse:
        if batch.accepted_at:
            messages.success(self.request, _("You both entered the same. The ballots are in the box."))
            return redirect("vote:paper", self.vote.pk)
        if batch.entries.count() == 2:
            messages.warning(self.request, _("You entered some ballots differently. Look at them on the paper."))
            return redirect("vote:batch", self.vote.pk, batch.number)
        messages.success(self.request, _("Saved. Give the pile to somebody else, who enters it too."))
        return redirect("vote:paper", self.vote.pk)


class ReconcileView(PaperStaffView, StaffFormView):
    """The end: one person writes down the numbers, another signs."""

    template_name = "ballots/admin/reconcile.html"
    page_title = gettext_lazy("Close the work with paper")
    form_class = ReconciliationForm

    def get_form(self, form_class: Any = None) -> ReconciliationForm:
        return ReconciliationForm(self.request.POST if "write" in self.request.POST else None)

    @cached_property
    def record(self) -> Reconciliation | None:
        return Reconciliation.objects.filter(vote=self.vote).select_related("first_by", "second_by").first()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        numbers = paper_numbers(self.vote.pk)
        own = {
            "numbers": numbers,
            "record": self.record,
            "verdict": rules.may_reconcile(self.request.user, self.vote, numbers),
            "sign_verdict": rules.may_sign(self.request.user, self.vote, self.record, numbers),
        }
        return {**super().get_context_data(**kwargs), **own}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "sign" not in request.POST:
            return super().post(request, *args, **kwargs)
        sign(self.vote, actor=self.actor)
        tasks.ask_for_counts()
        messages.success(request, _("Signed. The count begins within a quarter of a minute."))
        return redirect("vote:inspect", self.vote.pk)

    def form_valid(self, form: ReconciliationForm) -> HttpResponse:
        data = form.cleaned_data
        try:
            write_down(
                self.vote,
                opened=data["opened"],
                shut=data["shut"],
                reason=data["reason"],
                actor=self.actor,
            )
        except NotAllowed as refusal:
            form.add_error("reason", str(refusal))
            return self.form_invalid(form)
        messages.success(self.request, _("The numbers are written down. Somebody else signs."))
        return redirect("vote:reconcile", self.vote.pk)


# --- Print -----------------------------------------------------------------------------------------------------


class PrintView(PaperStaffView, TemplateView):
    """PDF files: the ballot (ordinary or in large print), the record of the paper."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        made = printing.file_for(self.vote, self.frozen, kwargs["name"])
        if made is None:
            raise Http404
        response = HttpResponse(made, content_type="application/pdf")
        response.headers["Content-Disposition"] = f'inline; filename="{kwargs["name"]}"'
        return response
