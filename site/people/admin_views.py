"""Pages of the admin that are no plain list or form: a batch of letters, the counter, an account's safety."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from wagtail.admin.views import generic
from wagtail.log_actions import log
from wagtail.models import ModelLogEntry

from people.actions import prove_at_counter
from people.admin_forms import CounterForm, FindAccountForm, ReissueForm
from people.erasure import erase_account
from people.letters.actions import PER_FILE, NothingToExport, export_next, make_batch, reissue, sender
from people.letters.files import Mailing, zip_file
from people.models import LetterBatch, Resident, User
from people.queries import resident_of
from people.reauthentication import ask_before_a_file, require_recent
from people.verdict import NotAllowed

# --- Letters ----------------------------------------------------------------------------------------


class BatchCreateView(generic.CreateView):
    """A new batch; the action writes its letters."""

    def save_instance(self) -> LetterBatch:
        data = self.form.cleaned_data
        return make_batch(
            data["area"],
            codes_per_address=data["codes_per_address"],
            expires_at=self.form.expires_at(),
            text=data["text"],
            actor=self.request.user,
            now=timezone.now(),
        )

    def get_success_url(self) -> str:
        return self.get_edit_url()

    def get_success_buttons(self) -> list[Any]:
        return []


# In the address of a batch: who exports has just said who they are.
CONFIRMED = "confirmed"


class BatchView(PermissionRequiredMixin, View):
    """One batch: how far it is, the printer's file, letters to replace."""

    permission_required = "people.view_letterbatch"
    raise_exception = True

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._show(request, get_object_or_404(LetterBatch, pk=pk), ReissueForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not request.user.has_perm("people.change_letterbatch"):
            raise PermissionDenied
        batch = get_object_or_404(LetterBatch, pk=pk)
        return self._export(request, batch) if "export" in request.POST else self._reissue(request, batch)

    def _export(self, request: HttpRequest, batch: LetterBatch) -> HttpResponse:
        if question := ask_before_a_file(request, back=f"{request.path}?{CONFIRMED}"):
            return question
        now = timezone.now()
        name = f"{slugify(batch.area)}-{timezone.localtime(now):%Y%m%d-%H%M%S}"
        try:
            with transaction.atomic():
                letters = export_next(batch, actor=_staff(request), now=now)
                content = zip_file(letters, _mailing(batch), name)
        except NothingToExport:
            messages.warning(request, _("All letters of this batch were exported before."))
            return redirect(request.path)
        response = HttpResponse(content, content_type="application/zip")
        response["Content-Disposition"] = f'attachment; filename="{name}.zip"'
        response["Cache-Control"] = "no-store"
        # The browser saves the file and stays on its page; the next page says it.
        messages.success(request, _("The letters are downloaded. Print them: this site no longer has the codes."))
        return response

    def _reissue(self, request: HttpRequest, batch: LetterBatch) -> HttpResponse:
        form = ReissueForm(request.POST)
        if not form.is_valid():
            return self._show(request, batch, form)
        try:
            count = reissue(batch, address=form.cleaned_data["address"], actor=_staff(request), now=timezone.now())
        except NotAllowed as refusal:
            messages.warning(request, str(refusal))
        else:
            messages.success(request, _("%(count)s letters are void. New ones wait for export.") % {"count": count})
        return redirect(request.path)

    def _show(self, request: HttpRequest, batch: LetterBatch, form: ReissueForm) -> HttpResponse:
        figures = batch.codes.aggregate(
            letters=Count("pk", filter=Q(voided_at=None)),
            waiting=Count("pk", filter=Q(code_hash=None, voided_at=None)),
            used=Count("pk", filter=Q(redeemed_at__isnull=False)),
            void=Count("pk", filter=Q(voided_at__isnull=False)),
        )
        context = {"batch": batch, "figures": figures, "form": form, "per_file": PER_FILE, "page_title": str(batch)}
        context["confirmed"] = CONFIRMED in request.GET
        return render(request, "people/admin/batch.html", context)


def _mailing(batch: LetterBatch) -> Mailing:
    return Mailing(
        sender=sender(),
        page_url=settings.BASE_URL + reverse("letter_code"),
        sent_on=timezone.localdate(),
        last_day=batch.last_day,
        extra=batch.text,
        language=settings.LANGUAGE_CODE,
    )


def _staff(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


# --- The counter ------------------------------------------------------------------------------------


LATELY = 25


class CounterView(PermissionRequiredMixin, View):
    """Somebody is at the counter: find the account, write down what they showed."""

    permission_required = "people.change_resident"
    raise_exception = True

    def has_permission(self) -> bool:
        looks = self.request.method in ("GET", "HEAD") and self.request.user.has_perm("people.view_resident")
        return looks or super().has_permission()

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(request, FindAccountForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        found = FindAccountForm(request.POST)
        if not found.is_valid():
            return self._show(request, found)
        user = found.cleaned_data["user"]
        if "find" in request.POST:
            return self._show(request, found, user, CounterForm(initial=_known(user)))
        form = CounterForm(request.POST)
        if not form.is_valid():
            return self._show(request, found, user, form)
        self._prove(request, user, form)
        return redirect(request.path)

    def _prove(self, request: HttpRequest, user: User, form: CounterForm) -> None:
        data = form.cleaned_data
        prove_at_counter(
            user,
            address=form.address,
            neighbourhood=data["neighbourhood"],
            birth_date=data["birth_date"],
            actor=_staff(request),
            now=timezone.now(),
        )
        messages.success(request, _("%(name)s has proved where they live.") % {"name": user.display_name})

    def _show(
        self, request: HttpRequest, found: FindAccountForm, user: User | None = None, form: CounterForm | None = None
    ) -> HttpResponse:
        context: dict[str, Any] = {"find": found, "account": user, "form": form, "proved": _proved_lately()}
        context |= {"resident": resident_of(user) if user else None, "page_title": _("Counter")}
        return render(request, "people/admin/counter.html", context)


def _proved_lately() -> QuerySet[ModelLogEntry]:
    """What was written down at the counter, the newest first: by whom, and with which account."""
    entries = ModelLogEntry.objects.filter(action="people.prove_at_counter").select_related("user")
    return entries.order_by("-timestamp", "-pk")[:LATELY]


def _known(user: User) -> dict[str, Any]:
    resident = Resident.objects.select_related("address").filter(user=user).first()
    known: dict[str, Any] = {"email": user.email}
    if resident is None:
        return known
    known |= {"birth_date": resident.birth_date, "neighbourhood": resident.neighbourhood}
    if address := resident.address:
        known |= {"postcode": address.postcode, "number": address.number, "addition": address.addition}
    return known


# --- An account's safety ----------------------------------------------------------------------------


class AccountActionView(PermissionRequiredMixin, View):
    """A question and a button about one account, after the administrator showed who they are."""

    permission_required = "people.change_user"
    raise_exception = True
    title: Any = ""
    question: Any = ""
    button: Any = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.account = get_object_or_404(User, pk=kwargs["pk"], erased_at=None)
        if self.account.is_superuser and not request.user.is_superuser:
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        require_recent(request)
        return render(request, "people/admin/account_action.html", {"view": self, "page_title": self.title})

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        require_recent(request)
        self.act(_staff(request))
        messages.success(request, _("Done."))
        return redirect("wagtailusers_users:index")

    def act(self, actor: User) -> None:
        raise NotImplementedError


class RemoveSecondFactorView(AccountActionView):
    """For staff who lost phone and recovery codes; they set up a new one at the next log-in."""

    title = gettext_lazy("Remove the second factor")
    question = gettext_lazy("Do this only when you are sure who asks. They set up a new one at the next log-in.")
    button = gettext_lazy("Remove the second factor")

    @transaction.atomic
    def act(self, actor: User) -> None:
        Authenticator.objects.filter(user=self.account).delete()
        log(self.account, "people.remove_second_factor", user=actor)


class CloseAccountView(AccountActionView):
    """At the owner's own request, for who cannot do it themselves."""

    title = gettext_lazy("Close the account")
    question = gettext_lazy("Name, e-mail address and home are deleted. This cannot be undone.")
    button = gettext_lazy("Close the account")

    def act(self, actor: User) -> None:
        erase_account(self.account, actor=actor, now=timezone.now())
