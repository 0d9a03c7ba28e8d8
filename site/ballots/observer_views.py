"""Observers in the admin: staff enter who gets every head of the log by mail, such as a member of the polling committee."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import messages
from wagtail.log_actions import log

from ballots import observing
from ballots.models import Observer
from ballots.staff_views import StaffView
from pages.staff_form import StaffFormView
from people.models import User


class ObserverForm(forms.Form):
    """The account of an observer, by its e-mail address."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail address of the account"),
        help_text=gettext_lazy("The observer needs an account on this site."),
    )

    def clean_email(self) -> User:
        user = User.objects.filter(email__iexact=self.cleaned_data["email"], is_active=True).first()
        if user is None:
            raise forms.ValidationError(_("There is no account with this e-mail address."))
        return user


class ObserversView(StaffView, StaffFormView):
    """Who observes the log of this vote; adding and removing."""

    template_name = "ballots/admin/observers.html"
    page_title = gettext_lazy("Observers of the log")
    needs = "ballots.open_vote"
    form_class = ObserverForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        observers = Observer.objects.filter(vote=self.vote).select_related("user").order_by("user__email")
        return {**super().get_context_data(**kwargs), "observers": observers}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if (removed := request.POST.get("remove", "")).isdecimal():
            if Observer.objects.filter(vote=self.vote, pk=int(removed[:18])).delete()[0]:
                log(self.vote, "ballots.remove_observer", user=request.user)
            return redirect("vote:observers", self.vote.pk)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: ObserverForm) -> HttpResponse:
        observing.observe(self.vote, form.cleaned_data["email"])
        log(self.vote, "ballots.add_observer", user=self.request.user)
        messages.success(self.request, _("This account gets every new line of the log by mail."))
        return redirect("vote:observers", self.vote.pk)
